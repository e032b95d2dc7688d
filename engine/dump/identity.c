#include "engine/dump/identity.h"

#include "engine/base/arena.h"

#include <inttypes.h>
#include <stddef.h>

/* Sources */

/* One row of texts into as many places. */
static void read_row(struct manifest *manifest, struct session *observer, const char *query,
                     const char **const *places, int count)
{
    struct rows *rows = NULL;
    struct error unused;

    if (session_query(observer, query, &rows, &unused) && rows_count(rows) == 1)
        for (int i = 0; i < count; i++)
            *places[i] = arena_copy_text(manifest->arena, rows_text(rows, 0, i));
    rows_free(rows);
}

void identity_of_source(struct manifest *manifest, struct session *observer)
{
    const char **const of_cluster[] = {&manifest->system_identifier, &manifest->timeline};
    const char **const of_database[] = {&manifest->database_oid};
    const char **const of_session[] = {&manifest->time_zone, &manifest->lc_monetary};

    read_row(manifest, observer,
             "SELECT s.system_identifier, c.timeline_id FROM pg_catalog.pg_control_system() s, "
             "pg_catalog.pg_control_checkpoint() c",
             of_cluster, 2);
    read_row(manifest, observer,
             "SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()",
             of_database, 1);
    read_row(manifest, observer,
             "SELECT pg_catalog.current_setting('TimeZone'), "
             "pg_catalog.current_setting('lc_monetary')",
             of_session, 2);
}

/* Options */

struct option_place {
    const char *name;
    size_t offset;
};

static const struct option_place flags[] = {
    {"--no-split", offsetof(struct dump_options, no_split)},
    {"--serializable-deferrable", offsetof(struct dump_options, serializable_deferrable)},
    {"--no-sync", offsetof(struct dump_options, no_sync)},
    {"--enable-row-security", offsetof(struct dump_options, enable_row_security)},
    {"--quote-all-identifiers", offsetof(struct dump_options, quote_all_identifiers)},
};

static const struct option_place texts[] = {
    {"--compress", offsetof(struct dump_options, compression)},
    {"--data-format", offsetof(struct dump_options, data_format)},
    {"--lock-wait-timeout", offsetof(struct dump_options, lock_wait_timeout)},
    {"--role", offsetof(struct dump_options, role)},
    {"--encoding", offsetof(struct dump_options, encoding)},
    {"--snapshot", offsetof(struct dump_options, snapshot)},
    {"--extra-float-digits", offsetof(struct dump_options, extra_float_digits)},
    {"--io-engine", offsetof(struct dump_options, io_engine)},
    {"--sync-method", offsetof(struct dump_options, sync_method)},
    {"--direct-io", offsetof(struct dump_options, direct_io)},
};

static const struct option_place sizes[] = {
    {"--split-size", offsetof(struct dump_options, split_bytes)},
    {"--memory-limit", offsetof(struct dump_options, memory_bytes)},
    {"--max-rate", offsetof(struct dump_options, bytes_per_second)},
};

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const void *place_of(const struct dump_options *options, const struct option_place *place)
{
    return (const char *)options + place->offset;
}

static void add(struct manifest *manifest, const char *name, const char *value)
{
    manifest_add_text(manifest, &manifest->options,
                      arena_print(manifest->arena, "%s=%s", name, value));
}

static void add_flags(struct manifest *manifest, const struct dump_options *options)
{
    for (size_t i = 0; i < COUNT(flags); i++)
        if (*(const bool *)place_of(options, &flags[i]))
            manifest_add_text(manifest, &manifest->options, flags[i].name);
    if (options->packs_large_objects)
        add(manifest, "--large-objects", "packed");
}

static void add_values(struct manifest *manifest, const struct dump_options *options)
{
    for (size_t i = 0; i < COUNT(texts); i++) {
        const char *value = *(const char *const *)place_of(options, &texts[i]);

        if (value)
            add(manifest, texts[i].name, value);
    }
    for (size_t i = 0; i < COUNT(sizes); i++) {
        uint64_t bytes = *(const uint64_t *)place_of(options, &sizes[i]);

        if (bytes > 0)
            add(manifest, sizes[i].name, arena_print(manifest->arena, "%" PRIu64, bytes));
    }
}

void identity_of_options(struct manifest *manifest, const struct dump_options *options)
{
    add(manifest, "--jobs", arena_print(manifest->arena, "%u", options->jobs));
    add_values(manifest, options);
    add_flags(manifest, options);
    if (options->reader_version > 0)
        add(manifest, "--for-pg-restore",
            arena_print(manifest->arena, "%d", options->reader_version));
    for (size_t i = 0; i < options->pg_dump_argument_count; i++)
        manifest_add_text(manifest, &manifest->options, options->pg_dump_arguments[i]);
}
