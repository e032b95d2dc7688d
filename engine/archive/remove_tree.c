#include "engine/archive/remove_tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* An archive has one level, a helper's folder in it a second: deeper trees are not ours. */
enum { DEPTH_LARGEST = 8 };

static bool remove_level(int folder, const char *kept, int depth, struct error *error);

static bool remove_folder(int parent, const char *name, int depth, struct error *error)
{
    if (depth >= DEPTH_LARGEST)
        return error_set(error, ERROR_CONFLICT, "folder \"%s\" lies too deep to be removed", name);
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0)
        return error_set_os(error, errno, "could not open folder \"%s\"", name);
    bool is_empty = remove_level(folder, NULL, depth, error);
    close(folder);
    if (!is_empty)
        return false;
    return unlinkat(parent, name, AT_REMOVEDIR) == 0 ||
           error_set_os(error, errno, "could not remove folder \"%s\"", name);
}

static bool remove_one(int folder, const char *name, int depth, struct error *error)
{
    if (unlinkat(folder, name, 0) == 0 || errno == ENOENT)
        return true;
    if (errno == EISDIR) /* what Linux says of a folder */
        return remove_folder(folder, name, depth + 1, error);
    return error_set_os(error, errno, "could not remove \"%s\"", name);
}

static bool is_to_be_removed(const char *name, const char *kept)
{
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0 && (!kept || strcmp(name, kept) != 0);
}

static bool remove_level(int folder, const char *kept, int depth, struct error *error)
{
    /* The stream wants a descriptor of its own, with a position of its own. */
    int walked = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = walked < 0 ? NULL : fdopendir(walked);
    if (!stream) {
        error_set_os(error, errno, "could not list a folder");
        if (walked >= 0)
            close(walked);
        return false;
    }
    bool is_removed = true;
    const struct dirent *item;
    while (is_removed && (errno = 0, item = readdir(stream)) != NULL) {
        if (is_to_be_removed(item->d_name, kept))
            is_removed = remove_one(folder, item->d_name, depth, error);
    }
    if (is_removed && errno != 0)
        is_removed = error_set_os(error, errno, "could not list a folder");
    closedir(stream);
    return is_removed;
}

bool remove_tree(int parent, const char *name, struct error *error)
{
    return remove_folder(parent, name, 0, error);
}

bool remove_tree_contents(int folder, const char *kept, struct error *error)
{
    return remove_level(folder, kept, 0, error);
}
