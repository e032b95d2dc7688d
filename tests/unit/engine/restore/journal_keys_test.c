#include "engine/restore/journal_keys.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void keys_tell_entry_kind_and_piece_apart(void **state)
{
    uint64_t key = journal_key(JOURNAL_OBJECTS, INT32_MAX, JOURNAL_MOST_PIECES - 1);

    (void)state;
    assert_int_equal(journal_key_dump_id(key), INT32_MAX);
    assert_int_equal(journal_key_kind(key), JOURNAL_OBJECTS);
    assert_true(key <= INT64_MAX);
    assert_true(key != journal_key(JOURNAL_ROWS, INT32_MAX, JOURNAL_MOST_PIECES - 1));
    assert_true(key != journal_key(JOURNAL_OBJECTS, INT32_MAX, 0));
    assert_true(key != journal_key(JOURNAL_OBJECTS, 1, JOURNAL_MOST_PIECES - 1));
}

static void a_set_has_what_was_added_and_nothing_else(void **state)
{
    struct journal_keys keys = {.items = NULL};

    (void)state;
    assert_false(journal_keys_have(&keys, 7));
    for (uint64_t key = 1000; key > 0; key -= 2)
        journal_keys_add(&keys, key);
    journal_keys_seal(&keys);
    for (uint64_t key = 1; key <= 1000; key++)
        assert_int_equal(journal_keys_have(&keys, key), key % 2 == 0);
    journal_keys_clear(&keys);
    assert_false(journal_keys_have(&keys, 2));
}

static void arrays_of_the_server_are_understood(void **state)
{
    struct journal_keys keys = {.items = NULL};

    (void)state;
    assert_true(journal_keys_add_array(&keys, "{}"));
    assert_true(journal_keys_add_array(&keys, "{9000000000,3}"));
    assert_true(journal_keys_add_array(&keys, "{5}"));
    journal_keys_seal(&keys);
    assert_int_equal(keys.count, 3);
    assert_true(journal_keys_have(&keys, UINT64_C(9000000000)));
    assert_true(journal_keys_have(&keys, 5));
    journal_keys_clear(&keys);
}

static void what_is_no_array_is_refused(void **state)
{
    static const char *const wrong[] = {"",
                                        "1",
                                        "{",
                                        "{1",
                                        "{1,}",
                                        "{1,NULL}",
                                        "{-1}",
                                        "{1}2",
                                        "{}x",
                                        "{9223372036854775808}",
                                        "{99999999999999999999}"};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct journal_keys keys = {.items = NULL};

        assert_false(journal_keys_add_array(&keys, wrong[i]));
        journal_keys_clear(&keys);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keys_tell_entry_kind_and_piece_apart),
        cmocka_unit_test(a_set_has_what_was_added_and_nothing_else),
        cmocka_unit_test(arrays_of_the_server_are_understood),
        cmocka_unit_test(what_is_no_array_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
