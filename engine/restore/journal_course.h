/* What a restore does about a journal, from what the server says and what the user wants. Pure. */
#ifndef PGFAST_RESTORE_JOURNAL_COURSE_H
#define PGFAST_RESTORE_JOURNAL_COURSE_H

#include "engine/base/error.h"
#include "engine/restore/journal.h"

struct journal_wish {
    bool keeps_one;   /* what is done is to be noted down */
    bool resumes;     /* --resume */
    bool begins_anew; /* --clean: what an interrupted restore left does not matter */
};

enum journal_course {
    JOURNAL_NONE,
    JOURNAL_NEW,
    JOURNAL_REPLACED, /* a new one, in the place of what an interrupted restore left */
    JOURNAL_RESUMED
};

/* Somebody is at work, or a killed run's sessions have not ended yet: worth a little patience. */
bool journal_course_may_change(const struct journal_facts *facts, const struct journal_wish *wish);

/* False: the restore must not begin. */
bool journal_course_choose(enum journal_course *course, const struct journal_facts *facts,
                           const struct journal_wish *wish, struct error *error) MUST_CHECK;

/* True: `journal` is of a restore that this one can go on with. */
bool journal_head_agrees(const struct journal_head *journal, const struct journal_head *own,
                         struct error *error) MUST_CHECK;

#endif
