#include "engine/restore/spread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

enum { MOST = 400 };

struct scene {
    struct toc *toc;
    const struct toc_entry *entries[MOST];
    size_t count;
    struct arena *arena;
    struct spread spread;
};

static void begin(struct scene *scene)
{
    *scene = (struct scene){.toc = toc_create(), .arena = arena_create()};
}

static void end(struct scene *scene)
{
    arena_free(scene->arena);
    toc_free(scene->toc);
}

/* Its dump id is its place, counted from 1; `need` is the place of what it depends on, or 0. */
static void add(struct scene *scene, enum entry_type type, int need)
{
    struct toc_entry *entry = toc_add_entry(scene->toc);
    int *needs = arena_allocate(scene->toc->arena, 1, sizeof *needs);

    *needs = need;
    entry->dump_id = (int)scene->toc->count;
    entry->type = type;
    entry->desc = "";
    entry->dependencies = needs;
    entry->dependency_count = 1;
}

static void spread(struct scene *scene, size_t size)
{
    struct error error;

    assert_true(toc_seal(scene->toc, &error));
    scene->count = scene->toc->count;
    for (size_t i = 0; i < scene->count; i++)
        scene->entries[i] = scene->toc->entries[i];
    spread_make(&scene->spread, scene->arena, scene->toc, scene->entries, scene->count, size);
}

static size_t bundle_of(const struct scene *scene, int dump_id)
{
    for (size_t i = 0, bundle = 0; i < scene->count; i++) {
        while (scene->spread.ends[bundle] <= i)
            bundle++;
        if (scene->spread.entries[i]->dump_id == dump_id)
            return bundle;
    }
    fail_msg("entry %d is in no bundle", dump_id);
    return 0;
}

static void only_tables_and_what_belongs_to_them_are_spread(void **state)
{
    struct scene scene;

    (void)state;
    begin(&scene);
    add(&scene, ENTRY_TABLE, 0);
    add(&scene, ENTRY_SEQUENCE, 1);
    add(&scene, ENTRY_COMMENT, 1);
    add(&scene, ENTRY_VIEW, 1);
    add(&scene, ENTRY_TABLE, 0);
    spread(&scene, 10);
    assert_int_equal(spread_length(scene.entries, scene.count), 3);
    assert_int_equal(spread_length(scene.entries + 3, 2), 0);
    end(&scene);
}

static void what_hangs_together_stays_together_and_in_order(void **state)
{
    struct scene scene;

    (void)state;
    begin(&scene);
    for (int i = 0; i < 4; i++)
        add(&scene, ENTRY_TABLE, 0);
    add(&scene, ENTRY_COMMENT, 3);
    add(&scene, ENTRY_TABLE_ATTACH, 1);
    add(&scene, ENTRY_COMMENT, 6);
    spread(&scene, 1);
    assert_int_equal(scene.spread.count, 4);
    assert_int_equal(bundle_of(&scene, 3), bundle_of(&scene, 5));
    assert_int_equal(bundle_of(&scene, 1), bundle_of(&scene, 7));
    assert_int_equal(scene.spread.entries[0]->dump_id, 1);
    assert_int_equal(scene.spread.entries[1]->dump_id, 6);
    assert_int_equal(scene.spread.entries[2]->dump_id, 7);
    end(&scene);
}

static void what_is_not_among_the_entries_does_not_matter(void **state)
{
    struct scene scene;

    (void)state;
    begin(&scene);
    add(&scene, ENTRY_TABLE, 1000);
    add(&scene, ENTRY_TABLE, 1000);
    spread(&scene, 1);
    assert_int_equal(scene.spread.count, 2);
    end(&scene);
}

static void no_entries_are_no_bundles(void **state)
{
    struct scene scene;

    (void)state;
    begin(&scene);
    spread(&scene, 5);
    assert_int_equal(scene.spread.count, 0);
    end(&scene);
}

/* Each entry is there once, behind what it needs, and nothing that it needs is in another bundle.
 */
static void check(const struct scene *scene)
{
    bool has_come[MOST + 1] = {false};
    size_t at = 0;

    for (size_t bundle = 0; bundle < scene->spread.count; bundle++) {
        assert_true(scene->spread.ends[bundle] > at);
        for (; at < scene->spread.ends[bundle]; at++) {
            const struct toc_entry *entry = scene->spread.entries[at];
            int need = entry->dependencies[0];

            assert_false(has_come[entry->dump_id]);
            has_come[entry->dump_id] = true;
            if (need > 0) {
                assert_true(has_come[need]);
                assert_int_equal(bundle_of(scene, need), bundle);
            }
        }
    }
    assert_int_equal(at, scene->count);
}

static void no_bundle_needs_another(void **state)
{
    (void)state;
    for (unsigned round = 1; round <= 200; round++) {
        unsigned seed = round;
        struct scene scene;
        size_t count = 1 + (size_t)rand_r(&seed) % (MOST - 1);

        begin(&scene);
        for (size_t i = 0; i < count; i++)
            add(&scene, ENTRY_TABLE,
                i > 0 && rand_r(&seed) % 3 == 0 ? 1 + rand_r(&seed) % (int)i : 0);
        spread(&scene, 1 + (size_t)rand_r(&seed) % 20);
        check(&scene);
        end(&scene);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_tables_and_what_belongs_to_them_are_spread),
        cmocka_unit_test(what_hangs_together_stays_together_and_in_order),
        cmocka_unit_test(what_is_not_among_the_entries_does_not_matter),
        cmocka_unit_test(no_entries_are_no_bundles),
        cmocka_unit_test(no_bundle_needs_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
