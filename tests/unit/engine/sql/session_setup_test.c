#include "engine/sql/statement.h"

#include "engine/base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

struct fixture {
    struct toc *toc;
    struct arena *arena;
    struct error error;
};

static int open_fixture(void **state)
{
    static struct fixture fixture;
    fixture = (struct fixture){.toc = toc_create(), .arena = arena_create()};
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

static void add_special(struct fixture *fixture, const char *desc, const char *definition)
{
    struct toc_entry *entry = toc_add_entry(fixture->toc);
    entry->dump_id = (int)fixture->toc->count;
    entry->desc = desc;
    entry->type = entry_type_of(desc);
    entry->section = SECTION_PRE_DATA;
    entry->definition = definition;
}

static void add_usual_entries(struct fixture *fixture)
{
    add_special(fixture, "ENCODING", "SET client_encoding = 'UTF8';\n");
    add_special(fixture, "STDSTRINGS", "SET standard_conforming_strings = 'on';\n");
    add_special(fixture, "SEARCHPATH", "SELECT pg_catalog.set_config('search_path', '', false);\n");
}

static void assert_setup(struct fixture *fixture, const struct session_setup *setup,
                         const char *expected)
{
    struct statement_list list;
    struct text text;
    text_init(&text, TEXT_MAXIMUM);
    assert_true(
        statement_session_setup(&list, fixture->arena, fixture->toc, setup, &fixture->error));
    for (size_t i = 0; i < list.count; i++)
        text_print(&text, "%s\n", list.items[i].sql);
    assert_string_equal(text.data, expected);
    text_clear(&text);
}

static void assert_refused(struct fixture *fixture)
{
    bool conforming_strings, has_search_path;
    const char *encoding;
    memset(&fixture->error, 0, sizeof(fixture->error));
    assert_false(statement_archive_settings(fixture->toc, &conforming_strings, &has_search_path,
                                            &encoding, fixture->arena, &fixture->error));
    assert_int_equal(fixture->error.kind, ERROR_DAMAGED);
}

static void a_new_server_gets_all_settings(void **state)
{
    struct fixture *fixture = *state;
    add_usual_entries(fixture);
    assert_setup(fixture,
                 &(struct session_setup){.role = "Boss",
                                         .server_version = 180006,
                                         .enable_row_security = true,
                                         .is_in_own_database = true},
                 "SET statement_timeout = 0\n"
                 "SET lock_timeout = 0\n"
                 "SET idle_in_transaction_session_timeout = 0\n"
                 "SET idle_session_timeout = 0\n"
                 "SET transaction_timeout = 0\n"
                 "SET client_encoding = 'UTF8'\n"
                 "SET standard_conforming_strings = on\n"
                 "SET ROLE \"Boss\"\n"
                 "SET default_transaction_read_only = off\n"
                 "SELECT pg_catalog.set_config('search_path', '', false)\n"
                 "SET check_function_bodies = false\n"
                 "SET xmloption = content\n"
                 "SET array_nulls = on\n"
                 "SET transform_null_equals = off\n"
                 "SET default_transaction_isolation = 'read committed'\n"
                 "SET client_min_messages = warning\n"
                 "SET row_security = on\n");
}

static void a_role_of_the_archives_own_database_is_not_taken(void **state)
{
    struct fixture *fixture = *state;
    add_usual_entries(fixture);
    assert_setup(fixture,
                 &(struct session_setup){
                     .server_version = 90000, .first_role = "none", .is_in_own_database = true},
                 "SET statement_timeout = 0\n"
                 "SET client_encoding = 'UTF8'\n"
                 "SET standard_conforming_strings = on\n"
                 "SET default_transaction_read_only = off\n"
                 "SELECT pg_catalog.set_config('role', 'none', false)\n"
                 "SELECT pg_catalog.set_config('search_path', '', false)\n"
                 "SET check_function_bodies = false\n"
                 "SET xmloption = content\n"
                 "SET array_nulls = on\n"
                 "SET transform_null_equals = off\n"
                 "SET default_transaction_isolation = 'read committed'\n"
                 "SET client_min_messages = warning\n");
}

static void an_old_server_gets_only_what_it_knows(void **state)
{
    struct fixture *fixture = *state;
    assert_setup(fixture, &(struct session_setup){.server_version = 130000},
                 "SET statement_timeout = 0\n"
                 "SET lock_timeout = 0\n"
                 "SET idle_in_transaction_session_timeout = 0\n"
                 "SET client_encoding = 'SQL_ASCII'\n"
                 "SET standard_conforming_strings = off\n"
                 "SELECT pg_catalog.set_config('search_path', '', false)\n"
                 "SET check_function_bodies = false\n"
                 "SET xmloption = content\n"
                 "SET array_nulls = on\n"
                 "SET transform_null_equals = off\n"
                 "SET default_transaction_isolation = 'read committed'\n"
                 "SET client_min_messages = warning\n"
                 "SET escape_string_warning = off\n"
                 "SET row_security = off\n");
}

static void bytes_of_no_known_encoding_are_said_to_be_in_that_of_the_database(void **state)
{
    static const struct {
        const char *archive, *database, *session;
    } samples[] = {
        {"SET client_encoding = 'SQL_ASCII';\n", "UTF8", "SET client_encoding = 'UTF8'"},
        {"SET client_encoding = 'SQL_ASCII';\n", "SQL_ASCII", "SET client_encoding = 'SQL_ASCII'"},
        {"SET client_encoding = 'LATIN1';\n", "UTF8", "SET client_encoding = 'LATIN1'"},
    };
    struct fixture *fixture = *state;

    add_special(fixture, "ENCODING", NULL);
    for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
        const struct session_setup setup = {.server_version = 130000,
                                            .database_encoding = samples[i].database};
        struct statement_list list;

        fixture->toc->entries[0]->definition = samples[i].archive;
        assert_true(
            statement_session_setup(&list, fixture->arena, fixture->toc, &setup, &fixture->error));
        assert_string_equal(list.items[3].sql, samples[i].session);
    }
}

static void a_search_path_is_quoted_anew(void **state)
{
    struct fixture *fixture = *state;
    add_special(fixture, "STDSTRINGS", "SET standard_conforming_strings = 'on';\n");
    add_special(fixture, "SEARCHPATH",
                "SELECT pg_catalog.set_config('search_path', 'a''b\\', false);\n");
    bool conforming_strings, has_search_path;
    const char *encoding;
    assert_true(statement_archive_settings(fixture->toc, &conforming_strings, &has_search_path,
                                           &encoding, fixture->arena, &fixture->error));
    assert_true(conforming_strings);
    assert_true(has_search_path);
    assert_string_equal(encoding, "SQL_ASCII");
    struct statement_list list;
    assert_true(statement_session_setup(&list, fixture->arena, fixture->toc,
                                        &(struct session_setup){.server_version = 180000},
                                        &fixture->error));
    assert_string_equal(list.items[7].sql,
                        "SELECT pg_catalog.set_config('search_path', 'a''b\\', false)");
}

static void special_entries_of_another_text_are_refused(void **state)
{
    static const struct {
        const char *desc, *definition;
    } rows[] = {
        {"ENCODING", NULL},
        {"ENCODING", ""},
        {"ENCODING", "SET client_encoding = 'UTF8"},
        {"ENCODING", "SET client_encoding = 'UTF8'; DROP TABLE x;\n"},
        {"ENCODING", "SET client_encoding = 'UTF8''; DROP TABLE x; --';\n"},
        {"ENCODING", "SET client_encoding = '';\n"},
        {"ENCODING", "SET role = 'UTF8';\n"},
        {"STDSTRINGS", "SET standard_conforming_strings = 'maybe';\n"},
        {"STDSTRINGS", "SET standard_conforming_strings = on;\n"},
        {"SEARCHPATH", "SELECT pg_catalog.set_config('search_path', '', false), evil();\n"},
        {"SEARCHPATH", "SELECT pg_catalog.set_config('role', 'postgres', false);\n"},
        {"SEARCHPATH", "SELECT pg_catalog.set_config('search_path', 'a\\'', false);\n"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct fixture fixture = {.toc = toc_create(), .arena = arena_create()};
        add_special(&fixture, rows[i].desc, rows[i].definition);
        assert_refused(&fixture);
        toc_free(fixture.toc);
        arena_free(fixture.arena);
    }
    (void)state;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_fixture, close_fixture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_new_server_gets_all_settings),
        TEST(a_role_of_the_archives_own_database_is_not_taken),
        TEST(an_old_server_gets_only_what_it_knows),
        TEST(bytes_of_no_known_encoding_are_said_to_be_in_that_of_the_database),
        TEST(a_search_path_is_quoted_anew),
        TEST(special_entries_of_another_text_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
