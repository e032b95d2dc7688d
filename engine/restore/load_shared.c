#include "engine/restore/load_shared.h"

#include "engine/archive/copy_binary.h"
#include "engine/archive/copy_statement.h"
#include "engine/base/arena.h"
#include "engine/base/fault.h"
#include "engine/flow/topology.h"
#include "engine/restore/load_begin.h"
#include "engine/restore/load_table.h"
#include "engine/restore/row_feed.h"
#include "engine/restore/step_key.h"
#include "engine/restore/streams.h"

/* One session's part. */
struct part {
    struct target *target;
    const struct plan_step *step;
    const char *label;
    enum row_form form;
    struct row_feed_member *member;
    struct outcome *outcome;
    struct error error; /* what went wrong here */
    bool is_well, has_begun;
    bool has_verdict; /* the first: others may have committed */
    bool is_kept;
    uint64_t rows;
    struct row_digester digester; /* of what was sent */
    struct row_digest digest;
};

static bool is_shared(const struct plan_step *step)
{
    return step->action == PLAN_LOAD_TABLE && step->parts > 1;
}

static enum row_form form_of(const struct toc_entry *entry)
{
    struct copy_statement parts;
    struct error ignored;

    return copy_statement_parse(entry->copy_statement, &parts, &ignored) && parts.is_binary
               ? ROW_FORM_BINARY
               : ROW_FORM_TEXT;
}

static struct row_feed *make_feed(const struct plan_step *step, const struct archive *archive,
                                  struct watch *watch)
{
    const struct row_feed_source source = {
        .archive = archive,
        .file_name = step->entry->file_name,
        .form = form_of(step->entry),
        .decoders = streams_choose_decoders(step->parts, topology_count_usable()),
        .watch = watch,
    };

    return row_feed_create(&source, step->parts);
}

void load_shared_prepare(struct plan *plan, const struct archive *archive, struct watch *watch)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        struct plan_step *step = &plan->steps[i];

        if (is_shared(step))
            step->feed =
                step->part == 0 ? make_feed(step, archive, watch) : plan->steps[i - 1].feed;
    }
}

void load_shared_release(struct plan *plan)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        if (is_shared(&plan->steps[i]) && plan->steps[i].part == 0)
            row_feed_free(plan->steps[i].feed);
    }
}

/* Without a manifest there is nothing to hold the rows against. */
static bool is_digested(const struct part *part)
{
    return part->target->settings->archive->manifest != NULL;
}

static bool send_bytes(struct part *part, const unsigned char *bytes, size_t length,
                       struct error *error)
{
    return (!is_digested(part) || row_digester_update(&part->digester, bytes, length, error)) &&
           copy_in_write(part->target->session, bytes, length, error);
}

/* Each session's COPY is a whole one. */
static bool send_header(struct part *part, struct error *error)
{
    return part->form == ROW_FORM_TEXT ||
           send_bytes(part, copy_binary_header, sizeof copy_binary_header, error);
}

static bool send_trailer(struct part *part, struct error *error)
{
    return part->form == ROW_FORM_TEXT ||
           send_bytes(part, copy_binary_trailer, sizeof copy_binary_trailer, error);
}

/* A session that gets no rows begins nothing. */
static bool begin(struct part *part, struct error *error)
{
    target_renew_arena(part->target);
    if (!load_settings(part->target, part->label, part->step->entry, error))
        return false;
    part->has_begun = load_begin(part->target, part->step->entry, error);
    return part->has_begun && send_header(part, error);
}

static bool send(struct part *part, const struct chunk *rows, struct error *error)
{
    return (part->has_begun || begin(part, error)) &&
           send_bytes(part, rows->data, rows->length_bytes, error);
}

static void send_rows(struct part *part)
{
    struct chunk *rows;

    while (row_feed_take(part->member, &rows)) {
        if (part->is_well && !send(part, rows, &part->error)) {
            part->is_well = false;
            row_feed_fail(part->member);
        }
        row_feed_give_back(part->member, rows);
    }
}

static bool end_digest(struct part *part, struct error *error)
{
    return !is_digested(part) || row_digester_finish(&part->digester, &part->digest, error);
}

static void end_copy(struct part *part)
{
    struct session *session = part->target->session;

    if (!part->has_begun || !part->is_well)
        return;
    if (!row_feed_is_whole(part->member)) {
        copy_in_abort(session, "the load has failed elsewhere");
        return;
    }
    part->is_well = send_trailer(part, &part->error) && end_digest(part, &part->error);
    if (part->is_well)
        part->is_well = copy_in_end(session, &part->rows, &part->error);
    else
        copy_in_abort(session, part->error.message);
}

static enum row_feed_verdict report(const struct part *part)
{
    const struct row_feed_report report = {
        .is_done = part->is_well,
        .is_lost = !session_is_usable(part->target->session),
        .rows = part->rows,
        .digest = part->digest,
        .kind = part->is_well ? ERROR_NONE : part->error.kind,
        .cleans_up = part->target->settings->journal != NULL,
    };

    return row_feed_report(part->member, &report);
}

/* The others cannot take back what they have committed, but the table is new: emptied, it is as if
 * nothing had been. */
static void empty_table(struct part *part)
{
    struct target *target = part->target;
    const char *name = statement_qualified_name(target->arena, part->step->entry);
    struct error error;

    if (target_execute(target, part->label,
                       arena_print(target->arena, "TRUNCATE TABLE ONLY %s", name), &error))
        return;
    error_prefix(&error, "the table holds some of its rows, and could not be emptied");
    target_fail(target, part->outcome, part->label, part->step->entry, &error);
}

/* The shares that were committed go with what the journal says of them. One string is one
 * transaction. */
bool load_shared_clear(struct target *target, const struct toc_entry *entry, const char *label,
                       struct error *error)
{
    struct text sql;

    target_renew_arena(target);
    text_init(&sql, TEXT_MAXIMUM);
    text_print(&sql, "TRUNCATE TABLE ONLY %s;\n", statement_qualified_name(target->arena, entry));
    journal_append_strike(&sql, journal_key(JOURNAL_SHARE, entry->dump_id, 0));
    FAULT_POINT("restore.clear_shares.before");

    bool is_done = target_execute(target, label, sql.data, error);

    FAULT_POINT("restore.clear_shares.after");
    text_clear(&sql);
    return is_done;
}

/* One session can do what several could not, since it is in nobody's way. */
static void load_alone(struct part *part)
{
    struct target *target = part->target;
    struct error error;

    if (target->settings->journal == NULL ||
        load_shared_clear(target, part->step->entry, part->label, &error))
        load_table(target, part->step, part->outcome);
    else
        target_fail(target, part->outcome, part->label, part->step->entry, &error);
}

void load_shared_again(struct target *target, const struct plan_step *step, struct outcome *outcome)
{
    char label[LABEL_BYTES];
    struct part part = {.target = target, .step = step, .label = label, .outcome = outcome};

    load_label(label, step);
    load_alone(&part);
}

/* Of those who commit, some may have done so: without a journal another session sees to it. */
static bool may_load_alone(const struct part *part)
{
    return (!part->has_verdict || part->target->settings->journal != NULL) &&
           target_may_retry(part->target, &part->error, 1);
}

/* Shares may be committed that are not to stay. Without any, the pages of rows that were rolled
 * back take up room which others need, and those rows when they come again. */
static void clear_away(struct part *part)
{
    struct target *target = part->target;
    struct error error;

    if (!session_is_usable(target->session) || target->settings->journal == NULL ||
        !(part->has_verdict || target_found_no_room(&part->error)))
        return;
    if (!load_shared_clear(target, part->step->entry, part->label, &error) && part->has_verdict)
        target_fail(target, part->outcome, part->label, part->step->entry, &error);
}

static void take_blame(struct part *part)
{
    struct target *target = part->target;

    target_rollback(target);
    if (may_load_alone(part)) {
        load_alone(part);
        return;
    }
    clear_away(part);
    target_fail(target, part->outcome, part->label, part->step->entry, &part->error);
}

/* Only the leader, when all have committed: without this note the shares count for nothing, and
 * another run would empty the table, whatever refers to it by then. */
static void note_rows(struct part *part)
{
    struct target *target = part->target;
    struct error error;

    if (!row_feed_is_leader(part->member))
        return;
    FAULT_POINT("restore.shared.before");
    if (!target_note(target, step_key(part->step), &error)) {
        part->outcome->stops = true;
        part->outcome->error = error;
    }
    FAULT_POINT("restore.shared.after");
}

static void count(struct part *part)
{
    part->outcome->rows += part->rows;
    counter_add(&part->target->settings->watch->counters.rows_done, part->rows);
}

static void obey(struct part *part, enum row_feed_verdict verdict)
{
    switch (verdict) {
    case ROW_FEED_COMMIT:
    case ROW_FEED_KEEP:
        part->is_kept = true;
        count(part);
        note_rows(part);
        return;
    case ROW_FEED_EMPTY:
        empty_table(part);
        return;
    case ROW_FEED_ROLLBACK:
        target_rollback(part->target);
        return;
    case ROW_FEED_BLAME:
        take_blame(part);
        return;
    }
}

static bool commit_share(struct part *part)
{
    target_mark(part->target, journal_key(JOURNAL_SHARE, part->step->entry->dump_id, 0));
    FAULT_POINT("restore.share.before");
    bool is_done = target_commit(part->target, &part->error);
    FAULT_POINT("restore.share.after");
    return is_done;
}

static void conclude(struct part *part)
{
    enum row_feed_verdict verdict = report(part);

    if (verdict == ROW_FEED_COMMIT) {
        part->has_verdict = true;
        part->is_well = !part->has_begun || commit_share(part);
        verdict = report(part);
    }
    obey(part, verdict);
}

static void finish(struct part *part)
{
    const struct row_feed *feed = part->step->feed;
    struct error error;

    if (!row_feed_finish(part->member, &error)) {
        target_fail(part->target, part->outcome, part->label, part->step->entry, &error);
        return;
    }
    if (!part->is_kept)
        return;
    part->outcome->raw_bytes += row_feed_raw_bytes(feed);
    part->outcome->stored_bytes += row_feed_stored_bytes(feed);
}

static void tell_beginning(const struct part *part)
{
    char name[LABEL_BYTES];

    label_name(name, part->step->entry);
    event_emit(part->target->settings->watch->events, EVENT_DETAIL,
               "processing data for table \"%s\"", name);
}

void load_shared(struct target *target, const struct plan_step *step, struct outcome *outcome)
{
    char label[LABEL_BYTES];
    struct part part = {
        .target = target,
        .step = step,
        .label = label,
        .form = form_of(step->entry),
        .outcome = outcome,
        .is_well = true,
    };

    load_label(label, step);
    row_digester_init(&part.digester, part.form);
    part.member = row_feed_join(step->feed);
    if (part.member == NULL)
        return;
    if (row_feed_is_leader(part.member))
        tell_beginning(&part);
    send_rows(&part);
    end_copy(&part);
    conclude(&part);
    if (row_feed_is_leader(part.member))
        finish(&part);
    target_warn(target, label);
}
