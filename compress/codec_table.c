#include "compress/codec.h"

#include <string.h>

static const struct codec *const codecs[] = {&codec_none, &codec_gzip, &codec_lz4, &codec_zstd};
static const unsigned codec_count = sizeof codecs / sizeof codecs[0];

const struct codec *codec_at(unsigned index)
{
    return index < codec_count ? codecs[index] : NULL;
}

const struct codec *codec_find_by_name(const char *name)
{
    for (unsigned i = 0; i < codec_count; i++)
        if (strcmp(codecs[i]->name, name) == 0)
            return codecs[i];
    return NULL;
}

const struct codec *codec_find_by_id(int id)
{
    for (unsigned i = 0; i < codec_count; i++)
        if ((int)codecs[i]->id == id)
            return codecs[i];
    return NULL;
}

static bool ends_with(const char *text, const char *end)
{
    size_t text_length = strlen(text), end_length = strlen(end);

    return text_length >= end_length && strcmp(text + text_length - end_length, end) == 0;
}

const struct codec *codec_find_by_file_name(const char *file_name)
{
    for (unsigned i = 0; i < codec_count; i++)
        if (codecs[i]->suffix[0] != '\0' && ends_with(file_name, codecs[i]->suffix))
            return codecs[i];
    return &codec_none;
}
