#include "engine/restore/advice.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define GB ((uint64_t)1 << 30)
#define MINUTE_US UINT64_C(60000000)

static const struct server_facts defaults = {
    .max_wal_bytes = GB,
    .maintenance_workers = 2,
    .parallel_workers = 8,
    .checkpoint_timeout_s = 300,
};

static void small_archives_need_no_advice(void **state)
{
    (void)state;
    const struct advice_archive archive = {.rows_bytes = GB / 2, .duration_us = MINUTE_US};
    char advice[ADVICE_BYTES];
    advice_give(advice, &defaults, &archive);
    assert_string_equal(advice, "");
}

static void a_short_log_is_named_with_what_would_do(void **state)
{
    (void)state;
    const struct advice_archive archive = {.rows_bytes = 20 * GB, .duration_us = 3 * MINUTE_US};
    char advice[ADVICE_BYTES];
    advice_give(advice, &defaults, &archive);
    assert_non_null(strstr(advice, "max_wal_size (1.0 GB)"));
    assert_non_null(strstr(advice, " 33 checkpoints"));
    assert_non_null(strstr(advice, "with 32.0 GB"));
}

static void a_long_restore_on_a_server_with_a_long_log(void **state)
{
    (void)state;
    struct server_facts facts = defaults;
    const struct advice_archive archive = {.rows_bytes = 90 * GB, .duration_us = 60 * MINUTE_US};
    char advice[ADVICE_BYTES];
    facts.max_wal_bytes = 100 * GB;
    advice_give(advice, &facts, &archive);
    assert_non_null(strstr(advice, "checkpoint_timeout (300 s)"));
    assert_non_null(strstr(advice, " 12 checkpoints"));
}

static void a_server_without_parallel_workers(void **state)
{
    (void)state;
    struct server_facts facts = defaults;
    const struct advice_archive archive = {.rows_bytes = 4 * GB, .index_bytes = 8 * GB};
    char advice[ADVICE_BYTES];
    facts.max_wal_bytes = 100 * GB;
    facts.parallel_workers = 0;
    advice_give(advice, &facts, &archive);
    assert_non_null(strstr(advice, "max_parallel_workers is 0"));
}

static void an_absurd_archive_overflows_nothing(void **state)
{
    (void)state;
    const struct server_facts nothing = {.max_wal_bytes = 0};
    const struct advice_archive archive = {.rows_bytes = UINT64_MAX / 2, .index_bytes = UINT64_MAX};
    char advice[ADVICE_BYTES];
    advice_give(advice, &nothing, &archive);
    advice_give(advice, &defaults, &archive);
    assert_true(strlen(advice) < ADVICE_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_archives_need_no_advice),
        cmocka_unit_test(a_short_log_is_named_with_what_would_do),
        cmocka_unit_test(a_long_restore_on_a_server_with_a_long_log),
        cmocka_unit_test(a_server_without_parallel_workers),
        cmocka_unit_test(an_absurd_archive_overflows_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
