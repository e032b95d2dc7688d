#include "cli/report.h"

#include "cli/duration.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MB ((uint64_t)1 << 20)
#define SECOND ((uint64_t)1000000)

static void a_dump_tells_what_it_wrote(void **state)
{
    (void)state;
    struct pgfast_report report = {.tables = 23,
                                   .chunks = 45,
                                   .rows = 1000,
                                   .large_objects = 1,
                                   .raw_bytes = 1200 * MB,
                                   .stored_bytes = 300 * MB,
                                   .elapsed_us = 12 * SECOND};
    char line[256];

    report_format(line, sizeof line, (struct report_subject){.kind = REPORT_DUMP}, &report);
    assert_string_equal(line, "dumped 23 tables (45 files), 1000 rows, 1 large object: 1.1 GB, "
                              "stored in 300.0 MB, in 12.0 s (100.0 MB/s)");
}

static void an_empty_dump_divides_by_nothing(void **state)
{
    (void)state;
    struct pgfast_report report = {0};
    char line[256];

    report_format(line, sizeof line, (struct report_subject){.kind = REPORT_DUMP}, &report);
    assert_string_equal(line, "dumped 0 tables, 0 rows, in 0.0 s");
}

static void a_restore_counts_its_entries(void **state)
{
    (void)state;
    struct pgfast_report report = {.entries = 1,
                                   .tables = 1,
                                   .chunks = 1,
                                   .rows = 1,
                                   .raw_bytes = 2 * MB,
                                   .elapsed_us = 2 * SECOND};
    char line[256];

    report_format(line, sizeof line, (struct report_subject){.kind = REPORT_RESTORE}, &report);
    assert_string_equal(line, "restored 1 entry, 1 table, 1 row: 2.0 MB, in 2.0 s (1.0 MB/s)");
}

static void assert_verified(const struct pgfast_report *report, const char *text)
{
    char line[256];

    report_format(line, sizeof line,
                  (struct report_subject){.kind = REPORT_VERIFY, .archive = "/b/shop"}, report);
    assert_string_equal(line, text);
}

static void a_verified_archive_is_named_with_what_was_checked_of_it(void **state)
{
    (void)state;
    struct pgfast_report report = {.files = 45,
                                   .rows = 1000,
                                   .stored_bytes = 300 * MB,
                                   .elapsed_us = 3 * SECOND,
                                   .has_manifest = true,
                                   .has_counted_rows = true};

    assert_verified(&report, "archive \"/b/shop\" is whole: 45 files, 300.0 MB, 1000 rows checked, "
                             "in 3.0 s (100.0 MB/s)");
    report.has_counted_rows = false;
    assert_verified(&report, "archive \"/b/shop\" is whole: 45 files, 300.0 MB checked, in 3.0 s "
                             "(100.0 MB/s)");
}

static void what_a_manifest_would_tell_is_not_claimed_without_one(void **state)
{
    (void)state;
    const struct pgfast_report report = {.files = 1, .rows = 1, .has_counted_rows = true};

    assert_verified(&report, "archive \"/b/shop\" is whole, as far as can be told without a "
                             "manifest: 1 file, 0 B, 1 row checked, in 0.0 s");
}

static void assert_duration(uint64_t us, const char *text, const char *clock)
{
    char buffer[32];

    duration_format(buffer, sizeof buffer, us);
    assert_string_equal(buffer, text);
    duration_format_clock(buffer, sizeof buffer, us);
    assert_string_equal(buffer, clock);
}

static void durations_change_their_shape_with_their_length(void **state)
{
    (void)state;
    assert_duration(0, "0.0 s", "0:00");
    assert_duration(12 * SECOND + SECOND / 2, "12.5 s", "0:12");
    assert_duration(125 * SECOND, "2:05 min", "2:05");
    assert_duration(3725 * SECOND, "1:02:05 h", "1:02:05");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dump_tells_what_it_wrote),
        cmocka_unit_test(an_empty_dump_divides_by_nothing),
        cmocka_unit_test(a_restore_counts_its_entries),
        cmocka_unit_test(a_verified_archive_is_named_with_what_was_checked_of_it),
        cmocka_unit_test(what_a_manifest_would_tell_is_not_claimed_without_one),
        cmocka_unit_test(durations_change_their_shape_with_their_length),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
