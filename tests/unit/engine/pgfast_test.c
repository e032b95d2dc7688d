#include "engine/pgfast.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* No server listens in a folder that is not there. */
static const struct pgfast_connection nowhere = {.database = "x", .host = "/nonexistent/pgfast"};

static bool follow(struct pgfast_run *run, struct pgfast_report *report, struct error *error)
{
    struct pgfast_event event;
    bool is_running = true;

    while (is_running)
        (void)pgfast_next_event(run, 1000, &event, &is_running);
    return pgfast_finish(run, report, error);
}

static void options_of_a_newer_library_are_refused(void **state)
{
    (void)state;
    struct pgfast_dump_options dump = {.struct_bytes = sizeof dump + 8, .output_path = "x"};
    struct pgfast_restore_options restore = {.struct_bytes = sizeof restore + 8, .input_path = "x"};
    struct pgfast_verify_options verify = {.struct_bytes = sizeof verify + 8, .input_path = "x"};
    struct error error;

    assert_null(pgfast_dump_start(&dump, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_null(pgfast_restore_start(&restore, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_null(pgfast_verify_start(&verify, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
}

static void a_run_without_a_folder_does_not_start(void **state)
{
    (void)state;
    struct pgfast_dump_options dump = {.struct_bytes = sizeof dump};
    struct pgfast_restore_options restore = {.struct_bytes = sizeof restore};
    struct pgfast_verify_options verify = {.struct_bytes = sizeof verify};
    struct error error;

    assert_null(pgfast_dump_start(&dump, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_null(pgfast_restore_start(&restore, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_null(pgfast_verify_start(&verify, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
}

static void a_failed_dump_ends_its_events_and_tells_why(void **state)
{
    (void)state;
    struct pgfast_dump_options options = {.struct_bytes = sizeof options,
                                          .connection = nowhere,
                                          .output_path = "/nonexistent/pgfast/archive",
                                          .jobs = 2};
    struct pgfast_report report;
    struct error error;

    struct pgfast_run *run = pgfast_dump_start(&options, &error);
    assert_non_null(run);
    assert_false(follow(run, &report, &error));
    assert_int_equal(error.kind, ERROR_CONNECTION);
    assert_int_equal(report.rows, 0);
}

static void finish_alone_ends_a_run_that_nobody_followed(void **state)
{
    (void)state;
    struct pgfast_restore_options options = {.struct_bytes = sizeof options,
                                             .connection = nowhere,
                                             .input_path = "/nonexistent/pgfast/archive"};
    struct pgfast_report report;
    struct error error;

    struct pgfast_run *run = pgfast_restore_start(&options, &error);
    assert_non_null(run);
    assert_false(pgfast_finish(run, &report, &error));
    assert_int_not_equal(error.kind, ERROR_NONE);
}

static void a_missing_archive_is_not_whole(void **state)
{
    (void)state;
    struct pgfast_verify_options options = {.struct_bytes = sizeof options,
                                            .input_path = "/nonexistent/pgfast/archive"};
    struct pgfast_report report;
    struct error error;

    struct pgfast_run *run = pgfast_verify_start(&options, &error);
    assert_non_null(run);
    assert_false(follow(run, &report, &error));
    assert_int_equal(error.kind, ERROR_IO);
    assert_int_equal(report.files, 0);
}

static void progress_may_be_asked_at_any_time(void **state)
{
    (void)state;
    struct pgfast_dump_options options = {.struct_bytes = sizeof options,
                                          .connection = nowhere,
                                          .output_path = "/nonexistent/pgfast/archive"};
    struct pgfast_progress progress;
    struct pgfast_report report;
    struct error error;

    struct pgfast_run *run = pgfast_dump_start(&options, &error);
    assert_non_null(run);
    pgfast_cancel(run);
    pgfast_progress(run, &progress);
    assert_string_not_equal(progress.phase, "");
    assert_int_equal(progress.rows_done, 0);
    assert_false(follow(run, &report, &error));
}

static void two_runs_live_side_by_side(void **state)
{
    (void)state;
    struct pgfast_dump_options options = {.struct_bytes = sizeof options,
                                          .connection = nowhere,
                                          .output_path = "/nonexistent/pgfast/archive"};
    struct pgfast_report report;
    struct error error;

    struct pgfast_run *first = pgfast_dump_start(&options, &error);
    struct pgfast_run *second = pgfast_dump_start(&options, &error);
    assert_non_null(first);
    assert_non_null(second);
    assert_false(follow(second, &report, &error));
    assert_false(follow(first, &report, &error));
}

static void probe_tells_why_it_could_not_connect(void **state)
{
    (void)state;
    bool needs_password;
    struct error error;

    assert_false(pgfast_probe(&nowhere, &needs_password, &error));
    assert_int_equal(error.kind, ERROR_CONNECTION);
}

static bool refuse_write(void *context, const char *bytes, size_t length)
{
    (void)context;
    (void)bytes;
    (void)length;
    return false;
}

static void a_missing_archive_cannot_be_listed(void **state)
{
    (void)state;
    struct pgfast_selection everything = {0};
    struct error error;

    assert_false(
        pgfast_list("/nonexistent/pgfast/archive", &everything, false, refuse_write, NULL, &error));
    assert_int_not_equal(error.kind, ERROR_NONE);
    assert_non_null(strstr(error.message, "/nonexistent/pgfast/archive"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_of_a_newer_library_are_refused),
        cmocka_unit_test(a_run_without_a_folder_does_not_start),
        cmocka_unit_test(a_failed_dump_ends_its_events_and_tells_why),
        cmocka_unit_test(finish_alone_ends_a_run_that_nobody_followed),
        cmocka_unit_test(a_missing_archive_is_not_whole),
        cmocka_unit_test(progress_may_be_asked_at_any_time),
        cmocka_unit_test(two_runs_live_side_by_side),
        cmocka_unit_test(probe_tells_why_it_could_not_connect),
        cmocka_unit_test(a_missing_archive_cannot_be_listed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
