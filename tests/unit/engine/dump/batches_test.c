#include "engine/dump/batches.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { MOST = 2000 };

struct scene {
    struct arena *arena;
    struct copy_task tasks[MOST];
    size_t count;
};

static int set_up(void **state)
{
    struct arena *arena = arena_create();
    struct scene *scene = arena_allocate(arena, 1, sizeof(*scene));

    scene->arena = arena;
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    arena_free(((struct scene *)*state)->arena);
    return 0;
}

static void add(struct scene *scene, size_t count, uint64_t bytes, const char *lock_name)
{
    for (size_t i = 0; i < count; i++)
        scene->tasks[scene->count++] =
            (struct copy_task){.kind = COPY_TABLE, .cost_bytes = bytes, .lock_name = lock_name};
}

static struct copy_batches make(struct scene *scene, unsigned workers)
{
    return batches_make(scene->arena, scene->tasks, scene->count, workers);
}

/* Neighbours, in order, none left out and none twice. */
static void assert_whole(const struct scene *scene, const struct copy_batches *batches)
{
    const struct copy_task *next = scene->tasks;

    for (size_t i = 0; i < batches->count; i++) {
        assert_ptr_equal(batches->items[i].tasks, next);
        assert_true(batches->items[i].count >= 1);
        next += batches->items[i].count;
    }
    assert_ptr_equal(next, scene->tasks + scene->count);
}

static void small_tables_share_a_batch(void **state)
{
    struct scene *scene = *state;

    add(scene, 1000, 8192, "t");

    struct copy_batches batches = make(scene, 2);

    assert_whole(scene, &batches);
    assert_true(batches.count < 30);
}

static void no_batch_holds_more_locks_than_a_server_has_room_for(void **state)
{
    struct scene *scene = *state;

    add(scene, 2000, 0, "t");

    struct copy_batches batches = make(scene, 1);

    assert_whole(scene, &batches);
    for (size_t i = 0; i < batches.count; i++)
        assert_true(batches.items[i].count <= 64);
}

static void every_worker_has_several_batches(void **state)
{
    struct scene *scene = *state;

    add(scene, 40, 8192, "t");
    assert_int_equal(make(scene, 4).count, 40);
    assert_int_equal(make(scene, 1).count, 8);
}

static void a_large_table_has_a_batch_of_its_own(void **state)
{
    struct scene *scene = *state;

    add(scene, 3, 100 << 20, "t");
    add(scene, 500, 8192, "t");

    struct copy_batches batches = make(scene, 1);

    assert_whole(scene, &batches);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(batches.items[i].count, 1);
}

/* Foreign tables have no lock, and are read under another guard. */
static void what_is_not_locked_is_read_alone(void **state)
{
    struct scene *scene = *state;

    add(scene, 100, 0, "t");
    add(scene, 2, 0, NULL);
    add(scene, 100, 0, "t");
    scene->tasks[scene->count++] = (struct copy_task){.kind = COPY_BLOBS};

    struct copy_batches batches = make(scene, 1);

    assert_whole(scene, &batches);
    for (size_t i = 0; i < batches.count; i++)
        for (size_t j = 0; j < batches.items[i].count; j++)
            assert_true(batches.items[i].count == 1 || batches.items[i].tasks[j].lock_name);
}

static void nothing_makes_no_batch(void **state)
{
    assert_int_equal(make(*state, 2).count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(small_tables_share_a_batch, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_batch_holds_more_locks_than_a_server_has_room_for,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_worker_has_several_batches, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_large_table_has_a_batch_of_its_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_locked_is_read_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_makes_no_batch, set_up, tear_down),
    };

    return cmocka_run_group_tests_name("batches", tests, NULL, NULL);
}
