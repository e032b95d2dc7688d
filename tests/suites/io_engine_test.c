/* What every I/O engine must do, whichever it is; the hostile one of the tests included. */
#include "io/io_engine.h"
#include "tests/fakes/engine_hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define DEPTH 16u
#define BLOCK_BYTES ((size_t)96 << 10) /* more than any engine does on the spot */
#define SMALL_BYTES ((size_t)512)

struct fixture {
    const struct io_engine_ops *ops;
    struct io_engine *engine;
    struct error error;
    int fd;
};

/* The engines of this program; a test's state is a pointer to one of them. */
static struct fixture uring = {.ops = &io_engine_uring}, threads = {.ops = &io_engine_threads},
                      synchronous = {.ops = &io_engine_sync}, hostile = {.ops = &io_engine_hostile};

static int open_engine(void **state)
{
    struct fixture *fixture = *state;
    char path[] = "/tmp/pgfast-io-XXXXXX";

    engine_hostile_plan(&(struct hostile_plan){
        .order = HOSTILE_SHUFFLED, .seed = 42, .count_maximum_bytes = BLOCK_BYTES});
    if (!fixture->ops->open(&fixture->engine, DEPTH, &fixture->error)) {
        fixture->engine = NULL;
        return fixture->error.kind == ERROR_UNSUPPORTED ? 0 : -1;
    }
    fixture->fd = mkstemp(path);
    if (fixture->fd < 0)
        return -1;
    unlink(path);
    return 0;
}

static int close_engine(void **state)
{
    struct fixture *fixture = *state;

    if (fixture->engine == NULL)
        return 0;
    fixture->ops->close(fixture->engine);
    close(fixture->fd);
    return 0;
}

/* io_uring may be forbidden where the tests run: that is a result, not a fault. */
static struct fixture *fixture_of(void **state)
{
    struct fixture *fixture = *state;

    if (fixture->engine == NULL) {
        print_message("%s\n", fixture->error.message);
        skip();
    }
    return fixture;
}

static void submit(struct fixture *fixture, struct io_request *request)
{
    assert_true(fixture->ops->submit(fixture->engine, &request, 1, &fixture->error));
}

static struct io_request *reap_one(struct fixture *fixture)
{
    struct io_request *done;
    unsigned count;

    assert_true(fixture->ops->reap(fixture->engine, 1, &done, 1, &count, &fixture->error));
    assert_int_equal(count, 1);
    return done;
}

static ssize_t run(struct fixture *fixture, struct io_request *request)
{
    submit(fixture, request);
    assert_ptr_equal(reap_one(fixture), request);
    return request->result;
}

static void fill(unsigned char *block, unsigned number)
{
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        block[i] = (unsigned char)(number * 31 + i);
}

static void engine_writes_what_it_then_reads(void **state)
{
    struct fixture *fixture = fixture_of(state);
    char room[32] = "";
    struct io_request write = {.operation = IO_WRITE,
                               .fd = fixture->fd,
                               .data = (char[]){"hello, file"},
                               .length_bytes = 11,
                               .offset_bytes = 100};
    struct io_request sync = {.operation = IO_SYNC, .fd = fixture->fd};
    struct io_request read = {.operation = IO_READ,
                              .fd = fixture->fd,
                              .data = room,
                              .length_bytes = 11,
                              .offset_bytes = 100};

    assert_int_equal(run(fixture, &write), 11);
    assert_int_equal(run(fixture, &sync), 0);
    assert_int_equal(run(fixture, &read), 11);
    assert_string_equal(room, "hello, file");
}

static void lend(struct fixture *fixture, void *begin, size_t length, void *other)
{
    const struct iovec buffers[] = {{begin, length}, {other, 4096}};

    if (fixture->ops->lend_buffers)
        fixture->ops->lend_buffers(fixture->engine, buffers, 2);
}

static void assert_is_written(struct fixture *fixture, unsigned char *from, size_t length)
{
    unsigned char back[3 * BLOCK_BYTES];
    struct io_request write = {
        .operation = IO_WRITE, .fd = fixture->fd, .data = from, .length_bytes = length};
    struct io_request read = {
        .operation = IO_READ, .fd = fixture->fd, .data = back, .length_bytes = length};
    ssize_t written = run(fixture, &write);

    assert_in_range(written, 1, length);
    assert_in_range(run(fixture, &read), 1, length);
    assert_memory_equal(back, from, (size_t)(read.result < written ? read.result : written));
}

/* Inside of it, beside it, and half in it. */
static void engine_writes_from_lent_memory_and_from_any_other(void **state)
{
    struct fixture *fixture = fixture_of(state);
    unsigned char *memory = aligned_alloc(4096, 1 << 20), *other = aligned_alloc(4096, 4096);
    unsigned char *lent = memory + 4096;

    assert_true(memory && other);
    for (size_t i = 0; i < 1 << 20; i++)
        memory[i] = (unsigned char)(i * 7 + i / 256);
    for (unsigned round = 0; round < 2; round++) {
        lend(fixture, lent, 8 * BLOCK_BYTES, other);
        assert_is_written(fixture, lent, BLOCK_BYTES);
        assert_is_written(fixture, lent + 7 * BLOCK_BYTES, BLOCK_BYTES);
        assert_is_written(fixture, lent + 7 * BLOCK_BYTES + 1, BLOCK_BYTES);
        assert_is_written(fixture, lent + 8 * BLOCK_BYTES, BLOCK_BYTES);
        assert_is_written(fixture, memory, BLOCK_BYTES);
    }
    fixture->ops->close(fixture->engine); /* before the memory goes */
    fixture->engine = NULL;
    close(fixture->fd);
    free(memory);
    free(other);
}

/* As it does where an ordinary user has no more memory to lock. */
static void engine_takes_a_refusal_of_lent_memory_without_a_word(void **state)
{
    struct fixture *fixture = fixture_of(state);
    static unsigned char memory[2 * BLOCK_BYTES] = "what is in it";

    lend(fixture, memory, sizeof memory, NULL);
    assert_is_written(fixture, memory, BLOCK_BYTES);
}

static unsigned lend_file(struct fixture *fixture, int fd)
{
    return fixture->ops->lend_file ? fixture->ops->lend_file(fixture->engine, fd) : 0;
}

static void take_back_file(struct fixture *fixture, unsigned lent_file)
{
    if (lent_file > 0)
        fixture->ops->take_back_file(fixture->engine, lent_file);
}

static int open_unnamed(void)
{
    char path[] = "/tmp/pgfast-io-XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    unlink(path);
    return fd;
}

static void assert_holds(int fd, const unsigned char *block)
{
    unsigned char stored[BLOCK_BYTES];

    assert_int_equal(pread(fd, stored, BLOCK_BYTES, 0), BLOCK_BYTES);
    assert_memory_equal(stored, block, BLOCK_BYTES);
}

static void write_block(struct fixture *fixture, int fd, unsigned lent_file, unsigned number)
{
    unsigned char block[BLOCK_BYTES];
    struct io_request write = {.operation = IO_WRITE,
                               .fd = fd,
                               .data = block,
                               .length_bytes = BLOCK_BYTES,
                               .lent_file = lent_file};

    fill(block, number);
    assert_int_equal(run(fixture, &write), BLOCK_BYTES);
    assert_holds(fd, block);
}

/* All that can be done with it, and then again without. */
static void engine_works_on_a_lent_file_as_on_any_other(void **state)
{
    struct fixture *fixture = fixture_of(state);
    unsigned lent = lend_file(fixture, fixture->fd);
    unsigned char block[BLOCK_BYTES], back[BLOCK_BYTES];
    struct io_request sync = {.operation = IO_SYNC, .fd = fixture->fd, .lent_file = lent};
    struct io_request read = {.operation = IO_READ,
                              .fd = fixture->fd,
                              .data = back,
                              .length_bytes = BLOCK_BYTES,
                              .lent_file = lent};

    write_block(fixture, fixture->fd, lent, 1);
    assert_int_equal(run(fixture, &sync), 0);
    assert_int_equal(run(fixture, &read), BLOCK_BYTES);
    fill(block, 1);
    assert_memory_equal(back, block, BLOCK_BYTES);
    take_back_file(fixture, lent);
    write_block(fixture, fixture->fd, 0, 2);
}

/* Descriptors are numbers that are used again, and so is the engine's room for lent files. */
static void engine_never_takes_one_lent_file_for_another(void **state)
{
    struct fixture *fixture = fixture_of(state);
    unsigned char first_block[BLOCK_BYTES];
    int kept = open_unnamed(), first = open_unnamed();
    int other_name = dup(first);
    unsigned lent = lend_file(fixture, first), lent_kept = lend_file(fixture, kept);

    fill(first_block, 1);
    write_block(fixture, first, lent, 1);
    take_back_file(fixture, lent);
    close(first);
    int second = open_unnamed();
    assert_int_equal(second, first);
    lent = lend_file(fixture, second);
    write_block(fixture, second, lent, 2);
    write_block(fixture, kept, lent_kept, 3);
    assert_holds(other_name, first_block);
    take_back_file(fixture, lent);
    take_back_file(fixture, lent_kept);
    close(kept);
    close(second);
    close(other_name);
}

/* Whether it takes them all or not; what is left of them when it is closed is no matter. */
static void engine_is_lent_any_number_of_files(void **state)
{
    enum { FILES = 100 };
    struct fixture *fixture = fixture_of(state);
    int files[FILES];

    for (unsigned i = 0; i < FILES; i++) {
        files[i] = open_unnamed();
        write_block(fixture, files[i], lend_file(fixture, files[i]), i);
    }
    fixture->ops->close(fixture->engine);
    fixture->engine = NULL;
    close(fixture->fd);
    for (unsigned i = 0; i < FILES; i++) {
        unsigned char block[BLOCK_BYTES];
        fill(block, i);
        assert_holds(files[i], block);
        close(files[i]);
    }
}

static void engine_reads_short_at_the_end_and_nothing_behind_it(void **state)
{
    struct fixture *fixture = fixture_of(state);
    char room[32];
    struct io_request request = {
        .operation = IO_READ, .fd = fixture->fd, .data = room, .length_bytes = sizeof room};

    assert_int_equal(pwrite(fixture->fd, "12345", 5, 0), 5);
    assert_int_equal(run(fixture, &request), 5);
    request.offset_bytes = 5;
    assert_int_equal(run(fixture, &request), 0);
}

static void engine_reports_an_error_in_its_request_alone(void **state)
{
    struct fixture *fixture = fixture_of(state);
    char room[8] = "good";
    struct io_request bad = {.operation = IO_WRITE, .fd = -1, .data = room, .length_bytes = 4};
    struct io_request good = {
        .operation = IO_WRITE, .fd = fixture->fd, .data = room, .length_bytes = 4};

    assert_int_equal(run(fixture, &bad), -EBADF);
    assert_int_equal(run(fixture, &good), 4);
}

static void engine_reports_a_full_disk(void **state)
{
    struct fixture *fixture = fixture_of(state);
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    struct io_request request = {
        .operation = IO_WRITE, .fd = full, .data = (char[]){"x"}, .length_bytes = 1};

    if (full < 0)
        skip();
    ssize_t result = run(fixture, &request);
    close(full);
    assert_int_equal(result, -ENOSPC);
}

/* Every other one small enough to be done at once. */
static size_t length_of(unsigned number)
{
    return number % 2 ? BLOCK_BYTES : SMALL_BYTES;
}

/* Far more requests than may be in flight, each found by its owner, whatever the order in which
 * they end. */
static void engine_finishes_every_request_exactly_once(void **state)
{
    enum { BLOCKS = 200 };
    struct fixture *fixture = fixture_of(state);
    struct io_request requests[DEPTH];
    unsigned char(*buffers)[BLOCK_BYTES] = malloc(DEPTH * BLOCK_BYTES);
    unsigned char expected[BLOCK_BYTES];
    unsigned finished[BLOCKS] = {0};
    unsigned free_slots[DEPTH], free_count = 0, next = 0, done_count = 0;

    assert_non_null(buffers);
    for (unsigned i = 0; i < DEPTH; i++)
        free_slots[free_count++] = i;
    while (done_count < BLOCKS) {
        struct io_request *batch[DEPTH], *done[DEPTH];
        unsigned count = 0;
        while (free_count > 0 && next < BLOCKS) {
            unsigned slot = free_slots[--free_count];
            fill(buffers[slot], next);
            requests[slot] = (struct io_request){.operation = IO_WRITE,
                                                 .fd = fixture->fd,
                                                 .data = buffers[slot],
                                                 .length_bytes = length_of(next),
                                                 .offset_bytes = next * BLOCK_BYTES,
                                                 .owner = &finished[next]};
            batch[count++] = &requests[slot];
            next++;
        }
        assert_true(fixture->ops->submit(fixture->engine, batch, count, &fixture->error));
        assert_true(fixture->ops->reap(fixture->engine, 1, done, DEPTH, &count, &fixture->error));
        assert_true(count >= 1);
        for (unsigned i = 0; i < count; i++) {
            assert_int_equal(done[i]->result, done[i]->length_bytes);
            (*(unsigned *)done[i]->owner)++;
            free_slots[free_count++] = (unsigned)(done[i] - requests);
            done_count++;
        }
    }
    for (unsigned i = 0; i < BLOCKS; i++) {
        unsigned char stored[BLOCK_BYTES];
        assert_int_equal(finished[i], 1);
        fill(expected, i);
        assert_int_equal(pread(fixture->fd, stored, length_of(i), (off_t)(i * BLOCK_BYTES)),
                         length_of(i));
        assert_memory_equal(stored, expected, length_of(i));
    }
    free(buffers);
}

static void engine_gives_no_more_than_there_is_room_for(void **state)
{
    struct fixture *fixture = fixture_of(state);
    struct io_request requests[DEPTH];
    char data[] = "x"; /* shared: all of them only read it */
    unsigned reaped = 0;

    for (unsigned i = 0; i < DEPTH; i++) {
        requests[i] = (struct io_request){.operation = IO_WRITE,
                                          .fd = fixture->fd,
                                          .data = data,
                                          .length_bytes = 1,
                                          .offset_bytes = i};
        submit(fixture, &requests[i]);
    }
    while (reaped < DEPTH) {
        struct io_request *done[3];
        unsigned count = 99, wanted = DEPTH - reaped < 3 ? DEPTH - reaped : 3;
        assert_true(fixture->ops->reap(fixture->engine, wanted, done, 3, &count, &fixture->error));
        assert_true(count >= wanted && count <= 3);
        reaped += count;
    }
}

static void engine_does_not_wait_when_nothing_is_asked_for(void **state)
{
    struct fixture *fixture = fixture_of(state);
    struct io_request *done[DEPTH];
    unsigned count = 99;

    assert_true(fixture->ops->reap(fixture->engine, 0, done, DEPTH, &count, &fixture->error));
    assert_int_equal(count, 0);
}

/* Polling alone must get there too. */
static void engine_is_served_by_polling(void **state)
{
    struct fixture *fixture = fixture_of(state);
    struct io_request request = {
        .operation = IO_WRITE, .fd = fixture->fd, .data = (char[]){"x"}, .length_bytes = 1};
    struct io_request *done;
    unsigned count = 0;

    submit(fixture, &request);
    while (count == 0) {
        assert_true(fixture->ops->reap(fixture->engine, 0, &done, 1, &count, &fixture->error));
        usleep(100);
    }
    assert_ptr_equal(done, &request);
}

/* More requests wait for bytes than the engine's own threads could serve, and the bytes come last.
 */
static void engine_closes_only_when_nothing_is_in_flight(void **state)
{
    struct fixture *fixture = fixture_of(state);
    struct io_request requests[DEPTH];
    unsigned char block[BLOCK_BYTES];

    fill(block, 1);
    for (unsigned i = 0; i < DEPTH; i++) {
        requests[i] = (struct io_request){.operation = IO_WRITE,
                                          .fd = fixture->fd,
                                          .data = block,
                                          .length_bytes = BLOCK_BYTES,
                                          .offset_bytes = i * BLOCK_BYTES};
        submit(fixture, &requests[i]);
    }
    fixture->ops->close(fixture->engine);
    fixture->engine = NULL;
    assert_int_equal(lseek(fixture->fd, 0, SEEK_END), DEPTH * BLOCK_BYTES);
    close(fixture->fd);
}

static void engine_close_accepts_null(void **state)
{
    struct fixture *fixture = *state;

    fixture->ops->close(NULL);
}

static void hostile_engine_fails_at_the_byte_it_was_told(void **state)
{
    struct fixture *fixture = fixture_of(state);
    struct io_request request = {.operation = IO_WRITE,
                                 .fd = fixture->fd,
                                 .data = (char[]){"0123456789"},
                                 .length_bytes = 10};

    fixture->ops->close(fixture->engine);
    engine_hostile_plan(&(struct hostile_plan){.write_errno = EIO, .write_errno_at = 7});
    assert_true(fixture->ops->open(&fixture->engine, DEPTH, &fixture->error));
    assert_int_equal(run(fixture, &request), 7);
    assert_int_equal(run(fixture, &request), -EIO);
    assert_int_equal(engine_hostile_record().bytes_written, 7);
}

static void hostile_engine_moves_bytes_late_and_few(void **state)
{
    struct fixture *fixture = fixture_of(state);
    char data[] = "early";
    struct io_request request = {
        .operation = IO_WRITE, .fd = fixture->fd, .data = data, .length_bytes = 5};
    char stored[6] = "";

    fixture->ops->close(fixture->engine);
    engine_hostile_plan(&(struct hostile_plan){.count_maximum_bytes = 2});
    assert_true(fixture->ops->open(&fixture->engine, DEPTH, &fixture->error));
    submit(fixture, &request);
    data[0] = 'E';
    assert_int_equal(reap_one(fixture)->result, 2);
    assert_int_equal(pread(fixture->fd, stored, 5, 0), 2);
    assert_string_equal(stored, "Ea");
}

static void choose_knows_every_engine_by_name(void **state)
{
    (void)state;
    assert_ptr_equal(io_engine_choose("uring"), &io_engine_uring);
    assert_ptr_equal(io_engine_choose("threads"), &io_engine_threads);
    assert_ptr_equal(io_engine_choose("sync"), &io_engine_sync);
    assert_null(io_engine_choose("turbo"));
    assert_null(io_engine_choose(""));
}

static void choose_auto_gives_one_that_opens(void **state)
{
    const struct io_engine_ops *ops = io_engine_choose("auto");
    struct io_engine *engine;
    struct error error;

    (void)state;
    assert_non_null(ops);
    assert_true(ops->open(&engine, DEPTH, &error));
    ops->close(engine);
}

#define FOR_ENGINE(test, fixture)                                                                  \
    {                                                                                              \
        .name = #fixture ": " #test, .test_func = (test), .setup_func = open_engine,               \
        .teardown_func = close_engine, .initial_state = &(fixture)                                 \
    }
#define FOR_EVERY_ENGINE(test)                                                                     \
    FOR_ENGINE(test, uring), FOR_ENGINE(test, threads), FOR_ENGINE(test, synchronous),             \
        FOR_ENGINE(test, hostile)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOR_EVERY_ENGINE(engine_writes_what_it_then_reads),
        FOR_EVERY_ENGINE(engine_writes_from_lent_memory_and_from_any_other),
        FOR_EVERY_ENGINE(engine_takes_a_refusal_of_lent_memory_without_a_word),
        FOR_EVERY_ENGINE(engine_works_on_a_lent_file_as_on_any_other),
        FOR_EVERY_ENGINE(engine_never_takes_one_lent_file_for_another),
        FOR_EVERY_ENGINE(engine_is_lent_any_number_of_files),
        FOR_EVERY_ENGINE(engine_reads_short_at_the_end_and_nothing_behind_it),
        FOR_EVERY_ENGINE(engine_reports_an_error_in_its_request_alone),
        FOR_EVERY_ENGINE(engine_reports_a_full_disk),
        FOR_EVERY_ENGINE(engine_finishes_every_request_exactly_once),
        FOR_EVERY_ENGINE(engine_gives_no_more_than_there_is_room_for),
        FOR_EVERY_ENGINE(engine_does_not_wait_when_nothing_is_asked_for),
        FOR_EVERY_ENGINE(engine_is_served_by_polling),
        FOR_EVERY_ENGINE(engine_closes_only_when_nothing_is_in_flight),
        FOR_EVERY_ENGINE(engine_close_accepts_null),
        FOR_ENGINE(hostile_engine_fails_at_the_byte_it_was_told, hostile),
        FOR_ENGINE(hostile_engine_moves_bytes_late_and_few, hostile),
        cmocka_unit_test(choose_knows_every_engine_by_name),
        cmocka_unit_test(choose_auto_gives_one_that_opens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
