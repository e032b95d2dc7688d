#include "engine/restore/options_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static void accept(struct restore_options options)
{
    struct error error;

    assert_true(options_check(&options, &error));
}

static void refuse(struct restore_options options)
{
    struct error error = {.kind = ERROR_NONE};

    assert_false(options_check(&options, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
}

static void an_untrusted_archive_neither_drops_nor_makes_a_database(void **state)
{
    (void)state;
    accept((struct restore_options){.untrusted = true, .jobs = 4});
    refuse((struct restore_options){.untrusted = true, .clean = true});
    refuse((struct restore_options){.untrusted = true, .selection.create = true});
}

static void a_salvage_neither_stops_at_errors_nor_is_one_transaction(void **state)
{
    (void)state;
    accept((struct restore_options){.salvages = true, .jobs = 4});
    refuse((struct restore_options){.salvages = true, .exit_on_error = true});
    refuse((struct restore_options){.salvages = true, .single_transaction = true});
}

static void one_transaction_has_one_session_of_one_database(void **state)
{
    (void)state;
    accept((struct restore_options){.single_transaction = true, .jobs = 1});
    refuse((struct restore_options){.single_transaction = true, .jobs = 2});
    refuse((struct restore_options){.single_transaction = true, .selection.create = true});
}

static void only_what_keeps_a_journal_is_resumed(void **state)
{
    (void)state;
    accept((struct restore_options){.resume = true, .clean = true, .selection.create = true});
    refuse((struct restore_options){.resume = true, .no_journal = true});
    refuse((struct restore_options){.resume = true, .single_transaction = true});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_untrusted_archive_neither_drops_nor_makes_a_database),
        cmocka_unit_test(a_salvage_neither_stops_at_errors_nor_is_one_transaction),
        cmocka_unit_test(one_transaction_has_one_session_of_one_database),
        cmocka_unit_test(only_what_keeps_a_journal_is_resumed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
