#include "engine/compare/subjects.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct toc *toc;
    struct live live;
    struct live_relation relations[16];
    struct subjects subjects;
};

static int set_up(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);

    fixture->toc = toc_create();
    fixture->live.relations = fixture->relations;
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    toc_free(fixture->toc);
    test_free(fixture);
    return 0;
}

static void add_data(struct fixture *fixture, const char *table, const char *copy_statement)
{
    struct toc_entry *entry = toc_add_entry(fixture->toc);

    *entry = (struct toc_entry){.type = ENTRY_TABLE_DATA,
                                .has_data = true,
                                .schema = "s",
                                .tag = table,
                                .copy_statement = copy_statement,
                                .file_name = "1.dat"};
}

/* Returns its oid. */
static uint32_t add_live(struct fixture *fixture, const char *table, char kind, const char *columns,
                         uint32_t parent)
{
    uint32_t oid = (uint32_t)(100 + fixture->live.count);

    assert_true(fixture->live.count < 16);
    fixture->relations[fixture->live.count++] = (struct live_relation){.oid = oid,
                                                                       .parent = parent,
                                                                       .schema = "s",
                                                                       .name = table,
                                                                       .columns = columns,
                                                                       .kind = kind};
    return oid;
}

static void make(struct fixture *fixture)
{
    struct error error;

    live_seal(&fixture->live, fixture->toc->arena);
    assert_true(subjects_make(&fixture->subjects, fixture->toc->arena, fixture->toc, &fixture->live,
                              &error));
}

static const struct subject *find(const struct fixture *fixture, const char *table)
{
    for (size_t i = 0; i < fixture->subjects.count; i++)
        if (strcmp(fixture->subjects.items[i].name, table) == 0)
            return &fixture->subjects.items[i];
    return NULL;
}

static void pieces_of_a_table_are_one_subject(void **state)
{
    struct fixture *fixture = *state;

    add_live(fixture, "t", 'r', "(a, b)", 0);
    add_live(fixture, "u", 'r', "", 0);
    add_data(fixture, "t", "COPY s.t (a, b) FROM stdin;\n");
    add_data(fixture, "u", "COPY s.u  FROM stdin;\n");
    add_data(fixture, "t", "COPY s.t (a, b) FROM stdin;\n");
    make(fixture);
    assert_int_equal(fixture->subjects.count, 2);
    assert_int_equal(find(fixture, "t")->entry_count, 2);
    assert_int_equal(find(fixture, "t")->relation_count, 1);
    assert_int_equal(find(fixture, "t")->form, ROW_FORM_TEXT);
    assert_null(find(fixture, "t")->difference);
    assert_null(find(fixture, "u")->difference);
}

static void what_needs_no_rows_to_be_seen(void **state)
{
    struct fixture *fixture = *state;

    add_live(fixture, "more", 'r', "(a, \"B\")", 0);
    add_live(fixture, "less", 'r', "(a)", 0);
    add_live(fixture, "sequence", 'S', "", 0);
    add_data(fixture, "more", "COPY s.more (a) FROM stdin;\n");
    add_data(fixture, "less", "COPY s.less (b, a) FROM stdin;\n");
    add_data(fixture, "gone", "COPY s.gone (a) FROM stdin;\n");
    add_data(fixture, "sequence", "COPY s.sequence (a) FROM stdin;\n");
    make(fixture);
    assert_string_equal(find(fixture, "more")->difference,
                        "the archive's table lacks column \"B\"");
    assert_string_equal(find(fixture, "less")->difference,
                        "the database's table lacks column \"b\"");
    assert_string_equal(find(fixture, "gone")->difference, "the database has no such table");
    assert_string_equal(find(fixture, "sequence")->difference, "the database has no such table");
}

static void through_a_root_the_whole_tree_is_one_subject(void **state)
{
    struct fixture *fixture = *state;
    uint32_t root = add_live(fixture, "root", 'p', "(a, b)", 0);
    uint32_t middle = add_live(fixture, "middle", 'p', "(a, b)", root);

    add_live(fixture, "one", 'r', "(a, b)", root);
    add_live(fixture, "two", 'r', "(b, a)", middle);
    add_live(fixture, "three", 'r', "(a, b)", middle);
    add_live(fixture, "other", 'r', "(a)", 0);
    add_data(fixture, "one", "COPY s.one (a, b) FROM stdin;\n");
    add_data(fixture, "two", "COPY s.root (b, a) FROM stdin;\n");
    add_data(fixture, "other", "COPY s.other (a) FROM stdin;\n");
    make(fixture);
    assert_int_equal(fixture->subjects.count, 2);

    const struct subject *subject = find(fixture, "root");

    assert_int_equal(subject->entry_count, 2);
    assert_int_equal(subject->relation_count, 3);
    assert_null(subject->difference);
    assert_true(subject->has_orders);
    assert_memory_equal(subject_columns_of(subject, live_find(&fixture->live, "s", "two")).data,
                        "(b, a)", 6);
    assert_memory_equal(subject_columns_of(subject, live_find(&fixture->live, "s", "three")).data,
                        "(a, b)", 6);
}

static void foreign_partitions_count_where_the_archive_has_them(void **state)
{
    struct fixture *fixture = *state;
    uint32_t root = add_live(fixture, "root", 'p', "(a)", 0);

    add_live(fixture, "one", 'r', "(a)", root);
    add_live(fixture, "two", 'f', "(a)", root);
    add_live(fixture, "three", 'f', "(a)", root);
    add_data(fixture, "one", "COPY s.root (a) FROM stdin;\n");
    add_data(fixture, "three", "COPY s.three (a) FROM stdin;\n");
    make(fixture);
    assert_int_equal(fixture->subjects.count, 1);
    assert_int_equal(find(fixture, "root")->relation_count, 2);
}

static void partitions_with_rows_of_their_own_stay_apart(void **state)
{
    struct fixture *fixture = *state;
    uint32_t root = add_live(fixture, "root", 'p', "(a)", 0);

    add_live(fixture, "one", 'r', "(a)", root);
    add_live(fixture, "two", 'r', "(a)", root);
    add_data(fixture, "one", "COPY s.one (a) FROM stdin;\n");
    add_data(fixture, "two", "COPY s.two (a) FROM stdin;\n");
    make(fixture);
    assert_int_equal(fixture->subjects.count, 2);
}

static void rows_in_both_forms_are_only_counted(void **state)
{
    struct fixture *fixture = *state;

    add_live(fixture, "t", 'r', "(a)", 0);
    add_data(fixture, "t", "COPY s.t (a) FROM stdin;\n");
    add_data(fixture, "t", "COPY s.t (a) FROM stdin WITH (FORMAT binary);\n");
    make(fixture);
    assert_true(find(fixture, "t")->counts_only);
}

static void inserts_cannot_be_compared(void **state)
{
    struct fixture *fixture = *state;

    add_live(fixture, "t", 'r', "(a)", 0);
    add_data(fixture, "t", NULL);
    make(fixture);
    assert_int_equal(find(fixture, "t")->error.kind, ERROR_UNSUPPORTED);
}

static void tables_that_the_archive_lacks_are_found(void **state)
{
    struct fixture *fixture = *state;
    size_t count;

    add_live(fixture, "t", 'r', "(a)", 0);
    add_live(fixture, "u", 'r', "(a)", 0);
    add_live(fixture, "v", 'p', "(a)", 0);
    add_live(fixture, "w", 'r', "(a)", 0);
    fixture->relations[3].is_of_extension = true;
    add_data(fixture, "t", "COPY s.t (a) FROM stdin;\n");
    make(fixture);

    const struct live_relation **others =
        subjects_find_others(&fixture->subjects, fixture->toc->arena, &fixture->live, &count);

    assert_int_equal(count, 1);
    assert_string_equal(others[0]->name, "u");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(pieces_of_a_table_are_one_subject, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_needs_no_rows_to_be_seen, set_up, tear_down),
        cmocka_unit_test_setup_teardown(through_a_root_the_whole_tree_is_one_subject, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(foreign_partitions_count_where_the_archive_has_them, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(partitions_with_rows_of_their_own_stay_apart, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(rows_in_both_forms_are_only_counted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(inserts_cannot_be_compared, set_up, tear_down),
        cmocka_unit_test_setup_teardown(tables_that_the_archive_lacks_are_found, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
