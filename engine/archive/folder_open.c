/* How a folder that is there already is opened, or refused. */
#include "engine/archive/folder_internal.h"

#include "engine/archive/foreign_file.h"
#include "engine/archive/manifest.h"
#include "engine/base/fault.h"
#include "engine/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static bool refuse_file(const char *path, struct error *error)
{
    unsigned char head[FOREIGN_FILE_HEAD_BYTES];
    struct stat status;
    ssize_t length = 0;
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor >= 0 && fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode))
        length = read(descriptor, head, sizeof(head));
    folder_close_descriptor(&descriptor);
    const struct foreign_file *file =
        foreign_file_recognise((struct span){head, length > 0 ? (size_t)length : 0});
    error_set(error, ERROR_UNSUPPORTED, "\"%s\" is %s, not the folder of an archive", path,
              file->what);
    error_hint(error, "%s", file->hint);
    return false;
}

static bool refuse_partial(const char *path, struct error *error)
{
    error_set(error, ERROR_INCOMPLETE, "\"%s\" is not complete: the dump did not finish", path);
    error_hint(error, "Wait for the dump if it is still running, otherwise dump again.");
    return false;
}

static bool refuse_absent(const char *path, int open_errno, struct error *error)
{
    struct stat status;
    char *partial = memory_print("%s" PARTIAL_SUFFIX, path);
    bool has_partial =
        open_errno == ENOENT && stat(partial, &status) == 0 && S_ISDIR(status.st_mode);
    if (has_partial)
        refuse_partial(partial, error);
    else
        error_set_os(error, open_errno, "could not open archive \"%s\"", path);
    free(partial);
    return false;
}

static bool has_partial_name(const char *path)
{
    const size_t suffix_length = sizeof(PARTIAL_SUFFIX) - 1;
    size_t length = strlen(path);
    return length > suffix_length && strcmp(path + length - suffix_length, PARTIAL_SUFFIX) == 0;
}

/* A manifest is written when all else is on disk. So a marker beside one is what a crash between
 * rename and removal of the marker left, unless the folder does not even have its final name. */
static bool check_is_finished(const struct folder *folder, struct error *error)
{
    if (!folder_has_file(folder, FOLDER_MARKER_NAME))
        return true;
    if (folder_has_file(folder, MANIFEST_FILE_NAME) && !has_partial_name(folder->path))
        return true;
    return refuse_partial(folder->path, error);
}

static bool open_finished(struct folder *folder, struct error *error)
{
    const char *path = folder->path;
    folder->descriptor = FAULT_CALL("folder.open", open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder->descriptor >= 0)
        return check_is_finished(folder, error);
    if (errno == ENOTDIR && access(path, F_OK) == 0)
        return refuse_file(path, error);
    return refuse_absent(path, errno, error);
}

bool folder_open(struct folder **folder, const char *path, struct error *error)
{
    *folder = folder_allocate(path);
    (*folder)->path = memory_copy_text((*folder)->final_path);
    if (open_finished(*folder, error))
        return true;
    folder_close(*folder);
    *folder = NULL;
    return false;
}

/* Whoever writes it holds the lock on its marker. */
static bool check_is_abandoned(struct folder *folder, struct error *error)
{
    folder->marker = openat(folder->descriptor, FOLDER_MARKER_NAME,
                            O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (folder->marker < 0)
        return error_set_os(error, errno, "could not open \"%s/%s\"", folder->path,
                            FOLDER_MARKER_NAME);
    return flock(folder->marker, LOCK_SH | LOCK_NB) == 0 ||
           error_set(error, ERROR_LOCKED, "a dump is still at work on \"%s\"", folder->path);
}

bool folder_open_unfinished(struct folder **folder, const char *path, bool *is_unfinished,
                            struct error *error)
{
    *folder = folder_allocate(path);
    (*folder)->path = memory_copy_text((*folder)->final_path);
    *is_unfinished = false;
    if (open_finished(*folder, error))
        return true;
    *is_unfinished = error->kind == ERROR_INCOMPLETE && (*folder)->descriptor >= 0;
    if (*is_unfinished && check_is_abandoned(*folder, error))
        return true;
    folder_close(*folder);
    *folder = NULL;
    return false;
}
