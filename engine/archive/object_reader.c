#include "engine/archive/object_reader.h"

#include "compress/codec.h"
#include "engine/archive/data_reader.h"
#include "engine/base/checksum.h"
#include "engine/base/fault.h"
#include "engine/base/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STORED_BYTES = 256 * 1024, RAW_BYTES = 512 * 1024, NAME_BYTES = 300 };

struct object_reader {
    const struct archive *archive;
    char name[NAME_BYTES];
    const char *suffix; /* of the file before */
    const struct codec *codec;
    struct codec_decoder *decoder; /* NULL, or between two frames */
    unsigned char *stored, *raw;
};

struct object_reader *object_reader_create(const struct archive *archive)
{
    struct object_reader *reader = memory_allocate(1, sizeof *reader);

    reader->archive = archive;
    reader->suffix = "";
    reader->stored = memory_allocate(STORED_BYTES, 1);
    reader->raw = memory_allocate(RAW_BYTES, 1);
    return reader;
}

static void forget_decoder(struct object_reader *reader)
{
    if (reader->decoder != NULL)
        reader->codec->decoder_close(reader->decoder);
    reader->decoder = NULL;
}

void object_reader_free(struct object_reader *reader)
{
    if (reader == NULL)
        return;
    forget_decoder(reader);
    free(reader->stored);
    free(reader->raw);
    free(reader);
}

static bool damaged(const struct object_reader *reader, struct error *error, const char *what)
{
    return error_set(error, ERROR_DAMAGED, "file \"%s\" is damaged: %s", reader->name, what);
}

/* With a manifest there is no need to ask the disk which suffixes there are. */
static bool guess_name(struct object_reader *reader, const char *name)
{
    const struct manifest *manifest = reader->archive->manifest;
    int length = snprintf(reader->name, NAME_BYTES, "%s%s", name, reader->suffix);

    return manifest != NULL && length < NAME_BYTES &&
           codec_find_by_file_name(name) == &codec_none &&
           manifest_find(manifest, reader->name) != NULL;
}

static void find_name(struct object_reader *reader, const char *name)
{
    if (guess_name(reader, name))
        return;
    char *found = data_reader_find_name(reader->archive, name);
    snprintf(reader->name, NAME_BYTES, "%s", found);
    free(found);
    reader->suffix = codec_find_by_file_name(reader->name)->suffix;
}

static bool check_stored(const struct object_reader *reader, const struct manifest_file *expected,
                         struct span stored, struct error *error)
{
    char checksum[CHECKSUM_TEXT_BYTES];

    checksum_text_of(stored.data, stored.length, checksum);
    return (stored.length == expected->size_bytes && strcmp(checksum, expected->checksum) == 0) ||
           damaged(reader, error, "it does not have the checksum it was written with");
}

static bool is_large(const struct manifest_file *expected, uint64_t size_bytes)
{
    return size_bytes > STORED_BYTES || (expected != NULL && expected->raw_bytes > RAW_BYTES);
}

static bool read_stored(const struct object_reader *reader, int descriptor, size_t *length,
                        struct error *error)
{
    for (*length = 0; *length < STORED_BYTES;) {
        ssize_t got =
            FAULT_CALL("file.read", read(descriptor, reader->stored + *length,
                                         FAULT_LENGTH("file.read_short", STORED_BYTES - *length)));

        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return error_set_os(error, errno, "could not read \"%s\" at byte %zu", reader->name,
                                *length);
        if (got == 0)
            return true;
        *length += (size_t)got;
    }
    return true;
}

static bool take_decoder(struct object_reader *reader, struct error *error)
{
    const struct codec *codec = codec_find_by_file_name(reader->name);

    if (reader->decoder != NULL && reader->codec == codec)
        return true;
    forget_decoder(reader);
    reader->codec = codec;
    return codec->decoder_open(&reader->decoder, error);
}

/* *is_whole false: there is more than fits. */
static bool decode(struct object_reader *reader, struct span stored, size_t *length, bool *is_whole,
                   struct error *error)
{
    size_t produced;

    *length = 0;
    do {
        if (!reader->codec->decode(reader->decoder, &stored, reader->raw + *length,
                                   RAW_BYTES - *length, &produced, error)) {
            error_prefix(error, "file \"%s\"", reader->name);
            return false;
        }
        *length += produced;
        *is_whole = *length < RAW_BYTES;
    } while (*is_whole && (stored.length > 0 || produced > 0));
    return true;
}

static bool decode_whole(struct object_reader *reader, const struct manifest_file *expected,
                         struct span stored, struct object_content *content, struct error *error)
{
    size_t length;

    if (!take_decoder(reader, error) || !decode(reader, stored, &length, &content->is_whole, error))
        return false;
    if (!content->is_whole)
        return true;
    if (!reader->codec->decoder_is_at_boundary(reader->decoder))
        return damaged(reader, error, "it has been cut off");
    if (expected != NULL && expected->raw_bytes != length)
        return damaged(reader, error, "it does not hold what was written");
    content->bytes = (struct span){reader->raw, length};
    return true;
}

static bool read_open(struct object_reader *reader, int descriptor, struct object_content *content,
                      struct error *error)
{
    const struct manifest *manifest = reader->archive->manifest;
    const struct manifest_file *expected = NULL;
    size_t length;

    if (manifest != NULL && (expected = manifest_find(manifest, reader->name)) == NULL)
        return damaged(reader, error, "the manifest does not know it");
    if (is_large(expected, content->stored_bytes))
        return true;
    if (!read_stored(reader, descriptor, &length, error))
        return false;
    struct span stored = {reader->stored, length};
    if (expected != NULL && !check_stored(reader, expected, stored, error))
        return false;
    bool is_read = decode_whole(reader, expected, stored, content, error);
    /* One that stands in the middle of a file is no good for the next. */
    if (!is_read || !content->is_whole)
        forget_decoder(reader);
    return is_read;
}

bool object_reader_read(struct object_reader *reader, const char *name,
                        struct object_content *content, struct error *error)
{
    int descriptor;

    *content = (struct object_content){.is_whole = false};
    find_name(reader, name);
    if (!folder_open_file(reader->archive->folder, reader->name, &descriptor,
                          &content->stored_bytes, error))
        return false;
    bool is_read = read_open(reader, descriptor, content, error);
    close(descriptor);
    return is_read;
}
