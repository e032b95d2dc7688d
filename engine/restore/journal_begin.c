#include "engine/restore/journal_begin.h"

#include "engine/archive/identity.h"
#include "engine/base/clock.h"
#include "engine/base/fault.h"
#include "engine/base/memory.h"

#include <inttypes.h>
#include <poll.h>
#include <string.h>

/* How long sessions that are about to end are waited for: of a restore that has just ended, or of
 * one that was killed. */
enum { LOOK_INTERVAL_MS = 100 };
#define ENDED_LIMIT_US UINT64_C(5000000)

/* ---- what makes it the same restore ---- */

static char *describe_options(const struct restore_options *options)
{
    const struct {
        bool is_given;
        const char *word;
    } words[] = {
        {options->selection.create, "create"},
        {options->clean, "clean"},
        {options->no_owner, "no-owner"},
        {options->no_tablespaces, "no-tablespaces"},
        {options->no_table_access_method, "no-table-access-method"},
        {options->use_session_authorization, "use-set-session-authorization"},
        {options->disable_triggers, "disable-triggers"},
        {options->no_data_for_failed_tables, "no-data-for-failed-tables"},
        {options->untrusted, "untrusted"},
        {options->role != NULL, "role"},
    };
    struct text text;

    text_init(&text, TEXT_MAXIMUM);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (words[i].is_given)
            text_print(&text, "%s--%s", text.length_bytes > 0 ? " " : "", words[i].word);
    if (options->role != NULL)
        text_print(&text, "=%s", options->role);
    char *words_taken = text_take(&text);

    text_clear(&text);
    return words_taken;
}

static char *digest_selection(const struct selection *selection)
{
    struct checksum *checksum = checksum_create();
    char digest[CHECKSUM_TEXT_BYTES];

    for (size_t i = 0; i < selection->count; i++) {
        const struct selected_entry *selected = &selection->entries[i];

        checksum_update(checksum, &selected->entry->dump_id, sizeof selected->entry->dump_id);
        checksum_update(checksum, &selected->wanted, sizeof selected->wanted);
    }
    checksum_end(checksum, digest);
    checksum_free(checksum);
    return memory_copy_text(digest);
}

static bool make_head(struct journal_head *head, const struct journal_request *request,
                      struct error *error)
{
    char identity[CHECKSUM_TEXT_BYTES];

    if (!archive_identify(request->archive, identity, error))
        return false;
    *head = (struct journal_head){
        .archive = memory_copy_text(identity),
        .options = describe_options(request->options),
        .selection = digest_selection(request->selection),
        .keeps_order = request->keeps_order,
    };
    return true;
}

/* ---- what there is to do ---- */

/* Dumped from a database with an unfinished restore: its tables are of the same names. */
static bool holds_journal(const struct selection *selection)
{
    for (size_t i = 0; i < selection->count; i++) {
        const struct selected_entry *selected = &selection->entries[i];

        if (selected->wanted != 0 && selected->entry->schema != NULL &&
            strcmp(selected->entry->schema, JOURNAL_SCHEMA) == 0)
            return true;
    }
    return false;
}

static struct journal_wish make_wish(const struct journal_request *request, struct watch *watch)
{
    const struct restore_options *options = request->options;
    struct journal_wish wish = {
        .keeps_one = !options->no_journal && !options->single_transaction,
        .resumes = request->resumes,
        .begins_anew = options->clean && !options->selection.create,
    };

    if (wish.keeps_one && holds_journal(request->selection)) {
        wish.keeps_one = false;
        event_emit(
            watch->events, EVENT_WARNING,
            "this restore cannot be resumed: the archive is of a database in which a restore "
            "was not finished, and brings the journal of that one (schema %s)",
            JOURNAL_SCHEMA);
    }
    return wish;
}

static bool look(struct target *target, const struct journal_wish *wish,
                 struct journal_facts *facts, struct error *error)
{
    const struct target_settings *settings = target->settings;
    struct pollfd end = {.fd = cancel_descriptor(settings->watch->cancel), .events = POLLIN};
    uint64_t limit_us = wish->resumes ? settings->reconnect_limit_us : ENDED_LIMIT_US;
    uint64_t begin_us = clock_now_us();
    bool is_told = false;

    for (;;) {
        if (!journal_look(target->session, facts, error))
            return false;
        if (!journal_course_may_change(facts, wish) || clock_now_us() - begin_us > limit_us)
            return true;
        if (wish->resumes && !is_told)
            event_emit(settings->watch->events, EVENT_INFO,
                       "waiting for the interrupted restore's sessions to end");
        is_told = true;
        (void)poll(&end, 1, LOOK_INTERVAL_MS);
    }
}

/* ---- doing it ---- */

static bool create(struct target *target, const struct journal_request *request,
                   enum journal_course *course, struct error *error)
{
    struct watch *watch = target->settings->watch;
    struct journal_head head;
    struct error ignored;

    if (!make_head(&head, request, error))
        return false;
    FAULT_POINT("restore.journal_create.before");
    bool is_made = journal_create(target->session, &head, *course == JOURNAL_REPLACED, error);
    FAULT_POINT("restore.journal_create.after");
    journal_head_clear(&head);
    if (is_made)
        return true;
    if (!session_is_usable(target->session) || *course == JOURNAL_REPLACED || request->resumes)
        return false;
    event_emit(watch->events, EVENT_WARNING,
               "this restore cannot be resumed: its journal cannot be made: %s", error->message);
    *course = JOURNAL_NONE;
    return !session_is_in_transaction(target->session) ||
           session_execute(target->session, "ROLLBACK", &ignored);
}

static bool take_up(struct target *target, const struct journal_request *request,
                    struct journal_run *run, bool *keeps_order, struct error *error)
{
    struct journal_head own = {.archive = NULL}, found = {.archive = NULL};
    bool is_done = make_head(&own, request, error) &&
                   journal_read_head(target->session, &found, error) &&
                   journal_head_agrees(&found, &own, error) &&
                   journal_take_over(target->session, run->attempt, error) &&
                   journal_read_keys(target->session, &run->done, error);

    *keeps_order = found.keeps_order;
    journal_head_clear(&found);
    journal_head_clear(&own);
    return is_done;
}

static void tell_beginning(struct watch *watch, const struct journal_request *request,
                           enum journal_course course, const struct journal_run *run)
{
    if (course == JOURNAL_RESUMED)
        event_emit(watch->events, EVENT_INFO, "going on with the interrupted restore (run %u)",
                   run->attempt);
    else if (request->resumes)
        event_emit(watch->events, EVENT_INFO,
                   "the database is empty: nothing to resume, the restore begins anew");
    else if (course == JOURNAL_NONE && !request->options->no_journal &&
             !request->options->single_transaction)
        event_emit(
            watch->events, EVENT_DETAIL,
            "this restore cannot be resumed: the role may not create a schema for its journal");
}

bool journal_begin(const struct journal_request *request, struct target *target,
                   struct journal_run *run, enum journal_course *course, bool *keeps_order,
                   struct error *error)
{
    struct watch *watch = target->settings->watch;
    struct journal_wish wish = make_wish(request, watch);
    struct journal_facts facts;

    *keeps_order = request->keeps_order;
    if (!look(target, &wish, &facts, error) || !journal_course_choose(course, &facts, &wish, error))
        return false;
    run->attempt = *course == JOURNAL_RESUMED ? facts.attempts + 1 : 1;
    tell_beginning(watch, request, *course, run);
    switch (*course) {
    case JOURNAL_NONE:
        break;
    case JOURNAL_NEW:
    case JOURNAL_REPLACED:
        if (!create(target, request, course, error))
            return false;
        break;
    case JOURNAL_RESUMED:
        if (!take_up(target, request, run, keeps_order, error))
            return false;
        break;
    }
    return (*course == JOURNAL_NONE || target_join(target, run, error)) &&
           (!facts.is_free || journal_let_go(target->session, error));
}
