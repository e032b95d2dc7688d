#include "engine/dump/plan.h"

#include "engine/base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 16 };

/* A database of a few tables. Oids are dump ids + 100, heap blocks have 8 kB. */
struct scene {
    struct toc *toc;
    struct arena *arena;
    struct relation relations[MOST];
    size_t relation_count;
    struct cut cuts[MOST];
    struct schema schema;
    struct dump_plan plan;
    struct toc *planned;
};

static struct toc_entry *add(struct scene *scene, int dump_id, enum entry_type type,
                             enum toc_section section)
{
    struct toc_entry *entry = toc_add_entry(scene->toc);

    entry->dump_id = dump_id;
    entry->oid = (uint32_t)dump_id + 100;
    entry->type = type;
    entry->desc = entry_type_facts(type)->desc;
    entry->section = section;
    entry->schema = "public";
    entry->tag = "t";
    return entry;
}

static void add_table(struct scene *scene, int dump_id, const char *name, uint64_t blocks,
                      unsigned pieces)
{
    struct toc_entry *data = add(scene, dump_id, ENTRY_TABLE_DATA, SECTION_DATA);
    int *table = arena_allocate(scene->arena, 1, sizeof(*table));

    *table = 1;
    data->dependencies = table;
    data->dependency_count = 1;
    data->has_data = true;
    data->copy_statement = arena_print(scene->arena, "COPY %s (a) FROM stdin;\n", name);
    data->file_name = arena_print(scene->arena, "%d.dat", dump_id);
    scene->relations[scene->relation_count++] = (struct relation){
        .oid = data->oid, .kind = 'r', .is_heap = true, .name = name, .heap_bytes = blocks * 8192};
    scene->cuts[scene->toc->count - 1].pieces = pieces;
}

static bool make(struct scene *scene, const uint32_t *large_objects, size_t count,
                 struct error *error)
{
    assert_true(toc_seal(scene->toc, error));
    scene->schema = (struct schema){scene->relations, scene->relation_count, 8192};

    const struct dump_plan_request request = {
        .toc = scene->toc,
        .schema = &scene->schema,
        .cuts = scene->cuts,
        .large_objects = large_objects,
        .large_object_count = count,
    };

    return dump_plan_make(&scene->plan, &scene->planned, scene->arena, &request, error);
}

static int set_up(void **state)
{
    struct scene *scene = memory_allocate(1, sizeof(*scene));

    scene->toc = toc_create();
    scene->toc->header.version_minor = TOC_VERSION_CODEC;
    scene->arena = arena_create();
    add(scene, 1, ENTRY_TABLE, SECTION_PRE_DATA);
    *state = scene;
    return 0;
}

static int tear_down(void **state)
{
    struct scene *scene = *state;

    toc_free(scene->planned);
    toc_free(scene->toc);
    arena_free(scene->arena);
    free(scene);
    return 0;
}

static void the_largest_goes_first_and_pieces_share_the_cost(void **state)
{
    struct scene *scene = *state;
    struct error error;

    add_table(scene, 2, "small", 10, 1);
    add_table(scene, 3, "big", 90, 3);
    add_table(scene, 4, "middle", 20, 0);
    assert_true(make(scene, NULL, 0, &error));

    static const char *const order[] = {"big", "big", "big", "middle", "small"};

    assert_int_equal(scene->plan.count, 5);
    for (size_t i = 0; i < 5; i++)
        assert_string_equal(scene->plan.tasks[i].relation->name, order[i]);
    assert_int_equal(scene->plan.tasks[0].cost_bytes, 30 * 8192);
    assert_int_equal(scene->plan.table_count, 3);
    assert_int_equal(scene->plan.piece_count, 5);
    assert_int_equal(scene->plan.total_bytes, 120 * 8192);
}

/* The pieces of a table, each block in one of them. */
static void pieces_follow_one_another_and_have_entries_of_their_own(void **state)
{
    struct scene *scene = *state;
    struct error error;

    add_table(scene, 2, "big", 90, 3);
    assert_true(make(scene, NULL, 0, &error));
    assert_non_null(strstr(scene->plan.tasks[0].copy_sql, "WHERE ctid < '(30,0)'"));
    assert_non_null(
        strstr(scene->plan.tasks[1].copy_sql, "WHERE ctid >= '(30,0)' AND ctid < '(60,0)'"));
    assert_non_null(strstr(scene->plan.tasks[2].copy_sql, "WHERE ctid >= '(60,0)'"));
    assert_string_equal(scene->plan.tasks[0].entry->file_name, "2.dat");
    assert_string_equal(scene->plan.tasks[1].entry->file_name, "3.dat");
    assert_string_equal(scene->plan.tasks[2].entry->file_name, "4.dat");
}

/* Each piece says so itself: it is what it is loaded by. */
static void rows_in_binary_format_are_called_so(void **state)
{
    struct scene *scene = *state;
    struct error error;

    add_table(scene, 2, "big", 90, 2);
    scene->relations[0].is_binary = true;
    add_table(scene, 3, "small", 10, 1);
    assert_true(make(scene, NULL, 0, &error));
    for (size_t i = 0; i < 2; i++) {
        const struct copy_task *task = &scene->plan.tasks[i];

        assert_true(task->is_binary);
        assert_non_null(strstr(task->copy_sql, ") TO STDOUT WITH (FORMAT binary)"));
        assert_string_equal(task->entry->copy_statement,
                            "COPY big (a) FROM stdin WITH (FORMAT binary);\n");
    }
    assert_false(scene->plan.tasks[2].is_binary);
    assert_string_equal(scene->plan.tasks[2].entry->copy_statement, "COPY small (a) FROM stdin;\n");
}

static void a_table_that_is_not_there_is_an_error_and_not_left_out(void **state)
{
    struct scene *scene = *state;
    struct error error;

    add_table(scene, 2, "gone", 10, 1);
    scene->relation_count = 0;
    assert_false(make(scene, NULL, 0, &error));
    assert_int_equal(error.kind, ERROR_SERVER);
}

static void data_of_an_unknown_kind_is_an_error_and_not_left_out(void **state)
{
    struct scene *scene = *state;
    struct error error;

    add(scene, 2, ENTRY_STATISTICS_DATA, SECTION_DATA)->has_data = true;
    assert_false(make(scene, NULL, 0, &error));
    assert_int_equal(error.kind, ERROR_UNSUPPORTED);
}

static void large_objects_come_from_their_entries(void **state)
{
    struct scene *scene = *state;
    struct error error;

    add(scene, 2, ENTRY_BLOB, SECTION_PRE_DATA);
    add(scene, 3, ENTRY_BLOBS, SECTION_DATA)->has_data = true;
    assert_true(make(scene, NULL, 0, &error));
    assert_int_equal(scene->plan.large_object_count, 1);
    assert_int_equal(scene->plan.tasks[0].oids[0], 102);
}

/* A pg_dump up to 16 that was asked for the data section alone lists none. */
static void large_objects_come_from_the_database_where_it_was_asked(void **state)
{
    static const uint32_t all[] = {7, 8, 9};
    struct scene *scene = *state;
    struct error error;

    add(scene, 3, ENTRY_BLOBS, SECTION_DATA)->has_data = true;
    assert_true(make(scene, all, 3, &error));
    assert_int_equal(scene->plan.large_object_count, 3);
    assert_int_equal(scene->plan.tasks[0].oids[2], 9);
}

static void many_large_objects_are_several_tasks(void **state)
{
    static uint32_t all[1201];
    struct scene *scene = *state;
    struct error error;
    size_t planned = 0;

    add(scene, 3, ENTRY_BLOBS, SECTION_DATA)->has_data = true;
    assert_true(make(scene, all, 1201, &error));
    assert_true(scene->plan.count > 1);
    for (size_t i = 0; i < scene->plan.count; i++)
        planned += scene->plan.tasks[i].oid_count;
    assert_int_equal(planned, 1201);
}

/* In pieces like those of a table, but they are none in the report. */
static void packed_large_objects_are_cut_and_counted(void **state)
{
    struct scene *scene = *state;
    struct error error;

    add(scene, 2, ENTRY_BLOB, SECTION_PRE_DATA);
    add(scene, 3, ENTRY_BLOB, SECTION_PRE_DATA);
    add_table(scene, 4, "pg_catalog.pg_largeobject", 90, 3);
    scene->toc->entries[3]->schema = "pg_catalog";
    scene->toc->entries[3]->tag = "pg_largeobject";
    assert_true(make(scene, NULL, 0, &error));
    assert_int_equal(scene->plan.count, 3);
    assert_int_equal(scene->plan.large_object_count, 2);
    assert_int_equal(scene->plan.table_count, 0);
    assert_int_equal(scene->plan.piece_count, 0);
    assert_null(scene->plan.tasks[0].lock_name);
}

int main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SCENE(the_largest_goes_first_and_pieces_share_the_cost),
        SCENE(pieces_follow_one_another_and_have_entries_of_their_own),
        SCENE(rows_in_binary_format_are_called_so),
        SCENE(a_table_that_is_not_there_is_an_error_and_not_left_out),
        SCENE(data_of_an_unknown_kind_is_an_error_and_not_left_out),
        SCENE(large_objects_come_from_their_entries),
        SCENE(large_objects_come_from_the_database_where_it_was_asked),
        SCENE(many_large_objects_are_several_tasks),
        SCENE(packed_large_objects_are_cut_and_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
