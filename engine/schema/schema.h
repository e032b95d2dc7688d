/* What is in a live database beyond what its table of contents tells: sizes, access methods, filter
 * conditions, keys to split by. Read once on the snapshot, then sealed. */
#ifndef PGFAST_SCHEMA_SCHEMA_H
#define PGFAST_SCHEMA_SCHEMA_H

#include "engine/base/arena.h"
#include "engine/base/error.h"
#include "engine/server/session.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct relation {
    uint32_t oid;
    char kind; /* pg_class.relkind */
    bool is_heap;
    const char *name;    /* qualified and quoted */
    bool has_size;       /* false: the next two are not known yet */
    uint64_t heap_bytes; /* the main fork */
    uint64_t toast_bytes;
    const char *condition; /* of an extension's configuration table, WHERE included; NULL: none */
    const char *columns;   /* "(a, b)", as pg_dump copies them; of plain tables only, else NULL */
    /* A column whose type has no portable binary form ("\"mood\" of type public.mood[]"); NULL:
     * none, once schema_read_unportable has looked. */
    const char *unportable;
    bool is_binary; /* its rows travel in COPY's binary format */
};

struct schema {
    struct relation *relations; /* by oid, ascending */
    size_t count;
    uint32_t block_bytes;
};

/* Facts about these relations; those that are not there are missing in the answer. Everything lives
 * in the arena. */
bool schema_read(struct schema *schema, struct arena *arena, struct session *session,
                 const uint32_t *oids, size_t count, struct error *error) MUST_CHECK;

/* The tables that a dump of the whole database surely holds, each row as it is: no partitioned or
 * foreign tables, none of an extension's, none with row security, no unlogged or system tables.
 * Takes no locks; so sizes are estimates where those are good, and not known elsewhere. From server
 * 12 on. */
enum { SCHEMA_PLAIN_TABLES_SERVER = 120000 };
bool schema_read_plain_tables(struct schema *schema, struct arena *arena, struct session *session,
                              struct error *error) MUST_CHECK;

/* Measures, once the tables are locked, what is not known yet. */
bool schema_measure(struct schema *schema, struct arena *arena, struct session *session,
                    struct error *error) MUST_CHECK;

/* What both know, of different relations. */
struct schema schema_merge(struct arena *arena, const struct schema *one,
                           const struct schema *other);

const struct relation *schema_find(const struct schema *schema, uint32_t oid); /* NULL: not there */

/* Which relations hold values that must travel as text, and why. */
bool schema_read_unportable(struct schema *schema, struct arena *arena, struct session *session,
                            struct error *error) MUST_CHECK;

/* Where to cut a relation by an indexed key into pieces of about equal width: the key's quoted name
 * (NULL: there is no such key, or nothing to cut) and pieces - 1 or fewer ascending bounds as SQL
 * literals. */
struct split_key {
    const char *column;
    const char *const *bounds;
    size_t bound_count;
};
bool schema_read_split_key(struct split_key *key, struct arena *arena, struct session *session,
                           const struct relation *relation, unsigned pieces,
                           struct error *error) MUST_CHECK;

/* What decides how many sessions the database is worth: connections that this role could still
 * open, and bytes of tables, roughly. */
bool schema_read_room(unsigned *free_connections, uint64_t *data_bytes, struct session *session,
                      struct error *error) MUST_CHECK;

/* What a session that locks many tables once more would take from others: connections that this
 * role could still open, and locks that the server has room for in all. */
bool schema_read_spare_room(uint64_t *free_connections, uint64_t *locks, struct session *session,
                            struct error *error) MUST_CHECK;

/* The oids of all large objects, ascending. */
bool schema_read_large_objects(const uint32_t **oids, size_t *count, struct arena *arena,
                               struct session *session, struct error *error) MUST_CHECK;

/* "{1,2,3}" for an oid[] parameter. */
char *schema_oid_array(struct arena *arena, const uint32_t *oids, size_t count);

#endif
