#include "engine/restore/second_half.h"

#include "engine/archive/label.h"
#include "engine/restore/execute.h"

static void take_back(struct target *target, const struct plan_step *step)
{
    char label[LABEL_BYTES];
    struct error error = {.kind = ERROR_NONE};

    label_entry(label, step->entry);
    if (!target_execute(target, label, step->halved->undo, &error))
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
        take_back(target, step);
}
