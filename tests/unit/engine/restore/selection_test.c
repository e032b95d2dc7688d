#include "engine/restore/selection.h"

#include "engine/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A small shop, dumped: what each test asks for is told in tags, in restore order. */
struct fixture {
    struct toc *toc;
    struct arena *arena;
    struct selection_options options;
    struct selection selection;
    struct error error;
};

struct row {
    const char *desc, *schema, *tag;
    int section; /* enum toc_section, by the short names below */
    int dependency;
    bool has_data;
};

enum { PRE = SECTION_PRE_DATA, DATA = SECTION_DATA, POST = SECTION_POST_DATA, NONE = SECTION_NONE };

static const struct row shop[] = {
    {"ENCODING", NULL, "ENCODING", PRE, 0, false},                 /* 1 */
    {"DATABASE", NULL, "shop", PRE, 0, false},                     /* 2 */
    {"ACL", NULL, "DATABASE shop", NONE, 2, false},                /* 3 */
    {"SCHEMA", NULL, "sales", PRE, 0, false},                      /* 4 */
    {"FUNCTION", "sales", "price(integer)", PRE, 4, false},        /* 5 */
    {"TABLE", "sales", "item", PRE, 4, false},                     /* 6 */
    {"COMMENT", "sales", "TABLE item", NONE, 6, false},            /* 7 */
    {"ACL", "sales", "TABLE item", NONE, 6, false},                /* 8 */
    {"ACL", "sales", "COLUMN item.a", NONE, 8, false},             /* 9 */
    {"SEQUENCE", "public", "number", PRE, 0, false},               /* 10 */
    {"BLOB METADATA", NULL, "7", DATA, 0, false},                  /* 11 */
    {"ACL", NULL, "LARGE OBJECT 7", NONE, 11, false},              /* 12 */
    {"TABLE DATA", "sales", "item", DATA, 6, true},                /* 13 */
    {"SEQUENCE SET", "public", "number", DATA, 0, false},          /* 14 */
    {"STATISTICS DATA", "sales", "item", DATA, 6, false},          /* 15 */
    {"INDEX", "sales", "item_a", POST, 6, false},                  /* 16 */
    {"COMMENT", "sales", "INDEX item_a", NONE, 16, false},         /* 17 */
    {"TRIGGER", "sales", "item watch", POST, 6, false},            /* 18 */
    {"POLICY", "sales", "item own", POST, 6, false},               /* 19 */
    {"COMMENT", "sales", "POLICY own ON item", NONE, 19, false},   /* 20 */
    {"PUBLICATION", NULL, "news", POST, 0, false},                 /* 21 */
    {"SECURITY LABEL", NULL, "PUBLICATION news", NONE, 21, false}, /* 22 */
    {"SUBSCRIPTION", NULL, "feed", POST, 0, false},                /* 30: dump ids have gaps */
};

static void add_row(struct toc *toc, const struct row *row)
{
    struct toc_entry *entry = toc_add_entry(toc);
    entry->dump_id = (int)toc->count;
    entry->desc = row->desc;
    entry->type = entry_type_of(row->desc);
    entry->schema = row->schema;
    entry->tag = row->tag;
    entry->section = (enum toc_section)row->section;
    entry->has_data = row->has_data;
    entry->definition = row->has_data ? NULL : "x";
    entry->dependencies = &row->dependency;
    entry->dependency_count = row->dependency != 0;
}

static int open_fixture(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.toc = toc_create(), .arena = arena_create()};
    for (size_t i = 0; i < sizeof(shop) / sizeof(shop[0]); i++)
        add_row(fixture.toc, &shop[i]);
    fixture.toc->entries[fixture.toc->count - 1]->dump_id = 30;
    assert_true(toc_seal(fixture.toc, &fixture.error));
    *state = &fixture;
    return 0;
}

static int close_fixture(void **state)
{
    struct fixture *fixture = *state;
    toc_free(fixture->toc);
    arena_free(fixture->arena);
    return 0;
}

static struct name_list names(struct fixture *fixture, const char *name)
{
    const char **items = arena_allocate(fixture->arena, 1, sizeof(*items));
    items[0] = name;
    return (struct name_list){items, 1};
}

/* The dump ids of what is wanted, special entries aside. */
static void assert_selected(struct fixture *fixture, const char *expected)
{
    struct text text;
    text_init(&text, TEXT_MAXIMUM);
    assert_true(selection_make(&fixture->selection, fixture->arena, fixture->toc, &fixture->options,
                               &fixture->error));
    assert_int_equal(fixture->selection.count, fixture->toc->count);
    for (size_t i = 0; i < fixture->selection.count; i++) {
        const struct selected_entry *selected = &fixture->selection.entries[i];
        if (selected->wanted & ~(unsigned)WANT_SPECIAL)
            text_print(&text, "%s%d", text.length_bytes ? " " : "", selected->entry->dump_id);
    }
    assert_string_equal(text.data, expected);
    text_clear(&text);
}

static void assert_refused(struct fixture *fixture, const char *message)
{
    assert_false(selection_make(&fixture->selection, fixture->arena, fixture->toc,
                                &fixture->options, &fixture->error));
    assert_int_equal(fixture->error.kind, ERROR_USAGE);
    assert_string_equal(fixture->error.message, message);
}

static unsigned wanted_of(const struct fixture *fixture, int dump_id)
{
    for (size_t i = 0; i < fixture->selection.count; i++)
        if (fixture->selection.entries[i].entry->dump_id == dump_id)
            return fixture->selection.entries[i].wanted;
    fail();
    return 0;
}

static void everything_but_the_database_is_wanted_by_default(void **state)
{
    struct fixture *fixture = *state;
    assert_selected(fixture, "4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 30");
    assert_int_equal(wanted_of(fixture, 1), WANT_SPECIAL);
    assert_int_equal(wanted_of(fixture, 6), WANT_SCHEMA);
    assert_int_equal(wanted_of(fixture, 11), WANT_DATA);
    assert_int_equal(wanted_of(fixture, 12), WANT_DATA);
    assert_int_equal(wanted_of(fixture, 13), WANT_DATA);
    assert_int_equal(wanted_of(fixture, 14), WANT_DATA);
    assert_int_equal(wanted_of(fixture, 15), WANT_STATISTICS);
}

static void create_brings_the_database_with_its_remarks(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.create = true;
    fixture->options.sections = SELECT_POST_DATA;
    assert_selected(fixture, "2 16 17 18 19 20 21 22 30");
    fixture->options.sections = SELECT_PRE_DATA;
    assert_selected(fixture, "2 3 4 5 6 7 8 9 10");
}

static void kinds_can_be_chosen(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.data_only = true;
    assert_selected(fixture, "11 12 13 14");
    fixture->options = (struct selection_options){.schema_only = true};
    assert_selected(fixture, "4 5 6 7 8 9 10 16 17 18 19 20 21 22 30");
    fixture->options = (struct selection_options){.statistics_only = true};
    assert_selected(fixture, "15");
    fixture->options = (struct selection_options){.no_schema = true, .no_data = true};
    assert_selected(fixture, "15");
}

static void kinds_that_exclude_each_other_are_refused(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.data_only = true;
    fixture->options.schema_only = true;
    assert_refused(fixture, "options -s/--schema-only and -a/--data-only cannot be used together");
    fixture->options.schema_only = false;
    fixture->options.no_data = true;
    assert_refused(fixture, "options -a/--data-only and --no-data cannot be used together");
}

static void a_remark_belongs_to_the_section_before_it(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.sections = SELECT_DATA;
    assert_selected(fixture, "11 12 13 14 15");
    assert_int_equal(fixture->selection.entries[11].section, SECTION_DATA);
    assert_int_equal(fixture->selection.entries[6].section, SECTION_PRE_DATA);
}

static void classes_can_be_left_out_with_the_remarks_on_them(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.sections = SELECT_PRE_DATA;
    fixture->options.no_privileges = true;
    assert_selected(fixture, "4 5 6 7 10");
    fixture->options.no_comments = true;
    assert_selected(fixture, "4 5 6 10");
    fixture->options = (struct selection_options){
        .sections = SELECT_POST_DATA, .no_policies = true, .no_publications = true};
    assert_selected(fixture, "16 17 18 30");
    fixture->options = (struct selection_options){
        .sections = SELECT_POST_DATA, .no_security_labels = true, .no_subscriptions = true};
    assert_selected(fixture, "16 17 18 19 20 21");
}

static void a_schema_brings_what_is_in_it_but_not_itself(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.schemas = names(fixture, "sales");
    assert_selected(fixture, "5 6 7 8 13 15 16 17 18 19 20");
    fixture->options = (struct selection_options){.excluded_schemas = names(fixture, "sales")};
    assert_selected(fixture, "4 10 11 12 14 21 22 30");
}

static void a_table_brings_its_data_and_remarks_but_no_index(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.tables = names(fixture, "item");
    assert_selected(fixture, "6 7 8 13 15");
    fixture->options.indexes = names(fixture, "item_a");
    assert_selected(fixture, "6 7 8 13 15 16 17");
}

static void functions_and_triggers_are_named_by_their_tags(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.functions = names(fixture, "price(integer)");
    fixture->options.triggers = names(fixture, "item watch");
    assert_selected(fixture, "5 18");
}

static void strict_names_must_all_be_found(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.tables = names(fixture, "item");
    fixture->options.strict_names = true;
    assert_selected(fixture, "6 7 8 13 15");
    fixture->options.schemas = names(fixture, "nowhere");
    assert_refused(fixture, "schema \"nowhere\" not found");
    fixture->options.strict_names = false;
    assert_selected(fixture, "");
}

static void a_use_list_chooses_and_orders(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.use_list = "; a comment\n16; 1259 5 INDEX\n\n  6 ; whatever\n17";
    assert_selected(fixture, "16 6 17");
    assert_int_equal(fixture->selection.warning_count, 0);
    /* Sections follow the new order. */
    assert_int_equal(fixture->selection.entries[22].section, SECTION_PRE_DATA);
}

static void bad_lines_of_a_use_list_are_ignored_with_a_warning(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.use_list = "6\nx y;\n6 again\n-1\n0\n31\n99999999999999999999\n";
    assert_selected(fixture, "6");
    assert_int_equal(fixture->selection.warning_count, 6);
    assert_string_equal(fixture->selection.warnings[0], "line ignored: x y");
    assert_string_equal(fixture->selection.warnings[1], "line ignored: 6 again");
}

static void a_use_list_cannot_name_what_is_not_there(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.use_list = "30\n25\n";
    assert_refused(fixture, "could not find entry for ID 25");
}

static void the_mark_of_a_chunk_is_no_definition(void **state)
{
    struct fixture *fixture = *state;
    fixture->toc->entries[12]->definition = "-- load via partition root sales.item";
    assert_selected(fixture, "4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 30");
    assert_int_equal(wanted_of(fixture, 13), WANT_DATA);
}

static void an_entry_without_definition_has_nothing_to_restore(void **state)
{
    struct fixture *fixture = *state;
    fixture->toc->entries[5]->definition = "";
    fixture->options.sections = SELECT_PRE_DATA;
    assert_selected(fixture, "4 5 7 8 9 10");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_but_the_database_is_wanted_by_default),
        TEST(create_brings_the_database_with_its_remarks),
        TEST(kinds_can_be_chosen),
        TEST(kinds_that_exclude_each_other_are_refused),
        TEST(a_remark_belongs_to_the_section_before_it),
        TEST(classes_can_be_left_out_with_the_remarks_on_them),
        TEST(a_schema_brings_what_is_in_it_but_not_itself),
        TEST(a_table_brings_its_data_and_remarks_but_no_index),
        TEST(functions_and_triggers_are_named_by_their_tags),
        TEST(strict_names_must_all_be_found),
        TEST(a_use_list_chooses_and_orders),
        TEST(bad_lines_of_a_use_list_are_ignored_with_a_warning),
        TEST(a_use_list_cannot_name_what_is_not_there),
        TEST(the_mark_of_a_chunk_is_no_definition),
        TEST(an_entry_without_definition_has_nothing_to_restore),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
