#include "engine/base/size_text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void size_text_reads_what_people_write(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } cases[] = {
        {"0", 0},
        {"512", 512},
        {"512B", 512},
        {"64kB", 65536},
        {"64 KB", 65536},
        {"1mb", 1048576},
        {"1.5 GB", 1610612736},
        {" 2TB ", 2199023255552},
        {"0.5kB", 512},
        {"1.99999999999999 kB", 2047},
        {"18446744073709551615", UINT64_MAX},
        {"16777215TB", 16777215ULL << 40},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t bytes = 99;
        if (!size_text_parse(cases[i].text, &bytes))
            fail_msg("refused \"%s\"", cases[i].text);
        assert_int_equal(bytes, cases[i].bytes);
    }
}

static void size_text_refuses_what_is_no_size(void **state)
{
    static const char *const cases[] = {
        "",
        " ",
        "kB",
        "-1",
        "-5MB",
        "1.5",
        "1.",
        ".5MB",
        "1,5GB",
        "1 PB",
        "1 MiB!",
        "12 34",
        "1e3",
        "0x10",
        "1MB 2",
        "nan",
        "18446744073709551616",
        "16777216TB",
        "999999999999999999999999kB",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t bytes = 99;
        if (size_text_parse(cases[i], &bytes))
            fail_msg("took \"%s\"", cases[i]);
        assert_int_equal(bytes, 99);
    }
}

static void size_text_writes_one_digit_behind_the_point(void **state)
{
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        {0, "0 B"},
        {1023, "1023 B"},
        {1024, "1.0 kB"},
        {1610612736, "1.5 GB"},
        {((uint64_t)1 << 30) - 1, "1023.9 MB"},
        {(uint64_t)1 << 40, "1.0 TB"},
        {UINT64_MAX, "16777215.9 TB"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char buffer[32];
        size_text_format(buffer, sizeof buffer, cases[i].bytes);
        assert_string_equal(buffer, cases[i].text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(size_text_reads_what_people_write),
        cmocka_unit_test(size_text_refuses_what_is_no_size),
        cmocka_unit_test(size_text_writes_one_digit_behind_the_point),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
