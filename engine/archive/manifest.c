#include "engine/archive/manifest.h"

#include "engine/base/arena.h"
#include "engine/base/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct manifest *manifest_create(void)
{
    struct manifest *manifest = memory_allocate(1, sizeof(*manifest));
    manifest->arena = arena_create();
    return manifest;
}

void manifest_free(struct manifest *manifest)
{
    if (!manifest)
        return;
    free(manifest->files);
    arena_free(manifest->arena);
    free(manifest);
}

void manifest_add_file(struct manifest *manifest, const struct manifest_file *file)
{
    if (manifest->count == manifest->capacity) {
        manifest->capacity = manifest->capacity ? 2 * manifest->capacity : 64;
        manifest->files =
            memory_resize(manifest->files, manifest->capacity, sizeof(struct manifest_file));
    }
    manifest->files[manifest->count++] = *file;
    manifest->is_sorted = false;
}

void manifest_add_text(struct manifest *manifest, struct manifest_texts *texts, const char *text)
{
    if (texts->count == texts->capacity) {
        size_t capacity = texts->capacity ? 2 * texts->capacity : 16;
        const char **items = arena_allocate(manifest->arena, capacity, sizeof(*items));
        if (texts->count > 0)
            memcpy(items, texts->items, texts->count * sizeof(*items));
        texts->items = items;
        texts->capacity = capacity;
    }
    texts->items[texts->count++] = arena_copy_text(manifest->arena, text);
}

static int compare_files(const void *one, const void *other)
{
    return strcmp(((const struct manifest_file *)one)->name,
                  ((const struct manifest_file *)other)->name);
}

const struct manifest_file *manifest_find(const struct manifest *manifest, const char *name)
{
    const struct manifest_file wanted = {.name = name};
    if (manifest->is_sorted)
        return manifest->count == 0 ? NULL
                                    : bsearch(&wanted, manifest->files, manifest->count,
                                              sizeof(wanted), compare_files);
    for (size_t i = 0; i < manifest->count; i++) {
        if (strcmp(manifest->files[i].name, name) == 0)
            return &manifest->files[i];
    }
    return NULL;
}

bool manifest_sort(struct manifest *manifest, struct error *error)
{
    if (manifest->count > 0)
        qsort(manifest->files, manifest->count, sizeof(struct manifest_file), compare_files);
    for (size_t i = 1; i < manifest->count; i++) {
        if (compare_files(&manifest->files[i - 1], &manifest->files[i]) == 0)
            return error_set(error, ERROR_DAMAGED, "the manifest is damaged: it lists \"%s\" twice",
                             manifest->files[i].name);
    }
    manifest->is_sorted = true;
    return true;
}

bool manifest_check_rows(const struct manifest_file *expected, const struct row_digest *digest,
                         struct error *error)
{
    if (!expected || row_digest_is_equal(digest, &expected->digest))
        return true;
    if (digest->rows != expected->digest.rows)
        return error_set(error, ERROR_DAMAGED,
                         "file \"%s\" is damaged: it holds %" PRIu64 " rows, but %" PRIu64
                         " were written",
                         expected->name, digest->rows, expected->digest.rows);
    return error_set(error, ERROR_DAMAGED,
                     "file \"%s\" is damaged: its rows are not those that were dumped",
                     expected->name);
}
