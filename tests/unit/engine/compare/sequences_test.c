#include "engine/compare/sequences.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void add(struct toc *toc, const char *name, const char *definition)
{
    struct toc_entry *entry = toc_add_entry(toc);

    *entry = (struct toc_entry){
        .type = ENTRY_SEQUENCE_SET, .schema = "s", .tag = name, .definition = definition};
}

static void positions_and_the_query_for_them(void **state)
{
    struct toc *toc = toc_create();
    struct live_relation relation = {.schema = "s", .name = "it's, (", .columns = "", .kind = 'S'};
    struct live live = {.relations = &relation, .count = 1};
    struct sequences sequences;
    struct error error;

    (void)state;
    add(toc, "gone", "SELECT pg_catalog.setval('s.gone', -5, false);\n");
    add(toc, "it's, (", "SELECT pg_catalog.setval('s.\"it''s, (\"', 1000, true);\n");
    live_seal(&live, toc->arena);
    assert_true(sequences_make(&sequences, toc->arena, toc, &live, &error));
    assert_int_equal(sequences.count, 2);
    assert_string_equal(sequences.items[0].archived, "-5, false");
    assert_null(sequences.items[0].relation);
    assert_string_equal(sequences.items[1].archived, "1000, true");
    assert_ptr_equal(sequences.items[1].relation, live.relations);
    assert_string_equal(sequences_query(toc->arena, sequences.items, 2),
                        "SELECT 1, last_value || CASE WHEN is_called THEN ', true' ELSE ', false' "
                        "END FROM s.\"it's, (\"");
    assert_null(sequences_query(toc->arena, sequences.items, 1));
    toc_free(toc);
}

static void what_is_no_position_is_damage(void **state)
{
    struct toc *toc = toc_create();
    struct live_relation none;
    struct live live = {.relations = &none, .count = 0};
    struct sequences sequences;
    struct error error;

    (void)state;
    add(toc, "x", "SELECT 1;\n");
    live_seal(&live, toc->arena);
    assert_false(sequences_make(&sequences, toc->arena, toc, &live, &error));
    assert_int_equal(error.kind, ERROR_DAMAGED);
    toc_free(toc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_and_the_query_for_them),
        cmocka_unit_test(what_is_no_position_is_damage),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
