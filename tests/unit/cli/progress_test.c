#include "cli/progress.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MB ((uint64_t)1 << 20)
#define GB ((uint64_t)1 << 30)
#define SECOND ((uint64_t)1000000)

static const struct progress_rate no_rate;

static void the_start_shows_the_time(void **state)
{
    (void)state;
    struct pgfast_progress progress = {.phase = "definitions", .elapsed_us = 65 * SECOND};
    char line[256];

    progress_format(line, sizeof line, &progress, &no_rate);
    assert_string_equal(line, "definitions: 1:05");
}

static void data_shows_entries_bytes_rate_and_forecast(void **state)
{
    (void)state;
    struct pgfast_progress progress = {.phase = "data",
                                       .entries_done = 12,
                                       .entries_total = 340,
                                       .raw_bytes_done = 2 * GB,
                                       .raw_bytes_total = 8 * GB};
    struct progress_rate rate = {.bytes_per_second = 100.0 * MB};
    char line[256];

    progress_format(line, sizeof line, &progress, &rate);
    assert_string_equal(line,
                        "data: 12 of 340 entries, 2.0 GB of 8.0 GB (25%), 100.0 MB/s, 1:02 left");
}

static void a_dump_tells_how_old_its_snapshot_is(void **state)
{
    (void)state;
    struct pgfast_progress progress = {.phase = "data",
                                       .entries_done = 12,
                                       .entries_total = 340,
                                       .raw_bytes_done = 2 * GB,
                                       .snapshot_age_us = 59 * SECOND};
    char line[256];

    progress_format(line, sizeof line, &progress, &no_rate);
    assert_string_equal(line, "data: 12 of 340 entries, 2.0 GB");
    progress.snapshot_age_us = 3601 * SECOND;
    progress_format(line, sizeof line, &progress, &no_rate);
    assert_string_equal(line, "data: 12 of 340 entries, 2.0 GB, snapshot 1:00:01 old");
}

static void a_restore_counts_what_comes_after_the_data(void **state)
{
    (void)state;
    struct pgfast_progress progress = {.phase = "post-data",
                                       .entries_done = 12,
                                       .entries_total = 340,
                                       .raw_bytes_done = 8 * GB,
                                       .raw_bytes_total = 8 * GB,
                                       .work_done = 60,
                                       .work_total = 100,
                                       .elapsed_us = 70 * SECOND};
    struct progress_rate rate = {.work_began_us = 10 * SECOND};
    char line[256];

    progress_format(line, sizeof line, &progress, &rate);
    assert_string_equal(line, "post-data: 12 of 340 entries, 8.0 GB, 0:40 left");
    progress.indexes_building = 3;
    progress.indexes_percent = 41;
    progress_format(line, sizeof line, &progress, &rate);
    assert_string_equal(line, "post-data: 12 of 340 entries, 8.0 GB, building 3 indexes (41%), "
                              "0:40 left");
    progress.tables_loading = progress.loads_running = 1;
    progress_format(line, sizeof line, &progress, &rate);
    assert_string_equal(line, "post-data: 12 of 340 entries, 8.0 GB, 1 table loading, building 3 "
                              "indexes (41%), 0:40 left");
}

static void assert_loads_shown(unsigned tables, unsigned sessions, const char *expected)
{
    struct pgfast_progress progress = {
        .phase = "data", .raw_bytes_done = GB, .tables_loading = tables, .loads_running = sessions};
    char line[256];

    progress_format(line, sizeof line, &progress, &no_rate);
    assert_string_equal(line, expected);
}

static void tables_are_told_from_the_sessions_that_load_them(void **state)
{
    (void)state;
    assert_loads_shown(0, 0, "data: 1.0 GB");
    assert_loads_shown(1, 1, "data: 1.0 GB, 1 table loading");
    assert_loads_shown(3, 3, "data: 1.0 GB, 3 tables loading");
    assert_loads_shown(1, 4, "data: 1.0 GB, 1 table loading in 4 sessions");
    assert_loads_shown(2, 4, "data: 1.0 GB, 2 tables loading in 4 sessions");
    assert_loads_shown(2, 1, "data: 1.0 GB, 2 tables loading"); /* read in between */
}

static void assert_fitted(size_t columns, const char *expected)
{
    struct pgfast_progress progress = {.phase = "data",
                                       .entries_done = 408,
                                       .entries_total = 846,
                                       .raw_bytes_done = 1 * GB,
                                       .raw_bytes_total = 4 * GB,
                                       .tables_loading = 2,
                                       .loads_running = 4,
                                       .indexes_building = 3,
                                       .indexes_percent = 41,
                                       .errors = 1,
                                       .work_done = 60,
                                       .work_total = 100,
                                       .elapsed_us = 70 * SECOND};
    struct progress_rate rate = {.bytes_per_second = 100.0 * MB, .work_began_us = 10 * SECOND};
    char line[256];

    progress_format(line, columns + 1, &progress, &rate);
    assert_string_equal(line, expected);
}

static void a_narrow_line_keeps_what_matters_most(void **state)
{
    (void)state;
    assert_fitted(139, "data: 408 of 846 entries, 1.0 GB of 4.0 GB (25%), 100.0 MB/s, "
                       "2 tables loading in 4 sessions, building 3 indexes (41%), 0:40 left, "
                       "1 failed");
    assert_fitted(138, "data: 1.0 GB of 4.0 GB (25%), 100.0 MB/s, "
                       "2 tables loading in 4 sessions, building 3 indexes (41%), 0:40 left, "
                       "1 failed");
    assert_fitted(118, "data: 1.0 GB of 4.0 GB (25%), 100.0 MB/s, "
                       "2 tables loading, building 3 indexes (41%), 0:40 left, 1 failed");
    assert_fitted(104, "data: 1.0 GB of 4.0 GB (25%), "
                       "2 tables loading, building 3 indexes (41%), 0:40 left, 1 failed");
    assert_fitted(92, "data: 25% of 4.0 GB, 2 tables loading, building 3 indexes (41%), "
                      "0:40 left, 1 failed");
    assert_fitted(83, "data: 25% of 4.0 GB, 2 tables loading, building 3 indexes, "
                      "0:40 left, 1 failed");
    assert_fitted(60, "data: 25% of 4.0 GB, building 3 indexes, 0:40 left, 1 failed");
    assert_fitted(50, "data: 25% of 4.0 GB, 0:40 left, 1 failed");
    assert_fitted(40, "data: 25% of 4.0 GB, 0:40 left, 1 failed");
    assert_fitted(39, "data: 25%, 0:40 left, 1 failed");
    assert_fitted(29, "data: 25%, 1 failed");
    assert_fitted(9, "data: 25%");
}

static void a_total_that_looks_reached_is_not_shown(void **state)
{
    (void)state;
    struct pgfast_progress progress = {
        .phase = "post-data", .raw_bytes_done = 8 * GB, .raw_bytes_total = 8 * GB + 100};
    char line[256];

    progress_format(line, sizeof line, &progress, &no_rate);
    assert_string_equal(line, "post-data: 8.0 GB");
}

static void as_long_as_there_is_work_time_is_left(void **state)
{
    (void)state;
    struct pgfast_progress progress = {.phase = "post-data",
                                       .raw_bytes_done = GB,
                                       .work_done = 999,
                                       .work_total = 1000,
                                       .elapsed_us = 20 * SECOND};
    struct progress_rate rate = {.work_began_us = 10 * SECOND};
    char line[256];

    progress_format(line, sizeof line, &progress, &rate);
    assert_string_equal(line, "post-data: 1.0 GB, 0:01 left");
}

static void the_time_before_the_first_work_tells_nothing(void **state)
{
    (void)state;
    struct progress_rate rate = {.work_began_us = 0};
    struct pgfast_progress progress = {.phase = "data", .raw_bytes_done = GB, .work_total = 100};
    char line[256];

    progress.elapsed_us = 100 * SECOND;
    progress_rate_update(&rate, &progress);
    assert_int_equal(rate.work_began_us, 0);
    progress.work_done = 10;
    progress.elapsed_us = 101 * SECOND;
    progress_rate_update(&rate, &progress);
    rate.bytes_per_second = 0;
    progress_format(line, sizeof line, &progress, &rate);
    assert_string_equal(line, "data: 1.0 GB");
    progress.work_done = 20;
    progress.elapsed_us = 102 * SECOND;
    progress_format(line, sizeof line, &progress, &rate);
    assert_string_equal(line, "data: 1.0 GB, 0:08 left");
}

static void an_estimate_that_was_passed_is_not_shown(void **state)
{
    (void)state;
    struct pgfast_progress progress = {.phase = "data",
                                       .entries_done = 3,
                                       .entries_total = 4,
                                       .raw_bytes_done = 3 * GB,
                                       .raw_bytes_total = 2 * GB};
    struct progress_rate rate = {.bytes_per_second = 100.0 * MB};
    char line[256];

    progress_format(line, sizeof line, &progress, &rate);
    assert_string_equal(line, "data: 3 of 4 entries, 3.0 GB, 100.0 MB/s");
}

static void a_standstill_has_no_forecast(void **state)
{
    (void)state;
    struct pgfast_progress progress = {
        .phase = "data", .raw_bytes_done = GB, .raw_bytes_total = 2 * GB};
    struct progress_rate rate = {.bytes_per_second = 3};
    char line[256];

    progress_format(line, sizeof line, &progress, &rate);
    assert_string_equal(line, "data: 1.0 GB of 2.0 GB (50%)");
}

static void failures_are_counted(void **state)
{
    (void)state;
    struct pgfast_progress progress = {
        .phase = "pre-data", .entries_done = 5, .entries_total = 9, .errors = 2};
    char line[256];

    progress_format(line, sizeof line, &progress, &no_rate);
    assert_string_equal(line, "pre-data: 5 of 9 entries, 2 failed");
}

static void a_short_buffer_is_never_overrun(void **state)
{
    (void)state;
    struct pgfast_progress progress = {.phase = "data", .entries_done = 1, .entries_total = 2};
    char line[8] = "";

    progress_format(line, sizeof line, &progress, &no_rate);
    assert_string_equal(line, "data: 1");
}

static void the_rate_follows_a_steady_flow(void **state)
{
    (void)state;
    struct progress_rate rate = {0};
    struct pgfast_progress progress = {0};

    for (int i = 0; i < 100; i++) {
        progress.elapsed_us += SECOND / 5;
        progress.raw_bytes_done += 20 * MB;
        progress_rate_update(&rate, &progress);
    }
    assert_true(rate.bytes_per_second > 99.0 * MB);
    assert_true(rate.bytes_per_second < 101.0 * MB);
}

static void the_rate_bends_slowly(void **state)
{
    (void)state;
    struct progress_rate rate = {.bytes_per_second = 100.0 * MB,
                                 .last_us = SECOND,
                                 .last_moved_us = SECOND,
                                 .last_bytes = GB};
    struct pgfast_progress progress = {.elapsed_us = SECOND + SECOND / 5, .raw_bytes_done = GB};

    progress_rate_update(&rate, &progress);
    assert_true(rate.bytes_per_second > 90.0 * MB);
    assert_true(rate.bytes_per_second < 100.0 * MB);
}

static void the_rate_is_gone_once_nothing_has_moved_for_a_while(void **state)
{
    (void)state;
    struct progress_rate rate = {.bytes_per_second = 100.0 * MB,
                                 .last_us = SECOND,
                                 .last_moved_us = SECOND,
                                 .last_bytes = GB};
    struct pgfast_progress progress = {.elapsed_us = 5 * SECOND, .raw_bytes_done = GB};

    progress_rate_update(&rate, &progress);
    assert_true(rate.bytes_per_second == 0);
}

static void the_rate_stands_when_no_time_has_passed(void **state)
{
    (void)state;
    struct progress_rate rate = {.bytes_per_second = 100.0 * MB,
                                 .last_us = SECOND,
                                 .last_moved_us = SECOND,
                                 .last_bytes = GB};
    struct pgfast_progress progress = {.elapsed_us = SECOND, .raw_bytes_done = 2 * GB};

    progress_rate_update(&rate, &progress);
    assert_true(rate.bytes_per_second == 100.0 * MB);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_start_shows_the_time),
        cmocka_unit_test(data_shows_entries_bytes_rate_and_forecast),
        cmocka_unit_test(a_dump_tells_how_old_its_snapshot_is),
        cmocka_unit_test(a_restore_counts_what_comes_after_the_data),
        cmocka_unit_test(tables_are_told_from_the_sessions_that_load_them),
        cmocka_unit_test(a_narrow_line_keeps_what_matters_most),
        cmocka_unit_test(a_total_that_looks_reached_is_not_shown),
        cmocka_unit_test(as_long_as_there_is_work_time_is_left),
        cmocka_unit_test(the_time_before_the_first_work_tells_nothing),
        cmocka_unit_test(an_estimate_that_was_passed_is_not_shown),
        cmocka_unit_test(a_standstill_has_no_forecast),
        cmocka_unit_test(failures_are_counted),
        cmocka_unit_test(a_short_buffer_is_never_overrun),
        cmocka_unit_test(the_rate_follows_a_steady_flow),
        cmocka_unit_test(the_rate_bends_slowly),
        cmocka_unit_test(the_rate_is_gone_once_nothing_has_moved_for_a_while),
        cmocka_unit_test(the_rate_stands_when_no_time_has_passed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
