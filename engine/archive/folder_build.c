/* How a folder comes into being, and how it gets its name or goes. */
#include "engine/archive/folder_internal.h"

#include "engine/archive/remove_tree.h"
#include "engine/base/fault.h"
#include "engine/base/memory.h"

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

static const char marker_text[] =
    "This folder is being built by pgfast. While this file is here, the archive is not complete.\n";

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
        folder_close_descriptor(&walked);
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
    folder_close_descriptor(&existing);
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
        ftruncate(folder->marker, 0) != 0 || !folder_write_all(folder->marker, text))
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

/* Some file systems cannot sync folders and say EINVAL: nothing to be done, nothing lost by it. */
static bool sync_folder(const struct folder *folder, int descriptor, const char *path,
                        struct error *error)
{
    if (!folder->is_synced || FAULT_CALL("folder.sync", fsync(descriptor)) == 0 || errno == EINVAL)
        return true;
    return error_set_os(error, errno, "could not sync folder \"%s\"", path);
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
