/* What only io_uring can do, and be refused. */
#include "io/io_engine.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <liburing.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

enum { DEPTH = 4, BLOCK_BYTES = 96 << 10, MORE_THAN_THERE_IS_ROOM_FOR = 1000 };

/* Stand in for the library's: they refuse what the kernel may refuse. */
static int table_refusal, file_refusal;

static void *find_original(const char *name)
{
    void *original = dlsym(RTLD_NEXT, name);

    assert_non_null(original);
    return original;
}

int io_uring_register_files(struct io_uring *ring, const int *files, unsigned count)
{
    int (*original)(struct io_uring *, const int *, unsigned);

    *(void **)&original = find_original("io_uring_register_files");
    return table_refusal ? -table_refusal : original(ring, files, count);
}

int io_uring_register_files_update(struct io_uring *ring, unsigned offset, const int *files,
                                   unsigned count)
{
    int (*original)(struct io_uring *, unsigned, const int *, unsigned);

    *(void **)&original = find_original("io_uring_register_files_update");
    return file_refusal ? -file_refusal : original(ring, offset, files, count);
}

static struct io_engine *open_engine(void)
{
    struct io_engine *engine;
    struct error error;

    if (!io_engine_uring.open(&engine, DEPTH, &error)) {
        print_message("%s\n", error.message);
        skip();
    }
    return engine;
}

/* The refusals end with the test. */
static int allow_all(void **state)
{
    (void)state;
    table_refusal = file_refusal = 0;
    return 0;
}

static int open_unnamed(void)
{
    char path[] = "/tmp/pgfast-uring-XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    unlink(path);
    return fd;
}

/* More than is done on the spot. */
static ssize_t write_block(struct io_engine *engine, int fd, unsigned lent_file)
{
    static unsigned char block[BLOCK_BYTES];
    struct io_request request = {.operation = IO_WRITE,
                                 .fd = fd,
                                 .data = block,
                                 .length_bytes = BLOCK_BYTES,
                                 .lent_file = lent_file};
    struct io_request *submitted = &request, *done;
    struct error error;
    unsigned count;

    assert_true(io_engine_uring.submit(engine, &submitted, 1, &error));
    assert_true(io_engine_uring.reap(engine, 1, &done, 1, &count, &error));
    return request.result;
}

static void a_lent_file_is_reached_without_its_descriptor(void **state)
{
    struct io_engine *engine = open_engine();
    int lent_one = open_unnamed(), other = open_unnamed(), descriptor = dup(lent_one);
    unsigned lent = io_engine_uring.lend_file(engine, descriptor);

    (void)state;
    assert_true(lent > 0);
    assert_int_equal(dup2(other, descriptor), descriptor);
    assert_int_equal(write_block(engine, descriptor, lent), BLOCK_BYTES);
    assert_int_equal(lseek(lent_one, 0, SEEK_END), BLOCK_BYTES);
    assert_int_equal(lseek(other, 0, SEEK_END), 0);
    io_engine_uring.close(engine);
    close(descriptor);
    close(lent_one);
    close(other);
}

static void a_full_table_has_room_again_for_each_file_that_is_taken_back(void **state)
{
    struct io_engine *engine = open_engine();
    int fd = open_unnamed();
    unsigned lent, last = 0, count = 0;

    (void)state;
    while ((lent = io_engine_uring.lend_file(engine, fd)) > 0) {
        assert_true(++count < MORE_THAN_THERE_IS_ROOM_FOR);
        last = lent;
    }
    assert_true(count > 1);
    assert_int_equal(write_block(engine, fd, lent), BLOCK_BYTES);
    io_engine_uring.take_back_file(engine, last);
    assert_int_equal(io_engine_uring.lend_file(engine, fd), last);
    assert_int_equal(io_engine_uring.lend_file(engine, fd), 0);
    io_engine_uring.close(engine);
    close(fd);
}

static void a_kernel_without_a_table_is_lent_nothing(void **state)
{
    int fd = open_unnamed();

    (void)state;
    table_refusal = EINVAL;
    struct io_engine *engine = open_engine();
    assert_int_equal(io_engine_uring.lend_file(engine, fd), 0);
    assert_int_equal(write_block(engine, fd, 0), BLOCK_BYTES);
    io_engine_uring.close(engine);
    close(fd);
}

/* The library would raise it, and the limit is the whole process's. */
static void a_low_limit_of_open_files_stays_as_it_is(void **state)
{
    struct rlimit before, low, after;
    int fd = open_unnamed();

    (void)state;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    low = (struct rlimit){.rlim_cur = 32, .rlim_max = before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &low), 0);
    struct io_engine *engine = open_engine();
    unsigned lent = io_engine_uring.lend_file(engine, fd);
    ssize_t written = write_block(engine, fd, lent);
    int is_read = getrlimit(RLIMIT_NOFILE, &after);
    io_engine_uring.close(engine);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &before), 0);
    assert_int_equal(is_read, 0);
    assert_int_equal(after.rlim_cur, 32);
    assert_int_equal(lent, 0);
    assert_int_equal(written, BLOCK_BYTES);
    close(fd);
}

static void a_file_that_the_kernel_refuses_is_not_lent(void **state)
{
    struct io_engine *engine = open_engine();
    int fd = open_unnamed();

    (void)state;
    file_refusal = ENOMEM;
    assert_int_equal(io_engine_uring.lend_file(engine, fd), 0);
    assert_int_equal(write_block(engine, fd, 0), BLOCK_BYTES);
    file_refusal = 0;
    assert_true(io_engine_uring.lend_file(engine, fd) > 0);
    io_engine_uring.close(engine);
    close(fd);
}

/* The reading end of a pipe tells when nobody holds the other any more. */
static void assert_is_let_go(int reading_end)
{
    struct pollfd end = {.fd = reading_end};

    assert_int_equal(poll(&end, 1, 10000), 1);
    assert_true(end.revents & POLLHUP);
    close(reading_end);
}

static void a_file_is_let_go_when_it_is_taken_back(void **state)
{
    struct io_engine *engine = open_engine();
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    unsigned lent = io_engine_uring.lend_file(engine, ends[1]);
    assert_true(lent > 0);
    io_engine_uring.take_back_file(engine, lent);
    close(ends[1]);
    assert_is_let_go(ends[0]);
    io_engine_uring.close(engine);
}

static void files_are_let_go_when_the_engine_is_closed(void **state)
{
    struct io_engine *engine = open_engine();
    int ends[2];

    (void)state;
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    assert_true(io_engine_uring.lend_file(engine, ends[1]) > 0);
    close(ends[1]);
    io_engine_uring.close(engine);
    assert_is_let_go(ends[0]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_lent_file_is_reached_without_its_descriptor),
        cmocka_unit_test(a_full_table_has_room_again_for_each_file_that_is_taken_back),
        cmocka_unit_test_teardown(a_kernel_without_a_table_is_lent_nothing, allow_all),
        cmocka_unit_test(a_low_limit_of_open_files_stays_as_it_is),
        cmocka_unit_test_teardown(a_file_that_the_kernel_refuses_is_not_lent, allow_all),
        cmocka_unit_test(a_file_is_let_go_when_it_is_taken_back),
        cmocka_unit_test(files_are_let_go_when_the_engine_is_closed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
