#include "engine/dump/planned.h"

#include "engine/archive/toc_version.h"
#include "engine/dump/cuts.h"
#include "engine/dump/packing.h"

/* By entry, what was read of it already, and how it was cut. */
static const struct early_table **claim_early_reads(const struct planned_request *request,
                                                    const struct toc *toc, struct cut *cuts)
{
    const struct early_table **tables =
        arena_allocate(request->arena, toc->count + 1, sizeof(struct early_table *));

    for (size_t i = 0; i < toc->count; i++) {
        tables[i] = early_reads_claim(request->early, toc->entries[i]);
        if (tables[i])
            cuts[i] = tables[i]->cut;
    }
    early_reads_withdraw_unclaimed(request->early);
    return tables;
}

static bool read_schema(struct schema *schema, const struct planned_request *request,
                        const struct toc *toc, struct error *error)
{
    const struct schema *known = early_reads_schema(request->early);
    uint32_t *oids = arena_allocate(request->arena, toc->count + 1, sizeof(*oids));
    size_t count = 0;
    struct schema others;

    for (size_t i = 0; i < toc->count; i++)
        if (toc->entries[i]->type == ENTRY_TABLE_DATA && !schema_find(known, toc->entries[i]->oid))
            oids[count++] = toc->entries[i]->oid;
    if (!schema_read(&others, request->arena, request->coordinator, oids, count, error) ||
        !formats_decide(&others, request->arena, request->coordinator,
                        request->choices->data_format, error))
        return false;
    *schema = schema_merge(request->arena, &others, known);
    return true;
}

/* Up to 16, pg_dump lists large objects in the pre-data section, which the user may not have asked
 * for; its data entry stands for all that there are. */
static bool read_large_objects(struct dump_plan_request *plan,
                               const struct planned_request *request, struct error *error)
{
    if (!packing_ask_for_pages(request->coordinator, &plan->reads_pages, error))
        return false;
    if (request->definitions->header.version_minor >= TOC_VERSION_GROUPED_BLOBS)
        return true;
    return schema_read_large_objects(&plan->large_objects, &plan->large_object_count,
                                     request->arena, request->coordinator, error);
}

bool planned_make(struct planned *planned, const struct planned_request *request,
                  struct error *error)
{
    struct session *session = request->coordinator;

    if (!toc_rewrite_for_version(&planned->whole_toc, request->definitions,
                                 request->choices->version, error))
        return false;

    struct toc *toc = planned->whole_toc;

    toc->header.compression = (int)request->choices->codec->id;
    if (request->options->packs_large_objects && !packing_apply(toc, session, error))
        return false;

    struct cut *cuts = arena_allocate(request->arena, toc->count + 1, sizeof(*cuts));
    const struct early_table **early = claim_early_reads(request, toc, cuts);

    if (!read_schema(&planned->schema, request, toc, error) ||
        !cuts_decide_entries(cuts, request->arena, session, toc, &planned->schema, request->options,
                             error))
        return false;

    struct dump_plan_request plan = {
        .toc = toc, .schema = &planned->schema, .cuts = cuts, .early = early};

    return read_large_objects(&plan, request, error) &&
           dump_plan_make(&planned->plan, &planned->toc, request->arena, &plan, error);
}

void planned_clear(struct planned *planned)
{
    toc_free(planned->toc);
    toc_free(planned->whole_toc);
}
