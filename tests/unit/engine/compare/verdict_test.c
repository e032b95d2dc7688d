#include "engine/compare/verdict.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void of_rows(void **state)
{
    struct subject subject = {.archived = {.rows = 10, .sum_low = 1},
                              .live = {.rows = 10, .sum_low = 1}};
    struct error error;

    (void)state;
    assert_true(verdict_of_subject(&subject, &error));
    subject.live.sum_low = 2;
    assert_false(verdict_of_subject(&subject, &error));
    assert_int_equal(error.kind, ERROR_DIFFERENT);
    assert_string_equal(error.message, "both have 10 rows, but not the same");
    subject.counts_only = true;
    assert_true(verdict_of_subject(&subject, &error));
    subject.live.rows = 11;
    assert_false(verdict_of_subject(&subject, &error));
    assert_string_equal(error.message, "the database has 1 row more: 11, where the archive has 10");
    subject.live.rows = 7;
    assert_false(verdict_of_subject(&subject, &error));
    assert_string_equal(error.message, "the database has 3 rows less: 7, where the archive has 10");
}

static void what_could_not_be_read_is_no_difference(void **state)
{
    struct subject subject = {.archived.rows = 10};
    struct error error;

    (void)state;
    error_set(&subject.error, ERROR_PERMISSION, "permission denied");
    assert_false(verdict_of_subject(&subject, &error));
    assert_int_equal(error.kind, ERROR_PERMISSION);
}

static void of_sequences(void **state)
{
    struct live_relation relation = {.kind = 'S'};
    struct sequence sequence = {.relation = &relation, .archived = "5, true", .live = "5, true"};
    struct error error;

    (void)state;
    assert_true(verdict_of_sequence(&sequence, &error));
    strcpy(sequence.live, "5, false");
    assert_false(verdict_of_sequence(&sequence, &error));
    assert_int_equal(error.kind, ERROR_DIFFERENT);
    sequence.relation = NULL;
    assert_false(verdict_of_sequence(&sequence, &error));
}

static void of_objects(void **state)
{
    struct compared_object object = {.oid = 1, .is_archived = true};
    struct error error;

    (void)state;
    assert_false(verdict_of_object(&object, true, &error));
    object.is_live = true;
    assert_true(verdict_of_object(&object, true, &error));
    object_digest_add(&object.live, 0, (struct span){(const unsigned char *)"x", 1});
    assert_false(verdict_of_object(&object, true, &error));
    object_digest_add(&object.archived, 0, (struct span){(const unsigned char *)"y", 1});
    assert_false(verdict_of_object(&object, true, &error));
    assert_string_equal(error.message, "both have 1 bytes, but not the same");
}

/* Packed objects without the entries that create them: the empty ones are not in any file. */
static void an_empty_object_may_be_one_that_nothing_tells_of(void **state)
{
    struct compared_object object = {.oid = 1, .is_live = true};
    struct error error;

    (void)state;
    assert_true(verdict_of_object(&object, false, &error));
    assert_false(verdict_of_object(&object, true, &error));
    object_digest_add(&object.live, 0, (struct span){(const unsigned char *)"x", 1});
    assert_false(verdict_of_object(&object, false, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_rows),
        cmocka_unit_test(what_could_not_be_read_is_no_difference),
        cmocka_unit_test(of_sequences),
        cmocka_unit_test(of_objects),
        cmocka_unit_test(an_empty_object_may_be_one_that_nothing_tells_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
