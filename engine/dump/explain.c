#include "engine/dump/explain.h"

#include "engine/dump/retry.h"

#include <stdio.h>

static const char *words_of(const struct connection *connection, const char *keyword)
{
    const char *value = connection_value(connection, keyword);

    return value ? value : "";
}

/* Where several are dumped each night, the server's own words tell neither which it was nor how far
 * the dump had come. */
static void name_server(struct error *error, const struct connection *connection,
                        const struct counters *counters)
{
    uint64_t total = counter_read(&counters->entries_total);
    char progress[128] = "";

    if (total > 0)
        snprintf(progress, sizeof progress,
                 " %llu of %llu tables and large objects had been read; nothing of them is kept.",
                 (unsigned long long)counter_read(&counters->entries_done),
                 (unsigned long long)total);
    error_hint(error, "The server was \"%s\", port %s, database \"%s\".%s",
               words_of(connection, "host"), words_of(connection, "port"),
               words_of(connection, "dbname"), progress);
}

void explain_failure(struct error *error, const struct connection *connection,
                     const struct counters *counters)
{
    retry_explain(error);
    if (error->kind == ERROR_SERVER && error->hint[0] == '\0')
        name_server(error, connection, counters);
}

uint64_t explain_needed_bytes(const struct counters *counters)
{
    uint64_t total = counter_read(&counters->raw_bytes_total);
    uint64_t done = counter_read(&counters->raw_bytes_done);
    uint64_t stored = counter_read(&counters->stored_bytes_done);

    if (done == 0 || stored == 0 || total <= done)
        return 0;
    return (uint64_t)((double)(total - done) * (double)stored / (double)done);
}
