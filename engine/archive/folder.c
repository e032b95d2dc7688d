#include "engine/archive/folder_internal.h"

#include "engine/base/fault.h"
#include "engine/base/memory.h"
#include "io/file_system.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char *copy_without_trailing_slashes(const char *path)
{
    char *copy = memory_copy_text(path);
    size_t length = strlen(copy);
    while (length > 1 && copy[length - 1] == '/')
        copy[--length] = '\0';
    return copy;
}

struct folder *folder_allocate(const char *path)
{
    struct folder *folder = memory_allocate(1, sizeof(*folder));
    folder->final_path = copy_without_trailing_slashes(path);
    folder->descriptor = -1;
    folder->parent = -1;
    folder->marker = -1;
    folder->is_synced = true;
    return folder;
}

void folder_close_descriptor(int *descriptor)
{
    if (*descriptor >= 0)
        close(*descriptor);
    *descriptor = -1;
}

void folder_close(struct folder *folder)
{
    if (!folder)
        return;
    folder_close_descriptor(&folder->marker);
    folder_close_descriptor(&folder->descriptor);
    folder_close_descriptor(&folder->parent);
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

void folder_distrust(struct folder *folder)
{
    folder->is_distrusted = true;
}

bool folder_is_distrusted(const struct folder *folder)
{
    return folder->is_distrusted;
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
