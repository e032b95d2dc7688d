#include "engine/dump/rescue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct relation table = {.kind = 'r', .name = "public.t"};
static const struct relation foreign = {.kind = 'f', .name = "public.f"};

static bool is_called_for(const struct copy_task *task, const char *sqlstate)
{
    struct error error = {.kind = ERROR_SERVER};

    strcpy(error.sqlstate, sqlstate);
    return rescue_is_called_for(task, &error);
}

static void a_value_too_large_for_text_gets_a_second_attempt(void **state)
{
    const struct copy_task task = {.kind = COPY_TABLE, .relation = &table};

    (void)state;
    assert_true(is_called_for(&task, "54000"));
    assert_true(is_called_for(&task, "XX000"));
    assert_true(is_called_for(&task, "53200"));
}

static void other_failures_do_not(void **state)
{
    const struct copy_task task = {.kind = COPY_TABLE, .relation = &table};

    (void)state;
    assert_false(is_called_for(&task, ""));
    assert_false(is_called_for(&task, "57014"));
    assert_false(is_called_for(&task, "XX001"));
}

static void what_is_binary_or_no_table_has_had_its_attempt(void **state)
{
    const struct copy_task binary = {.kind = COPY_TABLE, .relation = &table, .is_binary = true};
    const struct copy_task far_away = {.kind = COPY_TABLE, .relation = &foreign};
    const struct copy_task blobs = {.kind = COPY_BLOBS};

    (void)state;
    assert_false(is_called_for(&binary, "54000"));
    assert_false(is_called_for(&far_away, "54000"));
    assert_false(is_called_for(&blobs, "54000"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_value_too_large_for_text_gets_a_second_attempt),
        cmocka_unit_test(other_failures_do_not),
        cmocka_unit_test(what_is_binary_or_no_table_has_had_its_attempt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
