#include "engine/restore/row_feed.h"

#include "engine/archive/row_reader.h"
#include "engine/base/crew.h"
#include "engine/base/memory.h"
#include "engine/base/queue.h"
#include "engine/flow/chunk_pool.h"

#include <assert.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdlib.h>

/* Each session has one chunk on its way to the server and one in reserve. */
enum { CHUNK_BYTES = 256 * 1024, CHUNKS_AHEAD = 2 };

/* In the flags of a chunk: it begins within a row, and was not asked for. */
enum { GOES_ON = 1 << 8 };

struct row_feed_member {
    struct row_feed *feed;
    struct queue *chunks;   /* to it */
    struct queue *verdicts; /* to it: this member, with its verdict */
    struct row_feed_report report;
    enum row_feed_verdict verdict;
    bool is_known; /* the reader's: it has heard of it */
};

struct row_feed {
    struct row_feed_source source;
    unsigned size; /* members at most */
    struct row_feed_member *members;
    _Atomic unsigned arrivals;
    _Atomic bool has_failed; /* a member has */

    struct queue *wants;   /* to the reader: members, once for each chunk that they have room for */
    struct queue *reports; /* to the reader: members that have reported */
    struct chunk_pool *pool;
    struct crew *crew; /* of one, the reader */

    /* The reader's; others read them when it has closed their chunks, or has ended. */
    bool is_whole;
    struct error error;
    uint64_t raw_bytes, stored_bytes;
    const struct manifest_file *expected; /* or NULL */
};

struct row_feed *row_feed_create(const struct row_feed_source *source, unsigned sessions_at_most)
{
    struct row_feed *feed = memory_allocate(1, sizeof *feed);

    feed->source = *source;
    feed->size = sessions_at_most;
    feed->members = memory_allocate(feed->size, sizeof feed->members[0]);
    feed->wants = queue_create((size_t)feed->size * CHUNKS_AHEAD);
    feed->reports = queue_create(feed->size);
    return feed;
}

void row_feed_free(struct row_feed *feed)
{
    if (feed == NULL)
        return;
    assert(feed->crew == NULL);
    for (unsigned i = 0; i < feed->size; i++) {
        queue_free(feed->members[i].chunks);
        queue_free(feed->members[i].verdicts);
    }
    queue_free(feed->wants);
    queue_free(feed->reports);
    free(feed->members);
    free(feed);
}

/* Reading */

static bool may_go_on(const struct row_feed *feed, struct error *error)
{
    return (!atomic_load(&feed->has_failed) && !cancel_is_set(feed->source.watch->cancel)) ||
           error_set(error, ERROR_CANCELLED, "cancelled");
}

/* What closes the file counts, too, as in the manifest. */
static void count_read(struct row_feed *feed, const struct data_reader *data)
{
    struct counters *counters = &feed->source.watch->counters;
    uint64_t raw_bytes = data_reader_raw_bytes(data);
    uint64_t stored_bytes = data_reader_stored_bytes(data);

    counter_add(&counters->raw_bytes_done, raw_bytes - feed->raw_bytes);
    counter_add(&counters->stored_bytes_done, stored_bytes - feed->stored_bytes);
    feed->raw_bytes = raw_bytes;
    feed->stored_bytes = stored_bytes;
}

/* The display should not count what came to nothing. */
static void take_back_counts(struct row_feed *feed)
{
    struct counters *counters = &feed->source.watch->counters;

    counter_add(&counters->raw_bytes_done, -feed->raw_bytes);
    counter_add(&counters->stored_bytes_done, -feed->stored_bytes);
}

static struct row_feed_member *hear_of(void *item)
{
    struct row_feed_member *member = item;

    member->is_known = true;
    return member;
}

/* Someone always comes: whoever has a chunk gives it back, whatever becomes of it. */
static struct row_feed_member *wait_for_want(struct row_feed *feed)
{
    void *item;
    bool is_popped = queue_pop(feed->wants, &item);

    assert(is_popped);
    (void)is_popped;
    return hear_of(item);
}

static void hand_over(struct row_feed_member *member, struct chunk *chunk)
{
    bool is_pushed = queue_push(member->chunks, chunk);

    assert(is_pushed);
    if (!is_pushed)
        chunk_give(chunk);
}

/* A row that is longer than a chunk goes to one session as a whole. */
static bool give_out(struct row_feed *feed, struct data_reader *data, struct row_reader *rows,
                     struct error *error)
{
    struct row_feed_member *member = NULL;
    bool ends_row = true;

    while (may_go_on(feed, error)) {
        struct chunk *chunk = chunk_pool_take(feed->pool);

        chunk->flags = ends_row ? 0 : GOES_ON;
        if (!row_reader_read(rows, chunk->data, chunk->capacity_bytes, &chunk->length_bytes,
                             &ends_row, error)) {
            chunk_give(chunk);
            return false;
        }
        count_read(feed, data);
        if (chunk->length_bytes == 0) {
            chunk_give(chunk);
            return true;
        }
        if (member == NULL || !(chunk->flags & GOES_ON))
            member = wait_for_want(feed);
        hand_over(member, chunk);
    }
    return false;
}

static bool read_file(struct row_feed *feed, struct error *error)
{
    struct data_reader *data;

    if (!data_reader_open(&data, feed->source.archive, feed->source.file_name, error))
        return false;
    if (feed->source.decoders > 0 && !data_reader_read_ahead(data, feed->source.decoders, error)) {
        data_reader_close(data);
        return false;
    }
    struct row_reader *rows = row_reader_create(data, feed->source.form);
    feed->expected = data_reader_expectation(data);
    bool is_whole = give_out(feed, data, rows, error);
    row_reader_free(rows);
    data_reader_close(data);
    return is_whole;
}

/* Settling */

/* Nobody can join from here on. */
static unsigned close_doors(struct row_feed *feed)
{
    unsigned known = 0;
    void *item;

    queue_close(feed->wants);
    while (queue_try_pop(feed->wants, &item))
        hear_of(item);
    for (unsigned i = 0; i < feed->size; i++) {
        if (!feed->members[i].is_known)
            continue;
        queue_close(feed->members[i].chunks);
        known++;
    }
    return known;
}

/* The first that something went wrong with, and was not only stopped; otherwise the first stopped.
 */
static struct row_feed_member *hear_reports(struct row_feed *feed, unsigned count)
{
    struct row_feed_member *failed = NULL;
    void *item;

    while (count-- > 0 && queue_pop(feed->reports, &item)) {
        struct row_feed_member *member = item;
        if (!member->report.is_done && (failed == NULL || failed->report.kind == ERROR_CANCELLED))
            failed = member;
    }
    return failed;
}

static void tell(struct row_feed_member *member, enum row_feed_verdict verdict)
{
    member->verdict = verdict;
    bool is_pushed = queue_push(member->verdicts, member);
    assert(is_pushed);
    (void)is_pushed;
}

static void tell_all(struct row_feed *feed, enum row_feed_verdict verdict,
                     struct row_feed_member *exception, enum row_feed_verdict its_verdict)
{
    for (unsigned i = 0; i < feed->size; i++) {
        struct row_feed_member *member = &feed->members[i];
        if (member->is_known)
            tell(member, member == exception ? its_verdict : verdict);
    }
}

/* That those which were dumped were sent, and that as many were taken. */
static bool check_rows(const struct row_feed *feed, struct error *error)
{
    struct row_digest sent = {.rows = 0};
    uint64_t taken = 0;

    for (unsigned i = 0; i < feed->size; i++) {
        row_digest_add(&sent, &feed->members[i].report.digest);
        taken += feed->members[i].report.rows;
    }
    if (!manifest_check_rows(feed->expected, &sent, error))
        return false;
    return feed->expected == NULL || taken == sent.rows ||
           error_set(error, ERROR_SERVER,
                     "the server took %" PRIu64 " of %" PRIu64 " rows of file \"%s\"", taken,
                     sent.rows, feed->source.file_name);
}

/* Whoever can still speak to the server. */
static struct row_feed_member *find_sweeper(const struct row_feed *feed)
{
    for (unsigned i = 0; i < feed->size; i++) {
        struct row_feed_member *member = &feed->members[i];
        if (member->is_known && member->report.is_done && !member->report.is_lost)
            return member;
    }
    return NULL;
}

/* A session that was lost while it committed may have done so, and others certainly have. */
static void undo(struct row_feed *feed, struct row_feed_member *failed)
{
    struct row_feed_member *sweeper = failed->report.cleans_up ? NULL : find_sweeper(feed);

    for (unsigned i = 0; i < feed->size; i++) {
        struct row_feed_member *member = &feed->members[i];
        if (!member->is_known)
            continue;
        tell(member, member == failed    ? ROW_FEED_BLAME
                     : member == sweeper ? ROW_FEED_EMPTY
                                         : ROW_FEED_ROLLBACK);
    }
}

static void settle(struct row_feed *feed)
{
    unsigned count = close_doors(feed);
    struct row_feed_member *failed = hear_reports(feed, count);

    if (failed == NULL && feed->is_whole)
        feed->is_whole = check_rows(feed, &feed->error);
    if (failed != NULL || !feed->is_whole) {
        bool is_to_blame =
            failed != NULL && (feed->is_whole || feed->error.kind == ERROR_CANCELLED);

        take_back_counts(feed);
        if (is_to_blame)
            feed->error.kind = ERROR_NONE;
        tell_all(feed, ROW_FEED_ROLLBACK, is_to_blame ? failed : NULL, ROW_FEED_BLAME);
        return;
    }
    tell_all(feed, ROW_FEED_COMMIT, NULL, ROW_FEED_COMMIT);
    failed = hear_reports(feed, count);
    if (failed == NULL) {
        tell_all(feed, ROW_FEED_KEEP, NULL, ROW_FEED_KEEP);
        return;
    }
    take_back_counts(feed);
    undo(feed, failed);
}

static void work(void *context, unsigned index)
{
    struct row_feed *feed = context;

    (void)index;
    feed->is_whole = read_file(feed, &feed->error);
    settle(feed);
}

/* The members */

/* The one thread of the crew did not start: nobody waits for anything. */
static void abandon_nothing(void *context)
{
    (void)context;
}

/* The reader's own chunk comes on top. */
static bool start(struct row_feed *feed, struct error *error)
{
    return chunk_pool_create(&feed->pool, feed->size * CHUNKS_AHEAD + 1, CHUNK_BYTES, error) &&
           crew_start(&feed->crew, "pgf-read", 1, work, abandon_nothing, feed, error);
}

struct row_feed_member *row_feed_join(struct row_feed *feed)
{
    unsigned place = atomic_fetch_add(&feed->arrivals, 1);

    assert(place < feed->size);
    struct row_feed_member *member = &feed->members[place];
    member->feed = feed;
    /* Room for what was asked for; what goes on waits for room. */
    member->chunks = queue_create(CHUNKS_AHEAD);
    member->verdicts = queue_create(1);
    if (!queue_push(feed->wants, member))
        return NULL;
    for (unsigned i = 1; i < CHUNKS_AHEAD; i++)
        if (!queue_push(feed->wants, member))
            break;
    /* Without a reader the doors close at once, and the leader settles. */
    if (place == 0 && !start(feed, &feed->error))
        close_doors(feed);
    return member;
}

bool row_feed_is_leader(const struct row_feed_member *member)
{
    return member == &member->feed->members[0];
}

bool row_feed_take(struct row_feed_member *member, struct chunk **rows)
{
    void *item;

    if (!queue_pop(member->chunks, &item))
        return false;
    *rows = item;
    return true;
}

bool row_feed_is_whole(const struct row_feed_member *member)
{
    return member->feed->is_whole;
}

void row_feed_give_back(struct row_feed_member *member, struct chunk *rows)
{
    bool was_asked_for = !(rows->flags & GOES_ON);

    chunk_give(rows);
    /* A closed queue means that all is out, which the next take tells. */
    if (was_asked_for && !queue_push(member->feed->wants, member))
        return;
}

void row_feed_fail(struct row_feed_member *member)
{
    atomic_store(&member->feed->has_failed, true);
}

enum row_feed_verdict row_feed_report(struct row_feed_member *member,
                                      const struct row_feed_report *report)
{
    struct row_feed *feed = member->feed;
    void *item;

    member->report = *report;
    bool is_pushed = queue_push(feed->reports, member);
    assert(is_pushed);
    if (row_feed_is_leader(member) && feed->crew == NULL)
        settle(feed);
    is_pushed = queue_pop(member->verdicts, &item);
    assert(is_pushed);
    (void)is_pushed;
    return member->verdict;
}

bool row_feed_finish(struct row_feed_member *leader, struct error *error)
{
    struct row_feed *feed = leader->feed;

    crew_join(feed->crew);
    feed->crew = NULL;
    chunk_pool_free(feed->pool);
    feed->pool = NULL;
    if (feed->error.kind == ERROR_NONE)
        return true;
    *error = feed->error;
    return false;
}

uint64_t row_feed_raw_bytes(const struct row_feed *feed)
{
    return feed->raw_bytes;
}

uint64_t row_feed_stored_bytes(const struct row_feed *feed)
{
    return feed->stored_bytes;
}
