#include "engine/sql/definition_halves.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static int set_up(void **state)
{
    *state = arena_create();
    return 0;
}

static int tear_down(void **state)
{
    arena_free(*state);
    return 0;
}

static void expect_key(struct arena *arena, const char *definition, const char *first,
                       const char *second)
{
    struct definition_halves halves;

    assert_true(definition_halves_of_key(&halves, arena, definition));
    assert_string_equal(halves.first, first);
    assert_string_equal(halves.second, second);
}

static void a_primary_key_is_an_index_and_then_a_constraint(void **state)
{
    struct definition_halves halves;
    const char *definition =
        "ALTER TABLE ONLY public.big\n    ADD CONSTRAINT big_pkey PRIMARY KEY (id);\n";

    expect_key(*state, definition, "CREATE UNIQUE INDEX big_pkey ON public.big USING btree (id);",
               "ALTER TABLE ONLY public.big\n    ADD CONSTRAINT big_pkey PRIMARY KEY USING INDEX "
               "big_pkey;\n");
    assert_true(definition_halves_of_key(&halves, *state, definition));
    assert_string_equal(halves.undo, "DROP INDEX public.big_pkey");
    assert_int_equal(halves.relation.length, strlen("public.big"));
    assert_memory_equal(halves.relation.data, "public.big", strlen("public.big"));
}

static void all_that_pg_dump_writes_of_a_key_is_kept(void **state)
{
    expect_key(
        *state,
        "ALTER TABLE ONLY \"S.x\".\"T \"\" (y\"\n    ADD CONSTRAINT \"k;1\" UNIQUE NULLS NOT "
        "DISTINCT (a, \"b c\") INCLUDE (d, e) WITH (fillfactor='70', "
        "deduplicate_items=off) DEFERRABLE INITIALLY DEFERRED;\n",
        "CREATE UNIQUE INDEX \"k;1\" ON \"S.x\".\"T \"\" (y\" USING btree (a, \"b c\") INCLUDE "
        "(d, e) NULLS NOT DISTINCT WITH (fillfactor='70', deduplicate_items=off);",
        "ALTER TABLE ONLY \"S.x\".\"T \"\" (y\"\n    ADD CONSTRAINT \"k;1\" UNIQUE USING INDEX "
        "\"k;1\" DEFERRABLE INITIALLY DEFERRED;\n");
}

static void statements_behind_a_key_follow_its_second_half(void **state)
{
    expect_key(*state,
               "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT k PRIMARY KEY (i);\n\nALTER TABLE "
               "public.t CLUSTER ON k;\n",
               "CREATE UNIQUE INDEX k ON public.t USING btree (i);",
               "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT k PRIMARY KEY USING INDEX "
               "k;\n\nALTER TABLE public.t CLUSTER ON k;\n");
}

static void the_index_is_dropped_from_the_schema_of_its_table(void **state)
{
    struct definition_halves halves;

    assert_true(definition_halves_of_key(
        &halves, *state, "ALTER TABLE ONLY \"a.b\".t\n    ADD CONSTRAINT \"K\" UNIQUE (i);\n"));
    assert_string_equal(halves.undo, "DROP INDEX \"a.b\".\"K\"");
    assert_true(definition_halves_of_key(&halves, *state,
                                         "ALTER TABLE ONLY t\n    ADD CONSTRAINT k UNIQUE (i);\n"));
    assert_string_equal(halves.undo, "DROP INDEX k");
}

static void other_constraints_stay_whole(void **state)
{
    static const char *const others[] = {
        "PRIMARY KEY (i, during WITHOUT OVERLAPS);\n",
        "EXCLUDE USING gist (r WITH &&);\n",
        "CHECK ((i > 0)) NOT VALID;\n",
        "UNIQUE (i) USING INDEX TABLESPACE x;\n",
        "UNIQUE ();\n",
        "UNIQUE (i) WITH (fillfactor='7;0');\n",
        "UNIQUE (i)",
    };
    static const char *const strangers[] = {
        "",
        "ALTER TABLE public.t\n    ADD CONSTRAINT k PRIMARY KEY (i);\n",
        "ALTER TABLE ONLY public.t ADD CONSTRAINT k UNIQUE (i);\n",
        "-- Upgrade\nALTER TABLE ONLY t\n    ADD CONSTRAINT k UNIQUE (i);\n",
    };
    struct definition_halves halves;

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(definition_halves_of_key(
            &halves, *state,
            arena_print(*state, "ALTER TABLE ONLY public.t\n    ADD CONSTRAINT k %s", others[i])));
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++)
        assert_false(definition_halves_of_key(&halves, *state, strangers[i]));
}

static void a_foreign_key_is_added_and_then_validated(void **state)
{
    struct definition_halves halves;

    assert_true(definition_halves_of_foreign_key(
        &halves, *state,
        "ALTER TABLE ONLY public.fact\n    ADD CONSTRAINT \"fact a\" FOREIGN KEY (a, b) REFERENCES "
        "other.dim(x, y) MATCH FULL ON UPDATE CASCADE ON DELETE SET NULL (a) DEFERRABLE INITIALLY "
        "DEFERRED;\n"));
    assert_string_equal(
        halves.first,
        "ALTER TABLE ONLY public.fact\n    ADD CONSTRAINT \"fact a\" FOREIGN KEY (a, b) REFERENCES "
        "other.dim(x, y) MATCH FULL ON UPDATE CASCADE ON DELETE SET NULL (a) DEFERRABLE INITIALLY "
        "DEFERRED NOT VALID;");
    assert_string_equal(halves.second,
                        "ALTER TABLE ONLY public.fact\n    VALIDATE CONSTRAINT \"fact a\";");
    assert_string_equal(halves.undo, "ALTER TABLE ONLY public.fact DROP CONSTRAINT \"fact a\"");
    assert_int_equal(halves.referred.length, strlen("other.dim"));
    assert_memory_equal(halves.referred.data, "other.dim", strlen("other.dim"));
}

static void every_plain_form_of_a_foreign_key_is_known(void **state)
{
    static const char *const ends[] = {"",
                                       " ON DELETE CASCADE",
                                       " ON UPDATE RESTRICT",
                                       " ON UPDATE SET DEFAULT ON DELETE SET NULL",
                                       " ON DELETE NO ACTION DEFERRABLE",
                                       " DEFERRABLE INITIALLY DEFERRED"};
    struct definition_halves halves;

    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++)
        assert_true(definition_halves_of_foreign_key(
            &halves, *state,
            arena_print(*state,
                        "ALTER TABLE ONLY t\n    ADD CONSTRAINT k FOREIGN KEY (i) REFERENCES "
                        "p(i)%s;\n",
                        ends[i])));
}

static void the_key_of_a_partitioned_table_is_that_of_its_partitions(void **state)
{
    struct definition_halves halves;

    assert_true(definition_halves_of_foreign_key(
        &halves, *state,
        "ALTER TABLE public.p\n    ADD CONSTRAINT k FOREIGN KEY (a) REFERENCES public.dim(x);\n"));
    assert_string_equal(halves.second, "ALTER TABLE public.p\n    VALIDATE CONSTRAINT k;");
    assert_string_equal(halves.undo, "ALTER TABLE public.p DROP CONSTRAINT k");
}

static void foreign_keys_that_are_not_to_be_checked_stay_whole(void **state)
{
    static const char *const others[] = {
        "ONLY t\n    ADD CONSTRAINT k FOREIGN KEY (i) REFERENCES p(i) NOT VALID;\n",
        "ONLY t\n    ADD CONSTRAINT k FOREIGN KEY (i) REFERENCES p(i) NOT ENFORCED;\n",
        "ONLY t\n    ADD CONSTRAINT k FOREIGN KEY (i) REFERENCES p(i) ON DELETE CASCADE NOT VALID;",
        "ONLY t\n    ADD CONSTRAINT k FOREIGN KEY (i, PERIOD d) REFERENCES p(i, PERIOD d);\n",
        "ONLY t\n    ADD CONSTRAINT k FOREIGN KEY (i) REFERENCES p;\n",
        "ONLY t\n    ADD CONSTRAINT k FOREIGN KEY (i) REFERENCES p(i); SELECT 1;\n",
    };
    struct definition_halves halves;

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        assert_false(definition_halves_of_foreign_key(
            &halves, *state, arena_print(*state, "ALTER TABLE %s", others[i])));
}

int main(void)
{
#define ARENA(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        ARENA(a_primary_key_is_an_index_and_then_a_constraint),
        ARENA(all_that_pg_dump_writes_of_a_key_is_kept),
        ARENA(statements_behind_a_key_follow_its_second_half),
        ARENA(the_index_is_dropped_from_the_schema_of_its_table),
        ARENA(other_constraints_stay_whole),
        ARENA(a_foreign_key_is_added_and_then_validated),
        ARENA(every_plain_form_of_a_foreign_key_is_known),
        ARENA(the_key_of_a_partitioned_table_is_that_of_its_partitions),
        ARENA(foreign_keys_that_are_not_to_be_checked_stay_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
