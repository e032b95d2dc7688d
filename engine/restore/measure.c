#include "engine/restore/measure.h"

#include "engine/archive/data_reader.h"

#include <stdlib.h>
#include <string.h>

uint64_t *measure_stored_bytes(const struct selection *selection, const struct archive *archive,
                               struct arena *arena)
{
    uint64_t *stored_bytes = arena_allocate(arena, selection->count + 1, sizeof stored_bytes[0]);

    for (size_t i = 0; i < selection->count; i++) {
        if (selection->entries[i].entry->has_data)
            stored_bytes[i] = archive_entry_stored_bytes(archive, selection->entries[i].entry);
    }
    return stored_bytes;
}

static const struct manifest_file *find_file(const struct archive *archive, const char *name)
{
    char *full_name = data_reader_find_name(archive, name);
    const struct manifest_file *file = manifest_find(archive->manifest, full_name);

    free(full_name);
    return file;
}

/* 0: not known. Compressed archives of pg_dump do not tell. */
static uint64_t raw_bytes_of(const struct archive *archive, const struct toc_entry *entry)
{
    if (archive->manifest == NULL)
        return archive->toc->header.compression == 0 ? archive_entry_stored_bytes(archive, entry)
                                                     : 0;
    const struct manifest_file *file = find_file(archive, entry->file_name);
    return file != NULL ? file->raw_bytes : 0;
}

/* Their files are not named in the table of contents, and they come all or none. */
static uint64_t raw_bytes_of_large_objects(const struct manifest *manifest)
{
    uint64_t raw_bytes = 0;

    for (size_t i = 0; i < manifest->count; i++) {
        if (strncmp(manifest->files[i].name, "blob_", strlen("blob_")) == 0)
            raw_bytes += manifest->files[i].raw_bytes;
    }
    return raw_bytes;
}

/* Of one that several sessions work on, each step has its share. */
static uint64_t raw_bytes_of_step(const struct archive *archive, const struct plan_step *step)
{
    uint64_t raw_bytes = raw_bytes_of(archive, step->entry);

    if (step->parts < 2)
        return raw_bytes;
    return raw_bytes / step->parts + (step->part < raw_bytes % step->parts);
}

uint64_t measure_raw_bytes(const struct plan *plan, const struct archive *archive)
{
    const struct manifest *manifest = archive->manifest;
    bool has_large_objects = false;
    uint64_t raw_bytes = 0;

    for (size_t i = 0; i < plan->step_count; i++) {
        const struct plan_step *step = &plan->steps[i];

        if (step->is_done)
            continue;
        has_large_objects = has_large_objects || step->action == PLAN_LOAD_BLOBS;
        if (step->action == PLAN_LOAD_TABLE || step->action == PLAN_LOAD_PAGES ||
            (step->action == PLAN_LOAD_BLOBS && manifest == NULL))
            raw_bytes += raw_bytes_of_step(archive, step);
    }
    if (has_large_objects && manifest != NULL)
        raw_bytes += raw_bytes_of_large_objects(manifest);
    return raw_bytes;
}

/* As text compresses, where nothing is known; it need not be right. */
enum { LIKELY_EXPANSION = 3 };

unsigned measure_expansion(const struct archive *archive)
{
    uint64_t raw_bytes = 0, stored_bytes = 0;

    if (archive->toc->header.compression == 0)
        return 1;
    if (archive->manifest == NULL)
        return LIKELY_EXPANSION;
    for (size_t i = 0; i < archive->manifest->count; i++) {
        raw_bytes += archive->manifest->files[i].raw_bytes;
        stored_bytes += archive->manifest->files[i].size_bytes;
    }
    if (stored_bytes == 0 || raw_bytes <= stored_bytes)
        return 1;
    return (unsigned)((raw_bytes + stored_bytes / 2) / stored_bytes);
}
