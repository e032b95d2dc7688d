#include "engine/restore/analyses.h"

#include "engine/base/error.h"
#include "engine/base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { IDS = 512 };

struct scene {
    struct toc *toc;
    struct arena *arena;
    struct selection selection;
    struct selected_entry selected[IDS];
    uint64_t stored_bytes[IDS];
    struct table_graph graph;
    struct analyses analyses;
};

static struct toc_entry *add(struct scene *scene, enum entry_type type, int depends_on,
                             unsigned wanted)
{
    struct toc_entry *entry = toc_add_entry(scene->toc);
    int *dependency = arena_allocate(scene->arena, 1, sizeof *dependency);
    size_t place = scene->selection.count++;

    *dependency = depends_on;
    entry->dump_id = (int)place + 1;
    entry->type = type;
    entry->desc = entry_type_facts(type)->desc;
    entry->schema = "public";
    entry->tag = arena_print(scene->arena, "thing_%d", entry->dump_id);
    entry->definition = "";
    entry->dependencies = dependency;
    entry->dependency_count = depends_on != 0;
    scene->selected[place] = (struct selected_entry){.entry = entry, .wanted = wanted};
    return entry;
}

static int add_table(struct scene *scene)
{
    return add(scene, ENTRY_TABLE, 0, WANT_SCHEMA)->dump_id;
}

static struct toc_entry *add_data(struct scene *scene, int table, uint64_t bytes)
{
    struct toc_entry *data = add(scene, ENTRY_TABLE_DATA, table, WANT_DATA);

    data->has_data = true;
    data->file_name = "data.dat";
    scene->stored_bytes[scene->selection.count - 1] = bytes;
    return data;
}

static void choose(struct scene *scene)
{
    struct error error;

    assert_true(toc_seal(scene->toc, &error));
    table_graph_make(&scene->graph, scene->arena, scene->toc, &scene->selection,
                     scene->stored_bytes);
    analyses_choose(&scene->analyses, scene->arena, scene->toc, &scene->selection, &scene->graph);
}

static int set_up(void **state)
{
    struct scene *scene = memory_allocate(1, sizeof *scene);

    scene->toc = toc_create();
    scene->arena = arena_create();
    scene->selection.entries = scene->selected;
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    table_graph_clear(&scene->graph);
    arena_free(scene->arena);
    toc_free(scene->toc);
    free(scene);
    return 0;
}

static void small_tables_go_together_and_large_ones_alone(void **state)
{
    struct scene *scene = *state;

    add_data(scene, add_table(scene), 10);
    add_data(scene, add_table(scene), UINT64_C(1) << 40);
    add_data(scene, add_table(scene), 10);
    add_data(scene, add_table(scene), 10);
    choose(scene);

    assert_int_equal(scene->analyses.count, 3);
    assert_int_equal(scene->analyses.items[0].count, 1);
    assert_int_equal(scene->analyses.items[1].count, 1);
    assert_int_equal(scene->analyses.items[2].count, 2);
}

static void a_statement_names_a_hundred_tables_at_most(void **state)
{
    struct scene *scene = *state;

    for (int i = 0; i < 150; i++)
        add_data(scene, add_table(scene), 1);
    choose(scene);

    assert_int_equal(scene->analyses.count, 2);
    assert_int_equal(scene->analyses.items[0].count, 100);
    assert_int_equal(scene->analyses.items[1].count, 50);
}

static void tables_without_rows_to_restore_are_left_alone(void **state)
{
    struct scene *scene = *state;

    add_table(scene);
    add_data(scene, add_table(scene), 1);
    scene->selected[2].wanted = 0;
    choose(scene);

    assert_int_equal(scene->analyses.count, 0);
}

static void statistics_that_the_archive_brings_are_not_gathered(void **state)
{
    struct scene *scene = *state;
    int brought = add_table(scene), left_out = add_table(scene), extended = add_table(scene);

    add_data(scene, brought, 1);
    add_data(scene, left_out, 1);
    add_data(scene, extended, 1);
    add(scene, ENTRY_STATISTICS_DATA, brought, WANT_STATISTICS);
    add(scene, ENTRY_STATISTICS_DATA, left_out, 0);
    add(scene, ENTRY_STATISTICS_DATA, extended, WANT_STATISTICS);
    add(scene, ENTRY_STATISTICS, extended, WANT_SCHEMA);
    choose(scene);

    assert_int_equal(scene->analyses.count, 1);
    assert_int_equal(scene->analyses.items[0].count, 2);
    assert_int_equal(scene->analyses.items[0].relations[0].entry->dependencies[0], left_out);
    assert_int_equal(scene->analyses.items[0].relations[1].entry->dependencies[0], extended);
}

static void views_are_analyzed_one_by_one_when_they_are_filled(void **state)
{
    struct scene *scene = *state;
    int view = add(scene, ENTRY_MATERIALIZED_VIEW, 0, WANT_SCHEMA)->dump_id;

    add(scene, ENTRY_MATERIALIZED_VIEW_DATA, view, WANT_SCHEMA);
    add(scene, ENTRY_MATERIALIZED_VIEW_DATA, view, 0);
    choose(scene);

    assert_int_equal(scene->analyses.count, 1);
    assert_int_equal(scene->analyses.items[0].relations[0].table, NO_NUMBER);
}

static void attach(struct scene *scene, int whole, int part)
{
    struct toc_entry *entry = add(scene, ENTRY_TABLE_ATTACH, 0, WANT_SCHEMA);
    int *dependencies = arena_allocate(scene->arena, 2, sizeof(int));

    dependencies[0] = part;
    dependencies[1] = whole;
    entry->tag = scene->toc->entries[part - 1]->tag;
    entry->dependencies = dependencies;
    entry->dependency_count = 2;
}

static void a_partitioned_table_is_analyzed_if_a_partition_is(void **state)
{
    struct scene *scene = *state;
    int root = add_table(scene), branch = add_table(scene), leaf = add_table(scene);

    scene->toc->entries[root - 1]->definition =
        "CREATE TABLE a (\n    i integer\n)\nPARTITION BY LIST (i);";
    scene->toc->entries[branch - 1]->definition =
        "CREATE TABLE b (\n    i integer\n)\nPARTITION BY LIST (i);";
    attach(scene, root, branch);
    attach(scene, branch, leaf);
    add_data(scene, leaf, 1);
    choose(scene);

    assert_int_equal(scene->analyses.count, 3);
    assert_false(scene->analyses.items[0].relations[0].is_partitioned);
    assert_true(scene->analyses.items[0].relations[0].is_partition);
    for (int i = 1; i < 3; i++) {
        const struct analyzed_relation *relation = &scene->analyses.items[i].relations[0];
        assert_true(relation->is_partitioned);
        assert_int_equal(relation->is_partition, relation->entry->dump_id == branch);
    }
}

int main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SCENE(small_tables_go_together_and_large_ones_alone),
        SCENE(a_statement_names_a_hundred_tables_at_most),
        SCENE(tables_without_rows_to_restore_are_left_alone),
        SCENE(statistics_that_the_archive_brings_are_not_gathered),
        SCENE(views_are_analyzed_one_by_one_when_they_are_filled),
        SCENE(a_partitioned_table_is_analyzed_if_a_partition_is),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
