#include "engine/archive/writer_files.h"

#include "engine/base/fault.h"
#include "engine/base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIRST_CAPACITY = 64 };

void writer_files_init(struct writer_files *files, struct folder *folder,
                       const struct data_writer_outlet *outlet)
{
    *files = (struct writer_files){.folder = folder, .outlet = *outlet};
}

static void progress_free(struct data_file_progress *progress)
{
    if (progress->descriptor >= 0)
        close(progress->descriptor);
    checksum_free(progress->checksum);
    reorder_free(progress->reorder);
    free(progress);
}

void writer_files_clear(struct writer_files *files)
{
    for (size_t i = 0; i < files->begun_count; i++) {
        frame_index_clear(&files->begun[i]->file->frames);
        progress_free(files->begun[i]);
    }
    for (size_t i = 0; i < files->finished_count; i++)
        frame_index_clear(&files->finished[i]->frames);
    free(files->finished);
    free(files->begun);
}

static void list_begun(struct writer_files *files, struct data_file_progress *progress)
{
    if (files->begun_count == files->begun_capacity) {
        files->begun_capacity = files->begun_capacity ? 2 * files->begun_capacity : FIRST_CAPACITY;
        files->begun =
            memory_resize(files->begun, files->begun_capacity, sizeof(struct data_file_progress *));
    }
    progress->place = files->begun_count;
    files->begun[files->begun_count++] = progress;
}

/* Of a million files, only those that are being written cost more than their numbers. */
static void forget_begun(struct writer_files *files, struct data_file_progress *progress)
{
    struct data_file_progress *last = files->begun[--files->begun_count];

    last->place = progress->place;
    files->begun[last->place] = last;
    progress->file->progress = NULL;
    progress_free(progress);
}

static void list_finished(struct writer_files *files, struct data_file *file)
{
    if (files->finished_count == files->finished_capacity) {
        files->finished_capacity =
            files->finished_capacity ? 2 * files->finished_capacity : FIRST_CAPACITY;
        files->finished =
            memory_resize(files->finished, files->finished_capacity, sizeof(struct data_file *));
    }
    files->finished[files->finished_count++] = file;
}

/* The record belongs to its maker again, or to nobody until the end of the run. */
static bool enter_into_ledger(struct writer_files *files, struct data_file *file,
                              struct error *error)
{
    const struct manifest_file described = data_file_describe(file, file->name);
    bool is_entered = file_ledger_add(files->outlet.ledger, &described, error);
    frame_index_clear(&file->frames);
    (void)!queue_try_push(files->outlet.spare, file);
    return is_entered;
}

bool writer_files_begin(struct writer_files *files, struct data_file *file, struct error *error)
{
    struct data_file_progress *progress = memory_allocate(1, sizeof(*progress));
    *progress = (struct data_file_progress){
        .file = file, .reorder = reorder_create(), .checksum = checksum_create(), .descriptor = -1};
    file->progress = progress;
    list_begun(files, progress);
    return folder_create_file(files->folder, file->name, &progress->descriptor, error);
}

bool writer_files_finish(struct writer_files *files, struct data_file_progress *progress,
                         struct error *error)
{
    struct data_file *file = progress->file;
    int outcome = close(progress->descriptor);
    progress->descriptor = -1;
    if (outcome != 0 || FAULT_HAPPENS("file.close"))
        return writer_files_fail(files, file, errno, "close", error);
    checksum_end(progress->checksum, file->checksum);
    forget_begun(files, progress);
    if (files->outlet.ledger && data_file_is_decided(file))
        return enter_into_ledger(files, file, error);
    list_finished(files, file);
    return true;
}

bool writer_files_fail(const struct writer_files *files, const struct data_file *file, int os_errno,
                       const char *could_not, struct error *error)
{
    return error_set_os(error, os_errno, "could not %s \"%s/%s\"", could_not,
                        folder_path(files->folder), file->name);
}
