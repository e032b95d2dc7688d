#include "engine/restore/journal_course.h"

#include <string.h>

/* Without a journal of its own, and none that it goes on with, it is in nobody's way. */
static bool needs_lock(const struct journal_facts *facts, const struct journal_wish *wish)
{
    return facts->is_there || wish->keeps_one || wish->resumes;
}

bool journal_course_may_change(const struct journal_facts *facts, const struct journal_wish *wish)
{
    return needs_lock(facts, wish) && !facts->is_free;
}

static bool refuse_unfinished(struct error *error)
{
    error_set(error, ERROR_CONFLICT,
              "a restore into this database was interrupted, and is not finished");
    error_hint(error,
               "Go on with it by the same command with --resume; or begin anew with --clean, "
               "or in a new database.");
    return false;
}

static bool refuse_nothing(const struct journal_facts *facts, struct error *error)
{
    if (facts->is_empty) {
        error_set(error, ERROR_PERMISSION,
                  "a restore that can be resumed needs the right to create a schema");
        error_hint(error, "Restore without --resume.");
        return false;
    }
    error_set(error, ERROR_CONFLICT, "there is no interrupted restore in this database");
    error_hint(error, "It was finished, or it had no journal: restore without --resume, into a new "
                      "database or with --clean.");
    return false;
}

static bool refuse_busy(const struct journal_wish *wish, struct error *error)
{
    error_set(error, ERROR_LOCKED, "another restore is at work in this database");
    error_hint(error, wish->resumes
                          ? "If it was killed, end its sessions with pg_terminate_backend."
                          : "Wait for its end; two that have nothing to do with each other need "
                            "--no-journal.");
    return false;
}

bool journal_course_choose(enum journal_course *course, const struct journal_facts *facts,
                           const struct journal_wish *wish, struct error *error)
{
    bool may_begin = wish->keeps_one && facts->may_be_made;

    if (journal_course_may_change(facts, wish))
        return refuse_busy(wish, error);
    *course = may_begin ? JOURNAL_NEW : JOURNAL_NONE;
    if (facts->is_there && wish->resumes)
        *course = JOURNAL_RESUMED;
    else if (facts->is_there && wish->begins_anew && may_begin)
        *course = JOURNAL_REPLACED;
    else if (facts->is_there)
        return refuse_unfinished(error);
    else if (wish->resumes && !(facts->is_empty && may_begin))
        return refuse_nothing(facts, error);
    return true;
}

bool journal_head_agrees(const struct journal_head *journal, const struct journal_head *own,
                         struct error *error)
{
    static const char hint[] =
        "Give the same archive and options, with --resume; or begin anew with "
        "--clean, or in a new database.";

    if (strcmp(journal->archive, own->archive) != 0)
        error_set(error, ERROR_CONFLICT, "the interrupted restore was of another archive");
    else if (strcmp(journal->options, own->options) != 0)
        error_set(error, ERROR_CONFLICT,
                  "the interrupted restore had other options: it had \"%.300s\", this one has "
                  "\"%.300s\"",
                  journal->options, own->options);
    else if (strcmp(journal->selection, own->selection) != 0)
        error_set(error, ERROR_CONFLICT,
                  "the interrupted restore had other objects of the archive to restore");
    else
        return true;
    error_hint(error, "%s", hint);
    return false;
}
