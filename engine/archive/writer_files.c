#include "engine/archive/writer_files.h"

#include "engine/base/fault.h"
#include "engine/base/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

enum { FIRST_CAPACITY = 64 };

void writer_files_init(struct writer_files *files, struct folder *folder)
{
    *files = (struct writer_files){.folder = folder};
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
    int outcome = close(progress->descriptor);
    progress->descriptor = -1;
    if (outcome != 0 || FAULT_HAPPENS("file.close"))
        return writer_files_fail(files, progress->file, errno, "close", error);
    checksum_end(progress->checksum, progress->file->checksum);
    list_finished(files, progress->file);
    forget_begun(files, progress);
    return true;
}

bool writer_files_fail(const struct writer_files *files, const struct data_file *file, int os_errno,
                       const char *could_not, struct error *error)
{
    return error_set_os(error, os_errno, "could not %s \"%s/%s\"", could_not,
                        folder_path(files->folder), file->name);
}
