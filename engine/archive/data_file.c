#include "engine/archive/data_file.h"

#include "compress/codec.h"

bool data_file_is_decided(const struct data_file *file)
{
    return !file->is_abandoned && !file->final_name && !file->context;
}

struct manifest_file data_file_describe(const struct data_file *file, const char *name)
{
    struct manifest_file described = {
        .name = name,
        .size_bytes = file->size_bytes,
        .raw_bytes = file->raw_bytes,
        .checksum = file->checksum,
        .has_rows = file->has_rows,
        .digest = file->digest,
    };

    if (codec_find_by_file_name(name) != &codec_none)
        described.frames = file->frames;
    return described;
}
