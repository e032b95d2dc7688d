#include "engine/dump/seal.h"

#include "engine/archive/blob_list.h"
#include "engine/archive/text_file.h"
#include "engine/archive/toc_codec.h"
#include "engine/archive/toc_expansion.h"
#include "engine/base/clock.h"
#include "engine/base/fault.h"
#include "engine/base/text.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* ---- the data files ---- */

/* Every file of a task, and of what was read early, must be among the finished ones; a count
 * suffices, because names are unique. */
static bool check_count(const struct seal_request *request, struct error *error)
{
    size_t found = file_ledger_count(request->ledger);
    size_t expected = request->plan->early_count;

    for (size_t i = 0; i < request->plan->count; i++) {
        const struct copy_task *task = &request->plan->tasks[i];

        expected += task->kind == COPY_BLOBS ? task->oid_count : 1;
    }
    if (expected == found)
        return true;
    return error_set(error, ERROR_INTERNAL,
                     "%zu data files were to be written, but %zu are finished", expected, found);
}

/* Of what was read early, the entry was not known when the file was begun. */
static const char *final_name(const struct data_file *file)
{
    const struct early_file *early = file->context;

    return early ? atomic_load(&early->entry)->file_name : file->final_name;
}

static bool adopt_file(const struct seal_request *request, const struct data_file *file,
                       struct error *error)
{
    char name[DATA_FILE_NAME_BYTES];

    snprintf(name, sizeof(name), "%s%s", final_name(file), file->suffix);

    const struct manifest_file described = data_file_describe(file, name);

    return (strcmp(name, file->name) == 0 ||
            folder_rename_file(request->folder, file->name, name, error)) &&
           file_ledger_add(request->ledger, &described, error);
}

static bool is_wanted(const struct data_file *file)
{
    const struct early_file *early = file->context;

    return !file->is_abandoned && !(early && atomic_load(&early->is_withdrawn));
}

/* Before any file gets the name that such a one may have. */
static bool remove_unwanted(const struct seal_request *request, struct error *error)
{
    for (size_t i = 0; i < data_writer_count(request->writer); i++) {
        const struct data_file *file = data_writer_file(request->writer, i);

        if (!is_wanted(file) && !folder_remove_file(request->folder, file->name, error))
            return false;
    }
    return true;
}

static bool adopt_files(const struct seal_request *request, struct error *error)
{
    for (size_t i = 0; i < data_writer_count(request->writer); i++) {
        const struct data_file *file = data_writer_file(request->writer, i);

        if (is_wanted(file) && !adopt_file(request, file, error))
            return false;
    }
    return true;
}

static bool add_up(const struct seal_request *request, struct error *error)
{
    struct dump_totals *totals = request->totals;
    struct manifest_file file;

    file_ledger_begin_reading(request->ledger);
    while (file_ledger_read(request->ledger, &file)) {
        totals->rows += file.digest.rows;
        totals->raw_bytes += file.raw_bytes;
        totals->stored_bytes += file.size_bytes;
    }
    return file_ledger_end_reading(request->ledger, error);
}

static bool take_data_files(const struct seal_request *request, struct error *error)
{
    return remove_unwanted(request, error) && adopt_files(request, error) &&
           check_count(request, error) && add_up(request, error);
}

/* ---- the lists, which may have a line for each of a million objects ---- */

static void list_objects(struct text *lines, const struct dump_plan *plan,
                         const struct toc_entry *entry)
{
    char name[BLOB_FILE_NAME_BYTES];

    for (size_t i = 0; i < plan->count; i++) {
        const struct copy_task *task = &plan->tasks[i];

        if (task->kind != COPY_BLOBS || task->entry != entry)
            continue;
        for (size_t at = 0; at < task->oid_count; at++)
            text_print(lines, "%u %s\n", task->oids[at],
                       blob_file_usual_name(task->oids[at], name));
    }
}

static bool end_listed(const struct seal_request *request, struct text_file *file,
                       struct error *error)
{
    char checksum[CHECKSUM_TEXT_BYTES];

    text_file_digest(file, checksum);

    const struct manifest_file listed = {
        .name = file->name,
        .size_bytes = file->size_bytes,
        .raw_bytes = file->size_bytes,
        .checksum = checksum,
    };

    request->totals->stored_bytes += file->size_bytes;
    if (!text_file_end(file, error))
        return false;
    return file_ledger_add(request->ledger, &listed, error);
}

static bool write_blob_list(const struct seal_request *request, const struct toc_entry *entry,
                            struct error *error)
{
    const struct toc *toc = request->plan->toc;
    const char *name =
        toc->header.version_minor >= TOC_VERSION_GROUPED_BLOBS ? entry->file_name : "blobs.toc";
    struct text_file file;

    if (!text_file_begin(&file, request->folder, name, error))
        return false;
    list_objects(&file.text, request->plan, entry);
    return end_listed(request, &file, error);
}

static bool write_blob_lists(const struct seal_request *request, struct error *error)
{
    const struct toc *toc = request->plan->toc;

    for (size_t i = 0; i < toc->count; i++)
        if (toc->entries[i]->type == ENTRY_BLOBS &&
            !write_blob_list(request, toc->entries[i], error))
            return false;
    return true;
}

/* Of what could not be encoded only the file is ended; the error is known. */
static bool give_up(struct text_file *file)
{
    struct error unused;

    (void)!text_file_end(file, &unused);
    return false;
}

static bool count_entries(const struct seal_request *request, struct error *error)
{
    struct toc_expansion *entries;

    if (!toc_expansion_begin(&entries, request->plan->toc, error))
        return false;
    request->totals->entries = toc_expansion_count(entries);
    toc_expansion_end(entries);
    return true;
}

static bool write_toc(const struct seal_request *request, struct error *error)
{
    struct text_file file;

    if (!text_file_begin(&file, request->folder, "toc.dat", error))
        return false;
    if (!toc_encode(request->plan->toc, &file.text, error))
        return give_up(&file);
    return end_listed(request, &file, error);
}

static bool write_sums(const struct seal_request *request, struct error *error)
{
    struct text_file sums;
    struct manifest_file file;

    if (!text_file_begin(&sums, request->folder, SUMS_FILE_NAME, error))
        return false;
    file_ledger_begin_reading(request->ledger);
    while (file_ledger_read(request->ledger, &file))
        text_print(&sums.text, "%s  %s\n", file.checksum, file.name);
    if (!file_ledger_end_reading(request->ledger, error))
        return give_up(&sums);
    return end_listed(request, &sums, error);
}

static bool write_files(const struct seal_request *request, struct text *json, struct error *error)
{
    struct manifest_file file;
    bool is_first = true;

    file_ledger_begin_reading(request->ledger);
    for (; file_ledger_read(request->ledger, &file); is_first = false)
        if (!manifest_encode_file(&file, is_first, json, error))
            return false;
    return file_ledger_end_reading(request->ledger, error);
}

static bool write_manifest(const struct seal_request *request, struct error *error)
{
    struct text_file file;
    char now[32], seal[CHECKSUM_TEXT_BYTES];

    clock_format_utc(now, sizeof(now), time(NULL));
    request->manifest->finished_at = arena_copy_text(request->manifest->arena, now);
    if (!text_file_begin(&file, request->folder, MANIFEST_FILE_NAME, error))
        return false;
    manifest_encode_head(request->manifest, &file.text);
    if (!write_files(request, &file.text, error))
        return give_up(&file);
    manifest_encode_end_of_files(&file.text);
    text_file_digest(&file, seal);
    manifest_encode_seal(&file.text, seal);
    return text_file_end(&file, error);
}

bool seal_archive(const struct seal_request *request, struct error *error)
{
    FAULT_POINT("seal.data_files.before");
    if (!take_data_files(request, error))
        return false;
    FAULT_POINT("seal.lists.before");
    if (!write_blob_lists(request, error))
        return false;
    FAULT_POINT("seal.toc.before");
    if (!count_entries(request, error) || !write_toc(request, error))
        return false;
    FAULT_POINT("seal.sums.before");
    if (!write_sums(request, error))
        return false;
    FAULT_POINT("seal.manifest.before");
    return write_manifest(request, error) && folder_finish(request->folder, error);
}
