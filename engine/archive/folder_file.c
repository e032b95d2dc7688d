/* The files in a folder. */
#include "engine/archive/folder_internal.h"

#include "engine/archive/open_beneath.h"
#include "engine/archive/remove_tree.h"
#include "engine/base/fault.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NAME_BYTES_LARGEST = 255 };

/* Writing */

bool folder_write_all(int descriptor, struct span bytes)
{
    while (bytes.length > 0) {
        ssize_t written =
            FAULT_CALL("file.write", write(descriptor, bytes.data,
                                           FAULT_LENGTH("file.write_short", bytes.length)));
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes.data += written;
        bytes.length -= (size_t)written;
    }
    return true;
}

static bool create_file(struct folder *folder, const char *name, int access, int *descriptor,
                        struct error *error)
{
    assert(folder_name_is_safe(name));
    *descriptor = FAULT_CALL("file.create",
                             openat(folder->descriptor, name,
                                    access | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE));
    if (*descriptor < 0)
        return error_set_os(error, errno, "could not create \"%s/%s\"", folder->path, name);
    if (folder->has_odd_umask && fchmod(*descriptor, FILE_MODE) != 0) {
        error_set_os(error, errno, "could not set the mode of \"%s/%s\"", folder->path, name);
        folder_close_descriptor(descriptor);
        return false;
    }
    return true;
}

bool folder_create_file(struct folder *folder, const char *name, int *descriptor,
                        struct error *error)
{
    return create_file(folder, name, O_WRONLY, descriptor, error);
}

bool folder_create_nameless_file(struct folder *folder, const char *name, int *descriptor,
                                 struct error *error)
{
    if (!create_file(folder, name, O_RDWR | O_APPEND, descriptor, error))
        return false;
    if (folder_remove_file(folder, name, error))
        return true;
    folder_close_descriptor(descriptor);
    return false;
}

bool folder_append_file(struct folder *folder, const char *name, int descriptor, struct span bytes,
                        struct error *error)
{
    return folder_write_all(descriptor, bytes) ||
           error_set_os(error, errno, "could not write \"%s/%s\"", folder->path, name);
}

bool folder_finish_file(struct folder *folder, const char *name, int descriptor,
                        struct error *error)
{
    bool is_synced = !folder->is_synced || FAULT_CALL("file.sync", fsync(descriptor)) == 0;

    if (!is_synced)
        error_set_os(error, errno, "could not sync \"%s/%s\"", folder->path, name);
    if ((close(descriptor) == 0 && !FAULT_HAPPENS("file.close")) || !is_synced)
        return is_synced;
    return error_set_os(error, errno, "could not close \"%s/%s\"", folder->path, name);
}

bool folder_write_file(struct folder *folder, const char *name, struct span bytes,
                       struct error *error)
{
    int descriptor;
    if (!folder_create_file(folder, name, &descriptor, error))
        return false;
    if (folder_append_file(folder, name, descriptor, bytes, error))
        return folder_finish_file(folder, name, descriptor, error);
    close(descriptor);
    return false;
}

bool folder_rename_file(struct folder *folder, const char *name, const char *new_name,
                        struct error *error)
{
    if (FAULT_CALL("file.rename", renameat2(folder->descriptor, name, folder->descriptor, new_name,
                                            RENAME_NOREPLACE)) == 0)
        return true;
    return error_set_os(error, errno, "could not rename \"%s/%s\" to \"%s\"", folder->path, name,
                        new_name);
}

bool folder_remove_file(struct folder *folder, const char *name, struct error *error)
{
    return FAULT_CALL("file.remove", unlinkat(folder->descriptor, name, 0)) == 0 ||
           error_set_os(error, errno, "could not remove \"%s/%s\"", folder->path, name);
}

bool folder_create_scratch(struct folder *folder, const char *name, char **path,
                           struct error *error)
{
    if (FAULT_CALL("scratch.create", mkdirat(folder->descriptor, name, FOLDER_MODE)) != 0 ||
        fchmodat(folder->descriptor, name, FOLDER_MODE, 0) != 0)
        return error_set_os(error, errno, "could not create folder \"%s/%s\"", folder->path, name);
    *path = memory_print("%s/%s", folder->path, name);
    return true;
}

void folder_remove_scratch(struct folder *folder, const char *name)
{
    struct error
        ignored; /* what is left goes with the folder, or shows up as a stray beside good data */
    (void)!remove_tree(folder->descriptor, name, &ignored);
}

/* Reading */

bool folder_name_is_safe(const char *name)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t length = strspn(name, allowed);
    return length > 0 && length <= NAME_BYTES_LARGEST && name[length] == '\0' && name[0] != '.';
}

static bool refuse_name(const struct folder *folder, const char *name, struct error *error)
{
    struct text escaped;
    text_init(&escaped, NAME_BYTES_LARGEST);
    text_append_escaped(&escaped, name);
    error_set(error, ERROR_HOSTILE,
              "archive \"%s\" names the file \"%s\", which may not be one of its own", folder->path,
              escaped.data);
    text_clear(&escaped);
    return false;
}

static bool refuse_open(const struct folder *folder, const char *name, int open_errno,
                        struct error *error)
{
    switch (open_errno) {
    case ENOENT:
        return error_set(error, ERROR_DAMAGED, "file \"%s/%s\" is missing", folder->path, name);
    case ELOOP:
        return error_set(error, ERROR_HOSTILE, "\"%s/%s\" is a symbolic link", folder->path, name);
    case ENXIO: /* sockets, and devices that nobody drives */
        return error_set(error, ERROR_HOSTILE, "\"%s/%s\" is not a regular file", folder->path,
                         name);
    default:
        return error_set_os(error, open_errno, "could not open \"%s/%s\"", folder->path, name);
    }
}

/* Whoever may make links beside a file, but not read it, could have its contents restored to where
 * he may. Backups that share files by hard links are common, so only distrust refuses them. */
static bool is_shared(const struct folder *folder, const struct stat *status)
{
    return folder->is_distrusted && status->st_nlink > 1;
}

static bool check_is_own(const struct folder *folder, const char *name, const struct stat *status,
                         struct error *error)
{
    if (!S_ISREG(status->st_mode))
        return error_set(error, ERROR_HOSTILE, "\"%s/%s\" is not a regular file", folder->path,
                         name);
    if (!is_shared(folder, status))
        return true;
    error_set(error, ERROR_HOSTILE, "\"%s/%s\" has another name elsewhere, by a hard link",
              folder->path, name);
    error_hint(error, "Copy the archive, and restore the copy.");
    return false;
}

bool folder_open_file(const struct folder *folder, const char *name, int *descriptor,
                      uint64_t *size_bytes, struct error *error)
{
    struct stat status;
    if (!folder_name_is_safe(name))
        return refuse_name(folder, name, error);
    *descriptor = FAULT_CALL("file.open", open_beneath(folder->descriptor, name));
    if (*descriptor < 0)
        return refuse_open(folder, name, errno, error);
    if (fstat(*descriptor, &status) != 0)
        error_set_os(error, errno, "could not look at \"%s/%s\"", folder->path, name);
    else if (check_is_own(folder, name, &status, error)) {
        *size_bytes = (uint64_t)status.st_size;
        return true;
    }
    folder_close_descriptor(descriptor);
    return false;
}

bool folder_has_file(const struct folder *folder, const char *name)
{
    struct stat status;
    return folder_name_is_safe(name) &&
           fstatat(folder->descriptor, name, &status, AT_SYMLINK_NOFOLLOW) == 0;
}

bool folder_file_size(const struct folder *folder, const char *name, uint64_t *size_bytes)
{
    struct stat status;
    if (!folder_name_is_safe(name) ||
        fstatat(folder->descriptor, name, &status, AT_SYMLINK_NOFOLLOW) != 0 ||
        !S_ISREG(status.st_mode) || is_shared(folder, &status))
        return false;
    *size_bytes = (uint64_t)status.st_size;
    return true;
}

static bool read_all(int descriptor, unsigned char *bytes, size_t length, size_t *read_bytes)
{
    *read_bytes = 0;
    while (*read_bytes < length) {
        ssize_t got =
            FAULT_CALL("file.read", read(descriptor, bytes + *read_bytes,
                                         FAULT_LENGTH("file.read_short", length - *read_bytes)));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return false;
        if (got == 0)
            break;
        *read_bytes += (size_t)got;
    }
    return true;
}

bool folder_rewind_file(const struct folder *folder, const char *name, int descriptor,
                        struct error *error)
{
    return lseek(descriptor, 0, SEEK_SET) == 0 ||
           error_set_os(error, errno, "could not rewind \"%s/%s\"", folder->path, name);
}

bool folder_read_some(const struct folder *folder, const char *name, int descriptor,
                      unsigned char *bytes, size_t room, size_t *got, struct error *error)
{
    return read_all(descriptor, bytes, room, got) ||
           error_set_os(error, errno, "could not read \"%s/%s\"", folder->path, name);
}

bool folder_read_file(const struct folder *folder, const char *name, size_t maximum_bytes,
                      unsigned char **bytes, size_t *length_bytes, struct error *error)
{
    int descriptor = -1;
    uint64_t size = 0;
    if (!folder_open_file(folder, name, &descriptor, &size, error))
        return false;
    *bytes = NULL;
    bool is_read = size <= maximum_bytes ||
                   error_set(error, ERROR_DAMAGED, "\"%s/%s\" is larger than %zu bytes",
                             folder->path, name, maximum_bytes);
    if (is_read) {
        *bytes = memory_allocate(size, 1);
        is_read = read_all(descriptor, *bytes, size, length_bytes) ||
                  error_set_os(error, errno, "could not read \"%s/%s\"", folder->path, name);
    }
    close(descriptor);
    if (!is_read)
        free(*bytes);
    return is_read;
}
