#include "io/direct_io.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static int open_scratch_file(void)
{
    char path[] = "/var/tmp/pgfast-direct-XXXXXX";
    int fd = mkstemp(path);

    assert_true(fd >= 0);
    unlink(path);
    return fd;
}

static void a_file_is_direct_until_told_otherwise(void **state)
{
    (void)state;
    int fd = open_scratch_file();
    if (!direct_io_begin(fd)) {
        close(fd);
        skip();
    }
    assert_true(fcntl(fd, F_GETFL) & O_DIRECT);
    direct_io_end(fd);
    assert_false(fcntl(fd, F_GETFL) & O_DIRECT);
    assert_int_equal(pwrite(fd, "odd", 3, 1), 3);
    close(fd);
}

static void what_cannot_be_direct_stays_as_it_was(void **state)
{
    (void)state;
    int ends[2];
    assert_false(direct_io_begin(-1));
    assert_int_equal(pipe(ends), 0);
    direct_io_end(ends[1]);
    assert_int_equal(write(ends[1], "x", 1), 1);
    close(ends[0]);
    close(ends[1]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_is_direct_until_told_otherwise),
        cmocka_unit_test(what_cannot_be_direct_stays_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
