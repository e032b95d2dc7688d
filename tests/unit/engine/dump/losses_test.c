#include "engine/dump/losses.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct relation table = {.kind = 'r', .name = "public.t"};
static const struct relation foreign = {.kind = 'f', .name = "public.f"};

static struct error make_error(const char *sqlstate)
{
    struct error error = {.kind = ERROR_SERVER, .message = "it is gone"};

    strcpy(error.sqlstate, sqlstate);
    return error;
}

static bool may_explain(const struct copy_task *task, const char *sqlstate)
{
    const struct error error = make_error(sqlstate);

    return losses_may_explain(task, &error);
}

static void damage_and_size_are_matters_of_the_data(void **state)
{
    const struct copy_task rows = {.kind = COPY_TABLE, .relation = &table};
    const struct copy_task objects = {.kind = COPY_BLOBS};

    (void)state;
    assert_true(may_explain(&rows, "XX001"));
    assert_true(may_explain(&rows, "54000"));
    assert_true(may_explain(&rows, "58030"));
    assert_true(may_explain(&objects, "XX001"));
}

static void sessions_privileges_and_other_servers_are_not(void **state)
{
    const struct copy_task rows = {.kind = COPY_TABLE, .relation = &table};
    const struct copy_task far_away = {.kind = COPY_TABLE, .relation = &foreign};

    (void)state;
    assert_false(may_explain(&rows, ""));
    assert_false(may_explain(&rows, "57014"));
    assert_false(may_explain(&rows, "57P01"));
    assert_false(may_explain(&rows, "42501"));
    assert_false(may_explain(&far_away, "XX001"));
}

static void what_an_attempt_has_met_is_told_and_kept_in_order(void **state)
{
    const struct error error = make_error("XX001");
    struct losses all = {.arena = arena_create()}, attempt = {.arena = all.arena, .hint = "Look."};
    struct event_stream *events = event_stream_create();
    struct manifest *manifest = manifest_create();
    struct event event;
    bool is_open;

    (void)state;
    losses_add(&all, "table public.s", "block 1", &error);
    losses_add(&attempt, "table public.t", "row (5,3)", &error);
    losses_add(&attempt, "table public.t", "row (5,4)", &error);
    losses_settle(&all, &attempt, events);
    losses_describe(&all, manifest);

    assert_int_equal(all.count, 3);
    assert_true(event_stream_next(events, 0, &event, &is_open));
    assert_int_equal(event.kind, EVENT_OBJECT_FAILED);
    assert_string_equal(event.object, "table public.t");
    assert_string_equal(event.error.message, "row (5,3) could not be read: it is gone");
    assert_string_equal(event.error.hint, "Look.");
    assert_int_equal(manifest->losses.count, 3);
    assert_string_equal(manifest->losses.items[0], "table public.s: block 1: it is gone (XX001)");
    assert_string_equal(manifest->losses.items[2], "table public.t: row (5,4): it is gone (XX001)");

    manifest_free(manifest);
    event_stream_free(events);
    arena_free(all.arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damage_and_size_are_matters_of_the_data),
        cmocka_unit_test(sessions_privileges_and_other_servers_are_not),
        cmocka_unit_test(what_an_attempt_has_met_is_told_and_kept_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
