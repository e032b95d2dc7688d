#include "engine/restore/losses.h"

#include "engine/archive/label.h"
#include "engine/archive/large_object_pages.h"
#include "engine/base/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

struct losses {
    const struct plan *plan;
    const struct archive *archive;
    struct event_stream *events;
    bool *is_lost; /* by step: one that is the first part of its file */
    bool has_any;
};

/* Of the files that hold a table's rows, or all large objects that are packed. */
struct loss {
    const struct toc_entry *entry;
    uint64_t files, lost_files, rows, lost_rows;
    bool are_rows_known;
};

struct losses *losses_create(const struct plan *plan, const struct archive *archive,
                             struct event_stream *events)
{
    struct losses *losses = memory_allocate(1, sizeof *losses);

    losses->plan = plan;
    losses->archive = archive;
    losses->events = events;
    losses->is_lost = memory_allocate(plan->step_count + 1, sizeof losses->is_lost[0]);
    return losses;
}

void losses_free(struct losses *losses)
{
    if (losses == NULL)
        return;
    free(losses->is_lost);
    free(losses);
}

static bool holds_rows(const struct plan_step *step)
{
    return step->action == PLAN_LOAD_TABLE || step->action == PLAN_LOAD_PAGES;
}

/* The parts of a file follow each other. */
void losses_note(struct losses *losses, const struct plan_step *step)
{
    if (!holds_rows(step))
        return;
    losses->is_lost[step - losses->plan->steps - step->part] = true;
    losses->has_any = true;
}

static void add(const struct losses *losses, struct loss *loss, const struct plan_step *step,
                bool is_lost)
{
    const struct manifest_file *file = archive_entry_expectation(losses->archive, step->entry);

    if (loss->entry == NULL)
        *loss = (struct loss){.entry = step->entry, .are_rows_known = true};
    loss->files++;
    loss->lost_files += is_lost;
    loss->are_rows_known = loss->are_rows_known && file != NULL && file->has_rows;
    if (file == NULL)
        return;
    loss->rows += file->digest.rows;
    loss->lost_rows += is_lost ? file->digest.rows : 0;
}

/* By table; one more for the pages of large objects, and for tables that nobody knows. */
static struct loss *sum_up(const struct losses *losses)
{
    const struct plan *plan = losses->plan;
    struct loss *sums = memory_allocate(plan->table_count + 1, sizeof sums[0]);

    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];
        size_t place =
            step->table != NULL ? (size_t)(step->table - plan->tables) : plan->table_count;

        if (holds_rows(step) && step->part == 0)
            add(losses, &sums[place], step, losses->is_lost[i]);
    }
    return sums;
}

static void tell(const struct losses *losses, const struct loss *loss)
{
    bool are_pages = large_object_pages_is_entry(loss->entry);
    char label[LABEL_BYTES];

    if (are_pages)
        snprintf(label, sizeof label, "LARGE OBJECTS");
    else
        label_table(label, loss->entry->schema, loss->entry->tag);
    if (loss->are_rows_known)
        event_emit(losses->events, EVENT_WARNING,
                   "%s: %" PRIu64 " of %" PRIu64 " %s are lost, with %" PRIu64 " of %" PRIu64
                   " files",
                   label, loss->lost_rows, loss->rows, are_pages ? "pages" : "rows",
                   loss->lost_files, loss->files);
    else
        event_emit(losses->events, EVENT_WARNING,
                   "%s: the %s in %" PRIu64 " of %" PRIu64 " files are lost", label,
                   are_pages ? "pages" : "rows", loss->lost_files, loss->files);
}

void losses_tell(const struct losses *losses)
{
    if (!losses->has_any)
        return;

    struct loss *sums = sum_up(losses);

    for (size_t i = 0; i <= losses->plan->table_count; i++)
        if (sums[i].lost_files > 0)
            tell(losses, &sums[i]);
    free(sums);
}
