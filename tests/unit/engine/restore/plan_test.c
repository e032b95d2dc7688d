#include "engine/restore/plan.h"

#include "engine/base/error.h"
#include "engine/base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { IDS = 64 };

/* A small archive: entries by dump id, all wanted unless said otherwise. */
struct scene {
    struct toc *toc;
    struct arena *arena;
    struct selection selection;
    struct selected_entry selected[IDS];
    uint64_t stored_bytes[IDS];
    struct plan plan;
};

static struct toc_entry *add(struct scene *scene, int dump_id, enum entry_type type,
                             enum toc_section section)
{
    struct toc_entry *entry = toc_add_entry(scene->toc);
    size_t place = scene->selection.count++;

    entry->dump_id = dump_id;
    entry->type = type;
    entry->desc = entry_type_facts(type)->desc;
    entry->section = section;
    entry->schema = "public";
    entry->tag = "thing";
    entry->definition = "SELECT 1";
    scene->selected[place] =
        (struct selected_entry){.entry = entry, .wanted = WANT_SCHEMA, .section = section};
    return entry;
}

static void depend(struct scene *scene, struct toc_entry *entry, int dump_id)
{
    int *copy = arena_allocate(scene->arena, entry->dependency_count + 1, sizeof(int));

    if (entry->dependency_count > 0)
        memcpy(copy, entry->dependencies, entry->dependency_count * sizeof(int));
    copy[entry->dependency_count++] = dump_id;
    entry->dependencies = copy;
}

static void add_table(struct scene *scene, int dump_id, const char *name)
{
    add(scene, dump_id, ENTRY_TABLE, SECTION_PRE_DATA)->tag = name;
}

static struct toc_entry *add_data(struct scene *scene, int dump_id, int table_id, uint64_t bytes)
{
    struct toc_entry *entry = add(scene, dump_id, ENTRY_TABLE_DATA, SECTION_DATA);
    size_t place = scene->selection.count - 1;

    entry->has_data = true;
    entry->file_name = "data.dat";
    depend(scene, entry, table_id);
    scene->selected[place].wanted = WANT_DATA;
    scene->stored_bytes[place] = bytes;
    return entry;
}

static struct toc_entry *add_post(struct scene *scene, int dump_id, enum entry_type type,
                                  int depends_on)
{
    struct toc_entry *entry = add(scene, dump_id, type, SECTION_POST_DATA);

    depend(scene, entry, depends_on);
    return entry;
}

static void unwant(struct scene *scene, int dump_id)
{
    for (size_t i = 0; i < scene->selection.count; i++) {
        if (scene->selected[i].entry->dump_id == dump_id)
            scene->selected[i].wanted = 0;
    }
}

static void make(struct scene *scene, struct plan_options options)
{
    struct error error;

    assert_true(toc_seal(scene->toc, &error));
    plan_make(&scene->plan, scene->arena, scene->toc, &scene->selection, scene->stored_bytes,
              &options);
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

    arena_free(scene->arena);
    toc_free(scene->toc);
    free(scene);
    return 0;
}

static unsigned step_of(const struct scene *scene, int dump_id, enum plan_action action)
{
    for (unsigned i = 0; i < scene->plan.step_count; i++) {
        const struct plan_step *step = &scene->plan.steps[i];
        if (step->entry != NULL && step->entry->dump_id == dump_id && step->action == action)
            return i;
    }
    fail_msg("no such step: entry %d", dump_id);
    return 0;
}

/* True when `late` does not start as long as `early` has not ended, whatever else has. */
static bool waits_for(const struct scene *scene, unsigned late, unsigned early)
{
    struct schedule *schedule = schedule_create(scene->plan.nodes, scene->plan.step_count);
    bool is_late_started = false;
    unsigned node;

    while (schedule_next(schedule, &node)) {
        if (node == late)
            is_late_started = true;
        if (node != early)
            schedule_finish(schedule, node);
    }
    schedule_free(schedule);
    return !is_late_started;
}

static bool has_circles(const struct scene *scene)
{
    struct schedule *schedule = schedule_create(scene->plan.nodes, scene->plan.step_count);
    unsigned node;

    while (schedule_next(schedule, &node))
        schedule_finish(schedule, node);
    bool has_some = schedule_broken_cycles(schedule, &node) > 0;
    schedule_free(schedule);
    return has_some;
}

/* The order in which one session would work, as dump ids; only steps with something to do. */
static size_t work_alone(const struct scene *scene, int *order)
{
    struct schedule *schedule = schedule_create(scene->plan.nodes, scene->plan.step_count);
    size_t count = 0;
    unsigned node;

    while (schedule_next(schedule, &node)) {
        if (plan_step_is_work(&scene->plan.steps[node]))
            order[count++] = scene->plan.steps[node].entry->dump_id;
        schedule_finish(schedule, node);
    }
    assert_true(schedule_is_done(schedule));
    schedule_free(schedule);
    return count;
}

static void assert_order(const struct scene *scene, const int *expected, size_t count)
{
    int order[3 * IDS];

    assert_int_equal(work_alone(scene, order), count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(order[i], expected[i]);
}

static void definitions_and_their_comments_come_first_in_list_order(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 3, "a");
    add(scene, 9, ENTRY_COMMENT, SECTION_NONE);
    add_table(scene, 2, "b");
    add_data(scene, 4, 3, 10);
    add(scene, 5, ENTRY_COMMENT, SECTION_NONE);
    add(scene, 6, ENTRY_ACL, SECTION_NONE);
    make(scene, (struct plan_options){.keeps_order = false});

    assert_int_equal(scene->plan.serial_count, 3);
    assert_int_equal(scene->plan.serial[0]->dump_id, 3);
    assert_int_equal(scene->plan.serial[1]->dump_id, 9);
    assert_int_equal(scene->plan.serial[2]->dump_id, 2);
    assert_int_equal(scene->plan.wanted_count, 6);
}

static void an_index_waits_for_every_chunk_of_its_table(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "big");
    add_data(scene, 2, 1, 100);
    add_data(scene, 3, 1, 1);
    add_data(scene, 4, 1, 50);
    add_post(scene, 5, ENTRY_INDEX, 1);
    /* Names one chunk; the whole table is meant. */
    add_post(scene, 6, ENTRY_CONSTRAINT, 3);
    make(scene, (struct plan_options){.keeps_order = false});

    for (int chunk = 2; chunk <= 4; chunk++) {
        unsigned load = step_of(scene, chunk, PLAN_LOAD_TABLE);
        assert_true(waits_for(scene, step_of(scene, 5, PLAN_DEFINE), load));
        assert_true(waits_for(scene, step_of(scene, 6, PLAN_DEFINE), load));
    }
    assert_int_equal(scene->plan.table_count, 1);
    assert_int_equal(scene->plan.tables[0].data_count, 3);
}

static void chunks_of_one_table_do_not_wait_for_each_other(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "big");
    add_data(scene, 2, 1, 100);
    add_data(scene, 3, 1, 100);
    make(scene, (struct plan_options){.keeps_order = false});

    assert_false(
        waits_for(scene, step_of(scene, 2, PLAN_LOAD_TABLE), step_of(scene, 3, PLAN_LOAD_TABLE)));
    assert_false(
        waits_for(scene, step_of(scene, 3, PLAN_LOAD_TABLE), step_of(scene, 2, PLAN_LOAD_TABLE)));
}

static void an_entry_that_closes_a_table_waits_for_the_chunks_it_names(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "big");
    add_data(scene, 2, 1, 100);
    struct toc_entry *last = add_data(scene, 3, 1, 1);
    depend(scene, last, 2);
    make(scene, (struct plan_options){.keeps_order = false});

    assert_true(
        waits_for(scene, step_of(scene, 3, PLAN_LOAD_TABLE), step_of(scene, 2, PLAN_LOAD_TABLE)));
}

static void the_largest_goes_first_unless_order_is_kept(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "small");
    add_table(scene, 2, "large");
    add_data(scene, 3, 1, 10);
    add_data(scene, 4, 2, 1000 * 1000 * 1000);
    add_post(scene, 5, ENTRY_INDEX, 2);
    make(scene, (struct plan_options){.keeps_order = false});
    assert_order(scene, (int[]){4, 5, 3}, 3);

    plan_make(&scene->plan, scene->arena, scene->toc, &scene->selection, scene->stored_bytes,
              &(struct plan_options){.keeps_order = true});
    assert_order(scene, (int[]){3, 4, 5}, 3);
}

static void what_is_not_wanted_passes_its_dependencies_on(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "a");
    add_data(scene, 2, 1, 10);
    add_post(scene, 3, ENTRY_CONSTRAINT, 1);
    add_post(scene, 4, ENTRY_FK_CONSTRAINT, 3);
    unwant(scene, 3);
    make(scene, (struct plan_options){.keeps_order = false});

    assert_true(
        waits_for(scene, step_of(scene, 4, PLAN_DEFINE), step_of(scene, 2, PLAN_LOAD_TABLE)));
    assert_order(scene, (int[]){2, 4}, 2);
}

static void add_partitioned(struct scene *scene)
{
    add_table(scene, 1, "parent");
    add_table(scene, 2, "one");
    add_table(scene, 3, "two");
    for (int child = 2; child <= 3; child++) {
        struct toc_entry *attach = add(scene, 10 + child, ENTRY_TABLE_ATTACH, SECTION_PRE_DATA);
        attach->tag = child == 2 ? "one" : "two";
        depend(scene, attach, child);
        depend(scene, attach, 1);
    }
    add_data(scene, 4, 2, 10);
    add_data(scene, 5, 3, 10);
}

static void a_foreign_key_of_a_partitioned_table_waits_for_its_partitions(void **state)
{
    struct scene *scene = *state;

    add_partitioned(scene);
    add_post(scene, 6, ENTRY_FK_CONSTRAINT, 1);
    make(scene, (struct plan_options){.keeps_order = false});

    unsigned key = step_of(scene, 6, PLAN_DEFINE);
    assert_true(waits_for(scene, key, step_of(scene, 4, PLAN_LOAD_TABLE)));
    assert_true(waits_for(scene, key, step_of(scene, 5, PLAN_LOAD_TABLE)));
    assert_int_equal(scene->plan.nodes[key].lock_count, 3);
}

static void tables_in_a_circle_of_kinship_do_not_hang(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "a");
    add_table(scene, 2, "b");
    depend(scene, scene->toc->entries[0], 2);
    depend(scene, scene->toc->entries[1], 1);
    add_data(scene, 3, 1, 10);
    add_post(scene, 4, ENTRY_FK_CONSTRAINT, 1);
    make(scene, (struct plan_options){.keeps_order = false});

    int order[IDS];
    assert_int_equal(work_alone(scene, order), 2);
}

static void triggers_are_off_around_all_chunks(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "big");
    unwant(scene, 1);
    add_data(scene, 2, 1, 10);
    add_data(scene, 3, 1, 10);
    make(scene, (struct plan_options){.disables_triggers = true});

    unsigned off = step_of(scene, 2, PLAN_DISABLE_TRIGGERS);
    unsigned on = step_of(scene, 2, PLAN_ENABLE_TRIGGERS);
    for (int chunk = 2; chunk <= 3; chunk++) {
        unsigned load = step_of(scene, chunk, PLAN_LOAD_TABLE);
        assert_true(waits_for(scene, load, off));
        assert_true(waits_for(scene, on, load));
    }
    assert_order(scene, (int[]){2, 2, 3, 2}, 4);
}

static void triggers_of_a_table_without_wanted_data_stay_as_they_are(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "a");
    add_data(scene, 2, 1, 10);
    unwant(scene, 2);
    make(scene, (struct plan_options){.disables_triggers = true});

    assert_order(scene, NULL, 0);
}

static void statistics_wait_for_the_rows(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "a");
    add_data(scene, 2, 1, 10);
    struct toc_entry *statistics = add(scene, 3, ENTRY_STATISTICS_DATA, SECTION_DATA);
    depend(scene, statistics, 1);
    make(scene, (struct plan_options){.keeps_order = false});

    assert_true(
        waits_for(scene, step_of(scene, 3, PLAN_DEFINE), step_of(scene, 2, PLAN_LOAD_TABLE)));
}

static void privileges_then_refreshes_then_event_triggers_come_last(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "a");
    struct toc_entry *grant = add(scene, 2, ENTRY_ACL, SECTION_NONE);
    depend(scene, grant, 1);
    add_data(scene, 3, 1, 10);
    add(scene, 4, ENTRY_EVENT_TRIGGER, SECTION_POST_DATA);
    struct toc_entry *comment = add(scene, 5, ENTRY_COMMENT, SECTION_NONE);
    comment->tag = "EVENT TRIGGER thing";
    depend(scene, comment, 4);
    add(scene, 6, ENTRY_MATERIALIZED_VIEW_DATA, SECTION_POST_DATA);
    add_post(scene, 7, ENTRY_INDEX, 1);
    make(scene, (struct plan_options){.keeps_order = false});

    assert_order(scene, (int[]){3, 7, 2, 6, 4, 5}, 6);
}

/* pg_dump names the trigger that a partition has its own from only if it is the very parent's. */
static void what_switches_a_trigger_waits_until_all_are_made(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "root");
    add_table(scene, 2, "leaf");
    struct toc_entry *comment = add(scene, 3, ENTRY_COMMENT, SECTION_NONE);
    comment->tag = "TRIGGER audit ON leaf";
    add_post(scene, 4, ENTRY_TRIGGER, 2)->definition =
        "\nALTER TABLE public.leaf DISABLE TRIGGER audit;\n";
    depend(scene, comment, 4);
    add_post(scene, 5, ENTRY_TRIGGER, 1)->definition = "CREATE TRIGGER audit AFTER INSERT ...";
    make(scene, (struct plan_options){.keeps_order = false});

    unsigned made = step_of(scene, 5, PLAN_DEFINE);
    assert_true(waits_for(scene, step_of(scene, 4, PLAN_DEFINE), made));
    assert_true(waits_for(scene, step_of(scene, 3, PLAN_DEFINE), made));
    assert_order(scene, (int[]){5, 4, 3}, 3);
}

/* Owners who are subject to it may not check a key while it is in force. */
static void row_security_waits_for_the_keys(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "a");
    add_post(scene, 2, ENTRY_ROW_SECURITY, 1);
    add_post(scene, 3, ENTRY_FK_CONSTRAINT, 1);
    depend(scene, add(scene, 4, ENTRY_ACL, SECTION_NONE), 1);
    make(scene, (struct plan_options){.keeps_order = false});

    assert_order(scene, (int[]){3, 2, 4}, 3);
}

static void grants_on_one_object_do_not_run_together(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "a");
    for (int id = 2; id <= 3; id++)
        depend(scene, add(scene, id, ENTRY_ACL, SECTION_NONE), 1);
    make(scene, (struct plan_options){.keeps_order = false});

    unsigned node;
    struct schedule *schedule = schedule_create(scene->plan.nodes, scene->plan.step_count);
    assert_true(schedule_next(schedule, &node));
    assert_false(schedule_next(schedule, &node));
    schedule_free(schedule);
}

static void grants_on_schemas_go_before_grants_in_them(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "a");
    depend(scene, add(scene, 2, ENTRY_ACL, SECTION_NONE), 1);
    add(scene, 3, ENTRY_ACL, SECTION_NONE)->tag = "SCHEMA sales";
    make(scene, (struct plan_options){.keeps_order = false});

    assert_true(waits_for(scene, step_of(scene, 2, PLAN_DEFINE), step_of(scene, 3, PLAN_DEFINE)));
}

static void indexes_of_one_table_run_together_and_constraints_do_not(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "a");
    add_post(scene, 2, ENTRY_INDEX, 1);
    add_post(scene, 3, ENTRY_INDEX, 1);
    add_post(scene, 4, ENTRY_CONSTRAINT, 1);
    make(scene, (struct plan_options){.keeps_order = false});

    unsigned node, started = 0;
    struct schedule *schedule = schedule_create(scene->plan.nodes, scene->plan.step_count);
    while (schedule_next(schedule, &node))
        started++;
    schedule_free(schedule);
    assert_int_equal(started, 2);
}

static void tables_of_extensions_are_loaded_in_archive_order(void **state)
{
    struct scene *scene = *state;

    /* Their definitions, 20 and 21, are not in the archive. */
    add_data(scene, 2, 20, 10);
    add_data(scene, 3, 21, 1000);
    add_table(scene, 22, "last");
    make(scene, (struct plan_options){.keeps_order = false});

    assert_true(
        waits_for(scene, step_of(scene, 3, PLAN_LOAD_TABLE), step_of(scene, 2, PLAN_LOAD_TABLE)));
}

static struct toc_entry *add_key(struct scene *scene, int dump_id, const char *tag, int referring,
                                 int referred)
{
    struct toc_entry *key = add_post(scene, dump_id, ENTRY_FK_CONSTRAINT, referring);

    key->tag = tag;
    depend(scene, key, referred);
    return key;
}

static void rows_come_in_the_order_of_keys_that_are_there_already(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "parent");
    add_table(scene, 2, "child");
    add_data(scene, 3, 1, 10);
    add_data(scene, 4, 2, 1000);
    add_key(scene, 5, "child key", 2, 1);
    add_key(scene, 6, "parent key", 1, 2);
    unwant(scene, 5);
    unwant(scene, 6);
    make(scene, (struct plan_options){.keeps_order = false});

    assert_order(scene, (int[]){3, 4}, 2);
}

static void keys_yet_to_come_leave_rows_free(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "parent");
    add_table(scene, 2, "child");
    add_data(scene, 3, 1, 10);
    add_data(scene, 4, 2, 1000);
    add_key(scene, 5, "child key", 2, 1);
    make(scene, (struct plan_options){.keeps_order = false});

    assert_order(scene, (int[]){4, 3, 5}, 3);
}

static void a_key_on_a_partitioned_table_orders_its_partitions(void **state)
{
    struct scene *scene = *state;

    add_partitioned(scene);
    add_table(scene, 20, "child");
    add_data(scene, 21, 20, 1000);
    add_key(scene, 22, "child key", 20, 1);
    unwant(scene, 22);
    make(scene, (struct plan_options){.keeps_order = false});

    assert_order(scene, (int[]){4, 5, 21}, 3);
}

static void a_table_that_was_created_is_known_to_its_data(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "a");
    add_data(scene, 2, 1, 10);
    make(scene, (struct plan_options){.keeps_order = false});

    const struct plan_step *step = &scene->plan.steps[step_of(scene, 2, PLAN_LOAD_TABLE)];
    assert_false(step->table->is_created);
    plan_table_created(&scene->plan, toc_find(scene->toc, 1));
    assert_true(step->table->is_created);
    assert_true(plan_step_is_work(step));
}

static void a_table_that_failed_bars_all_its_chunks(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "a");
    add_data(scene, 2, 1, 10);
    add_data(scene, 3, 1, 10);
    add_post(scene, 4, ENTRY_INDEX, 1);
    make(scene, (struct plan_options){.keeps_order = false});

    plan_table_failed(&scene->plan, toc_find(scene->toc, 1));
    assert_order(scene, (int[]){4}, 1);
}

static void dependencies_on_nothing_known_are_harmless(void **state)
{
    struct scene *scene = *state;

    add_data(scene, 1, 5000, 10);
    add_data(scene, 2, -7, 10);
    add_post(scene, 3, ENTRY_INDEX, 900000);
    add_post(scene, 4, ENTRY_FK_CONSTRAINT, 0);
    depend(scene, add(scene, 5, ENTRY_ACL, SECTION_NONE), -1);
    make(scene, (struct plan_options){.disables_triggers = true});

    int order[3 * IDS];
    assert_int_equal(work_alone(scene, order), 9);
}

static void an_entry_without_a_file_holds_no_rows(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "a");
    add_data(scene, 2, 1, 0)->file_name = "";
    make(scene, (struct plan_options){.keeps_order = false});

    assert_order(scene, NULL, 0);
}

/* 20,000 objects or so: the size of their list, times what an entry's stored bytes are a multiple
 * of. */
static struct toc_entry *add_many_blobs(struct scene *scene, int dump_id)
{
    struct toc_entry *entry = add_data(scene, dump_id, 1, (uint64_t)20000 * 28 * 1024);

    entry->type = ENTRY_BLOBS;
    return entry;
}

static void large_objects_are_shared_out_and_all_shares_waited_for(void **state)
{
    struct scene *scene = *state;

    add(scene, 1, ENTRY_BLOB, SECTION_PRE_DATA);
    add_many_blobs(scene, 2);
    add_post(scene, 3, ENTRY_COMMENT, 2);
    make(scene, (struct plan_options){.keeps_order = false});

    unsigned first = step_of(scene, 2, PLAN_LOAD_BLOBS);
    unsigned parts = scene->plan.steps[first].parts;
    assert_true(parts > 1);
    for (unsigned part = 0; part < parts; part++) {
        assert_int_equal(scene->plan.steps[first + part].part, part);
        assert_ptr_equal(scene->plan.steps[first + part].entry, scene->plan.steps[first].entry);
        assert_true(waits_for(scene, step_of(scene, 3, PLAN_DEFINE), first + part));
        assert_false(waits_for(scene, first + part, first + (part + 1) % parts));
    }
}

static void one_session_loads_large_objects_in_one_step(void **state)
{
    struct scene *scene = *state;

    add_many_blobs(scene, 2);
    make(scene, (struct plan_options){.keeps_order = true});

    assert_int_equal(scene->plan.steps[step_of(scene, 2, PLAN_LOAD_BLOBS)].parts, 1);
}

static void a_table_is_analyzed_when_its_rows_indexes_and_statistics_are_there(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "a");
    add_data(scene, 2, 1, 10);
    add_post(scene, 3, ENTRY_INDEX, 1);
    add_post(scene, 4, ENTRY_STATISTICS, 1);
    add(scene, 5, ENTRY_MATERIALIZED_VIEW_DATA, SECTION_POST_DATA);
    make(scene, (struct plan_options){.gathers_statistics = true});

    unsigned analyze = step_of(scene, 2, PLAN_ANALYZE);
    unsigned refresh = step_of(scene, 5, PLAN_DEFINE);
    assert_true(waits_for(scene, analyze, step_of(scene, 2, PLAN_LOAD_TABLE)));
    assert_true(waits_for(scene, analyze, step_of(scene, 3, PLAN_DEFINE)));
    assert_true(waits_for(scene, analyze, step_of(scene, 4, PLAN_DEFINE)));
    assert_true(waits_for(scene, refresh, analyze));
    assert_true(waits_for(scene, step_of(scene, 5, PLAN_ANALYZE), refresh));
}

static void partitions_are_analyzed_before_the_whole(void **state)
{
    struct scene *scene = *state;

    add_partitioned(scene);
    scene->toc->entries[0]->definition =
        "CREATE TABLE parent (\n    i integer\n)\nPARTITION BY LIST (i);";
    make(scene, (struct plan_options){.gathers_statistics = true});

    unsigned whole = step_of(scene, 1, PLAN_ANALYZE);
    assert_true(waits_for(scene, whole, step_of(scene, 4, PLAN_ANALYZE)));
    assert_true(scene->plan.steps[whole].analysis->relations[0].is_partitioned);
}

static void parents_and_heirs_in_two_groups_of_analyses_make_no_circle(void **state)
{
    enum { FILLS_A_GROUP = 4 * 1024 * 1024 };
    struct scene *scene = *state;

    add_table(scene, 1, "parent");
    add_table(scene, 2, "other_parent");
    add(scene, 3, ENTRY_TABLE, SECTION_PRE_DATA)->tag = "heir";
    depend(scene, scene->toc->entries[2], 1);
    add(scene, 4, ENTRY_TABLE, SECTION_PRE_DATA)->tag = "other_heir";
    depend(scene, scene->toc->entries[3], 2);
    add_data(scene, 5, 1, FILLS_A_GROUP / 2);
    add_data(scene, 6, 4, FILLS_A_GROUP / 2);
    add_data(scene, 7, 2, FILLS_A_GROUP / 2);
    add_data(scene, 8, 3, FILLS_A_GROUP / 2);
    make(scene, (struct plan_options){.gathers_statistics = true});

    assert_int_equal(scene->plan.steps[step_of(scene, 7, PLAN_ANALYZE)].analysis->count, 2);
    assert_false(has_circles(scene));
}

static void a_key_and_analyze_of_one_table_do_not_run_together(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "a");
    add_data(scene, 2, 1, 10);
    add_post(scene, 3, ENTRY_FK_CONSTRAINT, 1);
    make(scene, (struct plan_options){.gathers_statistics = true});

    assert_true(
        lock_modes_conflict(scene->plan.nodes[step_of(scene, 2, PLAN_ANALYZE)].locks[0].mode,
                            scene->plan.nodes[step_of(scene, 3, PLAN_DEFINE)].locks[0].mode));
}

static struct toc_entry *add_large_data(struct scene *scene, int dump_id, int table_id)
{
    struct toc_entry *data = add_data(scene, dump_id, table_id, 100 << 20);

    data->tag = "big";
    data->copy_statement = "COPY public.big (id) FROM stdin;\n";
    return data;
}

static unsigned parts_of(const struct scene *scene, int dump_id)
{
    return scene->plan.steps[step_of(scene, dump_id, PLAN_LOAD_TABLE)].parts;
}

static void rows_of_one_large_table_are_shared_out_and_all_shares_waited_for(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "big");
    add_large_data(scene, 2, 1);
    add_post(scene, 3, ENTRY_INDEX, 1);
    make(scene, (struct plan_options){.sessions = 4});

    unsigned first = step_of(scene, 2, PLAN_LOAD_TABLE);
    assert_int_equal(parts_of(scene, 2), 4);
    for (unsigned part = 0; part < 4; part++)
        assert_true(waits_for(scene, step_of(scene, 3, PLAN_DEFINE), first + part));
}

static void rows_that_do_not_have_their_table_to_themselves_stay_in_one_stream(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "big");
    add_large_data(scene, 2, 1);
    add_large_data(scene, 3, 1);
    add_table(scene, 4, "big");
    add_large_data(scene, 5, 4)->definition = "-- load via partition root public.root";
    add_large_data(scene, 6, 7); /* of an extension */
    make(scene, (struct plan_options){.sessions = 64});
    for (int data = 2; data <= 6; data += data == 3 ? 2 : 1)
        assert_int_equal(parts_of(scene, data), 1);
}

static void only_rows_of_copy_are_shared_out(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "big");
    add_large_data(scene, 2, 1)->copy_statement =
        "COPY public.big (id) FROM stdin WITH (FORMAT binary);\n";
    add_table(scene, 3, "big");
    add_large_data(scene, 4, 3)->copy_statement = NULL;
    make(scene, (struct plan_options){.sessions = 64});
    assert_int_equal(parts_of(scene, 2), 32);
    assert_int_equal(parts_of(scene, 4), 1);
}

enum { LARGE = 64 * 1024 * 1024 };

/* Two large tables: 1 is referred to by 2, whose constraints are 5 to 8. */
static void add_large_tables(struct scene *scene)
{
    add_table(scene, 1, "dim");
    add_table(scene, 2, "fact");
    add_data(scene, 3, 1, LARGE);
    add_data(scene, 4, 2, LARGE);
    add_post(scene, 5, ENTRY_CONSTRAINT, 1)->definition =
        "ALTER TABLE ONLY public.dim\n    ADD CONSTRAINT dim_pkey PRIMARY KEY (id);\n";
    add_post(scene, 6, ENTRY_INDEX, 2)->definition = "CREATE INDEX i ON public.fact (id);\n";
    for (int id = 7; id <= 8; id++) {
        struct toc_entry *key = add_post(scene, id, ENTRY_FK_CONSTRAINT, 5);
        depend(scene, key, 2);
        depend(scene, key, 1);
        key->definition = "ALTER TABLE ONLY public.fact\n    ADD CONSTRAINT a FOREIGN KEY (a) "
                          "REFERENCES public.dim(id);\n";
    }
}

static bool can_run_together(const struct scene *scene, unsigned one, unsigned other)
{
    const struct schedule_node *nodes = scene->plan.nodes;

    for (size_t i = 0; i < nodes[one].lock_count; i++)
        for (size_t j = 0; j < nodes[other].lock_count; j++)
            if (nodes[one].locks[i].number == nodes[other].locks[j].number &&
                lock_modes_conflict(nodes[one].locks[i].mode, nodes[other].locks[j].mode))
                return false;
    return true;
}

/* Of an index whose parts have parts, the last one of each line may make the top valid. */
static void nothing_is_attached_to_an_index_beside_another(void **state)
{
    struct scene *scene = *state;

    add_table(scene, 1, "top");
    for (int id = 2; id <= 5; id++)
        add_post(scene, id, ENTRY_INDEX, 1);
    for (int id = 6; id <= 7; id++) {
        struct toc_entry *attach = add_post(scene, id, ENTRY_INDEX_ATTACH, id - 4);
        depend(scene, attach, id - 2);
    }
    make(scene, (struct plan_options){.keeps_order = false});
    assert_false(
        can_run_together(scene, step_of(scene, 6, PLAN_DEFINE), step_of(scene, 7, PLAN_DEFINE)));
    assert_true(
        can_run_together(scene, step_of(scene, 6, PLAN_DEFINE), step_of(scene, 2, PLAN_DEFINE)));
}

/* The last part completes the index above it, for which the server locks the table at the top. */
static void nothing_is_attached_while_a_table_further_up_is_locked(void **state)
{
    struct scene *scene = *state;

    for (int id = 1; id <= 3; id++)
        add_table(scene, id, (const char *[]){"top", "middle", "leaf"}[id - 1]);
    depend(scene, scene->toc->entries[1], 1);
    depend(scene, scene->toc->entries[2], 2);
    add_table(scene, 4, "other");
    add_post(scene, 5, ENTRY_INDEX, 2);
    add_post(scene, 6, ENTRY_INDEX, 3);
    struct toc_entry *attach = add_post(scene, 7, ENTRY_INDEX_ATTACH, 6);
    for (int id = 5; id >= 2; id -= id == 5 ? 2 : 1)
        depend(scene, attach, id);
    add_post(scene, 8, ENTRY_FK_CONSTRAINT, 1);
    add_post(scene, 9, ENTRY_FK_CONSTRAINT, 4);
    make(scene, (struct plan_options){.keeps_order = false});

    unsigned attached = step_of(scene, 7, PLAN_DEFINE);
    assert_false(can_run_together(scene, attached, step_of(scene, 8, PLAN_DEFINE)));
    assert_true(can_run_together(scene, attached, step_of(scene, 9, PLAN_DEFINE)));
}

static void constraints_of_large_tables_go_in_two_halves(void **state)
{
    struct scene *scene = *state;

    add_large_tables(scene);
    struct toc_entry *comment = add_post(scene, 9, ENTRY_COMMENT, 5);
    comment->tag = "CONSTRAINT";
    make(scene, (struct plan_options){.keeps_order = false});

    unsigned build = step_of(scene, 5, PLAN_DEFINE);
    unsigned attach = step_of(scene, 5, PLAN_DEFINE_SECOND_HALF);
    unsigned add = step_of(scene, 7, PLAN_DEFINE);
    unsigned validate = step_of(scene, 7, PLAN_DEFINE_SECOND_HALF);
    assert_int_equal(attach, build + 1);
    assert_true(waits_for(scene, attach, build));
    assert_true(waits_for(scene, add, attach));
    assert_true(waits_for(scene, validate, add));
    assert_true(waits_for(scene, step_of(scene, 9, PLAN_DEFINE), attach));
    assert_true(waits_for(scene, build, step_of(scene, 3, PLAN_LOAD_TABLE)));
}

static void keys_are_added_while_others_are_validated_but_not_on_their_table(void **state)
{
    struct scene *scene = *state;

    add_large_tables(scene);
    add_table(scene, 10, "other");
    add_data(scene, 11, 10, LARGE);
    struct toc_entry *key = add_post(scene, 12, ENTRY_FK_CONSTRAINT, 5);
    depend(scene, key, 10);
    depend(scene, key, 1);
    key->definition = "ALTER TABLE ONLY public.other\n    ADD CONSTRAINT a FOREIGN KEY (a) "
                      "REFERENCES public.dim(id);\n";
    make(scene, (struct plan_options){.keeps_order = false});

    unsigned add = step_of(scene, 7, PLAN_DEFINE);
    unsigned validate = step_of(scene, 7, PLAN_DEFINE_SECOND_HALF);
    unsigned add_other = step_of(scene, 12, PLAN_DEFINE);
    unsigned validate_other = step_of(scene, 12, PLAN_DEFINE_SECOND_HALF);
    assert_true(can_run_together(scene, validate, validate_other));
    assert_true(can_run_together(scene, validate, add_other));
    assert_false(can_run_together(scene, add, add_other));
    assert_false(can_run_together(scene, validate, step_of(scene, 8, PLAN_DEFINE)));
    assert_false(can_run_together(scene, validate, step_of(scene, 6, PLAN_DEFINE)));
}

static void a_key_is_built_beside_an_index_and_attached_alone(void **state)
{
    struct scene *scene = *state;

    add_large_tables(scene);
    add_post(scene, 10, ENTRY_INDEX, 1)->definition = "CREATE INDEX j ON public.dim (id);\n";
    make(scene, (struct plan_options){.keeps_order = false});

    unsigned index = step_of(scene, 10, PLAN_DEFINE);
    assert_true(can_run_together(scene, step_of(scene, 5, PLAN_DEFINE), index));
    assert_false(can_run_together(scene, step_of(scene, 5, PLAN_DEFINE_SECOND_HALF), index));
}

static void without_its_first_half_there_is_no_second(void **state)
{
    struct scene *scene = *state;

    add_large_tables(scene);
    make(scene, (struct plan_options){.keeps_order = false});

    const struct plan_step *first = &scene->plan.steps[step_of(scene, 5, PLAN_DEFINE)];
    assert_true(plan_step_is_work(first + 1));
    plan_step_failed(&scene->plan, first);
    assert_false(plan_step_is_work(first + 1));
}

static void expect_whole(const struct scene *scene, int dump_id)
{
    for (size_t i = 0; i < scene->plan.step_count; i++)
        if (scene->plan.steps[i].entry != NULL && scene->plan.steps[i].entry->dump_id == dump_id)
            assert_null(scene->plan.steps[i].halved);
}

static void constraints_stay_whole_where_halves_gain_nothing(void **state)
{
    struct scene *scene = *state;

    add_large_tables(scene);
    scene->stored_bytes[2] = scene->stored_bytes[3] = 1000;
    make(scene, (struct plan_options){.keeps_order = false});
    expect_whole(scene, 5);
    expect_whole(scene, 7);

    scene->stored_bytes[2] = scene->stored_bytes[3] = LARGE;
    plan_make(&scene->plan, scene->arena, scene->toc, &scene->selection, scene->stored_bytes,
              &(struct plan_options){.keeps_order = true});
    expect_whole(scene, 5);
    expect_whole(scene, 7);
}

static void keys_to_what_may_be_partitioned_stay_whole_before_18(void **state)
{
    struct scene *scene = *state;

    add_large_tables(scene);
    add_table(scene, 10, "dim_1");
    struct toc_entry *attach = add(scene, 11, ENTRY_TABLE_ATTACH, SECTION_PRE_DATA);
    attach->tag = "dim_1";
    depend(scene, attach, 10);
    depend(scene, attach, 1);
    /* To a table that is not in the archive. */
    struct toc_entry *key = add_post(scene, 12, ENTRY_FK_CONSTRAINT, 2);
    key->definition = "ALTER TABLE ONLY public.fact\n    ADD CONSTRAINT a FOREIGN KEY (a) "
                      "REFERENCES elsewhere.dim(id);\n";
    make(scene, (struct plan_options){.keeps_order = false});

    expect_whole(scene, 12);
    step_of(scene, 7, PLAN_DEFINE_SECOND_HALF);
    plan_fit_server(&scene->plan, 180000);
    step_of(scene, 7, PLAN_DEFINE_SECOND_HALF);
    plan_fit_server(&scene->plan, 179999);
    expect_whole(scene, 7);
    const struct plan_step *whole = &scene->plan.steps[step_of(scene, 7, PLAN_DEFINE)];
    assert_null(strstr(whole->entry->definition, "NOT VALID"));
    assert_false(plan_step_is_work(whole + 1));
}

static void the_primary_key_of_a_partition_stays_whole(void **state)
{
    struct scene *scene = *state;

    add_partitioned(scene);
    scene->stored_bytes[5] = LARGE;
    add_post(scene, 6, ENTRY_CONSTRAINT, 2)->definition =
        "ALTER TABLE ONLY public.one\n    ADD CONSTRAINT one_pkey PRIMARY KEY (id);\n";
    add_post(scene, 7, ENTRY_CONSTRAINT, 2)->definition =
        "ALTER TABLE ONLY public.one\n    ADD CONSTRAINT one_key UNIQUE (id);\n";
    make(scene, (struct plan_options){.keeps_order = false});

    expect_whole(scene, 6);
    assert_non_null(scene->plan.steps[step_of(scene, 7, PLAN_DEFINE)].halved);
}

int main(void)
{
#define SCENE(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        SCENE(definitions_and_their_comments_come_first_in_list_order),
        SCENE(an_index_waits_for_every_chunk_of_its_table),
        SCENE(chunks_of_one_table_do_not_wait_for_each_other),
        SCENE(an_entry_that_closes_a_table_waits_for_the_chunks_it_names),
        SCENE(the_largest_goes_first_unless_order_is_kept),
        SCENE(what_is_not_wanted_passes_its_dependencies_on),
        SCENE(a_foreign_key_of_a_partitioned_table_waits_for_its_partitions),
        SCENE(tables_in_a_circle_of_kinship_do_not_hang),
        SCENE(triggers_are_off_around_all_chunks),
        SCENE(triggers_of_a_table_without_wanted_data_stay_as_they_are),
        SCENE(statistics_wait_for_the_rows),
        SCENE(privileges_then_refreshes_then_event_triggers_come_last),
        SCENE(what_switches_a_trigger_waits_until_all_are_made),
        SCENE(row_security_waits_for_the_keys),
        SCENE(grants_on_one_object_do_not_run_together),
        SCENE(grants_on_schemas_go_before_grants_in_them),
        SCENE(indexes_of_one_table_run_together_and_constraints_do_not),
        SCENE(tables_of_extensions_are_loaded_in_archive_order),
        SCENE(rows_come_in_the_order_of_keys_that_are_there_already),
        SCENE(keys_yet_to_come_leave_rows_free),
        SCENE(a_key_on_a_partitioned_table_orders_its_partitions),
        SCENE(a_table_that_was_created_is_known_to_its_data),
        SCENE(a_table_that_failed_bars_all_its_chunks),
        SCENE(dependencies_on_nothing_known_are_harmless),
        SCENE(an_entry_without_a_file_holds_no_rows),
        SCENE(large_objects_are_shared_out_and_all_shares_waited_for),
        SCENE(one_session_loads_large_objects_in_one_step),
        SCENE(a_table_is_analyzed_when_its_rows_indexes_and_statistics_are_there),
        SCENE(partitions_are_analyzed_before_the_whole),
        SCENE(parents_and_heirs_in_two_groups_of_analyses_make_no_circle),
        SCENE(a_key_and_analyze_of_one_table_do_not_run_together),
        SCENE(rows_of_one_large_table_are_shared_out_and_all_shares_waited_for),
        SCENE(rows_that_do_not_have_their_table_to_themselves_stay_in_one_stream),
        SCENE(only_rows_of_copy_are_shared_out),

        SCENE(nothing_is_attached_to_an_index_beside_another),
        SCENE(nothing_is_attached_while_a_table_further_up_is_locked),
        SCENE(constraints_of_large_tables_go_in_two_halves),
        SCENE(keys_are_added_while_others_are_validated_but_not_on_their_table),
        SCENE(a_key_is_built_beside_an_index_and_attached_alone),
        SCENE(without_its_first_half_there_is_no_second),
        SCENE(constraints_stay_whole_where_halves_gain_nothing),
        SCENE(the_primary_key_of_a_partition_stays_whole),
        SCENE(keys_to_what_may_be_partitioned_stay_whole_before_18),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
