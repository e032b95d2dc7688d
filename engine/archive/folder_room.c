#include "engine/archive/folder_internal.h"
#include "engine/base/size_text.h"
#include "io/file_system.h"

static void explain_no_inodes(const struct folder *folder, struct error *error)
{
    error_hint(
        error,
        "The file system of \"%s\" has no inodes left. Each file takes one, and so does each "
        "large object, unless it is dumped with --large-objects=packed.",
        folder->path);
}

void folder_explain_no_space(const struct folder *folder, uint64_t needed_bytes,
                             struct error *error)
{
    struct file_system_room room;
    char total[32], left[32], needed[32];

    if (error->kind != ERROR_NO_SPACE || !file_system_read_room(folder->descriptor, &room))
        return;
    if (room.total_inodes > 0 && room.free_inodes == 0) {
        explain_no_inodes(folder, error);
        return;
    }
    size_text_format(total, sizeof total, room.total_bytes);
    size_text_format(left, sizeof left, room.free_bytes);
    size_text_format(needed, sizeof needed, needed_bytes);
    error_hint(error, "The file system of \"%s\" has %s, %s of it free%s%s%s.", folder->path, total,
               left, needed_bytes > 0 ? "; the archive needs about " : "",
               needed_bytes > 0 ? needed : "", needed_bytes > 0 ? " more" : "");
}
