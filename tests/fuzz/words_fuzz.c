/* The small parsers of what people and other programs write: -Z, sizes, the version of pg_dump,
 * limits of a cgroup, and names to be shown. */
#include "compress/codec.h"
#include "engine/base/size_text.h"
#include "engine/base/text.h"
#include "engine/dump/find_pg_dump.h"
#include "engine/flow/cpu_quota.h"
#include "tests/fuzz/fuzz_target.h"

static void try_codec(const char *word)
{
    const struct codec *codec;
    struct codec_settings settings;
    struct error error;

    if (!codec_parse_specification(word, &codec, &settings, &error)) {
        expect(error.kind == ERROR_USAGE, "what is no codec is a wrong option");
        return;
    }
    expect(codec != NULL, "a codec has been named");
    expect(codec == &codec_none ||
               (settings.level >= codec->level_minimum && settings.level <= codec->level_maximum),
           "its level is one it has");
}

static void try_size(const char *word)
{
    char shown[32];
    uint64_t bytes, again;

    if (!size_text_parse(word, &bytes))
        return;
    size_text_format(shown, sizeof shown, bytes);
    expect(size_text_parse(shown, &again) && again <= bytes,
           "a size is shown as one, rounded down");
}

static void try_version(const char *word)
{
    struct pg_dump_program program = {.major = 0};

    if (pg_dump_parse_version(word, &program))
        expect(program.major > 0 && strncmp(word, "pg_dump ", 8) == 0,
               "only pg_dump has a version of pg_dump");
}

static void try_quota(const char *word)
{
    unsigned processors;

    if (cpu_quota_parse_v2(word, &processors))
        expect(processors > 0, "a limit leaves a processor");
    if (cpu_quota_parse_v1(word, "100000", &processors))
        expect(processors > 0, "a limit of old leaves one, too");
}

/* What is shown is shown as it stands when it is shown again, but for backslashes. */
static void try_escapes(const char *word, size_t size)
{
    struct text text;

    text_init(&text, TEXT_MAXIMUM);
    text_append_escaped_bytes(&text, word, size);
    for (const char *at = text.data; *at != '\0'; at++)
        expect((unsigned char)*at >= 0x20 && *at != 0x7F, "no control character is shown");
    struct text again;
    text_init(&again, TEXT_MAXIMUM);
    text_append_escaped(&again, text.data);
    expect(strcmp(text.data, again.data) == 0, "what is shown can be shown");
    text_clear(&again);
    text_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *word = copy_as_text(data, size);

    try_codec(word);
    try_size(word);
    try_version(word);
    try_quota(word);
    try_escapes((const char *)data, size);
    free(word);
    return 0;
}
