#include "engine/server/row_room.h"

#include "engine/base/crew.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define OWN_BYTES ((size_t)1 << 20)

static struct cancel *cancel;
static struct row_turn *turn;

static int set_up(void **state)
{
    struct error error;

    (void)state;
    if (!cancel_create(&cancel, &error))
        return -1;
    turn = row_turn_create(OWN_BYTES, cancel);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    cancel_forget_all(cancel);
    row_turn_free(turn);
    cancel_free(cancel);
    return 0;
}

#if defined(PGFAST_SANITIZED)
/* Sanitizers have a realloc() of their own. */
static void *resize(void *old, size_t bytes)
{
    if (row_room_admit(bytes))
        return realloc(old, bytes);
    errno = ENOMEM;
    return NULL;
}
#else
/* By its address, as libraries call it: a compiler that knew it would leave out what is freed. */
static void *(*volatile resize)(void *old, size_t bytes) = realloc;
#endif

/* As libpq does for the rows of that session. */
static void *take(struct row_room *room, size_t bytes)
{
    row_room_enter(room);
    void *taken = resize(NULL, bytes);
    row_room_leave();
    return taken;
}

static void small_rows_need_no_turn(void **state)
{
    struct row_room room = {.turn = turn};

    (void)state;
    free(take(&room, OWN_BYTES));
    assert_false(room.has_turn);
    free(resize(NULL, 2 * OWN_BYTES));
    assert_false(room.has_turn);
}

static void a_large_row_takes_the_turn_until_it_is_given_back(void **state)
{
    struct row_room first = {.turn = turn}, second = {.turn = turn};

    (void)state;
    for (int round = 0; round < 2; round++) {
        void *taken = take(&first, OWN_BYTES + 1);
        assert_non_null(taken);
        free(taken);
        free(take(&first, 3 * OWN_BYTES));
        assert_true(first.has_turn);
        row_room_give_back(&first);
        assert_false(first.has_turn);
    }
    free(take(&second, 2 * OWN_BYTES));
    assert_true(second.has_turn);
    row_room_give_back(&second);
    assert_false(row_turn_was_awaited(turn));
}

static void rooms_without_a_turn_have_no_bounds(void **state)
{
    struct row_room room = {.turn = NULL};

    (void)state;
    free(take(&room, 8 * OWN_BYTES));
    assert_false(room.has_turn);
}

static void whoever_waits_is_refused_when_the_run_is_cancelled(void **state)
{
    struct row_room first = {.turn = turn}, second = {.turn = turn};

    (void)state;
    free(take(&first, 2 * OWN_BYTES));
    cancel_set(cancel);
    assert_null(take(&second, 2 * OWN_BYTES));
    assert_int_equal(errno, ENOMEM);
    assert_true(second.was_refused);
    assert_false(second.has_turn);
    assert_true(row_turn_was_awaited(turn));
    row_room_give_back(&first);
}

/* One thread's room is no other's. */
struct crowd {
    struct row_room rooms[8];
    _Atomic unsigned inside;
    _Atomic bool were_together;
};

static void take_often(void *context, unsigned index)
{
    struct crowd *crowd = context;
    struct row_room *room = &crowd->rooms[index];

    for (int i = 0; i < 200; i++) {
        free(take(room, 2 * OWN_BYTES));
        if (++crowd->inside > 1)
            crowd->were_together = true;
        crowd->inside--;
        row_room_give_back(room);
    }
}

static void abandon(void *context)
{
    (void)context;
}

static void one_at_a_time_has_it(void **state)
{
    struct crowd crowd = {.inside = 0};
    struct crew *crew;
    struct error error;

    (void)state;
    for (unsigned i = 0; i < 8; i++)
        crowd.rooms[i].turn = turn;
    assert_true(crew_start(&crew, "row-room", 8, take_often, abandon, &crowd, &error));
    crew_join(crew);
    assert_false(crowd.were_together);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(small_rows_need_no_turn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_large_row_takes_the_turn_until_it_is_given_back, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(rooms_without_a_turn_have_no_bounds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(whoever_waits_is_refused_when_the_run_is_cancelled, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(one_at_a_time_has_it, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
