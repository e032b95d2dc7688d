#include "engine/restore/row_feed.h"

#include "engine/base/crew.h"
#include "engine/base/text.h"
#include "engine/flow/chunk_pool.h"

#include "tests/unit/engine/archive/scratch_folder.h"

#include <pthread.h>

/* More rows than all sessions have room for at first: so each gets some. */
enum { SESSIONS = 4, ROWS = 150000, LONG_ROW_BYTES = 3 << 20 };

/* How a session of the test behaves. */
enum conduct { WELL, FAILS_AT_ONCE, FAILS_IN_THE_END, FAILS_TO_COMMIT, IS_LOST_IN_COMMIT };

struct load {
    struct archive *archive;
    struct watch *watch;
    struct row_feed *feed;
    pthread_barrier_t all_have_joined;
    enum conduct conducts[SESSIONS];
    /* What became of each session: */
    struct row_digester digesters[SESSIONS];
    bool has_joined[SESSIONS];
    bool was_told_to_commit[SESSIONS];
    enum row_feed_verdict verdicts[SESSIONS];
    uint64_t rows[SESSIONS], begun_rows[SESSIONS];
    bool is_read_well;
    struct error error;
};

static uint64_t count_rows(const struct chunk *chunk)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < chunk->length_bytes; i++)
        rows += chunk->data[i] == '\n';
    return rows;
}

/* Every share of the rows begins with a row, and a long one stays in one hand. */
static void take_rows(struct load *load, unsigned index, struct row_feed_member *member)
{
    struct chunk *chunk;
    bool is_within_row = false;

    while (row_feed_take(member, &chunk)) {
        if (!is_within_row)
            load->begun_rows[index] += chunk->data[0] == '<';
        is_within_row = chunk->data[chunk->length_bytes - 1] != '\n';
        load->rows[index] += count_rows(chunk);
        assert_true(row_digester_update(&load->digesters[index], chunk->data, chunk->length_bytes,
                                        &load->error));
        if (load->conducts[index] == FAILS_AT_ONCE)
            row_feed_fail(member);
        row_feed_give_back(member, chunk);
    }
}

static struct row_feed_report make_report(const struct load *load, unsigned index, bool is_done)
{
    return (struct row_feed_report){
        .is_done = is_done,
        .is_lost = !is_done && load->conducts[index] == IS_LOST_IN_COMMIT,
        .rows = load->rows[index],
        .digest = load->digesters[index].digest,
        .kind = is_done ? ERROR_NONE : ERROR_SERVER,
    };
}

static void take_part(void *context, unsigned index)
{
    struct load *load = context;
    enum conduct conduct = load->conducts[index];
    struct row_feed_member *member = row_feed_join(load->feed);

    load->has_joined[index] = member != NULL;
    pthread_barrier_wait(&load->all_have_joined);
    if (member == NULL)
        return;
    take_rows(load, index, member);
    struct row_feed_report report =
        make_report(load, index, conduct != FAILS_AT_ONCE && conduct != FAILS_IN_THE_END);
    load->verdicts[index] = row_feed_report(member, &report);
    if (load->verdicts[index] == ROW_FEED_COMMIT) {
        load->was_told_to_commit[index] = true;
        report = make_report(load, index, conduct == WELL);
        load->verdicts[index] = row_feed_report(member, &report);
    }
    if (row_feed_is_leader(member))
        load->is_read_well = row_feed_finish(member, &load->error);
}

static void abandon_nothing(void *context)
{
    (void)context;
}

/* All tests are run without and with threads that decode. */
static unsigned decoders;

static void run(struct load *load, void **state, const struct text *stored)
{
    const struct row_feed_source source = {
        .archive = load->archive, .file_name = "1.dat", .decoders = decoders, .watch = load->watch};
    struct crew *crew;
    struct error error;

    if (stored != NULL)
        scratch_write(*state, "1.dat", stored->data, stored->length_bytes);
    load->feed = row_feed_create(&source, SESSIONS);
    pthread_barrier_init(&load->all_have_joined, NULL, SESSIONS);
    assert_true(crew_start(&crew, "session", SESSIONS, take_part, abandon_nothing, load, &error));
    crew_join(crew);
    pthread_barrier_destroy(&load->all_have_joined);
}

static void load_init(struct load *load, void **state, struct text *stored)
{
    struct error error;

    *load = (struct load){.archive = memory_allocate(1, sizeof *load->archive),
                          .watch = memory_allocate(1, sizeof *load->watch)};
    assert_true(folder_open(&load->archive->folder, *state, &error));
    assert_true(cancel_create(&load->watch->cancel, &error));
    for (unsigned i = 0; i < SESSIONS; i++)
        row_digester_init(&load->digesters[i], ROW_FORM_TEXT);
    text_init(stored, TEXT_MAXIMUM);
    for (unsigned i = 0; i < ROWS; i++)
        text_print(stored, "<%u\tsome value\n", i);
}

static void load_clear(struct load *load, struct text *stored)
{
    text_clear(stored);
    row_feed_free(load->feed);
    cancel_free(load->watch->cancel);
    archive_close(load->archive);
    free(load->watch);
}

static uint64_t sum_rows(const struct load *load)
{
    uint64_t rows = 0;
    for (unsigned i = 0; i < SESSIONS; i++)
        rows += load->rows[i];
    return rows;
}

static unsigned count_verdicts(const struct load *load, enum row_feed_verdict verdict)
{
    unsigned count = 0;
    for (unsigned i = 0; i < SESSIONS; i++)
        count += load->has_joined[i] && load->verdicts[i] == verdict;
    return count;
}

static unsigned count_joined(const struct load *load)
{
    unsigned count = 0;
    for (unsigned i = 0; i < SESSIONS; i++)
        count += load->has_joined[i];
    return count;
}

static void expect_nobody_was_told_to_commit(const struct load *load)
{
    for (unsigned i = 0; i < SESSIONS; i++)
        assert_false(load->was_told_to_commit[i]);
    assert_int_equal(counter_read(&load->watch->counters.raw_bytes_done), 0);
}

static void every_row_reaches_one_session(void **state)
{
    struct load load;
    struct text stored;

    load_init(&load, state, &stored);
    text_append(&stored, "\\.\n\n\n");
    run(&load, state, &stored);
    assert_true(load.is_read_well);
    assert_int_equal(sum_rows(&load), ROWS);
    assert_int_equal(count_verdicts(&load, ROW_FEED_KEEP), count_joined(&load));
    assert_int_equal(row_feed_raw_bytes(load.feed), stored.length_bytes);
    load_clear(&load, &stored);
}

static void a_row_of_many_chunks_stays_together(void **state)
{
    struct load load;
    struct text stored;

    load_init(&load, state, &stored);
    for (unsigned row = 0; row < 3; row++) {
        text_append(&stored, "<");
        for (unsigned i = 0; i < LONG_ROW_BYTES / 8; i++)
            text_append(&stored, "12345678");
        text_append(&stored, "\n");
    }
    text_append(&stored, "\\.\n\n\n");
    run(&load, state, &stored);
    assert_true(load.is_read_well);
    assert_int_equal(sum_rows(&load), ROWS + 3);
    for (unsigned i = 0; i < SESSIONS; i++)
        assert_true(load.rows[i] == 0 || load.begun_rows[i] > 0);
    load_clear(&load, &stored);
}

static void a_file_that_is_cut_off_is_committed_by_nobody(void **state)
{
    struct load load;
    struct text stored;

    load_init(&load, state, &stored);
    run(&load, state, &stored);
    assert_false(load.is_read_well);
    assert_int_equal(load.error.kind, ERROR_DAMAGED);
    assert_int_equal(count_verdicts(&load, ROW_FEED_ROLLBACK), count_joined(&load));
    expect_nobody_was_told_to_commit(&load);
    load_clear(&load, &stored);
}

static void a_file_that_is_missing_ends_it_before_it_began(void **state)
{
    struct load load;
    struct text stored;

    load_init(&load, state, &stored);
    run(&load, state, NULL);
    assert_false(load.is_read_well);
    assert_int_equal(load.error.kind, ERROR_DAMAGED);
    expect_nobody_was_told_to_commit(&load);
    load_clear(&load, &stored);
}

static struct row_digest digest_of_rows(const struct text *rows)
{
    struct row_digester digester;
    struct row_digest digest;
    struct error error;

    row_digester_init(&digester, ROW_FORM_TEXT);
    assert_true(row_digester_update(&digester, rows->data, rows->length_bytes, &error));
    assert_true(row_digester_finish(&digester, &digest, &error));
    return digest;
}

/* With a manifest that vouches for the stored bytes, and says `digest` of their rows. */
static void run_with_manifest(struct load *load, void **state, struct text *stored,
                              const struct row_digest *digest)
{
    struct manifest_file file = {.name = "1.dat", .has_rows = true, .digest = *digest};

    text_append(stored, "\\.\n\n\n");
    file.size_bytes = file.raw_bytes = stored->length_bytes;
    char digits[CHECKSUM_TEXT_BYTES];
    checksum_text_of(stored->data, stored->length_bytes, digits);
    file.checksum = digits;
    load->archive->manifest = manifest_create();
    manifest_add_file(load->archive->manifest, &file);
    run(load, state, stored);
}

static void digests_of_all_sessions_add_up(void **state)
{
    struct load load;
    struct text stored;

    load_init(&load, state, &stored);
    struct row_digest digest = digest_of_rows(&stored);
    run_with_manifest(&load, state, &stored, &digest);
    assert_true(load.is_read_well);
    for (unsigned i = 0; i < SESSIONS; i++)
        assert_int_equal(load.verdicts[i], ROW_FEED_KEEP);
    load_clear(&load, &stored);
}

static void rows_that_get_lost_are_noticed(void **state)
{
    struct load load;
    struct text stored;

    load_init(&load, state, &stored);
    struct row_digest digest = digest_of_rows(&stored);
    digest.rows++;
    run_with_manifest(&load, state, &stored, &digest);
    assert_false(load.is_read_well);
    assert_int_equal(load.error.kind, ERROR_DAMAGED);
    assert_non_null(strstr(load.error.message, "holds 150000 rows, but 150001 were written"));
    expect_nobody_was_told_to_commit(&load);
    load_clear(&load, &stored);
}

static void rows_that_have_changed_are_noticed(void **state)
{
    struct load load;
    struct text stored;

    load_init(&load, state, &stored);
    struct row_digest digest = digest_of_rows(&stored);
    stored.data[stored.length_bytes / 2] ^= 1;
    run_with_manifest(&load, state, &stored, &digest);
    assert_false(load.is_read_well);
    assert_int_equal(load.error.kind, ERROR_DAMAGED);
    assert_non_null(strstr(load.error.message, "its rows are not those that were dumped"));
    expect_nobody_was_told_to_commit(&load);
    load_clear(&load, &stored);
}

static void run_with_one(struct load *load, void **state, struct text *stored, enum conduct conduct)
{
    load_init(load, state, stored);
    text_append(stored, "\\.\n\n\n");
    load->conducts[2] = conduct;
    run(load, state, stored);
    assert_true(load->is_read_well);
    assert_int_equal(count_joined(load), SESSIONS);
    assert_int_equal(load->verdicts[2], ROW_FEED_BLAME);
    assert_int_equal(counter_read(&load->watch->counters.raw_bytes_done), 0);
}

static void one_that_fails_is_blamed_and_nothing_is_committed(void **state)
{
    static const enum conduct conducts[] = {FAILS_AT_ONCE, FAILS_IN_THE_END};

    for (unsigned i = 0; i < 2; i++) {
        struct load load;
        struct text stored;

        run_with_one(&load, state, &stored, conducts[i]);
        assert_int_equal(count_verdicts(&load, ROW_FEED_ROLLBACK), SESSIONS - 1);
        expect_nobody_was_told_to_commit(&load);
        load_clear(&load, &stored);
    }
}

static void when_a_commit_fails_one_other_empties_the_table(void **state)
{
    static const enum conduct conducts[] = {FAILS_TO_COMMIT, IS_LOST_IN_COMMIT};

    for (unsigned i = 0; i < 2; i++) {
        struct load load;
        struct text stored;

        run_with_one(&load, state, &stored, conducts[i]);
        assert_true(load.was_told_to_commit[2]);
        assert_int_equal(count_verdicts(&load, ROW_FEED_EMPTY), 1);
        assert_int_equal(count_verdicts(&load, ROW_FEED_ROLLBACK), SESSIONS - 2);
        load_clear(&load, &stored);
    }
}

static void a_cancelled_run_ends_it(void **state)
{
    struct load load;
    struct text stored;

    load_init(&load, state, &stored);
    text_append(&stored, "\\.\n\n\n");
    cancel_set(load.watch->cancel);
    run(&load, state, &stored);
    assert_false(load.is_read_well);
    assert_int_equal(load.error.kind, ERROR_CANCELLED);
    expect_nobody_was_told_to_commit(&load);
    load_clear(&load, &stored);
}

static void who_comes_too_late_has_nothing_to_do(void **state)
{
    struct load load;
    struct text stored;

    load_init(&load, state, &stored);
    text_append(&stored, "\\.\n\n\n");
    scratch_write(*state, "1.dat", stored.data, stored.length_bytes);
    pthread_barrier_init(&load.all_have_joined, NULL, 1);
    const struct row_feed_source source = {
        .archive = load.archive, .file_name = "1.dat", .watch = load.watch};
    load.feed = row_feed_create(&source, SESSIONS);
    take_part(&load, 0);
    assert_int_equal(load.rows[0], ROWS);
    assert_int_equal(load.verdicts[0], ROW_FEED_KEEP);
    assert_null(row_feed_join(load.feed));
    pthread_barrier_destroy(&load.all_have_joined);
    load_clear(&load, &stored);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(every_row_reaches_one_session),
        scratch_test(a_row_of_many_chunks_stays_together),
        scratch_test(a_file_that_is_cut_off_is_committed_by_nobody),
        scratch_test(a_file_that_is_missing_ends_it_before_it_began),
        scratch_test(digests_of_all_sessions_add_up),
        scratch_test(rows_that_get_lost_are_noticed),
        scratch_test(rows_that_have_changed_are_noticed),
        scratch_test(one_that_fails_is_blamed_and_nothing_is_committed),
        scratch_test(when_a_commit_fails_one_other_empties_the_table),
        scratch_test(a_cancelled_run_ends_it),
        scratch_test(who_comes_too_late_has_nothing_to_do),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    decoders = 2;
    return failed + cmocka_run_group_tests(tests, NULL, NULL);
}
