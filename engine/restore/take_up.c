#include "engine/restore/take_up.h"

#include "engine/archive/label.h"
#include "engine/restore/announce.h"
#include "engine/restore/journal_begin.h"
#include "engine/restore/load_shared.h"
#include "engine/restore/prepare.h"
#include "engine/restore/resume.h"

/* The database is there, or nothing of its own would be in it. */
static void know_database(struct restore *restore)
{
    for (size_t i = 0; i < restore->plan.serial_count; i++)
        if (restore->plan.serial[i]->type == ENTRY_DATABASE)
            journal_keys_add(&restore->journal.done,
                             journal_key(JOURNAL_DEFINED, restore->plan.serial[i]->dump_id, 0));
    journal_keys_seal(&restore->journal.done);
}

/* What the earlier run has told, and cannot be made good by this one. */
static void tell_old_failures(struct restore *restore, const struct toc_entry *const *entries,
                              size_t count, const char *message, const char *hint)
{
    for (size_t i = 0; i < count; i++) {
        struct error error = {.kind = ERROR_NONE};
        char label[LABEL_BYTES];

        label_entry(label, entries[i]);
        error_set(&error, ERROR_OBJECTS, "%s", message);
        error_hint(&error, "%s", hint);
        event_emit_failure(restore->watch->events, label, &error);
        counter_add(&restore->watch->counters.errors, 1);
        restore->account.failed_objects++;
    }
}

static bool empty_half_loaded(struct restore *restore, const struct resume *resume,
                              struct error *error)
{
    for (size_t i = 0; i < resume->half_loaded_count; i++) {
        char label[LABEL_BYTES];

        label_entry(label, resume->half_loaded[i]);
        if (load_shared_clear(restore->target, resume->half_loaded[i], label, error))
            continue;
        error_prefix(error, "%s could not be emptied of the rows of an interrupted load", label);
        return false;
    }
    return true;
}

static bool apply_journal(struct restore *restore, struct error *error)
{
    struct resume resume;

    resume_apply(&resume, &restore->plan, restore->arena, &restore->journal.done);
    restore->plan.wanted_count -= resume.done_count;
    announce_totals(restore);
    event_emit(restore->watch->events, EVENT_INFO, "%zu entries are done already",
               resume.done_count);
    tell_old_failures(restore, resume.flawed, resume.flawed_count,
                      "something about it (its owner or a setting) failed before the interruption",
                      "The messages of that run say what.");
    tell_old_failures(restore, resume.forfeited, resume.forfeited_count,
                      "its rows failed to load before the interruption, and its triggers are there "
                      "by now",
                      "Load it by itself, with --data-only --disable-triggers -t.");
    return empty_half_loaded(restore, &resume, error);
}

bool take_up_journal(struct restore *restore, struct error *error)
{
    const struct journal_request request = {
        .options = restore->options,
        .archive = restore->archive,
        .selection = &restore->selection,
        .keeps_order = restore_keeps_order(restore),
        .resumes = restore_goes_on(restore),
    };
    enum journal_course course;
    bool kept_order;

    if (!journal_begin(&request, restore->target, &restore->journal, &course, &kept_order, error))
        return false;
    if (course != JOURNAL_NONE)
        restore->settings.journal = &restore->journal;
    if (!request.resumes)
        return true;
    if (kept_order != restore_keeps_order(restore))
        prepare_plan(restore, kept_order);
    know_database(restore);
    return apply_journal(restore, error);
}
