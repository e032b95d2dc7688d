#include "engine/dump/formats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void assert_parsed(const char *word, enum data_format expected)
{
    enum data_format format;
    struct error error;

    assert_true(formats_parse(word, &format, &error));
    assert_int_equal(format, expected);
}

static void formats_have_names_and_text_is_the_default(void **state)
{
    (void)state;
    assert_parsed(NULL, DATA_FORMAT_TEXT);
    assert_parsed("text", DATA_FORMAT_TEXT);
    assert_parsed("binary", DATA_FORMAT_BINARY);
    assert_parsed("auto", DATA_FORMAT_AUTO);
}

static void other_names_are_refused(void **state)
{
    enum data_format format;
    struct error error;

    (void)state;
    assert_false(formats_parse("csv", &format, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_non_null(strstr(error.message, "\"csv\""));
    assert_false(formats_parse("", &format, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(formats_have_names_and_text_is_the_default),
        cmocka_unit_test(other_names_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
