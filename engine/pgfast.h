/* libpgfast: dump and restore PostgreSQL databases, and verify archives. The library's only door.
 *
 * A run works in threads of its own; its caller pulls events and progress and asks for the result.
 * No callback ever runs on a thread that the caller does not own. The library never prints, exits,
 * installs signal handlers, or changes locale, umask or working directory; it forks only to run
 * pg_dump, whose definitions a dump contains. Two runs may live in one process.
 *
 * Strings in options must live until pgfast_finish. Errors: see engine/base/error.h. */
#ifndef PGFAST_PGFAST_H
#define PGFAST_PGFAST_H

#include "engine/base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* NULL: libpq's environment, service file and defaults decide. database: a name, a conninfo string
 * or a URI. */
struct pgfast_connection {
    const char *database, *host, *port, *user, *password;
};

struct pgfast_string_list {
    const char *const *items;
    size_t count;
};

struct pgfast_dump_options {
    size_t struct_bytes; /* sizeof(struct pgfast_dump_options) */
    struct pgfast_connection connection;
    const char *output_path;
    unsigned jobs;           /* worker sessions, one more coordinates; 0: chosen by processors, free
                                connections and the size of the tables */
    const char *compression; /* as -Z spells it; NULL: zstd:1 */
    bool no_split;           /* one file a table */
    uint64_t split_bytes;    /* size of a chunk of a big table; 0: chosen */
    const char *data_format; /* of the rows: "text", "binary", "auto"; NULL: text */
    const char *lock_wait_timeout; /* as lock_timeout takes it; NULL: 5 minutes; "0": no limit */
    const char *role, *encoding, *snapshot, *extra_float_digits;
    bool serializable_deferrable, no_sync, enable_row_security, quote_all_identifiers;
    const char *pg_bindir;                       /* where pg_dump is; NULL: search */
    struct pgfast_string_list pg_dump_arguments; /* options that choose objects or shape
                                                    definitions, passed on as they are */
    int reader_version;    /* the oldest pg_restore that must read it; 0: the oldest that the codec
                              allows */
    bool no_details;       /* no PGFAST_EVENT_DETAIL, which costs something for each object */
    const char *io_engine; /* "auto", "uring", "threads", "sync"; NULL: auto */
    const char *large_objects; /* "files": one for each, as pg_dump does; "packed": many in a file;
                                  NULL: files */
    const char *sync_method;   /* "auto", "fsync", "syncfs"; NULL: auto */
    uint64_t memory_bytes;     /* of this process, at most; 0: 64 MiB and 16 MiB a job */
    uint64_t bytes_per_second; /* written, at most; 0: no limit */
    const char *direct_io;     /* "auto", "on", "off"; NULL: auto */
    unsigned stall_seconds;    /* a session that has waited so long for somebody else, or for a
                                  server that is silent, ends the run; 0: none does */
    unsigned most_snapshot_seconds; /* a snapshot that has been held so long ends the run; 0: none
                                       does */
};

enum { PGFAST_SECTION_PRE_DATA = 1, PGFAST_SECTION_DATA = 2, PGFAST_SECTION_POST_DATA = 4 };

/* What of an archive is meant; all members with the meaning of pg_restore's options. */
struct pgfast_selection {
    struct pgfast_string_list schemas, excluded_schemas, tables, indexes, functions, triggers;
    unsigned sections; /* PGFAST_SECTION_…; 0: all */
    bool data_only, schema_only, no_owner, no_privileges, no_comments, no_publications,
        no_security_labels, no_subscriptions, no_policies, no_statistics, no_data, no_schema,
        statistics_only, strict_names;
    bool create;               /* -C: DATABASE entries count */
    const char *use_list_path; /* -L */
};

struct pgfast_restore_options {
    size_t struct_bytes; /* sizeof(struct pgfast_restore_options) */
    struct pgfast_connection connection;
    const char *input_path;
    unsigned jobs;
    struct pgfast_selection selection;
    bool clean, if_exists, exit_on_error, single_transaction, disable_triggers, enable_row_security,
        no_tablespaces, no_table_access_method, use_session_authorization,
        no_data_for_failed_tables;
    const char *role, *superuser;
    bool no_details;            /* no PGFAST_EVENT_DETAIL, which costs something for each object */
    uint64_t maintenance_bytes; /* the server's memory for all indexes and keys that are built or
                                   checked at the same time; 0: chosen from its settings */
    bool no_analyze;            /* leave the gathering of statistics to others */
    bool untrusted;  /* refuse (ERROR_HOSTILE) what does more than define objects and load rows, and
                        users with rights beyond the database; without owners and statistics */
    bool salvages;   /* what is damaged is left out and told: ERROR_PARTIAL */
    bool resume;     /* go on with a restore that was interrupted */
    bool no_journal; /* note nothing down in the database: it cannot be resumed */
    unsigned reconnect_seconds; /* how long a lost session is tried to be replaced; 0: 5 minutes */
    unsigned stall_seconds;     /* as in a dump */
};

/* No server is needed, unless the archive shall be held against one. */
struct pgfast_verify_options {
    size_t struct_bytes; /* sizeof(struct pgfast_verify_options) */
    const char *input_path;
    unsigned jobs;   /* threads; 0: one a processor */
    bool is_deep;    /* decode every file and count its rows, rather than digest what is stored */
    bool no_details; /* no PGFAST_EVENT_DETAIL, one a file */
    bool is_against; /* `connection` names a database, whose contents are compared with the
                        archive's, with as many sessions as threads */
    struct pgfast_connection connection;
};

enum pgfast_event_kind {
    PGFAST_EVENT_DETAIL, /* shown with -v */
    PGFAST_EVENT_INFO,
    PGFAST_EVENT_WARNING,
    PGFAST_EVENT_OBJECT_FAILED /* a restore goes on after it, and verifying does; `error` says why,
                                  `object` which */
};

struct pgfast_event {
    enum pgfast_event_kind kind;
    char object[256];
    char message[1024]; /* not for OBJECT_FAILED */
    struct error error; /* OBJECT_FAILED only */
};

struct pgfast_progress {
    char phase[32]; /* "definitions", "data", "post-data", … */
    uint64_t entries_total, entries_done;
    uint64_t raw_bytes_total, raw_bytes_done; /* total 0: not known */
    uint64_t stored_bytes_done, rows_done;
    unsigned sessions_busy, errors;
    uint64_t elapsed_us;
    uint64_t work_total, work_done; /* of a restore, indexes and all: only their ratio means
                                       something; total 0: not known */
    unsigned tables_loading;        /* by a restore just now */
    unsigned loads_running;         /* sessions that are at these tables */
    unsigned indexes_building, indexes_percent; /* by a restore, and how far on the average */
    uint64_t snapshot_age_us;                   /* of the one that a dump holds; 0: it holds none */
};

struct pgfast_report {
    uint64_t entries, tables, chunks, large_objects, rows, raw_bytes, stored_bytes, errors;
    uint64_t elapsed_us;
    uint64_t files;        /* verified */
    bool has_manifest;     /* the archive that was verified */
    bool has_counted_rows; /* deep, or where there is no manifest */
    bool has_compared;     /* the archive with a database, and found it the same */
    uint64_t compared_tables, compared_rows, compared_large_objects, compared_sequences;
};

struct pgfast_run;

/* NULL: it could not even start; `error` says why. */
struct pgfast_run *pgfast_dump_start(const struct pgfast_dump_options *options,
                                     struct error *error);
struct pgfast_run *pgfast_restore_start(const struct pgfast_restore_options *options,
                                        struct error *error);
/* An archive that is not whole fails with ERROR_DAMAGED, ERROR_INCOMPLETE or ERROR_UNSUPPORTED; one
 * that is, but holds something else than the database, with ERROR_DIFFERENT. */
struct pgfast_run *pgfast_verify_start(const struct pgfast_verify_options *options,
                                       struct error *error);

/* Waits up to timeout_ms for an event. False: none came in that time, or none will come any more;
 * *is_running tells which. */
bool pgfast_next_event(struct pgfast_run *run, int timeout_ms, struct pgfast_event *event,
                       bool *is_running);
void pgfast_progress(const struct pgfast_run *run,
                     struct pgfast_progress *progress); /* cheap; from any thread */
void pgfast_cancel(struct pgfast_run *run); /* from any thread, not from a signal handler */

/* Waits for the end, drains events left unread, fills the report, and frees the run. True: all that
 * was asked is done. ERROR_OBJECTS: done but for the objects told by events. */
bool pgfast_finish(struct pgfast_run *run, struct pgfast_report *report, struct error *error);

/* Does the server want a password that was not given? True and *needs_password, or an error for any
 * other failure to connect. */
bool pgfast_probe(const struct pgfast_connection *connection, bool *needs_password,
                  struct error *error);

/* Where the threads of a dump with so many jobs (0: as many as auto would choose at most) and so
 * much memory (0: the default) would go on this machine, in a few lines of text; cut to the room.
 * No server is asked. */
bool pgfast_describe_placement(unsigned jobs, uint64_t memory_bytes, char *buffer,
                               size_t room_bytes, struct error *error);

/* The contents of an archive as `pg_restore -l` prints them. `write` is called on this thread, any
 * number of times; false from it ends the listing. */
bool pgfast_list(const char *path, const struct pgfast_selection *selection, bool is_verbose,
                 bool (*write)(void *context, const char *bytes, size_t length), void *context,
                 struct error *error);

/* What a restore with these options would do, in which order, and how long that might take. Nothing
 * is changed; only where a database is given is its server asked, what it has. `write` as above;
 * where it would be refused, it gets the objects that are to blame. */
bool pgfast_rehearse(const struct pgfast_restore_options *options,
                     bool (*write)(void *context, const char *bytes, size_t length), void *context,
                     struct error *error);

#endif
