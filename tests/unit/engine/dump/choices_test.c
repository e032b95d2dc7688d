#include "engine/dump/choices.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct dump_choices choose(const struct dump_options *options)
{
    struct dump_choices choices;
    struct error error;

    assert_true(choices_make(&choices, options, &error));
    return choices;
}

static void assert_refused(const struct dump_options *options, const char *word)
{
    struct dump_choices choices;
    struct error error;

    assert_false(choices_make(&choices, options, &error));
    assert_int_equal(error.kind, ERROR_USAGE);
    assert_non_null(strstr(error.message, word));
}

static void nothing_said_is_zstd_and_whatever_suits(void **state)
{
    const struct dump_options options = {.jobs = 1};
    struct dump_choices choices = choose(&options);

    (void)state;
    assert_string_equal(choices.compression, "zstd:1");
    assert_string_equal(choices.codec->name, "zstd");
    assert_int_equal(choices.data_format, DATA_FORMAT_TEXT);
    assert_non_null(choices.engine);
    assert_int_equal(choices.sync, SYNC_AUTO);
    assert_int_equal(choices.direct_io, DIRECT_AUTO);
}

static void words_are_understood(void **state)
{
    const struct dump_options options = {.compression = "gzip:3",
                                         .data_format = "binary",
                                         .io_engine = "sync",
                                         .sync_method = "syncfs",
                                         .direct_io = "off"};
    struct dump_choices choices = choose(&options);

    (void)state;
    assert_string_equal(choices.codec->name, "gzip");
    assert_int_equal(choices.data_format, DATA_FORMAT_BINARY);
    assert_string_equal(choices.engine->name, "sync");
    assert_int_equal(choices.sync, SYNC_FILE_SYSTEM);
    assert_int_equal(choices.direct_io, DIRECT_OFF);
}

static void without_sync_the_method_does_not_matter(void **state)
{
    const struct dump_options options = {.no_sync = true, .sync_method = "syncfs"};

    (void)state;
    assert_int_equal(choose(&options).sync, SYNC_NOTHING);
}

static void words_that_mean_nothing_are_refused(void **state)
{
    static const struct dump_options options[] = {{.compression = "strange"},
                                                  {.data_format = "strange"},
                                                  {.io_engine = "strange"},
                                                  {.no_sync = true, .sync_method = "strange"},
                                                  {.direct_io = "strange"}};

    (void)state;
    for (size_t i = 0; i < sizeof options / sizeof options[0]; i++)
        assert_refused(&options[i], "strange");
}

static int version_for(int reader, const char *compression)
{
    const struct dump_options options = {.reader_version = reader, .compression = compression};

    return choose(&options).version;
}

static void the_version_is_the_oldest_that_reader_and_codec_allow(void **state)
{
    const struct dump_options too_old = {.reader_version = 15, .compression = "lz4"};

    (void)state;
    assert_int_equal(version_for(0, "gzip"), 14);
    assert_int_equal(version_for(0, "lz4"), 15);
    assert_int_equal(version_for(12, "none"), 14);
    assert_int_equal(version_for(16, "zstd"), 15);
    assert_int_equal(version_for(17, "gzip"), 16);
    assert_refused(&too_old, "pg_restore 15 does not read lz4");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_said_is_zstd_and_whatever_suits),
        cmocka_unit_test(words_are_understood),
        cmocka_unit_test(without_sync_the_method_does_not_matter),
        cmocka_unit_test(words_that_mean_nothing_are_refused),
        cmocka_unit_test(the_version_is_the_oldest_that_reader_and_codec_allow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
