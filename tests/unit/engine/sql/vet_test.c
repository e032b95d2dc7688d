#include "engine/sql/vet.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct sample {
    const char *desc, *definition;
};

static bool passes(const struct sample *sample, struct error *error)
{
    const struct toc_entry entry = {.type = entry_type_of(sample->desc),
                                    .desc = sample->desc,
                                    .tag = "t",
                                    .definition = sample->definition};

    return vet_entry(&entry, true, error);
}

static void what_pg_dump_writes_passes(void **state)
{
    static const struct sample good[] = {
        {"TABLE", "CREATE TABLE public.t (\n    a integer DEFAULT 'x;y' GENERATED ALWAYS AS (b) "
                  "STORED\n);\n\n\nALTER TABLE ONLY public.t ALTER COLUMN a SET STORAGE MAIN;\n"},
        {"TABLE", "create unlogged table x ();"},
        {"VIEW", "CREATE VIEW public.v AS\n SELECT 1 AS a;\n"},
        {"SCHEMA", "-- *not* creating schema, since initdb creates it\n"},
        {"SCHEMA", NULL},
        {"FUNCTION", "CREATE FUNCTION public.f(language text) RETURNS integer\n    LANGUAGE "
                     "plpgsql\n    AS $$ begin drop table x; end; $$;\n"},
        {"FUNCTION", "CREATE FUNCTION public.f() RETURNS integer\n    LANGUAGE sql\n    BEGIN "
                     "ATOMIC\n SELECT CASE WHEN (1 = 1) THEN 1 ELSE 2 END;\n SELECT 1 AS "
                     "\"end\";\nEND;\n"},
        {"FUNCTION", "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC END"},
        {"PROCEDURE", "CREATE OR REPLACE PROCEDURE p() LANGUAGE 'plpgsql' AS 'begin end';"},
        {"RULE", "CREATE RULE r AS ON INSERT TO v DO INSTEAD ( SELECT 1;\n SELECT 2;\n);\n"},
        {"SEQUENCE SET", "SELECT pg_catalog.setval('public.s', 17, true);\n"},
        {"SEQUENCE SET", "SELECT pg_catalog.setval('public.s', -17, false);\n"},
        {"BLOB", "SELECT pg_catalog.lo_create('123');\n"},
        {"ACL", "REVOKE ALL ON TABLE t FROM PUBLIC;\nGRANT SELECT ON TABLE t TO \"x;y\";\n"},
        {"ACL", "SET SESSION AUTHORIZATION a;\nGRANT ALL ON TABLE t TO b;\nRESET SESSION "
                "AUTHORIZATION;\n"},
        {"COMMENT", "COMMENT ON TABLE public.t IS 'a''; DROP TABLE t; --';\n"},
        {"EXTENSION", "CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public;\n"},
        {"MATERIALIZED VIEW DATA", "REFRESH MATERIALIZED VIEW public.m;\n"},
        {"DEFAULT", "ALTER TABLE ONLY t ALTER COLUMN a SET DEFAULT nextval('s'::regclass);\n"},
        {"STDSTRINGS", "SET standard_conforming_strings = 'on';\n"},
    };
    struct error error;
    (void)state;

    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (!passes(&good[i], &error))
            fail_msg("%s: %s: %s", good[i].desc, good[i].definition, error.message);
}

static void what_does_more_is_refused(void **state)
{
    static const struct sample bad[] = {
        {"TABLE", "COPY t FROM PROGRAM 'id';"},
        {"TABLE", "CREATE TABLE t (); COPY t TO '/tmp/x';"},
        {"TABLE", "CREATE TABLE t (a text DEFAULT 'b'); DO $$begin end$$;"},
        {"TABLE", "CREATE TABLE t AS SELECT pg_read_file('/etc/passwd') AS a;"},
        {"TABLE", "CREATE TABLE t (\"a;b\" text, c text DEFAULT E'\\'; -- ');\n ALTER SYSTEM SET x "
                  "= 1;"},
        {"TABLE", "/* CREATE TABLE t (); */ ALTER SYSTEM SET x = 1;"},
        {"TABLE", "CREATE TABLE t (); /* no end"},
        {"TABLE", "CREATE TABLE t (a text DEFAULT 'no end"},
        {"TABLE", ";"},
        {"COMMENT", "COMMENT ON TABLE t IS E'\\'; ALTER SYSTEM SET x = 1; --';\n ALTER ROLE me "
                    "SUPERUSER;"},
        {"COMMENT", "COMMENT ON TABLE t IS 'x\\'; ALTER ROLE me SUPERUSER; --'"},
        {"FUNCTION", "CREATE FUNCTION f() RETURNS int LANGUAGE c AS 'libc', 'system';"},
        {"FUNCTION", "CREATE FUNCTION f() RETURNS int LANGUAGE \"internal\" AS 'x';"},
        {"FUNCTION", "CREATE FUNCTION f() RETURNS int LANGUAGE sql LANGUAGE plpython3u AS '';"},
        {"FUNCTION", "CREATE FUNCTION f() RETURNS int LANGUAGE E'sql' AS '';"},
        {"FUNCTION", "CREATE FUNCTION f() RETURNS int LANGUAGE"},
        {"FUNCTION", "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1 AS case; END; DROP "
                     "TABLE t; SELECT 1 AS end;"},
        {"FUNCTION", "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC END END; DROP TABLE t;"},
        {"FUNCTION", "CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1"},
        {"FUNCTION",
         "CREATE FUNCTION f(begin atomic) RETURNS int LANGUAGE sql AS ''; DROP TABLE t; "
         "END;"},
        {"SEQUENCE SET", "SELECT pg_catalog.setval('s', 1, true), pg_sleep(1);"},
        {"SEQUENCE SET", "SELECT pg_catalog.setval('s', (SELECT 1), true);"},
        {"SEQUENCE SET", "SELECT pg_catalog.setval('s', 1, true) FROM f();"},
        {"SEQUENCE SET", "SELECT setval('s', 1, true);"},
        {"BLOB", "SELECT pg_catalog.lo_import('/etc/passwd');"},
        {"ACL", "GRANT postgres TO me;"},
        {"ACL", "REVOKE a FROM b; GRANT SELECT ON t TO c;"},
        {"ACL", "GRANT SELECT ON t TO c; SET ROLE x;"},
        {"MATERIALIZED VIEW DATA", "REFRESH MATERIALIZED VIEW m; VACUUM;"},
        {"STATISTICS DATA", "SELECT * FROM pg_catalog.pg_restore_relation_stats('version', 18);"},
        {"EVENT TRIGGER", "CREATE EVENT TRIGGER e ON ddl_command_start EXECUTE FUNCTION f();"},
        {"SUBSCRIPTION", "CREATE SUBSCRIPTION s CONNECTION '' PUBLICATION p;"},
        {"SERVER", "CREATE SERVER s FOREIGN DATA WRAPPER w;"},
        {"DATABASE", "CREATE DATABASE x;"},
        {"PROCEDURAL LANGUAGE", "CREATE LANGUAGE plpython3u;"},
        {"SOMETHING NEW", "CREATE TABLE t ();"},
        {"TABLE DATA", NULL},
    };
    struct error error;
    (void)state;

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (passes(&bad[i], &error))
            fail_msg("%s: %s", bad[i].desc, bad[i].definition);
        assert_int_equal(error.kind, ERROR_HOSTILE);
        for (const char *c = error.message; *c != '\0'; c++)
            assert_true((unsigned char)*c >= ' ');
    }
}

static void every_known_type_has_a_rule(void **state)
{
    struct error error;
    (void)state;

    for (int type = ENTRY_UNKNOWN + 1; type < ENTRY_TYPE_COUNT; type++) {
        const struct toc_entry entry = {.type = (enum entry_type)type,
                                        .desc = entry_type_facts((enum entry_type)type)->desc,
                                        .definition = "DO 'x'"};
        bool passes_unseen = type == ENTRY_BLOBS || type == ENTRY_BLOB_METADATA ||
                             type == ENTRY_ENCODING || type == ENTRY_STDSTRINGS ||
                             type == ENTRY_SEARCHPATH || type == ENTRY_WARNING;
        if (vet_entry(&entry, true, &error) != passes_unseen)
            fail_msg("%s", entry.desc);
    }
}

static void rows_come_by_copy_only(void **state)
{
    struct toc_entry entry = {.type = ENTRY_TABLE_DATA,
                              .desc = "TABLE DATA",
                              .copy_statement = "COPY public.t (a) FROM stdin;\n"};
    struct error error;
    (void)state;

    assert_true(vet_entry(&entry, true, &error));
    entry.copy_statement = "COPY public.t (a) FROM PROGRAM 'id';\n";
    assert_false(vet_entry(&entry, true, &error));
    entry.copy_statement = "";
    assert_false(vet_entry(&entry, true, &error));
}

static void a_backslash_counts_where_strings_do_not_conform(void **state)
{
    const struct toc_entry entry = {.type = ENTRY_COMMENT,
                                    .desc = "COMMENT",
                                    .definition =
                                        "COMMENT ON TABLE t IS 'x\\'; DROP TABLE t; --';"};
    struct error error;
    (void)state;

    assert_true(vet_entry(&entry, false, &error));
    assert_false(vet_entry(&entry, true, &error));
}

static void encodings_with_backslashes_in_characters_are_refused(void **state)
{
    struct error error;
    (void)state;

    assert_true(vet_encoding("UTF8", &error));
    assert_true(vet_encoding("LATIN1", &error));
    assert_true(vet_encoding("EUC_JP", &error));
    assert_false(vet_encoding("SJIS", &error));
    assert_int_equal(error.kind, ERROR_HOSTILE);
    assert_false(vet_encoding("GB18030", &error));
    assert_false(vet_encoding("BIG5", &error));
}

static void a_database_entry_is_about_its_own_database(void **state)
{
    struct toc_entry entry = {.type = ENTRY_DATABASE,
                              .desc = "DATABASE",
                              .tag = "shop",
                              .definition = "CREATE DATABASE shop WITH TEMPLATE = template0;\n",
                              .drop_statement = "DROP DATABASE shop;\n"};
    static const char *const drops[] = {"DROP DATABASE postgres;", "DROP DATABASE IF EXISTS shop;",
                                        "DROP DATABASE shop; DROP DATABASE postgres;",
                                        "DROP DATABASE \"Shop\";", "DROP TABLE shop;"};
    struct error error;
    (void)state;

    assert_true(vet_database(&entry, true, &error));
    entry.drop_statement = NULL;
    assert_true(vet_database(&entry, true, &error));
    entry.tag = "Shop \"1\"";
    entry.definition = "CREATE DATABASE \"Shop \"\"1\"\"\";";
    assert_true(vet_database(&entry, true, &error));
    entry.definition = "CREATE DATABASE \"Shop \"\"2\"\"\";";
    assert_false(vet_database(&entry, true, &error));
    assert_int_equal(error.kind, ERROR_HOSTILE);
    entry.tag = "shop";
    entry.definition = "CREATE DATABASE Shop";
    assert_true(vet_database(&entry, true, &error));
    for (size_t i = 0; i < sizeof drops / sizeof drops[0]; i++) {
        entry.drop_statement = drops[i];
        assert_false(vet_database(&entry, true, &error));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_pg_dump_writes_passes),
        cmocka_unit_test(what_does_more_is_refused),
        cmocka_unit_test(every_known_type_has_a_rule),
        cmocka_unit_test(rows_come_by_copy_only),
        cmocka_unit_test(a_backslash_counts_where_strings_do_not_conform),
        cmocka_unit_test(a_database_entry_is_about_its_own_database),
        cmocka_unit_test(encodings_with_backslashes_in_characters_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
