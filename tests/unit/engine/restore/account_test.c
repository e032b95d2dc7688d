#include "engine/restore/account.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

struct scene {
    struct restore_totals totals;
    struct watch watch;
    struct account account;
};

static void begin(struct scene *scene)
{
    memset(scene, 0, sizeof *scene);
    scene->account = (struct account){.totals = &scene->totals, .watch = &scene->watch};
}

static void all_well_is_a_success(void **state)
{
    struct scene scene;
    struct error error = {.kind = ERROR_NONE};
    const struct outcome outcome = {.is_defined = true};

    (void)state;
    begin(&scene);
    account_definition(&scene.account, &outcome);
    assert_true(account_close(&scene.account, &error));
    assert_int_equal(scene.totals.entries, 1);
}

static void objects_that_failed_are_counted_once_each(void **state)
{
    struct scene scene;
    struct error error = {.kind = ERROR_NONE};
    const struct outcome twice = {.error_count = 2}, once = {.error_count = 1};

    (void)state;
    begin(&scene);
    account_definition(&scene.account, &once);
    account_definition(&scene.account, &twice);
    account_definition(&scene.account, &(struct outcome){.is_defined = true});
    assert_false(account_close(&scene.account, &error));
    assert_int_equal(error.kind, ERROR_OBJECTS);
    assert_string_equal(error.message, "2 of 3 objects failed to restore");
    assert_int_equal(scene.totals.errors, 3);
}

static void that_something_found_no_room_is_remembered(void **state)
{
    struct scene scene;
    const struct outcome full = {.error_count = 1, .found_no_room = true},
                         other = {.error_count = 1};

    (void)state;
    begin(&scene);
    account_definition(&scene.account, &other);
    assert_false(scene.account.found_no_room);
    account_definition(&scene.account, &full);
    account_definition(&scene.account, &other);
    assert_true(scene.account.found_no_room);
}

static void a_failed_drop_is_told_apart(void **state)
{
    struct scene scene;
    struct error error = {.kind = ERROR_NONE};
    const struct outcome failed = {.error_count = 1};

    (void)state;
    begin(&scene);
    account_drop(&scene.account, &failed);
    assert_false(account_close(&scene.account, &error));
    assert_int_equal(error.kind, ERROR_OBJECTS);
    assert_string_equal(error.message,
                        "all objects were restored, but 1 could not be dropped before");
    account_definition(&scene.account, &failed);
    assert_false(account_close(&scene.account, &error));
    assert_string_equal(error.message,
                        "1 of 1 objects failed to restore, and 1 could not be dropped before");
}

static void damage_outweighs_other_failures(void **state)
{
    struct scene scene;
    struct error error = {.kind = ERROR_NONE};
    const struct plan_step step = {.action = PLAN_LOAD_TABLE};
    const struct outcome other = {.error_count = 1}, damage = {.error_count = 1, .damage_count = 1};

    (void)state;
    begin(&scene);
    account_step(&scene.account, &step, &damage);
    account_step(&scene.account, &step, &other);
    assert_false(account_close(&scene.account, &error));
    assert_int_equal(error.kind, ERROR_DAMAGED);
}

static void a_salvage_has_given_up_damage_and_nothing_else(void **state)
{
    struct scene scene;
    struct error error = {.kind = ERROR_NONE};
    const struct plan_step step = {.action = PLAN_LOAD_TABLE};
    const struct outcome other = {.error_count = 1}, damage = {.error_count = 2, .damage_count = 2};

    (void)state;
    begin(&scene);
    scene.account.salvages = true;
    assert_true(account_close(&scene.account, &error));
    account_step(&scene.account, &step, &damage);
    assert_false(account_close(&scene.account, &error));
    assert_int_equal(error.kind, ERROR_PARTIAL);
    assert_string_equal(error.message, "all was restored but what is damaged: 1 of 1 objects");
    account_step(&scene.account, &step, &other);
    assert_false(account_close(&scene.account, &error));
    assert_int_equal(error.kind, ERROR_OBJECTS);
}

static void what_is_not_proven_is_not_all_well(void **state)
{
    struct scene scene;
    struct error error = {.kind = ERROR_NONE};

    (void)state;
    begin(&scene);
    scene.account.salvages = scene.account.is_unproven = true;
    assert_false(account_close(&scene.account, &error));
    assert_int_equal(error.kind, ERROR_PARTIAL);
}

static void switching_triggers_is_no_entry(void **state)
{
    struct scene scene;
    const struct plan_step step = {.action = PLAN_DISABLE_TRIGGERS};
    const struct outcome outcome = {.is_defined = true};

    (void)state;
    begin(&scene);
    account_step(&scene.account, &step, &outcome);
    assert_int_equal(scene.totals.entries, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_well_is_a_success),
        cmocka_unit_test(objects_that_failed_are_counted_once_each),
        cmocka_unit_test(that_something_found_no_room_is_remembered),
        cmocka_unit_test(a_failed_drop_is_told_apart),
        cmocka_unit_test(damage_outweighs_other_failures),
        cmocka_unit_test(a_salvage_has_given_up_damage_and_nothing_else),
        cmocka_unit_test(what_is_not_proven_is_not_all_well),
        cmocka_unit_test(switching_triggers_is_no_entry),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
