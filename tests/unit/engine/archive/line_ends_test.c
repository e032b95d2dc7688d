#include "engine/archive/line_ends.h"

#include "scratch_folder.h"

static bool is_translated(const char *text)
{
    return line_ends_are_translated((struct span){(const unsigned char *)text, strlen(text)});
}

static void every_line_feed_must_have_its_cr(void **state)
{
    (void)state;
    assert_true(is_translated("1\r\n2\r\n\r\n4\r\nrest"));
    assert_true(is_translated("1\r\r\n2\r\n3\r\n4\r\n"));
    assert_false(is_translated("1\r\n2\r\n3\n4\r\n"));
    assert_false(is_translated("\n1\r\n2\r\n3\r\n4\r\n"));
}

static void few_lines_may_be_so_by_chance(void **state)
{
    (void)state;
    assert_false(is_translated(""));
    assert_false(is_translated("no line at all"));
    assert_false(is_translated("1\r\n2\r\n3\r\n"));
}

static void only_damage_is_explained(void **state)
{
    static const char content[] = "1\r\n2\r\n3\r\n4\r\n";
    struct folder *folder;
    struct error error;

    scratch_write(*state, "file", content, sizeof(content) - 1);
    assert_true(folder_open(&folder, *state, &error));
    error_set(&error, ERROR_DAMAGED, "it is damaged");
    assert_false(line_ends_explain(folder, "file", &error));
    assert_string_equal(error.message, "it is damaged; each of its line feeds has become CR LF");
    assert_non_null(strstr(error.hint, "binary mode"));
    error_set(&error, ERROR_DAMAGED, "it is missing");
    assert_false(line_ends_explain(folder, "none", &error));
    assert_string_equal(error.message, "it is missing");
    error_set(&error, ERROR_IO, "it cannot be read");
    assert_false(line_ends_explain(folder, "file", &error));
    assert_string_equal(error.message, "it cannot be read");
    folder_close(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_line_feed_must_have_its_cr),
        cmocka_unit_test(few_lines_may_be_so_by_chance),
        scratch_test(only_damage_is_explained),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
