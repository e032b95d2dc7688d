#include "engine/dump/losses.h"

#include <string.h>

/* Data corrupted; internal errors, which is what memory for a value that is too large was called,
 * and a missing piece of one up to 13; too large; no memory for it; and a file of the server's that
 * cannot be read, or is not there. */
static const char *const sqlstates[] = {"XX001", "XX000", "54000", "53200", "58030", "58P01"};

bool losses_may_explain(const struct copy_task *task, const struct error *error)
{
    if (task->kind == COPY_TABLE && task->relation->kind != 'r')
        return false;
    for (size_t i = 0; i < sizeof sqlstates / sizeof sqlstates[0]; i++)
        if (strcmp(error->sqlstate, sqlstates[i]) == 0)
            return true;
    return false;
}

static void append(struct losses *losses, struct loss *loss)
{
    loss->next = NULL;
    if (losses->last)
        losses->last->next = loss;
    else
        losses->first = loss;
    losses->last = loss;
    losses->count++;
}

void losses_add(struct losses *losses, const char *of, const char *what, const struct error *error)
{
    struct loss *loss = arena_allocate(losses->arena, 1, sizeof(*loss));

    *loss = (struct loss){.of = arena_copy_text(losses->arena, of),
                          .what = arena_copy_text(losses->arena, what),
                          .error = *error};
    append(losses, loss);
}

static void tell(const struct loss *loss, const char *hint, struct event_stream *events)
{
    struct error error = loss->error;

    if (hint)
        error_hint(&error, "%s", hint);
    error_prefix(&error, "%s could not be read", loss->what);
    event_emit_failure(events, loss->of, &error);
}

void losses_settle(struct losses *losses, struct losses *attempt, struct event_stream *events)
{
    for (struct loss *loss = attempt->first, *next; loss; loss = next) {
        next = loss->next;
        tell(loss, attempt->hint, events);
        append(losses, loss);
    }
}

void losses_describe(const struct losses *losses, struct manifest *manifest)
{
    for (const struct loss *loss = losses->first; loss; loss = loss->next)
        manifest_add_text(manifest, &manifest->losses,
                          arena_print(manifest->arena, "%s: %s: %s (%s)", loss->of, loss->what,
                                      loss->error.message, loss->error.sqlstate));
}
