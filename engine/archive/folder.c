#include "engine/archive/folder.h"

#include "engine/archive/foreign_file.h"
#include "engine/archive/manifest.h"
#include "engine/archive/open_beneath.h"
#include "engine/archive/remove_tree.h"
#include "engine/base/fault.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "io/file_system.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PARTIAL_SUFFIX ".partial"
#define FOLDER_MODE 0700
#define FILE_MODE 0600
#define NAME_BYTES_LARGEST 255

static const char marker_text[] =
    "This folder is being built by pgfast. While this file is here, the archive is not complete.\n";

struct folder {
    char *path;
    int descriptor;
    bool is_synced;
    bool is_distrusted;
    /* only while it is being built: */
    bool is_building;
    bool has_odd_umask; /* the process's umask takes away from FILE_MODE */
    char *final_path;
    char *final_name;
    char *partial_name;
    int parent;
    int marker; /* open, for the lock on it */
};

static char *copy_without_trailing_slashes(const char *path)
{
    char *copy = memory_copy_text(path);
    size_t length = strlen(copy);
    while (length > 1 && copy[length - 1] == '/')
        copy[--length] = '\0';
    return copy;
}

static struct folder *folder_allocate(const char *path)
{
    struct folder *folder = memory_allocate(1, sizeof(*folder));
    folder->final_path = copy_without_trailing_slashes(path);
    folder->descriptor = -1;
    folder->parent = -1;
    folder->marker = -1;
    folder->is_synced = true;
    return folder;
}

static void close_descriptor(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

void folder_close(struct folder *folder)
{
    if (!folder)
        return;
    close_descriptor(&folder->marker);
    close_descriptor(&folder->descriptor);
    close_descriptor(&folder->parent);
    free(folder->partial_name);
    free(folder->final_name);
    free(folder->final_path);
    free(folder->path);
    free(folder);
}

const char *folder_path(const struct folder *folder)
{
    return folder->path;
}

int folder_descriptor(const struct folder *folder)
{
    return folder->descriptor;
}

void folder_set_sync(struct folder *folder, bool is_synced)
{
    folder->is_synced = is_synced;
}

/* Some file systems cannot sync folders and say EINVAL: nothing to be done, nothing lost by it. */
static bool sync_folder(const struct folder *folder, int descriptor, const char *path,
                        struct error *error)
{
    if (!folder->is_synced || FAULT_CALL("folder.sync", fsync(descriptor)) == 0 || errno == EINVAL)
        return true;
    return error_set_os(error, errno, "could not sync folder \"%s\"", path);
}

/* The folder's descriptor is older than every file in it, so that none of their lost writes is
 * behind it. */
bool folder_can_sync_at_once(const struct folder *folder)
{
    return file_system_reports_lost_writes(folder->descriptor);
}

bool folder_sync_at_once(struct folder *folder, struct error *error)
{
    if (FAULT_CALL("folder.syncfs", syncfs(folder->descriptor)) == 0)
        return true;
    return error_set_os(error, errno, "could not sync the file system of \"%s\"", folder->path);
}

bool folder_prefers_direct_io(const struct folder *folder)
{
    return file_system_prefers_direct_io(folder->descriptor);
}

/* Building */

/* Opens the parent, and fills in the names. */
static bool locate(struct folder *folder, struct error *error)
{
    const char *path = folder->final_path;
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    if (*name == '\0' || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
        return error_set(error, ERROR_USAGE, "\"%s\" is no name for a new folder", path);

    folder->final_name = memory_copy_text(name);
    folder->partial_name = memory_print("%s" PARTIAL_SUFFIX, name);
    folder->path = memory_print("%s" PARTIAL_SUFFIX, path);
    char *parent =
        slash ? memory_print("%.*s", (int)(slash - path + 1), path) : memory_copy_text(".");
    folder->parent =
        FAULT_CALL("folder.open_parent", open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (folder->parent < 0)
        error_set_os(error, errno, "could not open folder \"%s\", where \"%s\" is to be", parent,
                     name);
    free(parent);
    return folder->parent >= 0;
}

enum content { CONTENT_NONE, CONTENT_OURS, CONTENT_FOREIGN };

static enum content content_of(DIR *stream)
{
    enum content content = CONTENT_NONE;
    const struct dirent *item;

    while (content != CONTENT_OURS && (item = readdir(stream)) != NULL)
        if (strcmp(item->d_name, FOLDER_MARKER_NAME) == 0)
            content = CONTENT_OURS;
        else if (strcmp(item->d_name, ".") != 0 && strcmp(item->d_name, "..") != 0)
            content = CONTENT_FOREIGN;
    return content;
}

/* Not to be able to look must not be taken for having seen something. */
static bool look_inside(int folder, const char *path, enum content *content, struct error *error)
{
    int walked = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = walked < 0 ? NULL : fdopendir(walked);

    if (!stream) {
        error_set_os(error, errno, "could not look into folder \"%s\"", path);
        close_descriptor(&walked);
        return false;
    }
    *content = content_of(stream);
    closedir(stream);
    return true;
}

static bool check_final_name_is_free(const struct folder *folder, struct error *error)
{
    struct stat status;
    if (fstatat(folder->parent, folder->final_name, &status, AT_SYMLINK_NOFOLLOW) != 0)
        return errno == ENOENT ||
               error_set_os(error, errno, "could not look at \"%s\"", folder->final_path);
    if (S_ISLNK(status.st_mode))
        return error_set(error, ERROR_CONFLICT, "\"%s\" exists and is a symbolic link",
                         folder->final_path);
    if (!S_ISDIR(status.st_mode))
        return error_set(error, ERROR_CONFLICT, "\"%s\" exists and is not a folder",
                         folder->final_path);
    enum content content;
    int existing =
        openat(folder->parent, folder->final_name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (existing < 0)
        return error_set_os(error, errno, "could not open folder \"%s\"", folder->final_path);
    bool is_seen = look_inside(existing, folder->final_path, &content, error);
    close_descriptor(&existing);
    if (!is_seen)
        return false;
    return content == CONTENT_NONE ||
           error_set(error, ERROR_CONFLICT, "folder \"%s\" exists and is not empty",
                     folder->final_path);
}

static bool refuse_foreign(const struct folder *folder, struct error *error)
{
    error_set(error, ERROR_CONFLICT, "\"%s\" exists and was not made by pgfast", folder->path);
    error_hint(error, "Move it away, or choose another name.");
    return false;
}

static bool open_partial(struct folder *folder, struct error *error)
{
    struct stat status;
    enum content content;
    bool is_new = FAULT_CALL("folder.create",
                             mkdirat(folder->parent, folder->partial_name, FOLDER_MODE)) == 0;
    if (!is_new && errno != EEXIST)
        return error_set_os(error, errno, "could not create folder \"%s\"", folder->path);
    /* Gives back whatever the umask has taken away. */
    if (is_new && fchmodat(folder->parent, folder->partial_name, FOLDER_MODE, 0) != 0)
        return error_set_os(error, errno, "could not set the mode of folder \"%s\"", folder->path);
    folder->descriptor = openat(folder->parent, folder->partial_name,
                                O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder->descriptor < 0 && (errno == ENOTDIR || errno == ELOOP))
        return refuse_foreign(folder, error);
    if (folder->descriptor < 0 || fstat(folder->descriptor, &status) != 0)
        return error_set_os(error, errno, "could not open folder \"%s\"", folder->path);
    if (status.st_uid != geteuid())
        return refuse_foreign(folder, error);
    if (!look_inside(folder->descriptor, folder->path, &content, error))
        return false;
    return content != CONTENT_FOREIGN || refuse_foreign(folder, error);
}

/* Until the lock is ours, another run may remove the marker or give the folder its final name. */
static bool is_still_in_place(const struct folder *folder)
{
    struct stat opened;
    struct stat named;
    return fstat(folder->marker, &opened) == 0 &&
           fstatat(folder->descriptor, FOLDER_MARKER_NAME, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           opened.st_ino == named.st_ino && fstat(folder->descriptor, &opened) == 0 &&
           fstatat(folder->parent, folder->partial_name, &named, AT_SYMLINK_NOFOLLOW) == 0 &&
           opened.st_ino == named.st_ino && opened.st_dev == named.st_dev;
}

/* The lock is on the marker file, not on the folder: NFS locks only what is open for writing. The
 * kernel releases it with the process, however that ends. */
static bool lock_marker(struct folder *folder, struct error *error)
{
    struct stat status;
    folder->marker =
        FAULT_CALL("folder.create_marker",
                   openat(folder->descriptor, FOLDER_MARKER_NAME,
                          O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, FILE_MODE));
    if (folder->marker < 0 || fstat(folder->marker, &status) != 0)
        return error_set_os(error, errno, "could not create \"%s/" FOLDER_MARKER_NAME "\"",
                            folder->path);
    folder->has_odd_umask = (status.st_mode & FILE_MODE) != FILE_MODE;
    int outcome = FAULT_CALL("folder.lock", flock(folder->marker, LOCK_EX | LOCK_NB));
    if (outcome != 0 && errno != EWOULDBLOCK)
        return error_set_os(error, errno, "could not lock \"%s/" FOLDER_MARKER_NAME "\"",
                            folder->path);
    if (outcome != 0 || !is_still_in_place(folder))
        return error_set(error, ERROR_LOCKED, "another run is writing \"%s\"", folder->path);
    return true;
}

static bool write_all(int descriptor, struct span bytes)
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

static bool begin_building(struct folder *folder, struct error *error)
{
    const struct span text = {(const unsigned char *)marker_text, sizeof(marker_text) - 1};
    if (!locate(folder, error) || !check_final_name_is_free(folder, error) ||
        !open_partial(folder, error) || !lock_marker(folder, error))
        return false;
    if (!remove_tree_contents(folder->descriptor, FOLDER_MARKER_NAME, error)) {
        error_prefix(error, "could not clear \"%s\"", folder->path);
        return false;
    }
    if (fchmod(folder->descriptor, FOLDER_MODE) != 0 || fchmod(folder->marker, FILE_MODE) != 0 ||
        ftruncate(folder->marker, 0) != 0 || !write_all(folder->marker, text))
        return error_set_os(error, errno, "could not prepare \"%s\"", folder->path);
    folder->is_building = true;
    return true;
}

bool folder_create(struct folder **folder, const char *path, struct error *error)
{
    *folder = folder_allocate(path);
    if (begin_building(*folder, error))
        return true;
    folder_close(*folder);
    *folder = NULL;
    return false;
}

bool folder_create_file(struct folder *folder, const char *name, int *descriptor,
                        struct error *error)
{
    assert(folder_name_is_safe(name));
    *descriptor = FAULT_CALL(
        "file.create", openat(folder->descriptor, name,
                              O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, FILE_MODE));
    if (*descriptor < 0)
        return error_set_os(error, errno, "could not create \"%s/%s\"", folder->path, name);
    if (folder->has_odd_umask && fchmod(*descriptor, FILE_MODE) != 0) {
        error_set_os(error, errno, "could not set the mode of \"%s/%s\"", folder->path, name);
        close_descriptor(descriptor);
        return false;
    }
    return true;
}

bool folder_append_file(struct folder *folder, const char *name, int descriptor, struct span bytes,
                        struct error *error)
{
    return write_all(descriptor, bytes) ||
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

static bool rename_to_final(struct folder *folder, struct error *error)
{
    if (FAULT_CALL("seal.rename", renameat(folder->parent, folder->partial_name, folder->parent,
                                           folder->final_name)) == 0)
        return true;
    if (errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR)
        return error_set(error, ERROR_CONFLICT, "\"%s\" came into being while \"%s\" was written",
                         folder->final_path, folder->path);
    return error_set_os(error, errno, "could not rename \"%s\" to \"%s\"", folder->path,
                        folder->final_path);
}

/* The marker goes after the rename: at no moment is there a folder NAME.partial that no run would
 * recognise as pgfast's. A crash in between leaves a marker beside a manifest, which counts as
 * complete (check_is_finished). */
bool folder_finish(struct folder *folder, struct error *error)
{
    assert(folder->is_building);
    FAULT_POINT("seal.sync.before");
    if (!sync_folder(folder, folder->descriptor, folder->path, error))
        return false;
    FAULT_POINT("seal.rename.before");
    if (!rename_to_final(folder, error))
        return false;
    FAULT_POINT("seal.rename.after");
    folder->is_building = false;
    free(folder->path);
    folder->path = memory_copy_text(folder->final_path);
    if (FAULT_CALL("seal.remove_marker", unlinkat(folder->descriptor, FOLDER_MARKER_NAME, 0)) != 0)
        return error_set_os(error, errno, "could not remove \"%s/" FOLDER_MARKER_NAME "\"",
                            folder->path);
    return sync_folder(folder, folder->descriptor, folder->path, error) &&
           sync_folder(folder, folder->parent, folder->path, error);
}

/* The marker goes last, so that what a crash leaves of it is still known as ours. */
void folder_discard(struct folder *folder)
{
    struct error ignored; /* the run has failed already and says why */
    if (!folder->is_building ||
        !remove_tree_contents(folder->descriptor, FOLDER_MARKER_NAME, &ignored))
        return;
    (void)unlinkat(folder->descriptor, FOLDER_MARKER_NAME, 0);
    (void)unlinkat(folder->parent, folder->partial_name, AT_REMOVEDIR);
    folder->is_building = false;
}

/* Reading */

static bool refuse_file(const char *path, struct error *error)
{
    unsigned char head[FOREIGN_FILE_HEAD_BYTES];
    struct stat status;
    ssize_t length = 0;
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (descriptor >= 0 && fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode))
        length = read(descriptor, head, sizeof(head));
    close_descriptor(&descriptor);
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

void folder_distrust(struct folder *folder)
{
    folder->is_distrusted = true;
}

bool folder_is_distrusted(const struct folder *folder)
{
    return folder->is_distrusted;
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
    close_descriptor(descriptor);
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
