#include "engine/archive/label.h"
#include "engine/restore/rehearsal.h"

#include <inttypes.h>

enum { US_PER_MS = 1000, US_PER_S = 1000 * 1000 };

static const char *verb_of(const struct plan_step *step)
{
    bool is_key = step->entry->type == ENTRY_FK_CONSTRAINT;

    switch (step->action) {
    case PLAN_PASS_BY:
        break;
    case PLAN_DEFINE:
        return step->halved == NULL ? "create" : is_key ? "add" : "build";
    case PLAN_DEFINE_SECOND_HALF:
        return is_key ? "validate" : "attach";
    case PLAN_LOAD_TABLE:
    case PLAN_LOAD_BLOBS:
    case PLAN_LOAD_PAGES:
        return "load";
    case PLAN_DISABLE_TRIGGERS:
        return "disable triggers of";
    case PLAN_ENABLE_TRIGGERS:
        return "enable triggers of";
    case PLAN_ANALYZE:
        return "analyze";
    }
    return "pass by";
}

static void print_step(struct text *text, const struct plan_step *step)
{
    char label[LABEL_BYTES];

    label_entry(label, step->entry);
    text_print(text, "%s %s", verb_of(step), label);
    if (step->parts > 1)
        text_print(text, " (part %u of %u)", step->part + 1, step->parts);
    if (step->analysis != NULL && step->analysis->count > 1)
        text_print(text, " and %zu more", step->analysis->count - 1);
}

static void print_seconds(struct text *text, uint64_t us)
{
    text_print(text, "%" PRIu64 ".%03" PRIu64 " s", us / US_PER_S, us % US_PER_S / US_PER_MS);
}

static void print_chain(struct text *text, const struct rehearsal *rehearsal)
{
    text_append(text, "; the longest chain takes ");
    print_seconds(text, rehearsal->chain_us);
    text_append(text, ":\n");
    for (size_t i = 0; i < rehearsal->chain_count; i++) {
        text_append(text, ";   ");
        print_step(text, rehearsal->chain[i]);
        text_append_char(text, '\n');
    }
}

void rehearsal_print(struct text *text, const struct rehearsal *rehearsal, const struct plan *plan,
                     unsigned sessions)
{
    text_print(text, "; %zu definitions first, then %zu steps on %u sessions (-j), in roughly ",
               plan->serial_count, rehearsal->count, sessions);
    print_seconds(text, rehearsal->duration_us);
    text_append_char(text, '\n');
    print_chain(text, rehearsal);
    text_append(text, ";\n;  begins after        takes  session  step\n");
    for (size_t i = 0; i < rehearsal->count; i++) {
        const struct rehearsed_step *at = &rehearsal->steps[i];
        text_print(text, "%10" PRIu64 ".%03" PRIu64 " s %8" PRIu64 ".%03" PRIu64 " s %8u  ",
                   at->begin_us / US_PER_S, at->begin_us % US_PER_S / US_PER_MS,
                   at->duration_us / US_PER_S, at->duration_us % US_PER_S / US_PER_MS, at->session);
        print_step(text, at->step);
        text_append_char(text, '\n');
    }
}
