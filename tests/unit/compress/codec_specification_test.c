#include "compress/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void specification_reads_what_pg_dump_reads(void **state)
{
    static const struct {
        const char *text;
        const struct codec *codec;
        int level;
        bool is_long;
    } cases[] = {
        {"0", &codec_none, 0, false},
        {"6", &codec_gzip, 6, false},
        {"-1", &codec_gzip, 6, false},
        {"none", &codec_none, 0, false},
        {"gzip", &codec_gzip, 6, false},
        {"gzip:9", &codec_gzip, 9, false},
        {"gzip:level=1", &codec_gzip, 1, false},
        {"lz4", &codec_lz4, 0, false},
        {"lz4:12", &codec_lz4, 12, false},
        {"zstd", &codec_zstd, 3, false},
        {"zstd:0", &codec_zstd, 0, false},
        {"zstd:-5", &codec_zstd, -5, false},
        {"zstd:22", &codec_zstd, 22, false},
        {"zstd:long", &codec_zstd, 3, true},
        {"zstd:level=7,long", &codec_zstd, 7, true},
        {"zstd:long=yes,level=7", &codec_zstd, 7, true},
        {"zstd:long=on", &codec_zstd, 3, true},
        {"zstd:long=NO", &codec_zstd, 3, false},
        {"zstd:long,long=0", &codec_zstd, 3, false},
        {"zstd:workers=4,level=2", &codec_zstd, 2, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct codec *codec = NULL;
        struct codec_settings settings;
        struct error error;
        if (!codec_parse_specification(cases[i].text, &codec, &settings, &error))
            fail_msg("\"%s\": %s", cases[i].text, error.message);
        assert_ptr_equal(codec, cases[i].codec);
        assert_int_equal(settings.level, cases[i].level);
        assert_int_equal(settings.is_long, cases[i].is_long);
    }
}

static void specification_names_what_is_wrong(void **state)
{
    static const struct {
        const char *text;
        const char *reason;
    } cases[] = {
        {"", "unrecognized compression algorithm: \"\""},
        {"bzip2", "unrecognized compression algorithm: \"bzip2\""},
        {"ZSTD", "unrecognized compression algorithm: \"ZSTD\""},
        {"zstd:", "found empty string"},
        {"zstd:level=3,", "found empty string"},
        {"zstd:=3", "found empty string"},
        {"zstd:speed=3", "unrecognized compression option: \"speed\""},
        {"zstd:level", "option \"level\" requires a value"},
        {"zstd:level=x", "option \"level\" must be an integer"},
        {"zstd:level=", "option \"level\" must be an integer"},
        {"zstd:level=99999999999", "option \"level\" must be an integer"},
        {"zstd:23", "between -131072 and 22"},
        {"zstd:long=maybe", "option \"long\" must be a Boolean value"},
        {"zstd:workers", "option \"workers\" requires a value"},
        {"lz4:13", "between 0 and 12"},
        {"lz4:-1", "between 0 and 12"},
        {"lz4:long", "does not support long-distance mode"},
        {"gzip:0", "between 1 and 9 (default at 6)"},
        {"gzip:workers=2", "does not accept a worker count"},
        {"10", "between 1 and 9"},
        {"none:3", "does not accept a compression level"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct codec *codec = NULL;
        struct codec_settings settings;
        struct error error;
        assert_false(codec_parse_specification(cases[i].text, &codec, &settings, &error));
        assert_int_equal(error.kind, ERROR_USAGE);
        if (strstr(error.message, cases[i].reason) == NULL)
            fail_msg("\"%s\": %s", cases[i].text, error.message);
    }
}

static void specification_refuses_words_of_any_length(void **state)
{
    char text[4096];
    const struct codec *codec;
    struct codec_settings settings;
    struct error error;

    (void)state;
    memset(text, 'x', sizeof text);
    text[sizeof text - 1] = '\0';
    assert_false(codec_parse_specification(text, &codec, &settings, &error));
    memcpy(text, "zstd:", 5);
    assert_false(codec_parse_specification(text, &codec, &settings, &error));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(specification_reads_what_pg_dump_reads),
        cmocka_unit_test(specification_names_what_is_wrong),
        cmocka_unit_test(specification_refuses_words_of_any_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
