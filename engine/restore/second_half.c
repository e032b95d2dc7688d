#include "engine/restore/second_half.h"

#include "engine/archive/label.h"
#include "engine/base/fault.h"
#include "engine/restore/execute.h"

/* With what the journal says of it: one string is one transaction. */
static bool undo_first_half(struct target *target, const struct plan_step *step, const char *label,
                            struct error *error)
{
    struct text sql;

    text_init(&sql, TEXT_MAXIMUM);
    text_print(&sql, "%s;\n", step->halved->undo);
    if (target->settings->journal != NULL)
        journal_append_strike(&sql, journal_key(JOURNAL_FIRST_HALF, step->entry->dump_id, 0));
    FAULT_POINT("restore.undo_half.before");

    bool is_done = target_execute(target, label, sql.data, error);

    FAULT_POINT("restore.undo_half.after");
    text_clear(&sql);
    return is_done;
}

static void take_back(struct target *target, const struct plan_step *step, struct outcome *outcome)
{
    char label[LABEL_BYTES];
    struct error error = {.kind = ERROR_NONE};

    label_entry(label, step->entry);
    if (undo_first_half(target, step, label, &error))
        return;
    if (!session_is_usable(target->session)) {
        target_fail(target, outcome, label, step->entry, &error);
        return;
    }
    event_emit(target->settings->watch->events, EVENT_WARNING,
               "%s is left half restored, remove it with %s: %s", label, step->halved->undo,
               error.message);
}

void second_half_perform(struct target *target, const struct plan_step *step,
                         struct outcome *outcome)
{
    execute_entry(target, EXECUTE_DEFINITION, step->entry, outcome);
    if (!outcome->is_defined && outcome->error.kind != ERROR_CANCELLED &&
        session_is_usable(target->session))
        take_back(target, step, outcome);
}
