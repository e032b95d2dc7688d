#include "engine/restore/step_key.h"

static enum journal_kind kind_of(const struct plan_step *step)
{
    switch (step->action) {
    case PLAN_DEFINE:
        return step->halved != NULL ? JOURNAL_FIRST_HALF : JOURNAL_DEFINED;
    case PLAN_DEFINE_SECOND_HALF:
        return JOURNAL_DEFINED;
    case PLAN_LOAD_TABLE:
    case PLAN_LOAD_PAGES:
        return JOURNAL_ROWS;
    case PLAN_DISABLE_TRIGGERS:
        return JOURNAL_TRIGGERS_OFF;
    case PLAN_ENABLE_TRIGGERS:
        return JOURNAL_TRIGGERS_ON;
    case PLAN_ANALYZE:
        return JOURNAL_ANALYZED;
    case PLAN_LOAD_BLOBS: /* batch by batch */
    case PLAN_PASS_BY:
        break;
    }
    return 0;
}

uint64_t step_key(const struct plan_step *step)
{
    enum journal_kind kind = kind_of(step);

    return kind != 0 ? journal_key(kind, step->entry->dump_id, 0) : 0;
}
