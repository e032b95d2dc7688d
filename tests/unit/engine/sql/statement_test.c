#include "engine/sql/statement.h"

#include "engine/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* A table of contents made by hand, and what comes of it. */
struct fixture {
    struct toc *toc;
    struct arena *arena;
    struct statement_options options;
    struct statement_state state;
    struct statement_list list;
    struct error error;
};

static int open_fixture(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){
        .toc = toc_create(),
        .arena = arena_create(),
        .options = {.conforming_strings = true, .has_search_path = true},
    };
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

static struct toc_entry *add_entry(struct fixture *fixture, const char *desc)
{
    struct toc_entry *entry = toc_add_entry(fixture->toc);
    entry->dump_id = (int)fixture->toc->count;
    entry->desc = desc;
    entry->type = entry_type_of(desc);
    entry->section = SECTION_PRE_DATA;
    return entry;
}

static struct toc_entry *add_table(struct fixture *fixture)
{
    struct toc_entry *entry = add_entry(fixture, "TABLE");
    entry->schema = "public";
    entry->tag = "Order";
    entry->owner = "shop owner";
    entry->definition = "CREATE TABLE public.\"Order\" ();\n";
    entry->drop_statement = "DROP TABLE public.\"Order\";\n";
    entry->relkind = 'r';
    return entry;
}

/* One statement a line, with a mark for what it is. */
static void assert_list(struct fixture *fixture, const char *expected)
{
    static const char marks[] = {
        [STATEMENT_SETTING] = 's', [STATEMENT_BODY] = 'b',     [STATEMENT_OWNER] = 'o',
        [STATEMENT_DROP] = 'd',    [STATEMENT_TABLE_AM] = 'a', [STATEMENT_TRIGGERS] = 't',
    };
    struct text text;
    text_init(&text, TEXT_MAXIMUM);
    for (size_t i = 0; i < fixture->list.count; i++) {
        const struct statement *item = &fixture->list.items[i];
        size_t length = strlen(item->sql);
        while (length > 0 && (item->sql[length - 1] == '\n' || item->sql[length - 1] == ';'))
            length--;
        text_print(&text, "%c%s ", marks[item->purpose], item->is_batch ? "*" : "");
        text_append_bytes(&text, item->sql, length);
        text_append_char(&text, '\n');
    }
    assert_string_equal(text.data, expected);
    text_clear(&text);
}

static void assert_created(struct fixture *fixture, const struct toc_entry *entry,
                           const char *expected)
{
    assert_true(statement_create(&fixture->list, fixture->arena, fixture->toc, entry,
                                 &fixture->options, &fixture->state, &fixture->error));
    assert_list(fixture, expected);
}

static void assert_dropped(struct fixture *fixture, const struct toc_entry *entry,
                           const char *expected)
{
    assert_true(statement_drop(&fixture->list, fixture->arena, fixture->toc, entry,
                               &fixture->options, &fixture->state, &fixture->error));
    assert_list(fixture, expected);
}

static void a_table_is_made_and_given_to_its_owner(void **state)
{
    struct fixture *fixture = *state;
    assert_created(fixture, add_table(fixture),
                   "b CREATE TABLE public.\"Order\" ()\n"
                   "o ALTER TABLE public.\"Order\" OWNER TO \"shop owner\"\n");
}

static void without_owners_nothing_is_given_away(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.no_owner = true;
    assert_created(fixture, add_table(fixture), "b CREATE TABLE public.\"Order\" ()\n");
}

static void storage_settings_are_made_once(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.no_owner = true;
    struct toc_entry *entry = add_table(fixture);
    entry->tablespace = "";
    entry->table_am = "heap";
    assert_created(fixture, entry,
                   "s SET default_tablespace = ''\n"
                   "s SET default_table_access_method = heap\n"
                   "b CREATE TABLE public.\"Order\" ()\n");
    assert_created(fixture, entry, "b CREATE TABLE public.\"Order\" ()\n");
    entry->tablespace = "Fast";
    assert_created(fixture, entry,
                   "s SET default_tablespace = \"Fast\"\n"
                   "b CREATE TABLE public.\"Order\" ()\n");
}

static void storage_settings_can_be_left_out(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.no_owner = true;
    fixture->options.no_tablespaces = true;
    fixture->options.no_table_access_method = true;
    struct toc_entry *entry = add_table(fixture);
    entry->tablespace = "fast";
    entry->table_am = "heap";
    assert_created(fixture, entry, "b CREATE TABLE public.\"Order\" ()\n");
}

static void a_partitioned_table_gets_its_access_method_afterwards(void **state)
{
    struct fixture *fixture = *state;
    struct toc_entry *entry = add_table(fixture);
    entry->relkind = 'p';
    entry->table_am = "heap";
    assert_created(fixture, entry,
                   "b CREATE TABLE public.\"Order\" ()\n"
                   "o ALTER TABLE public.\"Order\" OWNER TO \"shop owner\"\n"
                   "a ALTER TABLE public.\"Order\" SET ACCESS METHOD heap\n");
}

static void with_session_authorization_the_owner_makes_it_himself(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.use_session_authorization = true;
    struct toc_entry *entry = add_table(fixture);
    assert_created(fixture, entry,
                   "s SET SESSION AUTHORIZATION 'shop owner'\n"
                   "b CREATE TABLE public.\"Order\" ()\n");
    assert_created(fixture, entry, "b CREATE TABLE public.\"Order\" ()\n");
    entry->owner = NULL;
    assert_created(fixture, entry,
                   "s SET SESSION AUTHORIZATION DEFAULT\n"
                   "b CREATE TABLE public.\"Order\" ()\n");
}

static void after_an_acl_the_session_user_is_unknown(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.use_session_authorization = true;
    struct toc_entry *entry = add_entry(fixture, "ACL");
    entry->tag = "TABLE x";
    entry->owner = "o";
    entry->definition = "GRANT SELECT ON TABLE public.x TO o;\n";
    assert_created(fixture, entry,
                   "s SET SESSION AUTHORIZATION 'o'\n"
                   "b GRANT SELECT ON TABLE public.x TO o\n");
    assert_null(fixture->state.user);
}

static void archives_without_search_path_select_each_schema(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.has_search_path = false;
    fixture->options.no_owner = true;
    struct toc_entry *entry = add_table(fixture);
    assert_created(fixture, entry,
                   "s SET search_path = public, pg_catalog\n"
                   "b CREATE TABLE public.\"Order\" ()\n");
    assert_created(fixture, entry, "b CREATE TABLE public.\"Order\" ()\n");
    entry->schema = "pg_catalog";
    assert_created(fixture, entry,
                   "s SET search_path = pg_catalog\n"
                   "b CREATE TABLE public.\"Order\" ()\n");
}

static void functions_are_owned_by_signature(void **state)
{
    struct fixture *fixture = *state;
    struct toc_entry *entry = add_entry(fixture, "FUNCTION");
    entry->schema = "public";
    entry->tag = "f(integer)";
    entry->owner = "o";
    entry->definition = "CREATE FUNCTION …";
    entry->drop_statement = "DROP FUNCTION public.f(a integer);\n";
    assert_created(fixture, entry,
                   "b CREATE FUNCTION …\n"
                   "o ALTER FUNCTION public.f(a integer) OWNER TO o\n");
}

static void a_signature_must_come_from_a_drop_statement(void **state)
{
    struct fixture *fixture = *state;
    struct toc_entry *entry = add_entry(fixture, "FUNCTION");
    entry->owner = "o";
    entry->drop_statement = "x";
    assert_false(statement_create(&fixture->list, fixture->arena, fixture->toc, entry,
                                  &fixture->options, &fixture->state, &fixture->error));
    assert_int_equal(fixture->error.kind, ERROR_DAMAGED);
}

static void an_unknown_type_with_an_owner_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct toc_entry *entry = add_entry(fixture, "WORMHOLE");
    entry->tag = "x";
    entry->definition = "CREATE WORMHOLE x";
    assert_created(fixture, entry, "b CREATE WORMHOLE x\n");
    entry->owner = "o";
    entry->drop_statement = "DROP WORMHOLE x;\n";
    assert_false(statement_create(&fixture->list, fixture->arena, fixture->toc, entry,
                                  &fixture->options, &fixture->state, &fixture->error));
    assert_int_equal(fixture->error.kind, ERROR_UNSUPPORTED);
}

static void an_index_has_no_owner_of_its_own(void **state)
{
    struct fixture *fixture = *state;
    struct toc_entry *entry = add_entry(fixture, "INDEX");
    entry->owner = "o";
    entry->definition = "CREATE INDEX i ON t (a);\n";
    entry->drop_statement = "DROP INDEX i;\n";
    assert_created(fixture, entry, "b CREATE INDEX i ON t (a)\n");
}

static void an_adopted_schema_changes_hands_even_with_session_authorization(void **state)
{
    struct fixture *fixture = *state;
    struct toc_entry *entry = add_entry(fixture, "SCHEMA");
    entry->tag = "public";
    entry->owner = "boss";
    entry->definition = "-- *not* creating schema, since initdb creates it\n";
    entry->drop_statement = "-- *not* dropping schema, since initdb creates it\n";
    assert_created(fixture, entry, "o ALTER SCHEMA public OWNER TO boss\n");
    assert_dropped(fixture, entry, "");
    fixture->options.use_session_authorization = true;
    assert_created(fixture, entry,
                   "s SET SESSION AUTHORIZATION 'boss'\n"
                   "o ALTER SCHEMA public OWNER TO boss\n");
    fixture->options.no_owner = true;
    assert_created(fixture, entry, "");
}

static void a_schema_without_owner_is_made_by_name(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.no_owner = true;
    struct toc_entry *entry = add_entry(fixture, "SCHEMA");
    entry->tag = "Shop";
    entry->definition = "CREATE SCHEMA \"Shop\" AUTHORIZATION o;\n";
    assert_created(fixture, entry, "b CREATE SCHEMA \"Shop\"\n");
}

static void entries_that_are_not_statements_have_no_body(void **state)
{
    struct fixture *fixture = *state;
    static const char *const descs[] = {"ENCODING",   "STDSTRINGS", "SEARCHPATH",
                                        "TABLE DATA", "BLOBS",      "WARNING"};
    for (size_t i = 0; i < sizeof(descs) / sizeof(descs[0]); i++) {
        struct toc_entry *entry = add_entry(fixture, descs[i]);
        entry->definition = "DROP DATABASE x;\n";
        assert_created(fixture, entry, "");
    }
    struct toc_entry *entry = add_entry(fixture, "COMMENT");
    static const char *const nothing[] = {NULL, "", " \n\t", "-- a\n", "-- a\n \n-- b"};
    for (size_t i = 0; i < sizeof(nothing) / sizeof(nothing[0]); i++) {
        entry->definition = nothing[i];
        assert_created(fixture, entry, "");
    }
    entry->definition = "-- a\n\nSELECT 1";
    assert_created(fixture, entry, "b -- a\n\nSELECT 1\n");
}

static struct toc_entry *add_large_objects(struct fixture *fixture)
{
    struct toc_entry *entry = add_entry(fixture, "BLOB METADATA");
    entry->tag = "7..4294967295";
    entry->owner = "o";
    entry->definition = "7\n4294967295\n";
    entry->drop_statement = "-- dummy";
    return entry;
}

static void large_objects_are_made_in_batches(void **state)
{
    struct fixture *fixture = *state;
    struct toc_entry *entry = add_large_objects(fixture);
    assert_created(fixture, entry,
                   "b* SELECT pg_catalog.lo_create(o) FROM "
                   "pg_catalog.unnest('{7,4294967295}'::pg_catalog.oid[]) AS objects (o)\n"
                   "o* ALTER LARGE OBJECT 7 OWNER TO o;\n"
                   "ALTER LARGE OBJECT 4294967295 OWNER TO o\n");
}

static void large_objects_are_made_one_by_one_on_request(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.without_batches = true;
    struct toc_entry *entry = add_large_objects(fixture);
    assert_created(fixture, entry,
                   "b SELECT pg_catalog.lo_create(o) FROM "
                   "pg_catalog.unnest('{7}'::pg_catalog.oid[]) AS objects (o)\n"
                   "b SELECT pg_catalog.lo_create(o) FROM "
                   "pg_catalog.unnest('{4294967295}'::pg_catalog.oid[]) AS objects (o)\n"
                   "o ALTER LARGE OBJECT 7 OWNER TO o\n"
                   "o ALTER LARGE OBJECT 4294967295 OWNER TO o\n");
}

static void every_object_of_a_large_group_is_made_once(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.no_owner = true;
    struct toc_entry *entry = add_large_objects(fixture);
    struct text oids;
    text_init(&oids, TEXT_MAXIMUM);
    for (int oid = 1; oid <= 1000; oid++)
        text_print(&oids, "%d\n", oid);
    entry->definition = oids.data;
    assert_true(statement_create(&fixture->list, fixture->arena, fixture->toc, entry,
                                 &fixture->options, &fixture->state, &fixture->error));
    unsigned long next = 1;
    for (size_t i = 0; i < fixture->list.count; i++) {
        char *at = strchr(fixture->list.items[i].sql, '{');
        assert_non_null(at);
        while (*at != '}')
            assert_int_equal(strtoul(at + 1, &at, 10), next++);
    }
    assert_int_equal(next, 1001);
    text_clear(&oids);
}

static void the_acl_of_a_group_goes_to_each_object(void **state)
{
    struct fixture *fixture = *state;
    struct toc_entry *group = add_large_objects(fixture);
    const int dependency = group->dump_id;
    struct toc_entry *entry = add_entry(fixture, "ACL");
    entry->tag = "LARGE OBJECTS 7..4294967295";
    entry->definition = "GRANT SELECT ON LARGE OBJECT 7 TO r;\n";
    entry->dependencies = &dependency;
    entry->dependency_count = 1;
    assert_true(toc_seal(fixture->toc, &fixture->error));
    assert_created(fixture, entry,
                   "b* GRANT SELECT ON LARGE OBJECT 7 TO r;\n"
                   "GRANT SELECT ON LARGE OBJECT 4294967295 TO r\n");
    entry->dependency_count = 0;
    assert_false(statement_create(&fixture->list, fixture->arena, fixture->toc, entry,
                                  &fixture->options, &fixture->state, &fixture->error));
    assert_int_equal(fixture->error.kind, ERROR_DAMAGED);
}

static void the_acl_of_one_large_object_is_an_ordinary_one(void **state)
{
    struct fixture *fixture = *state;
    struct toc_entry *entry = add_entry(fixture, "ACL");
    entry->tag = "LARGE OBJECT 7";
    entry->definition = "GRANT SELECT ON LARGE OBJECT 7 TO r;\n";
    assert_created(fixture, entry, "b GRANT SELECT ON LARGE OBJECT 7 TO r\n");
}

static void drops_are_taken_as_written(void **state)
{
    struct fixture *fixture = *state;
    struct toc_entry *entry = add_table(fixture);
    assert_dropped(fixture, entry, "d DROP TABLE public.\"Order\"\n");
    entry->drop_statement = NULL;
    assert_dropped(fixture, entry, "");
    entry->drop_statement = "";
    assert_dropped(fixture, entry, "");
}

static void if_exists_goes_behind_the_type(void **state)
{
    static const struct {
        const char *desc, *drop, *expected;
    } rows[] = {
        {"TABLE", "DROP TABLE a.b;\n", "d DROP TABLE IF EXISTS a.b\n"},
        {"DATABASE", "DROP DATABASE x;\n", "d DROP DATABASE IF EXISTS x\n"},
        {"FK CONSTRAINT", "ALTER TABLE ONLY a.b DROP CONSTRAINT c;\n",
         "d ALTER TABLE IF EXISTS ONLY a.b DROP CONSTRAINT IF EXISTS c\n"},
        {"CONSTRAINT", "ALTER TABLE ONLY a.\"DROP CONSTRAINT\" DROP CONSTRAINT c;\n",
         "d ALTER TABLE IF EXISTS ONLY a.\"DROP CONSTRAINT\" DROP CONSTRAINT IF EXISTS c\n"},
        {"DEFAULT", "ALTER TABLE a.b ALTER COLUMN c DROP DEFAULT;\n",
         "d ALTER TABLE IF EXISTS a.b ALTER COLUMN c DROP DEFAULT\n"},
        {"DATABASE PROPERTIES", "ALTER DATABASE x RESET ALL;\n", "d ALTER DATABASE x RESET ALL\n"},
        {"VIEW", "CREATE OR REPLACE VIEW a.b AS SELECT 1;\n",
         "d CREATE OR REPLACE VIEW a.b AS SELECT 1\n"},
        {"TRIGGER", "DROP TRIGGER t ON a.b;\n", "d DROP TRIGGER IF EXISTS t ON a.b\n"},
        {"SCHEMA", "-- *not* dropping schema\n", ""},
    };
    struct fixture *fixture = *state;
    fixture->options.if_exists = true;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct toc_entry *entry = add_entry(fixture, rows[i].desc);
        entry->drop_statement = rows[i].drop;
        assert_dropped(fixture, entry, rows[i].expected);
        assert_null(fixture->list.warning);
    }
}

static void a_drop_that_cannot_be_conditional_is_warned_of_and_kept(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.if_exists = true;
    struct toc_entry *entry = add_entry(fixture, "TABLE");
    entry->drop_statement = "DROP CHAIR x;\n";
    assert_dropped(fixture, entry, "d DROP CHAIR x\n");
    assert_non_null(fixture->list.warning);
}

static void large_objects_are_dropped_by_oid(void **state)
{
    struct fixture *fixture = *state;
    struct toc_entry *entry = add_large_objects(fixture);
    assert_dropped(fixture, entry,
                   "d* SELECT pg_catalog.lo_unlink(o) FROM "
                   "pg_catalog.unnest('{7,4294967295}'::pg_catalog.oid[]) AS objects (o)\n");
    struct toc_entry *old = add_entry(fixture, "BLOB");
    old->oid = 9;
    old->drop_statement = "SELECT pg_catalog.lo_unlink('9');\n";
    assert_dropped(fixture, old, "d SELECT pg_catalog.lo_unlink('9')\n");
    fixture->options.if_exists = true;
    assert_dropped(fixture, entry,
                   "d* SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata "
                   "WHERE oid = ANY ('{7,4294967295}'::pg_catalog.oid[])\n");
    assert_dropped(fixture, old,
                   "d SELECT pg_catalog.lo_unlink(oid) FROM pg_catalog.pg_largeobject_metadata "
                   "WHERE oid = '9'\n");
}

static void after_a_drop_the_schema_is_selected_anew(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.has_search_path = false;
    struct toc_entry *entry = add_table(fixture);
    for (int i = 0; i < 2; i++)
        assert_dropped(fixture, entry,
                       "s SET search_path = public, pg_catalog\n"
                       "d DROP TABLE public.\"Order\"\n");
}

static void data_is_loaded_in_the_entrys_schema_and_as_its_owner(void **state)
{
    struct fixture *fixture = *state;
    fixture->options.has_search_path = false;
    fixture->options.use_session_authorization = true;
    struct toc_entry *entry = add_entry(fixture, "TABLE DATA");
    entry->schema = "public";
    entry->owner = "o";
    assert_true(statement_before_data(&fixture->list, fixture->arena, entry, &fixture->options,
                                      &fixture->state, &fixture->error));
    assert_list(fixture, "s SET SESSION AUTHORIZATION 'o'\ns SET search_path = public, "
                         "pg_catalog\n");
    entry = add_entry(fixture, "BLOBS");
    entry->owner = "o";
    assert_true(statement_before_data(&fixture->list, fixture->arena, entry, &fixture->options,
                                      &fixture->state, &fixture->error));
    assert_list(fixture, "s SET search_path = pg_catalog\n");
}

static void triggers_are_switched_by_the_superuser(void **state)
{
    struct fixture *fixture = *state;
    struct toc_entry *entry = add_table(fixture);
    assert_true(statement_triggers(&fixture->list, fixture->arena, entry, TRIGGERS_OFF,
                                   &fixture->options, &fixture->state, &fixture->error));
    assert_list(fixture, "t ALTER TABLE public.\"Order\" DISABLE TRIGGER ALL\n");
    fixture->options.superuser = "root";
    assert_true(statement_triggers(&fixture->list, fixture->arena, entry, TRIGGERS_ON,
                                   &fixture->options, &fixture->state, &fixture->error));
    assert_list(fixture, "s SET SESSION AUTHORIZATION 'root'\n"
                         "t ALTER TABLE public.\"Order\" ENABLE TRIGGER ALL\n");
}

static void qualified_names_are_quoted(void **state)
{
    struct fixture *fixture = *state;
    assert_string_equal(statement_qualified_name(fixture->arena, add_table(fixture)),
                        "public.\"Order\"");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_table_is_made_and_given_to_its_owner),
        TEST(without_owners_nothing_is_given_away),
        TEST(storage_settings_are_made_once),
        TEST(storage_settings_can_be_left_out),
        TEST(a_partitioned_table_gets_its_access_method_afterwards),
        TEST(with_session_authorization_the_owner_makes_it_himself),
        TEST(after_an_acl_the_session_user_is_unknown),
        TEST(archives_without_search_path_select_each_schema),
        TEST(functions_are_owned_by_signature),
        TEST(a_signature_must_come_from_a_drop_statement),
        TEST(an_unknown_type_with_an_owner_is_refused),
        TEST(an_index_has_no_owner_of_its_own),
        TEST(an_adopted_schema_changes_hands_even_with_session_authorization),
        TEST(a_schema_without_owner_is_made_by_name),
        TEST(entries_that_are_not_statements_have_no_body),
        TEST(large_objects_are_made_in_batches),
        TEST(large_objects_are_made_one_by_one_on_request),
        TEST(every_object_of_a_large_group_is_made_once),
        TEST(the_acl_of_a_group_goes_to_each_object),
        TEST(the_acl_of_one_large_object_is_an_ordinary_one),
        TEST(drops_are_taken_as_written),
        TEST(if_exists_goes_behind_the_type),
        TEST(a_drop_that_cannot_be_conditional_is_warned_of_and_kept),
        TEST(large_objects_are_dropped_by_oid),
        TEST(after_a_drop_the_schema_is_selected_anew),
        TEST(data_is_loaded_in_the_entrys_schema_and_as_its_owner),
        TEST(triggers_are_switched_by_the_superuser),
        TEST(qualified_names_are_quoted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
