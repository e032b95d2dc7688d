#include "engine/sql/indexed_table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void expect(const char *definition, const char *table)
{
    struct span found;

    assert_true(indexed_table(definition, &found));
    assert_int_equal(found.length, strlen(table));
    assert_memory_equal(found.data, table, found.length);
}

static void indexes(void **state)
{
    (void)state;
    expect("CREATE INDEX i ON public.t USING btree (a);\n", "public.t");
    expect("CREATE UNIQUE INDEX \"a ON b\" ON ONLY \"x\"\"y\".\"t (\" USING btree (a);",
           "\"x\"\"y\".\"t (\"");
}

static void constraints(void **state)
{
    (void)state;
    expect("ALTER TABLE ONLY public.t\n    ADD CONSTRAINT k PRIMARY KEY (a);", "public.t");
    expect("ALTER TABLE \"ONLY \".t\n    ADD CONSTRAINT k UNIQUE (a);", "\"ONLY \".t");
}

static void other_definitions(void **state)
{
    struct span found;

    (void)state;
    assert_false(indexed_table("", &found));
    assert_false(indexed_table("CREATE INDEX ON public.t USING btree (a);", &found));
    assert_false(indexed_table("ALTER TABLE public.t OWNER TO somebody;", &found));
    assert_false(indexed_table("CREATE TABLE public.t (a integer);", &found));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(indexes),
        cmocka_unit_test(constraints),
        cmocka_unit_test(other_definitions),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
