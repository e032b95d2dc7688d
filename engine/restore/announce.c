#include "engine/restore/announce.h"

#include "engine/restore/measure.h"

#include <string.h>

/* The entry of a group has a line for each of its objects. */
static uint64_t count_objects(const struct toc_entry *entry)
{
    const char *line = entry->type == ENTRY_BLOB_METADATA ? entry->definition : NULL;
    uint64_t count = entry->type == ENTRY_BLOB;

    for (; line != NULL && (line = strchr(line, '\n')) != NULL; line++)
        count++;
    return count;
}

/* Pages do not tell how many objects they belong to: some have none, others are in several files.
 */
static uint64_t count_packed_objects(const struct restore *restore)
{
    bool are_packed = false;
    uint64_t count = 0;

    for (size_t i = 0; i < restore->plan.step_count; i++)
        are_packed = are_packed || restore->plan.steps[i].action == PLAN_LOAD_PAGES;
    for (size_t i = 0; are_packed && i < restore->selection.count; i++)
        if (restore->selection.entries[i].wanted & WANT_DATA)
            count += count_objects(restore->selection.entries[i].entry);
    return count;
}

static void announce_work(const struct plan *plan, struct counters *counters)
{
    uint64_t load_us = 0, load_stored_bytes = 0, steps_us = 0;

    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];

        if (step->is_done)
            continue;
        if (step->action == PLAN_LOAD_TABLE) {
            load_us += step->cost_us;
            load_stored_bytes += step->stored_bytes;
        } else {
            steps_us += step->cost_us;
        }
    }
    counter_set(&counters->load_us_total, load_us);
    counter_set(&counters->load_stored_bytes_total, load_stored_bytes);
    counter_set(&counters->steps_us_total, steps_us);
}

void announce_totals(const struct restore *restore)
{
    struct counters *counters = &restore->watch->counters;

    restore->account.totals->large_objects = count_packed_objects(restore);
    announce_work(&restore->plan, counters);

    counter_set(&counters->raw_bytes_total, measure_raw_bytes(&restore->plan, restore->archive));
    counter_set(&counters->entries_total, restore->plan.wanted_count);
}
