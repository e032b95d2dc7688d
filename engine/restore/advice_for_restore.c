#include "engine/restore/advice_for_restore.h"

#include "engine/restore/measure.h"

static struct advice_archive describe_archive(const struct restore *restore)
{
    uint64_t expansion = measure_expansion(restore->archive);
    struct advice_archive archive = {.rows_bytes =
                                         counter_read(&restore->watch->counters.raw_bytes_total)};

    for (size_t i = 0; i < restore->plan.step_count; i++) {
        const struct plan_step *step = &restore->plan.steps[i];

        archive.duration_us += step->cost_us;
        if (step->action == PLAN_DEFINE &&
            (step->entry->type == ENTRY_INDEX || step->entry->type == ENTRY_CONSTRAINT))
            archive.index_bytes += step->stored_bytes * expansion;
    }
    archive.duration_us /= restore->settings.sessions > 0 ? restore->settings.sessions : 1;
    return archive;
}

void advice_for_restore(char advice[ADVICE_BYTES], const struct restore *restore,
                        const struct server_facts *facts)
{
    const struct advice_archive archive = describe_archive(restore);

    advice_give(advice, facts, &archive);
}
