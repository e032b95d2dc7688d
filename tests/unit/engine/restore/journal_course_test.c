#include "engine/restore/journal_course.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static const struct journal_facts new_database = {
    .is_free = true, .may_be_made = true, .is_empty = true};
static const struct journal_facts used_database = {.is_free = true, .may_be_made = true};
static const struct journal_facts unfinished = {
    .is_there = true, .is_free = true, .may_be_made = true, .attempts = 1};
static const struct journal_wish plain = {.keeps_one = true};
static const struct journal_wish resumed = {.keeps_one = true, .resumes = true};
static const struct journal_wish cleaned = {.keeps_one = true, .begins_anew = true};
static const struct journal_wish without = {.keeps_one = false};

static enum journal_course choose(const struct journal_facts *facts,
                                  const struct journal_wish *wish)
{
    enum journal_course course;
    struct error error;

    assert_true(journal_course_choose(&course, facts, wish, &error));
    return course;
}

static enum error_kind refuse(const struct journal_facts *facts, const struct journal_wish *wish)
{
    enum journal_course course;
    struct error error = {.kind = ERROR_NONE};

    assert_false(journal_course_choose(&course, facts, wish, &error));
    assert_true(error.hint[0] != '\0');
    return error.kind;
}

static void a_restore_keeps_a_journal_where_it_may(void **state)
{
    const struct journal_facts forbidden = {.is_free = true, .is_empty = true};

    (void)state;
    assert_int_equal(choose(&new_database, &plain), JOURNAL_NEW);
    assert_int_equal(choose(&used_database, &plain), JOURNAL_NEW);
    assert_int_equal(choose(&new_database, &without), JOURNAL_NONE);
    assert_int_equal(choose(&forbidden, &plain), JOURNAL_NONE);
}

static void an_unfinished_restore_is_gone_on_with_or_cleaned_away(void **state)
{
    (void)state;
    assert_int_equal(choose(&unfinished, &resumed), JOURNAL_RESUMED);
    assert_int_equal(choose(&unfinished, &cleaned), JOURNAL_REPLACED);
    assert_int_equal(refuse(&unfinished, &plain), ERROR_CONFLICT);
    assert_int_equal(refuse(&unfinished, &without), ERROR_CONFLICT);
}

static void without_a_journal_only_an_empty_database_can_be_resumed(void **state)
{
    const struct journal_facts forbidden = {.is_free = true, .is_empty = true};

    (void)state;
    assert_int_equal(choose(&new_database, &resumed), JOURNAL_NEW);
    assert_int_equal(refuse(&used_database, &resumed), ERROR_CONFLICT);
    assert_int_equal(refuse(&forbidden, &resumed), ERROR_PERMISSION);
}

static void nobody_works_beside_another(void **state)
{
    struct journal_facts busy = unfinished;

    (void)state;
    busy.is_free = false;
    assert_true(journal_course_may_change(&busy, &resumed));
    assert_int_equal(refuse(&busy, &resumed), ERROR_LOCKED);
    assert_int_equal(refuse(&busy, &plain), ERROR_LOCKED);
    assert_int_equal(refuse(&busy, &cleaned), ERROR_LOCKED);
    assert_int_equal(refuse(&busy, &without), ERROR_LOCKED);
    busy.is_there = false;
    assert_int_equal(refuse(&busy, &plain), ERROR_LOCKED);
    assert_false(journal_course_may_change(&busy, &without));
    assert_int_equal(choose(&busy, &without), JOURNAL_NONE);
}

static bool agree(const struct journal_head *one, const struct journal_head *other,
                  const char *word)
{
    struct error error = {.kind = ERROR_NONE};
    bool is_same = journal_head_agrees(one, other, &error);

    assert_true(is_same || (error.kind == ERROR_CONFLICT && strstr(error.message, word) != NULL));
    return is_same;
}

static void only_the_same_restore_is_resumed(void **state)
{
    char a[] = "a", b[] = "b";
    const struct journal_head head = {.archive = a, .options = a, .selection = a};
    const struct journal_head of_another = {.archive = b, .options = a, .selection = a};
    const struct journal_head otherwise = {.archive = a, .options = b, .selection = a};
    const struct journal_head of_others = {.archive = a, .options = a, .selection = b};
    const struct journal_head by_one = {
        .archive = a, .options = a, .selection = a, .keeps_order = true};

    (void)state;
    assert_true(agree(&head, &head, ""));
    assert_true(agree(&head, &by_one, ""));
    assert_false(agree(&head, &of_another, "archive"));
    assert_false(agree(&head, &otherwise, "options"));
    assert_false(agree(&head, &of_others, "objects"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_restore_keeps_a_journal_where_it_may),
        cmocka_unit_test(an_unfinished_restore_is_gone_on_with_or_cleaned_away),
        cmocka_unit_test(without_a_journal_only_an_empty_database_can_be_resumed),
        cmocka_unit_test(nobody_works_beside_another),
        cmocka_unit_test(only_the_same_restore_is_resumed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
