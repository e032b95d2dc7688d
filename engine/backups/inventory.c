#include "engine/backups/inventory.h"

#include "compress/codec.h"
#include "engine/archive/blob_list_file.h"
#include "engine/archive/copy_statement.h"
#include "engine/archive/data_reader.h"
#include "engine/backups/object_census.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOC_FILE_NAME "toc.dat"

struct taking {
    struct inventory *inventory;
    struct arena *arena;
    const struct archive *archive;
    struct faults *faults;
    struct oid_set listed; /* large objects */
    bool has_lists;
    bool has_broken_list; /* so that nobody knows what it listed */
};

void inventory_label(char label[LABEL_BYTES], const struct archive_file *file)
{
    struct text text;
    char name[LABEL_BYTES];

    text_init(&text, LABEL_BYTES);
    text_append_escaped(&text, file->name);
    if (file->large_object != 0) {
        text_print(&text, " (LARGE OBJECT %" PRIu32 ")", file->large_object);
    } else if (file->entry != NULL && file->entry->type == ENTRY_TABLE_DATA) {
        label_name(name, file->entry);
        text_print(&text, " (TABLE %s)", name);
    } else if (file->entry != NULL) {
        label_entry(name, file->entry);
        text_print(&text, " (%s)", name);
    }
    snprintf(label, LABEL_BYTES, "%s", text.data);
    text_clear(&text);
}

static void tell(const struct taking *taking, const struct archive_file *file,
                 const struct error *error)
{
    char label[LABEL_BYTES];

    inventory_label(label, file);
    faults_tell(taking->faults, label, file->name, error);
}

static const char *keep(const struct taking *taking, char *text)
{
    const char *kept = arena_copy_text(taking->arena, text);

    free(text);
    return kept;
}

/* A file that is gone has still the name that the manifest knows. */
static const char *find_gone(const struct taking *taking, const char *name)
{
    const struct codec *codec;

    for (unsigned i = 0; (codec = codec_at(i)) != NULL; i++) {
        const char *full_name = arena_print(taking->arena, "%s%s", name, codec->suffix);
        if (manifest_find(taking->archive->manifest, full_name) != NULL)
            return full_name;
    }
    return arena_copy_text(taking->arena, name);
}

/* The name with the suffix under which a reader will find it: what lies in its way is found, too.
 */
static const char *find_name(const struct taking *taking, const char *name, uint64_t *size_bytes)
{
    const struct archive *archive = taking->archive;
    const char *found = keep(taking, data_reader_find_name(archive, name));

    if (folder_file_size(archive->folder, found, size_bytes))
        return found;
    *size_bytes = 0;
    return archive->manifest != NULL && !folder_has_file(archive->folder, found)
               ? find_gone(taking, name)
               : found;
}

static struct archive_file *append(const struct taking *taking, const struct archive_file *file)
{
    struct inventory *inventory = taking->inventory;

    if (inventory->count == inventory->capacity) {
        inventory->capacity = inventory->capacity == 0 ? 64 : 2 * inventory->capacity;
        inventory->files =
            memory_resize(inventory->files, inventory->capacity, sizeof inventory->files[0]);
    }
    inventory->files[inventory->count] = *file;
    return &inventory->files[inventory->count++];
}

/* `file` as the archive names it, without suffix. What is added is valid until more is. */
static struct archive_file *add(const struct taking *taking, const struct archive_file *file)
{
    const struct manifest *manifest = taking->archive->manifest;
    struct archive_file *added = append(taking, file);
    struct error error;

    added->name = find_name(taking, file->name, &added->size_bytes);
    if (manifest == NULL)
        return added;
    added->expected = manifest_find(manifest, added->name);
    if (added->expected == NULL) {
        error_set(&error, ERROR_DAMAGED, "the manifest does not know it");
        tell(taking, added, &error);
        added->content = CONTENT_READ; /* there is nothing to hold it against */
    }
    return added;
}

/* Lists of large objects */

static void add_objects(struct taking *taking, const struct blob_file *objects, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char room[BLOB_FILE_NAME_BYTES];
        add(taking, &(struct archive_file){.name = blob_file_name(&objects[i], room),
                                           .large_object = objects[i].oid,
                                           .content = CONTENT_BYTES});
        oid_set_add(&taking->listed, objects[i].oid);
    }
}

static void add_list(struct taking *taking, const struct toc_entry *entry)
{
    const struct archive_file *list =
        add(taking, &(struct archive_file){.name = archive_blob_list_name(taking->archive, entry),
                                           .entry = entry,
                                           .content = CONTENT_READ});
    struct blob_file *objects = NULL;
    struct error error;
    size_t count = 0;

    bool is_known = list->expected != NULL || taking->archive->manifest == NULL;
    bool is_parsed = blob_list_read(taking->archive, list->name, &objects, &count, &error);
    if (!is_parsed && is_known)
        tell(taking, list, &error);
    taking->has_lists = true;
    taking->has_broken_list = taking->has_broken_list || !is_parsed;
    add_objects(taking, objects, count);
    free(objects);
}

static void take_census(struct taking *taking)
{
    struct oid_set of_entries = {.oids = NULL};
    struct error error;

    bool is_right = object_census_of_entries(&of_entries, taking->archive->toc, &error);
    if (is_right && of_entries.count > 0 && taking->has_lists && !taking->has_broken_list)
        is_right = object_census_compare(&of_entries, &taking->listed, &error);
    if (!is_right)
        faults_tell(taking->faults, "large objects", "", &error);
    oid_set_clear(&of_entries);
    oid_set_clear(&taking->listed);
}

/* Data of tables */

static bool content_of(const struct toc_entry *entry, enum file_content *content,
                       struct error *error)
{
    struct copy_statement parts;

    *content = CONTENT_BYTES;
    if (entry->type != ENTRY_TABLE_DATA)
        return true;
    if (entry->copy_statement == NULL || entry->copy_statement[0] == '\0') {
        *content = CONTENT_INSERTS;
        return true;
    }
    if (!copy_statement_parse(entry->copy_statement, &parts, error))
        return false;
    *content = parts.is_binary ? CONTENT_COPY_BINARY : CONTENT_COPY_TEXT;
    return true;
}

static void add_data(const struct taking *taking, const struct toc_entry *entry)
{
    struct archive_file file = {.name = entry->file_name, .entry = entry};
    struct error error;

    bool is_right = content_of(entry, &file.content, &error);
    const struct archive_file *added = add(taking, &file);
    if (!is_right)
        tell(taking, added, &error);
}

static void add_entries(struct taking *taking)
{
    const struct toc *toc = taking->archive->toc;

    for (size_t i = 0; i < toc->count; i++) {
        const struct toc_entry *entry = toc->entries[i];

        if (!entry->has_data)
            continue;
        if (entry->type == ENTRY_BLOBS)
            add_list(taking, entry);
        else if (entry->file_name != NULL && entry->file_name[0] != '\0')
            add_data(taking, entry);
    }
}

/* The whole */

static int compare_names(const void *one, const void *other)
{
    return strcmp(((const struct archive_file *)one)->name,
                  ((const struct archive_file *)other)->name);
}

static void sort(struct inventory *inventory)
{
    if (inventory->count > 1)
        qsort(inventory->files, inventory->count, sizeof inventory->files[0], compare_names);
}

/* Sorts, and tells of the files that two speak of: each entry must have data of its own. */
static void remove_repetitions(const struct taking *taking)
{
    struct inventory *inventory = taking->inventory;
    struct archive_file *files = inventory->files;
    struct error error;
    size_t kept = 0;

    sort(inventory);
    for (size_t i = 0; i < inventory->count; i++) {
        if (kept == 0 || strcmp(files[kept - 1].name, files[i].name) != 0) {
            files[kept++] = files[i];
            continue;
        }
        error_set(&error, ERROR_DAMAGED, "it is named as the file of something else, too");
        tell(taking, &files[i], &error);
    }
    inventory->count = kept;
}

static bool has_name(const struct archive_file *files, size_t count, const char *name)
{
    const struct archive_file wanted = {.name = name};

    return count > 0 && bsearch(&wanted, files, count, sizeof wanted, compare_names) != NULL;
}

/* Files that only the manifest speaks of. */
static void add_unnamed(const struct taking *taking)
{
    const struct manifest *manifest = taking->archive->manifest;
    struct inventory *inventory = taking->inventory;
    size_t named_count = inventory->count;

    for (size_t i = 0; i < manifest->count; i++) {
        const struct manifest_file *expected = &manifest->files[i];
        struct archive_file file = {
            .name = expected->name, .expected = expected, .content = CONTENT_UNNAMED};

        if (has_name(inventory->files, named_count, file.name))
            continue;
        (void)!folder_file_size(taking->archive->folder, file.name, &file.size_bytes);
        append(taking, &file);
    }
    sort(inventory);
}

static bool has_backslash_escapes(const struct toc *toc)
{
    for (size_t i = 0; i < toc->count; i++) {
        const struct toc_entry *entry = toc->entries[i];

        if (entry->type == ENTRY_STDSTRINGS && entry->definition != NULL)
            return strstr(entry->definition, "'off'") != NULL;
    }
    return false;
}

static uint64_t sum_sizes(const struct inventory *inventory)
{
    uint64_t bytes = 0;

    for (size_t i = 0; i < inventory->count; i++)
        bytes += inventory->files[i].size_bytes;
    return bytes;
}

void inventory_take(struct inventory *inventory, struct arena *arena, const struct archive *archive,
                    struct faults *faults)
{
    struct taking taking = {
        .inventory = inventory, .arena = arena, .archive = archive, .faults = faults};

    *inventory = (struct inventory){.has_backslash_escapes = has_backslash_escapes(archive->toc)};
    add(&taking, &(struct archive_file){.name = TOC_FILE_NAME, .content = CONTENT_READ});
    add_entries(&taking);
    take_census(&taking);
    remove_repetitions(&taking);
    if (archive->manifest != NULL)
        add_unnamed(&taking);
    inventory->size_bytes = sum_sizes(inventory);
}

bool inventory_has(const struct inventory *inventory, const char *name)
{
    return has_name(inventory->files, inventory->count, name);
}

void inventory_clear(struct inventory *inventory)
{
    free(inventory->files);
    *inventory = (struct inventory){.files = NULL};
}
