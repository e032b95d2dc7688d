#include "engine/restore/maintenance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define MB ((uint64_t)1 << 20)

static const struct server_facts defaults = {
    .maintenance_bytes = 64 * MB,
    .shared_buffers_bytes = 128 * MB,
    .maintenance_workers = 2,
    .parallel_workers = 8,
    .worker_slots = 7,
};

static struct maintenance maintenance_of(size_t indexes, size_t keys,
                                         const struct maintenance_limits *limits)
{
    struct maintenance made = {.expansion = 1};

    made.unfinished[MAINTENANCE_INDEX] = indexes;
    made.unfinished[MAINTENANCE_KEY] = keys;
    maintenance_limit(&made, limits);
    return made;
}

static struct maintenance_grant begin_index(struct maintenance *maintenance)
{
    return maintenance_begin(maintenance, MAINTENANCE_INDEX);
}

static void a_small_server_is_left_as_it_is(void **state)
{
    (void)state;
    struct maintenance work =
        maintenance_of(10, 4, &(struct maintenance_limits){.facts = defaults, .sessions = 8});
    const struct maintenance_grant grant = begin_index(&work);

    assert_int_equal(grant.memory_kb, 0);
    assert_false(grant.sets_workers);
}

static void a_quarter_of_the_buffers_is_shared_by_what_runs_at_once(void **state)
{
    (void)state;
    struct maintenance_limits limits = {.facts = defaults, .sessions = 8};
    limits.facts.shared_buffers_bytes = 8192 * MB;
    struct maintenance work = maintenance_of(10, 4, &limits);
    for (unsigned i = 0; i < 8; i++)
        assert_int_equal(begin_index(&work).memory_kb, 256 * 1024);
    work = maintenance_of(1, 1, &limits);
    assert_int_equal(maintenance_begin(&work, MAINTENANCE_KEY).memory_kb, 1024 * 1024);
    assert_int_equal(begin_index(&work).memory_kb, 1024 * 1024);
}

static void the_last_builds_have_the_memory_of_those_that_are_done(void **state)
{
    (void)state;
    struct maintenance work = maintenance_of(
        3, 0,
        &(struct maintenance_limits){.facts = defaults, .sessions = 2, .budget_bytes = 1024 * MB});
    const struct maintenance_grant first = begin_index(&work);
    const struct maintenance_grant second = begin_index(&work);
    assert_int_equal(first.memory_kb, 512 * 1024);
    assert_int_equal(second.memory_kb, 512 * 1024);
    maintenance_end(&work, MAINTENANCE_INDEX, 1, &first);
    maintenance_end(&work, MAINTENANCE_INDEX, 1, &second);
    assert_int_equal(begin_index(&work).memory_kb, 1023 * 1024);
}

static void what_is_small_keeps_room_beside_what_is_large(void **state)
{
    (void)state;
    struct maintenance work = maintenance_of(
        1, 0,
        &(struct maintenance_limits){.facts = defaults, .sessions = 2, .budget_bytes = 100 * MB});
    work.unfinished[MAINTENANCE_SMALL] = 10;
    assert_int_equal(begin_index(&work).memory_kb, 75 * 1024);
    assert_int_equal(maintenance_begin(&work, MAINTENANCE_SMALL).memory_kb, 25 * 1024);
}

static void no_build_gets_less_than_servers_take_or_more_than_it_can_use(void **state)
{
    (void)state;
    struct maintenance_limits limits = {.facts = defaults, .sessions = 4, .budget_bytes = 1};
    struct maintenance work = maintenance_of(10, 4, &limits);
    assert_int_equal(begin_index(&work).memory_kb, 1024);
    limits.budget_bytes = UINT64_MAX;
    work = maintenance_of(10, 4, &limits);
    assert_int_equal(begin_index(&work).memory_kb, 2 * 1024 * 1024 - 1);
}

static void idle_sessions_are_made_up_for_by_workers_and_these_are_let_to_work(void **state)
{
    (void)state;
    struct maintenance work =
        maintenance_of(3, 0, &(struct maintenance_limits){.facts = defaults, .sessions = 16});
    struct maintenance_grant grant = begin_index(&work);
    assert_true(grant.sets_workers);
    assert_true(grant.is_spread);
    assert_int_equal(grant.workers, 3);
    assert_int_equal(grant.memory_kb, 4 * 32 * 1024);
    grant = begin_index(&work);
    assert_int_equal(grant.workers, 2);
    assert_int_equal(grant.memory_kb, 3 * 32 * 1024);
    assert_int_equal(begin_index(&work).workers, 2);
}

static void workers_of_builds_that_are_done_go_to_the_next(void **state)
{
    (void)state;
    struct maintenance work =
        maintenance_of(2, 0, &(struct maintenance_limits){.facts = defaults, .sessions = 16});
    const struct maintenance_grant first = begin_index(&work);
    assert_int_equal(first.workers, 4);
    maintenance_end(&work, MAINTENANCE_INDEX, 1, &first);
    assert_int_equal(begin_index(&work).workers, 7);
}

static void loads_that_keep_sessions_busy_leave_none_idle(void **state)
{
    (void)state;
    struct maintenance work =
        maintenance_of(1, 0, &(struct maintenance_limits){.facts = defaults, .sessions = 4});
    work.unfinished[MAINTENANCE_LOAD] = 2;
    assert_int_equal(begin_index(&work).workers, 1);
    work = maintenance_of(1, 0, &(struct maintenance_limits){.facts = defaults, .sessions = 4});
    work.unfinished[MAINTENANCE_LOAD] = 8;
    assert_false(begin_index(&work).sets_workers);
}

static void little_memory_has_few_workers(void **state)
{
    (void)state;
    struct maintenance work = maintenance_of(
        1, 0,
        &(struct maintenance_limits){.facts = defaults, .sessions = 4, .budget_bytes = 80 * MB});
    const struct maintenance_grant grant = begin_index(&work);
    assert_int_equal(grant.workers, 1);
    assert_int_equal(grant.memory_kb, 77 * 1024);
}

static void workers_do_not_take_the_processors_from_other_builds(void **state)
{
    (void)state;
    struct maintenance_limits limits = {.facts = defaults, .sessions = 2, .processors = 2};
    struct maintenance work = maintenance_of(3, 0, &limits);
    struct maintenance_grant grant = begin_index(&work);
    assert_true(grant.sets_workers);
    assert_false(grant.is_spread);
    assert_int_equal(grant.workers, 0);
    limits.processors = 4;
    work = maintenance_of(3, 0, &limits);
    assert_int_equal(begin_index(&work).workers, 1);
    limits.processors = 64;
    work = maintenance_of(3, 0, &limits);
    assert_false(begin_index(&work).sets_workers);
    limits.processors = 0;
    work = maintenance_of(3, 0, &limits);
    assert_false(begin_index(&work).sets_workers);
}

static void nothing_is_set_where_the_server_was_not_asked(void **state)
{
    (void)state;
    struct maintenance work = {.expansion = 1};
    const struct maintenance_grant nothing = {.memory_kb = 0};
    const struct maintenance_grant grant = maintenance_begin(&work, MAINTENANCE_SMALL);
    assert_true(maintenance_grants_are_equal(&nothing, &grant));
}

/* Plays a restore: each session begins with something of any kind, or ends it. */
static void play(unsigned seed, uint64_t budget_mb, unsigned sessions)
{
    const struct maintenance_limits limits = {
        .facts = defaults, .sessions = sessions, .budget_bytes = budget_mb * MB};
    struct maintenance work = maintenance_of(rand_r(&seed) % 30, rand_r(&seed) % 30, &limits);
    struct maintenance_grant grants[16];
    enum maintenance_kind kinds[16] = {MAINTENANCE_NONE};
    size_t left[MAINTENANCE_KIND_COUNT];

    work.unfinished[MAINTENANCE_SMALL] = rand_r(&seed) % 30;
    for (unsigned k = 0; k < MAINTENANCE_KIND_COUNT; k++)
        left[k] = work.unfinished[k];
    for (unsigned round = 0; round < 400; round++) {
        unsigned session = rand_r(&seed) % sessions;
        enum maintenance_kind kind = 1 + rand_r(&seed) % (MAINTENANCE_KIND_COUNT - 1);

        if (kinds[session] != MAINTENANCE_NONE) {
            maintenance_end(&work, kinds[session], 1, &grants[session]);
            kinds[session] = MAINTENANCE_NONE;
        } else if (left[kind] > 0) {
            left[kind]--;
            kinds[session] = kind;
            grants[session] = maintenance_begin(&work, kind);
            assert_true(grants[session].memory_kb >= 1024);
        }
        assert_true(work.taken_kb <= budget_mb * 1024);
        assert_true(work.taken_workers <= defaults.worker_slots);
    }
}

static void all_that_run_together_stay_within_the_budget(void **state)
{
    (void)state;
    for (unsigned seed = 0; seed < 2000; seed++) {
        unsigned sessions = 1 + seed % 16;
        play(seed, sessions + seed % 700, sessions);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_small_server_is_left_as_it_is),
        cmocka_unit_test(a_quarter_of_the_buffers_is_shared_by_what_runs_at_once),
        cmocka_unit_test(the_last_builds_have_the_memory_of_those_that_are_done),
        cmocka_unit_test(what_is_small_keeps_room_beside_what_is_large),
        cmocka_unit_test(no_build_gets_less_than_servers_take_or_more_than_it_can_use),
        cmocka_unit_test(idle_sessions_are_made_up_for_by_workers_and_these_are_let_to_work),
        cmocka_unit_test(workers_of_builds_that_are_done_go_to_the_next),
        cmocka_unit_test(loads_that_keep_sessions_busy_leave_none_idle),
        cmocka_unit_test(little_memory_has_few_workers),
        cmocka_unit_test(workers_do_not_take_the_processors_from_other_builds),
        cmocka_unit_test(nothing_is_set_where_the_server_was_not_asked),
        cmocka_unit_test(all_that_run_together_stay_within_the_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
