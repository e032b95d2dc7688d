#include "compress/codec.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define WORD_BYTES 64 /* longer than any method, keyword or value that exists */

/* One "keyword" or "keyword=value" of a specification. */
struct option {
    char keyword[WORD_BYTES];
    char value[WORD_BYTES];
    bool has_value;
};

/* The whole text and nothing else, within an int. */
static bool parse_integer(const char *text, int *number)
{
    char *end;

    long parsed = strtol(text, &end, 10);
    if (end == text || *end != '\0' || parsed < INT_MIN || parsed > INT_MAX)
        return false;
    *number = (int)parsed;
    return true;
}

static bool parse_boolean(const char *text, bool *truth)
{
    static const struct {
        const char *word;
        bool truth;
    } words[] = {{"yes", true}, {"on", true},   {"1", true},
                 {"no", false}, {"off", false}, {"0", false}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcasecmp(text, words[i].word) == 0) {
            *truth = words[i].truth;
            return true;
        }
    return false;
}

static bool copy_word(char word[WORD_BYTES], const char *start, size_t length)
{
    if (length >= WORD_BYTES)
        return false;
    memcpy(word, start, length);
    word[length] = '\0';
    return true;
}

static bool read_option(const char **text, struct option *option, struct error *error)
{
    size_t length = strcspn(*text, ",");
    size_t keyword_length = strcspn(*text, ",=");

    if (keyword_length == 0)
        return error_set(error, ERROR_USAGE,
                         "found empty string where a compression option was expected");
    option->has_value = keyword_length < length;
    const char *value = *text + keyword_length + option->has_value;
    if (!copy_word(option->keyword, *text, keyword_length) ||
        !copy_word(option->value, value, (size_t)(*text + length - value)))
        return error_set(error, ERROR_USAGE, "a compression option is too long");
    *text += length;
    return true;
}

static bool read_integer_value(const struct option *option, int *number, struct error *error)
{
    if (!option->has_value)
        return error_set(error, ERROR_USAGE, "compression option \"%s\" requires a value",
                         option->keyword);
    if (!parse_integer(option->value, number))
        return error_set(error, ERROR_USAGE,
                         "value for compression option \"%s\" must be an integer", option->keyword);
    return true;
}

static bool apply_level(const struct codec *codec, const struct option *option,
                        struct codec_settings *settings, struct error *error)
{
    (void)codec;
    return read_integer_value(option, &settings->level, error);
}

/* Read and forgotten, as by pg_dump: our codec threads work on frames of their own. */
static bool apply_workers(const struct codec *codec, const struct option *option,
                          struct codec_settings *settings, struct error *error)
{
    int workers;

    (void)settings;
    if (codec->id != CODEC_ZSTD)
        return error_set(error, ERROR_USAGE,
                         "compression algorithm \"%s\" does not accept a worker count",
                         codec->name);
    return read_integer_value(option, &workers, error);
}

static bool apply_long(const struct codec *codec, const struct option *option,
                       struct codec_settings *settings, struct error *error)
{
    if (option->has_value && !parse_boolean(option->value, &settings->is_long))
        return error_set(error, ERROR_USAGE,
                         "value for compression option \"%s\" must be a Boolean value",
                         option->keyword);
    if (!option->has_value)
        settings->is_long = true;
    if (codec->id != CODEC_ZSTD)
        return error_set(error, ERROR_USAGE,
                         "compression algorithm \"%s\" does not support long-distance mode",
                         codec->name);
    return true;
}

static const struct {
    const char *keyword;
    bool (*apply)(const struct codec *codec, const struct option *option,
                  struct codec_settings *settings, struct error *error);
} keywords[] = {{"level", apply_level}, {"workers", apply_workers}, {"long", apply_long}};

static bool apply_option(const struct codec *codec, const struct option *option,
                         struct codec_settings *settings, struct error *error)
{
    for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++)
        if (strcmp(option->keyword, keywords[i].keyword) == 0)
            return keywords[i].apply(codec, option, settings, error);
    return error_set(error, ERROR_USAGE, "unrecognized compression option: \"%s\"",
                     option->keyword);
}

static bool parse_detail(const char *detail, const struct codec *codec,
                         struct codec_settings *settings, struct error *error)
{
    if (detail == NULL || parse_integer(detail, &settings->level))
        return true;
    for (;;) {
        struct option option;
        if (!read_option(&detail, &option, error) || !apply_option(codec, &option, settings, error))
            return false;
        if (*detail == '\0')
            return true;
        detail++;
    }
}

static bool check_level(const struct codec *codec, struct codec_settings *settings,
                        struct error *error)
{
    if (settings->level >= codec->level_minimum && settings->level <= codec->level_maximum)
        return true;
    if (codec->id == CODEC_NONE)
        return error_set(error, ERROR_USAGE,
                         "compression algorithm \"%s\" does not accept a compression level",
                         codec->name);
    /* zlib's own spelling of "the default", which pg_dump lets through. */
    if (codec->id == CODEC_GZIP && settings->level == -1) {
        settings->level = codec->level_default;
        return true;
    }
    return error_set(error, ERROR_USAGE,
                     "compression algorithm \"%s\" expects a compression level between %d and %d "
                     "(default at %d)",
                     codec->name, codec->level_minimum, codec->level_maximum, codec->level_default);
}

/* A number alone is gzip's level, as it was before there was a choice; 0 is no compression. */
static bool parse_bare_level(const char *text, const struct codec **codec,
                             struct codec_settings *settings)
{
    if (!parse_integer(text, &settings->level))
        return false;
    *codec = settings->level == 0 ? &codec_none : &codec_gzip;
    return true;
}

bool codec_parse_specification(const char *text, const struct codec **codec,
                               struct codec_settings *settings, struct error *error)
{
    const struct codec *chosen = NULL;
    struct codec_settings chosen_settings = {0};
    char method[WORD_BYTES];
    size_t method_length = strcspn(text, ":");
    const char *detail = NULL;

    if (!parse_bare_level(text, &chosen, &chosen_settings)) {
        if (copy_word(method, text, method_length))
            chosen = codec_find_by_name(method);
        if (chosen == NULL) {
            error_set(error, ERROR_USAGE, "unrecognized compression algorithm: \"%.*s\"",
                      method_length < WORD_BYTES ? (int)method_length : WORD_BYTES, text);
            error_hint(error, "Known are none, gzip, lz4 and zstd.");
            return false;
        }
        chosen_settings.level = chosen->level_default;
        if (text[method_length] == ':')
            detail = text + method_length + 1;
    }
    if (!parse_detail(detail, chosen, &chosen_settings, error) ||
        !check_level(chosen, &chosen_settings, error)) {
        error_prefix(error, "invalid compression specification");
        return false;
    }
    *codec = chosen;
    *settings = chosen_settings;
    return true;
}
