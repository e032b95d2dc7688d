#include "engine/restore/plan_parts.h"

#include "engine/archive/copy_statement.h"
#include "engine/restore/plan_entry.h"
#include "engine/restore/streams.h"
#include "engine/sql/statement.h"

/* Large objects of one entry are shared out to several sessions. How many there are is in a file
 * that is not read yet: its size, which an entry's stored bytes are a multiple of, tells nearly
 * enough. */
enum {
    BYTES_PER_LISTED_BLOB = 28,
    LISTED_BYTE_WEIGHT = 1024,
    BLOBS_PER_PART = 2000,
    MOST_PARTS = 64
};

static unsigned count_blob_parts(const struct plan_builder *builder, size_t place)
{
    uint64_t listed = builder->stored_bytes[place] / LISTED_BYTE_WEIGHT / BYTES_PER_LISTED_BLOB;
    uint64_t parts = listed / BLOBS_PER_PART;

    if (parts < 2)
        return 1;
    return parts < MOST_PARTS ? (unsigned)parts : MOST_PARTS;
}

/* Only rows that have their table to themselves: where unique keys are there already, sessions that
 * commit together could wait for each other. */
static bool may_be_spread(const struct plan_builder *builder, const struct toc_entry *entry)
{
    size_t table = plan_builder_table(builder, entry->dump_id);
    struct copy_statement parts;
    struct error ignored;

    return table != NO_NUMBER && builder->graph.tables[table - 1].definition != NULL &&
           builder->graph.tables[table - 1].data_count == 1 && entry->copy_statement != NULL &&
           copy_statement_parse(entry->copy_statement, &parts, &ignored) &&
           !copy_statement_is_via_root(entry, statement_qualified_name(builder->arena, entry));
}

static unsigned count_streams(const struct plan_builder *builder, size_t place)
{
    unsigned streams = streams_choose(builder->stored_bytes[place], builder->rows_bytes,
                                      builder->options->sessions);

    return streams > 1 && may_be_spread(builder, builder->selection->entries[place].entry) ? streams
                                                                                           : 1;
}

/* How many sessions share the work of one entry. */
unsigned plan_parts_count(const struct plan_builder *builder, size_t place)
{
    enum plan_action action = plan_entry_action(&builder->selection->entries[place]);

    if (builder->options->keeps_order)
        return 1;
    if (action == PLAN_LOAD_BLOBS)
        return count_blob_parts(builder, place);
    return action == PLAN_LOAD_TABLE ? count_streams(builder, place) : 1;
}

uint64_t plan_parts_sum_rows(const struct plan_builder *builder)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < builder->selection->count; i++)
        if (plan_entry_action(&builder->selection->entries[i]) == PLAN_LOAD_TABLE)
            sum += builder->stored_bytes[i];
    return sum;
}
