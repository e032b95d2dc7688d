#include "engine/archive/archive.h"

#include "compress/codec.h"
#include "engine/archive/data_reader.h"
#include "engine/archive/line_ends.h"
#include "engine/archive/toc_codec.h"
#include "engine/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TOC_FILE_NAME "toc.dat"
#define BLOB_LIST_FILE_NAME "blobs.toc" /* before 1.16, whatever the entry says */
#define TOC_BYTES_LARGEST ((size_t)1 << 30)
#define MANIFEST_BYTES_LARGEST ((size_t)1 << 30)
#define NAME_ROOM 300
#define BLOB_BYTES_PER_LIST_BYTE 1024 /* what pg_restore takes for the work behind a list */

/* The manifest's word is good: archive_check_sizes asks the disk. */
static bool find_size_of(const struct archive *archive, const char *name, uint64_t *size)
{
    if (archive->manifest == NULL)
        return folder_file_size(archive->folder, name, size);
    const struct manifest_file *file = manifest_find(archive->manifest, name);
    *size = file != NULL ? file->size_bytes : 0;
    return file != NULL;
}

/* Looks for the name as data_reader does: bare, then with each suffix. */
static bool find_size(const struct archive *archive, const char *name, uint64_t *size)
{
    const struct codec *codec;
    for (unsigned i = 0; (codec = codec_at(i)) != NULL; i++) {
        char with_suffix[NAME_ROOM];
        snprintf(with_suffix, sizeof(with_suffix), "%s%s", name, codec->suffix);
        if (find_size_of(archive, with_suffix, size))
            return true;
    }
    return false;
}

/* Whatever it is: why it cannot be read is told when it is opened. */
static bool has_file(const struct folder *folder, const char *name)
{
    const struct codec *codec;
    bool is_there = false;
    for (unsigned i = 0; !is_there && (codec = codec_at(i)) != NULL; i++) {
        char with_suffix[NAME_ROOM];
        snprintf(with_suffix, sizeof(with_suffix), "%s%s", name, codec->suffix);
        is_there = folder_has_file(folder, with_suffix);
    }
    return is_there;
}

static bool check_has_toc(const struct folder *folder, struct error *error)
{
    return has_file(folder, TOC_FILE_NAME) ||
           error_set(error, ERROR_DAMAGED,
                     "there is no archive in folder \"%s\": it has no file \"" TOC_FILE_NAME "\"",
                     folder_path(folder));
}

static bool read_manifest(struct archive *archive, struct error *error)
{
    unsigned char *bytes;
    size_t length;
    if (!folder_has_file(archive->folder, MANIFEST_FILE_NAME))
        return true;
    if (!folder_read_file(archive->folder, MANIFEST_FILE_NAME, MANIFEST_BYTES_LARGEST, &bytes,
                          &length, error))
        return false;
    bool is_decoded = manifest_decode(&archive->manifest, (struct span){bytes, length}, error);
    free(bytes);
    return is_decoded || line_ends_explain(archive->folder, MANIFEST_FILE_NAME, error);
}

struct toc_reading {
    struct data_reader *reader;
    size_t length;
};

/* Not more than an honest table of contents may take. */
static bool read_some_of_toc(void *context, unsigned char *bytes, size_t room, size_t *got,
                             struct error *error)
{
    struct toc_reading *reading = context;
    if (!data_reader_read(reading->reader, bytes, room, got, error))
        return false;
    reading->length += *got;
    return reading->length <= TOC_BYTES_LARGEST ||
           error_set(error, ERROR_DAMAGED, "table of contents is larger than %zu bytes",
                     TOC_BYTES_LARGEST);
}

static bool read_toc(struct archive *archive, struct error *error)
{
    struct toc_reading reading = {.length = 0};
    const struct toc_source source = {read_some_of_toc, &reading};
    if (!data_reader_open(&reading.reader, archive, TOC_FILE_NAME, error))
        return line_ends_explain(archive->folder, TOC_FILE_NAME, error);
    data_reader_expect_text(reading.reader);
    bool is_read = toc_decode_from(&archive->toc, &source, error);
    data_reader_close(reading.reader);
    return is_read || line_ends_explain(archive->folder, TOC_FILE_NAME, error);
}

bool archive_open(struct archive **archive, const char *path, struct error *error)
{
    struct archive *opened = memory_allocate(1, sizeof(*opened));
    *archive = NULL;
    if (!folder_open(&opened->folder, path, error) || !check_has_toc(opened->folder, error)) {
        archive_close(opened);
        return false;
    }
    if (!read_manifest(opened, error) || !read_toc(opened, error)) {
        error_prefix(error, "archive \"%s\"", folder_path(opened->folder));
        archive_close(opened);
        return false;
    }
    *archive = opened;
    return true;
}

/* True: the damage is noted, and can be gone past. */
static bool go_past(struct error *noted, const struct error *error)
{
    if (error->kind != ERROR_DAMAGED)
        return false;
    *noted = *error;
    return true;
}

static bool read_damaged_toc(struct archive *archive, struct archive_damage *damage,
                             struct error *error)
{
    struct manifest *manifest = archive->manifest;
    struct error unused;
    if (read_toc(archive, error))
        return true;
    archive->manifest = NULL; /* it knows another table of contents */
    bool is_read = manifest && go_past(&damage->toc, error) && read_toc(archive, &unused);
    archive->manifest = manifest;
    return is_read;
}

static bool check_has_contents(const struct folder *folder, const struct archive_damage *damage,
                               struct error *error)
{
    if (check_has_toc(folder, error))
        return true;
    if (damage->is_unfinished)
        error_set(error, ERROR_INCOMPLETE,
                  "nothing can be salvaged from \"%s\": the dump ended before it wrote the table "
                  "of contents",
                  folder_path(folder));
    return false;
}

bool archive_open_for_salvage(struct archive **archive, const char *path,
                              struct archive_damage *damage, struct error *error)
{
    struct archive *opened = memory_allocate(1, sizeof(*opened));
    *archive = NULL;
    *damage = (struct archive_damage){.is_unfinished = false};
    if (!folder_open_unfinished(&opened->folder, path, &damage->is_unfinished, error) ||
        !check_has_contents(opened->folder, damage, error)) {
        archive_close(opened);
        return false;
    }
    if ((!read_manifest(opened, error) && !go_past(&damage->manifest, error)) ||
        !read_damaged_toc(opened, damage, error)) {
        error_prefix(error, "archive \"%s\"", folder_path(opened->folder));
        archive_close(opened);
        return false;
    }
    *archive = opened;
    return true;
}

bool archive_has_lost_manifest(const struct archive *archive)
{
    return !archive->manifest && folder_has_file(archive->folder, SUMS_FILE_NAME);
}

void archive_close(struct archive *archive)
{
    if (!archive)
        return;
    toc_free(archive->toc);
    manifest_free(archive->manifest);
    folder_close(archive->folder);
    free(archive);
}

/* Says why there is no such file, or none that may be read. */
static bool find_size_opened(const struct folder *folder, const char *name, uint64_t *size,
                             struct error *error)
{
    int descriptor;

    if (!folder_open_file(folder, name, &descriptor, size, error))
        return false;
    close(descriptor);
    return true;
}

bool archive_check_sizes(const struct archive *archive, struct error *error)
{
    const struct manifest *manifest = archive->manifest;
    for (size_t i = 0; manifest && i < manifest->count; i++) {
        const struct manifest_file *file = &manifest->files[i];
        uint64_t size;
        if (!folder_file_size(archive->folder, file->name, &size) &&
            !find_size_opened(archive->folder, file->name, &size, error))
            return false;
        if (size == file->size_bytes)
            continue;
        error_set(error, ERROR_DAMAGED, "file \"%s/%s\" has %llu bytes, but was written with %llu",
                  folder_path(archive->folder), file->name, (unsigned long long)size,
                  (unsigned long long)file->size_bytes);
        return line_ends_explain(archive->folder, file->name, error);
    }
    return true;
}

const char *archive_blob_list_name(const struct archive *archive, const struct toc_entry *entry)
{
    if (archive->toc->header.version_minor < TOC_VERSION_GROUPED_BLOBS || !entry->file_name ||
        *entry->file_name == '\0')
        return BLOB_LIST_FILE_NAME;
    return entry->file_name;
}

uint64_t archive_entry_stored_bytes(const struct archive *archive, const struct toc_entry *entry)
{
    bool is_list = entry->type == ENTRY_BLOBS;
    const char *name = is_list ? archive_blob_list_name(archive, entry) : entry->file_name;
    uint64_t size;
    if (!entry->has_data || !name || !find_size(archive, name, &size))
        return 0;
    return is_list ? size * BLOB_BYTES_PER_LIST_BYTE : size;
}

const struct manifest_file *archive_entry_expectation(const struct archive *archive,
                                                      const struct toc_entry *entry)
{
    const struct manifest_file *file = NULL;
    const struct codec *codec;
    if (!archive->manifest || !entry->file_name)
        return NULL;
    for (unsigned i = 0; !file && (codec = codec_at(i)) != NULL; i++) {
        char with_suffix[NAME_ROOM];
        snprintf(with_suffix, sizeof(with_suffix), "%s%s", entry->file_name, codec->suffix);
        file = manifest_find(archive->manifest, with_suffix);
    }
    return file;
}
