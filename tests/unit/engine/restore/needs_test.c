#include "engine/restore/needs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct toc *toc;
    struct arena *arena;
    struct selection_options selected;
    struct statement_options options;
    struct needs needs, has;
};

static int set_up(void **state)
{
    static struct fixture fixture;

    fixture = (struct fixture){.toc = toc_create(), .arena = arena_create()};
    fixture.options.conforming_strings = true;
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    needs_clear(&fixture->needs);
    needs_clear(&fixture->has);
    arena_free(fixture->arena);
    toc_free(fixture->toc);
    return 0;
}

static struct toc_entry *add(struct fixture *fixture, const char *desc, const char *tag,
                             const char *definition)
{
    struct toc_entry *entry = toc_add_entry(fixture->toc);

    entry->dump_id = (int)fixture->toc->count;
    entry->type = entry_type_of(desc);
    entry->desc = desc;
    entry->tag = tag;
    entry->schema = "public";
    entry->section = SECTION_PRE_DATA;
    entry->definition = definition;
    entry->drop_statement = "DROP it;\n";
    return entry;
}

static void find(struct fixture *fixture)
{
    struct selection selection;
    struct error error;

    assert_true(toc_seal(fixture->toc, &error));
    assert_true(
        selection_make(&selection, fixture->arena, fixture->toc, &fixture->selected, &error));
    needs_find(&fixture->needs, fixture->arena, fixture->toc, &selection, &fixture->options);
}

static void assert_names(const struct fixture *fixture, enum need need, const char *wanted)
{
    const struct name_set *names = &fixture->needs.names[need];
    char text[200] = "";

    for (size_t i = 0; i < names->count; i++)
        snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s", i > 0 ? " " : "",
                 names->items[i]);
    assert_string_equal(text, wanted);
}

static void add_table(struct fixture *fixture)
{
    struct toc_entry *table = add(fixture, "TABLE", "t", "CREATE TABLE public.t ();");
    struct toc_entry *privileges =
        add(fixture, "ACL", "TABLE t", "GRANT SELECT ON TABLE public.t TO reader;");

    table->owner = "owner";
    table->tablespace = "fast";
    table->table_am = "columns";
    privileges->owner = "another";
    privileges->drop_statement = NULL;
}

static void what_entries_name_is_needed(void **state)
{
    struct fixture *fixture = *state;

    add_table(fixture);
    add(fixture, "EXTENSION", "hstore", "CREATE EXTENSION hstore;")->drop_statement = NULL;
    add(fixture, "FUNCTION", "f()", "CREATE FUNCTION f() RETURNS int LANGUAGE plperl AS '1';");
    find(fixture);
    assert_names(fixture, NEED_ROLE, "owner reader");
    assert_names(fixture, NEED_EXTENSION, "hstore");
    assert_names(fixture, NEED_TABLESPACE, "fast");
    assert_names(fixture, NEED_TABLE_AM, "columns");
    assert_names(fixture, NEED_LANGUAGE, "plperl");
}

static void options_that_leave_something_out_need_none_of_it(void **state)
{
    struct fixture *fixture = *state;

    add_table(fixture);
    fixture->options.no_owner = fixture->options.no_tablespaces =
        fixture->options.no_table_access_method = true;
    fixture->selected.no_privileges = true;
    find(fixture);
    for (int need = 0; need < NEED_COUNT; need++)
        assert_names(fixture, (enum need)need, "");
}

static void what_is_not_selected_needs_nothing(void **state)
{
    struct fixture *fixture = *state;

    add_table(fixture);
    fixture->selected.data_only = true;
    find(fixture);
    for (int need = 0; need < NEED_COUNT; need++)
        assert_names(fixture, (enum need)need, "");
}

static void sessions_that_become_the_owner_need_all_owners(void **state)
{
    struct fixture *fixture = *state;

    add_table(fixture);
    fixture->options.use_session_authorization = true;
    find(fixture);
    assert_names(fixture, NEED_ROLE, "another owner reader");
}

static void what_the_archive_makes_is_not_needed(void **state)
{
    static const int on_extension[] = {5};
    struct fixture *fixture = *state;
    struct toc_entry *entry;

    add(fixture, "PROCEDURAL LANGUAGE", "own", "CREATE LANGUAGE own HANDLER h;");
    add(fixture, "ACCESS METHOD", "own_am", "CREATE ACCESS METHOD own_am TYPE TABLE HANDLER h;");
    add(fixture, "FUNCTION", "f()", "CREATE FUNCTION f() RETURNS int LANGUAGE own AS '1';");
    add(fixture, "TABLE", "t", "CREATE TABLE public.t ();")->table_am = "own_am";
    add(fixture, "EXTENSION", "bundle", "CREATE EXTENSION bundle;");
    entry = add(fixture, "FUNCTION", "g()", "CREATE FUNCTION g() RETURNS int LANGUAGE of_bundle;");
    entry->dependencies = on_extension;
    entry->dependency_count = 1;
    entry = add(fixture, "TABLE", "u", "CREATE TABLE public.u ();");
    entry->table_am = "am_of_bundle";
    entry->dependencies = on_extension;
    entry->dependency_count = 1;
    find(fixture);
    assert_names(fixture, NEED_LANGUAGE, "");
    assert_names(fixture, NEED_TABLE_AM, "");
}

static void a_new_database_has_what_template0_has(void **state)
{
    struct fixture *fixture = *state;

    name_set_add(&fixture->has.names[NEED_LANGUAGE], "plperl");
    name_set_add(&fixture->has.names[NEED_ROLE], "owner");
    needs_seal(&fixture->has);
    needs_of_new_database(&fixture->has);
    assert_false(name_set_has(&fixture->has.names[NEED_LANGUAGE], "plperl"));
    assert_true(name_set_has(&fixture->has.names[NEED_LANGUAGE], "plpgsql"));
    assert_true(name_set_has(&fixture->has.names[NEED_TABLE_AM], "heap"));
    assert_true(name_set_has(&fixture->has.names[NEED_ROLE], "owner"));
}

static void what_is_there_is_not_missing(void **state)
{
    struct fixture *fixture = *state;
    char line[NEEDS_LINE_BYTES];

    name_set_add(&fixture->needs.names[NEED_ROLE], "a");
    name_set_add(&fixture->has.names[NEED_ROLE], "a");
    assert_false(needs_describe_missing(line, NEED_ROLE, &fixture->needs, &fixture->has));
}

static void what_is_missing_is_named_in_one_line(void **state)
{
    struct fixture *fixture = *state;
    char line[NEEDS_LINE_BYTES];

    name_set_add(&fixture->needs.names[NEED_ROLE], "a");
    name_set_add(&fixture->needs.names[NEED_ROLE], "b\n");
    name_set_add(&fixture->needs.names[NEED_TABLESPACE], "fast");
    assert_true(needs_describe_missing(line, NEED_ROLE, &fixture->needs, &fixture->has));
    assert_string_equal(line, "the target lacks 2 roles: \"a\", \"b\\x0a\" (CREATE ROLE, or leave "
                              "out what names them: --no-owner, --no-privileges, --no-policies)");
    assert_true(needs_describe_missing(line, NEED_TABLESPACE, &fixture->needs, &fixture->has));
    assert_string_equal(line, "the target lacks tablespace \"fast\" (CREATE TABLESPACE, or restore "
                              "with --no-tablespaces)");
}

static void of_many_that_are_missing_some_are_named(void **state)
{
    struct fixture *fixture = *state;
    char names[1000][8], line[NEEDS_LINE_BYTES];

    for (int i = 0; i < 1000; i++) {
        snprintf(names[i], sizeof names[i], "r%06d", i);
        name_set_add(&fixture->needs.names[NEED_ROLE], names[i]);
    }
    assert_true(needs_describe_missing(line, NEED_ROLE, &fixture->needs, &fixture->has));
    assert_non_null(strstr(line, "lacks 1000 roles: \"r000000\", \"r000001\""));
    assert_non_null(strstr(line, " more (CREATE ROLE"));
    assert_non_null(strstr(line, "--no-policies)"));
    assert_true(strlen(line) < 900);
}

static void encodings_that_cannot_hold_each_other_are_told(void **state)
{
    static const struct {
        const char *archive, *database;
        bool may_refuse;
    } pairs[] = {
        {"UTF8", "UTF8", false},     {"UTF8", "LATIN1", true},        {"LATIN1", "UTF8", false},
        {"SQL_ASCII", "UTF8", true}, {"UTF8", "SQL_ASCII", false},    {"EUC_JP", "LATIN1", true},
        {"EUC_JP", "UTF8", false},   {"MULE_INTERNAL", "UTF8", true},
    };
    (void)state;

    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        assert_int_equal(needs_encoding_may_refuse(pairs[i].archive, pairs[i].database),
                         pairs[i].may_refuse);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_entries_name_is_needed),
        TEST(options_that_leave_something_out_need_none_of_it),
        TEST(what_is_not_selected_needs_nothing),
        TEST(sessions_that_become_the_owner_need_all_owners),
        TEST(what_the_archive_makes_is_not_needed),
        TEST(a_new_database_has_what_template0_has),
        TEST(what_is_there_is_not_missing),
        TEST(what_is_missing_is_named_in_one_line),
        TEST(of_many_that_are_missing_some_are_named),
        cmocka_unit_test(encodings_that_cannot_hold_each_other_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
