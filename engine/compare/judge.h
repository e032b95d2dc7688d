/* Adds up what the tasks of a comparison have found, and tells every difference. */
#ifndef PGFAST_COMPARE_JUDGE_H
#define PGFAST_COMPARE_JUDGE_H

#include "engine/compare/plan.h"
#include "engine/compare/run.h"

struct judgement {
    struct comparison *comparison;
    const struct live *live;
    const char *archive_path, *database;
    struct watch *watch;
    struct compare_totals *totals;
};

/* After all tasks have been taken. True: there is no difference. */
bool judge(const struct judgement *judgement, struct arena *arena, struct error *error) MUST_CHECK;

#endif
