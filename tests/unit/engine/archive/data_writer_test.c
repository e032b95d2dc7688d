#include "engine/archive/data_writer.h"

#include "engine/base/arena.h"
#include "engine/base/text.h"
#include "engine/flow/chunk_pool.h"
#include "tests/fakes/engine_hostile.h"

#include "scratch_folder.h"

#include <errno.h>

enum { CHUNK_COUNT = 200, CHUNK_BYTES = 1000, QUEUE_CAPACITY = 1000 };

/* Stands in for the C library's: counted, and made to fail. */
static unsigned syncs_at_once;
static int sync_at_once_errno;

int syncfs(int fd)
{
    (void)fd;
    syncs_at_once++;
    errno = sync_at_once_errno;
    return sync_at_once_errno ? -1 : 0;
}

/* A writer with all that it needs; frames are made here, without codec threads. */
struct bench {
    struct arena *arena; /* of the data files, which outlive the writer */
    struct folder *folder;
    struct queue *frames;
    struct chunk_pool *pool;
    struct counters counters;
    struct cancel *cancel;
    struct data_writer *writer;
};

static void bench_open_with_blocks(struct bench *bench, void **state,
                                   const struct io_engine_ops *engine, unsigned depth,
                                   enum sync_method sync, struct data_writer_blocks blocks)
{
    struct error error;
    char *path = scratch_path(state, "dump");
    *bench = (struct bench){.arena = arena_create(), .frames = queue_create(QUEUE_CAPACITY)};
    assert_true(folder_create(&bench->folder, path, &error));
    assert_true(chunk_pool_create(&bench->pool, CHUNK_COUNT, CHUNK_BYTES, &error));
    assert_true(cancel_create(&bench->cancel, &error));
    struct data_writer_options options = {.folder = bench->folder,
                                          .frames = bench->frames,
                                          .engine = engine,
                                          .depth = depth,
                                          .sync = sync,
                                          .blocks = blocks,
                                          .counters = &bench->counters,
                                          .cancel = bench->cancel};
    assert_true(data_writer_create(&bench->writer, &options, &error));
    free(path);
}

static void bench_open(struct bench *bench, void **state, const struct io_engine_ops *engine,
                       unsigned depth, enum sync_method sync)
{
    bench_open_with_blocks(bench, state, engine, depth, sync,
                           (struct data_writer_blocks){.count = 0});
}

static void bench_close(struct bench *bench)
{
    data_writer_free(bench->writer);
    arena_free(bench->arena);
    cancel_free(bench->cancel);
    chunk_pool_free(bench->pool);
    queue_free(bench->frames);
    folder_discard(bench->folder);
    folder_close(bench->folder);
}

static struct data_file *create_file(struct bench *bench, const char *name)
{
    struct data_file *file = arena_allocate(bench->arena, 1, sizeof(*file));
    snprintf(file->name, sizeof(file->name), "%s", name);
    return file;
}

static void push(struct bench *bench, struct data_file *file, uint64_t sequence, unsigned flags,
                 const char *text)
{
    struct chunk *chunk = chunk_pool_take(bench->pool);
    assert_non_null(chunk);
    chunk->stream = file;
    chunk->sequence = sequence;
    chunk->flags = flags;
    chunk->length_bytes = strlen(text);
    chunk->raw_length_bytes = 10 * chunk->length_bytes;
    chunk->rows = 1;
    memcpy(chunk->data, text, chunk->length_bytes);
    assert_true(queue_push(bench->frames, chunk));
}

static bool run(struct bench *bench, struct error *error)
{
    queue_close(bench->frames);
    return data_writer_work(bench->writer, error);
}

static void assert_pool_is_whole(struct bench *bench)
{
    for (int i = 0; i < CHUNK_COUNT; i++)
        assert_non_null(chunk_pool_take(bench->pool));
}

static const struct data_file *find_finished(const struct bench *bench, const char *name)
{
    for (size_t i = 0; i < data_writer_count(bench->writer); i++) {
        const struct data_file *file = data_writer_file(bench->writer, i);
        if (strcmp(file->name, name) == 0)
            return file;
    }
    fail_msg("file \"%s\" was not finished", name);
    return NULL;
}

static void assert_content(const struct bench *bench, const char *name, const char *expected)
{
    struct error error;
    unsigned char *bytes;
    size_t length;
    char checksum_hex[CHECKSUM_TEXT_BYTES];
    assert_true(folder_read_file(bench->folder, name, 1 << 20, &bytes, &length, &error));
    assert_int_equal(length, strlen(expected));
    assert_memory_equal(bytes, expected, length);
    checksum_text_of(bytes, length, checksum_hex);
    const struct data_file *file = find_finished(bench, name);
    assert_int_equal(file->size_bytes, length);
    assert_string_equal(file->checksum, checksum_hex);
    free(bytes);
}

static void write_three_files_out_of_order(struct bench *bench)
{
    struct error error;
    struct data_file *one = create_file(bench, "1.dat");
    struct data_file *two = create_file(bench, "2.dat");
    struct data_file *empty = create_file(bench, "3.dat");
    push(bench, one, 2, 0, "ccc");
    push(bench, two, 1, CHUNK_LAST, "yy");
    push(bench, one, 0, CHUNK_FIRST, "aaaa");
    push(bench, one, 3, CHUNK_LAST, "");
    push(bench, empty, 0, CHUNK_FIRST | CHUNK_LAST, "");
    push(bench, two, 0, CHUNK_FIRST, "x");
    push(bench, one, 1, 0, "b");
    if (!run(bench, &error))
        fail_msg("%s", error.message);
    assert_int_equal(data_writer_count(bench->writer), 3);
    assert_content(bench, "1.dat", "aaaabccc");
    assert_content(bench, "2.dat", "xyy");
    assert_content(bench, "3.dat", "");
    assert_pool_is_whole(bench);
}

static void what_is_decided_is_entered_into_the_ledger_and_its_record_given_back(void **state)
{
    struct bench bench;
    struct error error;
    struct manifest_file entered;
    void *spare;
    bench_open(&bench, state, &io_engine_sync, 1, SYNC_NOTHING);
    data_writer_free(bench.writer);
    struct data_writer_options options = {
        .folder = bench.folder,
        .frames = bench.frames,
        .engine = &io_engine_sync,
        .depth = 1,
        .sync = SYNC_NOTHING,
        .outlet = {.ledger = file_ledger_create(bench.folder), .spare = queue_create(1)},
    };
    assert_true(data_writer_create(&bench.writer, &options, &error));
    struct data_file *first = create_file(&bench, "1.dat.zst");
    struct data_file *second = create_file(&bench, "2.dat");
    struct data_file *renamed = create_file(&bench, "again_3.dat");
    struct data_file *abandoned = create_file(&bench, "4.dat");
    struct data_file *early = create_file(&bench, "early_5.dat");
    renamed->final_name = "3.dat";
    abandoned->is_abandoned = true;
    early->context = &bench;
    push(&bench, first, 0, CHUNK_FIRST, "aaaa");
    push(&bench, renamed, 0, CHUNK_FIRST | CHUNK_LAST, "c");
    push(&bench, first, 1, CHUNK_LAST, "bb");
    push(&bench, abandoned, 0, CHUNK_FIRST | CHUNK_LAST, "d");
    push(&bench, second, 0, CHUNK_FIRST | CHUNK_LAST, "b"); /* the queue is full by then */
    push(&bench, early, 0, CHUNK_FIRST | CHUNK_LAST, "e");
    assert_true(run(&bench, &error));

    assert_int_equal(data_writer_count(bench.writer), 3);
    assert_ptr_equal(find_finished(&bench, "again_3.dat"), renamed);
    assert_ptr_equal(find_finished(&bench, "4.dat"), abandoned);
    assert_ptr_equal(find_finished(&bench, "early_5.dat"), early);
    file_ledger_begin_reading(options.outlet.ledger);
    assert_true(file_ledger_read(options.outlet.ledger, &entered));
    assert_string_equal(entered.name, "1.dat.zst");
    assert_int_equal(entered.size_bytes, 6);
    assert_int_equal(entered.raw_bytes, 60);
    assert_int_equal(entered.frames.count, 2);
    assert_true(file_ledger_read(options.outlet.ledger, &entered));
    assert_string_equal(entered.name, "2.dat");
    assert_int_equal(entered.frames.count, 0); /* its codec makes none */
    assert_false(file_ledger_read(options.outlet.ledger, &entered));
    assert_true(queue_try_pop(options.outlet.spare, &spare));
    assert_ptr_equal(spare, first);
    assert_false(queue_try_pop(options.outlet.spare, &spare));
    bench_close(&bench);
    file_ledger_free(options.outlet.ledger);
    queue_free(options.outlet.spare);
}

static void frames_become_files_in_sequence_on_every_engine(void **state)
{
    static const struct io_engine_ops *const engines[] = {&io_engine_sync, &io_engine_threads,
                                                          &io_engine_hostile};
    for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
        struct bench bench;
        engine_hostile_plan(&(struct hostile_plan){.count_maximum_bytes = 1});
        bench_open(&bench, state, engines[i], 1 + (unsigned)i,
                   i % 2 == 0 ? SYNC_EACH_FILE : SYNC_NOTHING);
        write_three_files_out_of_order(&bench);
        const struct data_file *file = find_finished(&bench, "1.dat");
        assert_int_equal(file->frames.count, 3);
        assert_int_equal(file->rows, 4);
        assert_int_equal(file->raw_bytes, 80);
        assert_int_equal(counter_read(&bench.counters.stored_bytes_done), 11);
        assert_int_equal(counter_read(&bench.counters.raw_bytes_done), 110);
        bench_close(&bench);
    }
}

static void uring_writes_the_same_where_it_is_allowed(void **state)
{
    struct io_engine *engine;
    struct error error;
    struct bench bench;
    if (!io_engine_uring.open(&engine, 1, &error))
        skip();
    io_engine_uring.close(engine);
    bench_open(&bench, state, &io_engine_uring, 4, SYNC_EACH_FILE);
    write_three_files_out_of_order(&bench);
    bench_close(&bench);
}

static void short_and_late_and_shuffled_writes_lose_nothing(void **state)
{
    for (unsigned seed = 0; seed < 20; seed++) {
        struct bench bench;
        struct error error;
        struct hostile_plan plan = {
            .order = (enum hostile_order)(seed % 3), .seed = seed, .count_maximum_bytes = 1 + seed};
        engine_hostile_plan(&plan);
        bench_open(&bench, state, &io_engine_hostile, 1 + seed % 5, SYNC_EACH_FILE);
        struct data_file *file = create_file(&bench, "1.dat");
        struct text expected;
        text_init(&expected, TEXT_MAXIMUM);
        for (uint64_t i = 0; i < 50; i++) {
            char piece[64];
            snprintf(piece, sizeof(piece), "row %llu of seed %u\n", (unsigned long long)i, seed);
            text_append(&expected, piece);
            push(&bench, file, i, i == 49 ? CHUNK_LAST : 0, piece);
        }
        assert_true(run(&bench, &error));
        assert_content(&bench, "1.dat", expected.data);
        assert_true(engine_hostile_record().in_flight_maximum <= 1 + seed % 5);
        assert_int_equal(engine_hostile_record().syncs, 1);
        assert_int_equal(engine_hostile_record().syncs_too_early, 0);
        assert_pool_is_whole(&bench);
        text_clear(&expected);
        bench_close(&bench);
    }
}

static void without_sync_nothing_is_synced(void **state)
{
    struct bench bench;
    engine_hostile_plan(&(struct hostile_plan){0});
    bench_open(&bench, state, &io_engine_hostile, 2, SYNC_NOTHING);
    write_three_files_out_of_order(&bench);
    assert_int_equal(engine_hostile_record().syncs, 0);
    bench_close(&bench);
}

static void expect_failure(void **state, const struct hostile_plan *plan, enum error_kind kind,
                           const char *part_of_message)
{
    struct bench bench;
    struct error error;
    engine_hostile_plan(plan);
    bench_open(&bench, state, &io_engine_hostile, 3, SYNC_EACH_FILE);
    struct data_file *file = create_file(&bench, "1.dat");
    for (uint64_t i = 0; i < 10; i++)
        push(&bench, file, i, i == 9 ? CHUNK_LAST : 0, "0123456789");
    assert_false(run(&bench, &error));
    if (error.kind != kind || !strstr(error.message, part_of_message))
        fail_msg("kind %d: %s", error.kind, error.message);
    assert_int_equal(data_writer_count(bench.writer), 0);
    bench_close(&bench);
}

static void a_failure_names_the_file_and_the_cause(void **state)
{
    expect_failure(state, &(struct hostile_plan){.write_errno = ENOSPC, .write_errno_at = 55},
                   ERROR_NO_SPACE, "could not write \"");
    expect_failure(state, &(struct hostile_plan){.write_errno = EIO}, ERROR_IO,
                   "dump.partial/1.dat");
    expect_failure(state, &(struct hostile_plan){.sync_errno = EIO}, ERROR_IO, "could not sync");
    expect_failure(state, &(struct hostile_plan){.is_breaking = true}, ERROR_IO, "broke");
}

static void a_failed_sync_is_not_tried_again(void **state)
{
    expect_failure(state, &(struct hostile_plan){.sync_errno = ENOSPC}, ERROR_NO_SPACE, "sync");
    assert_int_equal(engine_hostile_record().syncs, 1);
}

/* Blocks of one page, and files of a few pages that end within one, at its end, and before any. */
static void write_files_in_blocks(struct bench *bench, unsigned file_count)
{
    enum { FRAME_BYTES = 512 };
    struct error error;
    struct text expected[8];
    char name[16], frame[FRAME_BYTES + 1];
    assert_true(file_count <= sizeof(expected) / sizeof(expected[0]));
    for (unsigned i = 0; i < file_count; i++) {
        snprintf(name, sizeof(name), "%u.dat", i);
        struct data_file *file = create_file(bench, name);
        unsigned frames = i == 0 ? 1 : 5 * i + i % 2;
        text_init(&expected[i], TEXT_MAXIMUM);
        for (unsigned f = 0; f < frames; f++) {
            unsigned length = i == 3 ? FRAME_BYTES : FRAME_BYTES - f;
            for (unsigned at = 0; at < length; at++)
                frame[at] = (char)('!' + (i * 7 + f * 3 + at) % 90);
            frame[length] = '\0';
            text_append(&expected[i], frame);
            push(bench, file, f,
                 (f == 0 ? CHUNK_FIRST : 0) | (f + 1 == frames && i != 2 ? CHUNK_LAST : 0), frame);
        }
        if (i == 2)
            push(bench, file, frames, CHUNK_LAST, "");
    }
    if (!run(bench, &error))
        fail_msg("%s", error.message);
    uint64_t rows = 0;
    for (unsigned i = 0; i < file_count; i++) {
        snprintf(name, sizeof(name), "%u.dat", i);
        assert_content(bench, name, expected[i].data);
        rows += find_finished(bench, name)->rows - (i == 2 ? 1 : 0);
        text_clear(&expected[i]);
    }
    assert_int_equal(counter_read(&bench->counters.rows_done), rows);
    assert_pool_is_whole(bench);
}

static void files_in_blocks_have_the_same_bytes_on_every_engine(void **state)
{
    static const struct io_engine_ops *const engines[] = {&io_engine_sync, &io_engine_threads,
                                                          &io_engine_uring, &io_engine_hostile};
    for (size_t i = 0; i < sizeof(engines) / sizeof(engines[0]); i++) {
        struct io_engine *probe;
        struct error error;
        struct bench bench;
        engine_hostile_plan(&(struct hostile_plan){.order = HOSTILE_SHUFFLED, .seed = 5});
        if (!engines[i]->open(&probe, 1, &error))
            continue;
        engines[i]->close(probe);
        bench_open_with_blocks(&bench, state, engines[i], 2, SYNC_AUTO,
                               (struct data_writer_blocks){3, 2, 4096});
        write_files_in_blocks(&bench, 7);
        bench_close(&bench);
    }
}

/* The rest of a short write begins in the middle of a page, which direct I/O does not take. */
static void short_writes_in_blocks_lose_nothing(void **state)
{
    for (unsigned seed = 0; seed < 10; seed++) {
        struct bench bench;
        engine_hostile_plan(&(struct hostile_plan){.order = (enum hostile_order)(seed % 3),
                                                   .seed = seed,
                                                   .count_maximum_bytes = 700 + 311 * seed});
        bench_open_with_blocks(&bench, state, &io_engine_hostile, 1 + seed % 5, SYNC_EACH_FILE,
                               (struct data_writer_blocks){2 + seed % 3, 1 + seed % 3, 8192});
        write_files_in_blocks(&bench, 5);
        assert_int_equal(engine_hostile_record().syncs, 5);
        assert_int_equal(engine_hostile_record().syncs_too_early, 0);
        bench_close(&bench);
    }
}

/* All are begun at once and hold a block, and the engine takes only two of them. */
static void large_files_are_lent_to_the_engine_until_they_are_closed(void **state)
{
    enum { FILES = 4, FRAMES = 8, FRAME_BYTES = 900 };
    struct bench bench;
    struct error error;
    struct data_file *files[FILES];
    char frame[FRAME_BYTES + 1];
    memset(frame, 'x', FRAME_BYTES);
    frame[FRAME_BYTES] = '\0';
    engine_hostile_plan(&(struct hostile_plan){.order = HOSTILE_SHUFFLED, .seed = 3});
    bench_open_with_blocks(&bench, state, &io_engine_hostile, 3, SYNC_EACH_FILE,
                           (struct data_writer_blocks){FILES + 1, FILES, 4096});
    for (unsigned i = 0; i < FILES; i++) {
        char name[16];
        snprintf(name, sizeof(name), "%u.dat", i);
        files[i] = create_file(&bench, name);
    }
    for (unsigned frames = 0; frames < FRAMES; frames++) {
        for (unsigned i = 0; i < FILES; i++)
            push(&bench, files[i], frames, frames == FRAMES - 1 ? CHUNK_LAST : 0, frame);
    }
    assert_true(run(&bench, &error));
    assert_int_equal(data_writer_count(bench.writer), FILES);
    assert_int_equal(engine_hostile_record().files_lent, HOSTILE_FILES_MAXIMUM);
    assert_int_equal(engine_hostile_record().files_refused, FILES - HOSTILE_FILES_MAXIMUM);
    assert_int_equal(engine_hostile_record().files_kept, 0);
    bench_close(&bench);
}

static void files_of_less_than_a_block_are_not_lent(void **state)
{
    struct bench bench;
    engine_hostile_plan(&(struct hostile_plan){0});
    bench_open_with_blocks(&bench, state, &io_engine_hostile, 2, SYNC_EACH_FILE,
                           (struct data_writer_blocks){3, 2, 4096});
    write_three_files_out_of_order(&bench);
    assert_int_equal(engine_hostile_record().files_lent, 0);
    bench_close(&bench);
}

static void a_failed_write_of_a_block_names_the_file(void **state)
{
    struct bench bench;
    struct error error;
    engine_hostile_plan(&(struct hostile_plan){.write_errno = ENOSPC, .write_errno_at = 4096});
    bench_open_with_blocks(&bench, state, &io_engine_hostile, 3, SYNC_EACH_FILE,
                           (struct data_writer_blocks){3, 2, 4096});
    struct data_file *file = create_file(&bench, "1.dat");
    char frame[901];
    memset(frame, 'x', sizeof(frame) - 1);
    frame[sizeof(frame) - 1] = '\0';
    for (uint64_t i = 0; i < 20; i++)
        push(&bench, file, i, i == 19 ? CHUNK_LAST : 0, frame);
    assert_false(run(&bench, &error));
    assert_int_equal(error.kind, ERROR_NO_SPACE);
    assert_non_null(strstr(error.message, "dump.partial/1.dat"));
    bench_close(&bench);
}

enum { SMALL_FILES = CHUNK_COUNT, SYNCED_ALONE = 128 };

/* The engine must be told apart from syncfs, so it is the hostile one, which counts. */
static bool write_many_small_files(struct bench *bench, void **state, enum sync_method sync,
                                   struct error *error)
{
    engine_hostile_plan(&(struct hostile_plan){.order = HOSTILE_SHUFFLED, .seed = 7});
    syncs_at_once = 0;
    bench_open(bench, state, &io_engine_hostile, 8, sync);
    for (unsigned i = 0; i < SMALL_FILES; i++) {
        char name[32];
        snprintf(name, sizeof(name), "%u.dat", i);
        push(bench, create_file(bench, name), 0, CHUNK_FIRST | CHUNK_LAST, name);
    }
    return run(bench, error);
}

static void many_small_files_are_synced_at_once(void **state)
{
    struct bench bench;
    struct error error;
    sync_at_once_errno = 0;
    assert_true(write_many_small_files(&bench, state, SYNC_AUTO, &error));
    if (!folder_can_sync_at_once(bench.folder)) {
        bench_close(&bench);
        skip();
    }
    assert_int_equal(engine_hostile_record().syncs, SYNCED_ALONE);
    assert_int_equal(syncs_at_once, 1);
    assert_content(&bench, "0.dat", "0.dat");
    assert_content(&bench, "199.dat", "199.dat");
    bench_close(&bench);
}

static void a_file_system_that_cannot_be_synced_fails_the_run(void **state)
{
    struct bench bench;
    struct error error;
    sync_at_once_errno = EIO;
    bool is_done = write_many_small_files(&bench, state, SYNC_FILE_SYSTEM, &error);
    if (!folder_can_sync_at_once(bench.folder)) {
        bench_close(&bench);
        skip();
    }
    assert_false(is_done);
    assert_int_equal(error.kind, ERROR_IO);
    assert_non_null(strstr(error.message, "could not sync the file system of"));
    assert_int_equal(syncs_at_once, 1);
    assert_int_equal(engine_hostile_record().syncs, 0);
    bench_close(&bench);
}

static void each_file_is_synced_where_that_is_wanted(void **state)
{
    struct bench bench;
    struct error error;
    assert_true(write_many_small_files(&bench, state, SYNC_EACH_FILE, &error));
    assert_int_equal(engine_hostile_record().syncs, SMALL_FILES);
    assert_int_equal(syncs_at_once, 0);
    bench_close(&bench);
}

static void a_file_without_its_end_is_an_error(void **state)
{
    struct bench bench;
    struct error error;
    bench_open(&bench, state, &io_engine_sync, 2, SYNC_EACH_FILE);
    push(&bench, create_file(&bench, "1.dat"), 0, CHUNK_FIRST, "abc");
    assert_false(run(&bench, &error));
    assert_int_equal(error.kind, ERROR_INTERNAL);
    assert_non_null(strstr(error.message, "1.dat"));
    bench_close(&bench);
}

static void a_file_without_its_end_is_no_news_in_a_cancelled_run(void **state)
{
    struct bench bench;
    struct error error;
    bench_open(&bench, state, &io_engine_sync, 2, SYNC_EACH_FILE);
    push(&bench, create_file(&bench, "1.dat"), 1, CHUNK_LAST, "abc");
    cancel_set(bench.cancel);
    assert_false(run(&bench, &error));
    assert_int_equal(error.kind, ERROR_CANCELLED);
    bench_close(&bench);
}

/* All of it will be removed, and the disk may be slow. */
static void a_cancelled_run_neither_writes_nor_syncs_what_is_left(void **state)
{
    struct bench bench;
    struct error error;
    engine_hostile_plan(&(struct hostile_plan){0});
    bench_open(&bench, state, &io_engine_hostile, 2, SYNC_EACH_FILE);
    for (unsigned i = 0; i < 20; i++) {
        char name[16];
        snprintf(name, sizeof(name), "%u.dat", i);
        push(&bench, create_file(&bench, name), 0, CHUNK_FIRST | CHUNK_LAST, "abc");
    }
    cancel_set(bench.cancel);
    assert_false(run(&bench, &error));
    assert_int_equal(error.kind, ERROR_CANCELLED);
    assert_int_equal(engine_hostile_record().requests, 0);
    bench_close(&bench);
}

static void a_name_used_twice_is_refused(void **state)
{
    struct bench bench;
    struct error error;
    bench_open(&bench, state, &io_engine_sync, 2, SYNC_EACH_FILE);
    push(&bench, create_file(&bench, "1.dat"), 0, CHUNK_FIRST | CHUNK_LAST, "abc");
    push(&bench, create_file(&bench, "1.dat"), 0, CHUNK_FIRST | CHUNK_LAST, "abc");
    assert_false(run(&bench, &error));
    assert_int_equal(error.os_errno, EEXIST);
    bench_close(&bench);
}

static void a_writer_with_nothing_to_do_is_done(void **state)
{
    struct bench bench;
    struct error error;
    bench_open(&bench, state, &io_engine_sync, 2, SYNC_EACH_FILE);
    assert_true(run(&bench, &error));
    assert_int_equal(data_writer_count(bench.writer), 0);
    bench_close(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        scratch_test(what_is_decided_is_entered_into_the_ledger_and_its_record_given_back),
        scratch_test(frames_become_files_in_sequence_on_every_engine),
        scratch_test(uring_writes_the_same_where_it_is_allowed),
        scratch_test(short_and_late_and_shuffled_writes_lose_nothing),
        scratch_test(without_sync_nothing_is_synced),
        scratch_test(a_failure_names_the_file_and_the_cause),
        scratch_test(a_failed_sync_is_not_tried_again),
        scratch_test(files_in_blocks_have_the_same_bytes_on_every_engine),
        scratch_test(short_writes_in_blocks_lose_nothing),
        scratch_test(large_files_are_lent_to_the_engine_until_they_are_closed),
        scratch_test(files_of_less_than_a_block_are_not_lent),
        scratch_test(a_failed_write_of_a_block_names_the_file),
        scratch_test(many_small_files_are_synced_at_once),
        scratch_test(a_file_system_that_cannot_be_synced_fails_the_run),
        scratch_test(each_file_is_synced_where_that_is_wanted),
        scratch_test(a_file_without_its_end_is_an_error),
        scratch_test(a_file_without_its_end_is_no_news_in_a_cancelled_run),
        scratch_test(a_cancelled_run_neither_writes_nor_syncs_what_is_left),
        scratch_test(a_name_used_twice_is_refused),
        scratch_test(a_writer_with_nothing_to_do_is_done),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
