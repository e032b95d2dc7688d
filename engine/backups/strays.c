#include "engine/backups/strays.h"

#include "engine/base/text.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

enum { NAME_BYTES = 256 };

struct strays {
    uint64_t count;
    struct text first;
};

/* What belongs to the folder rather than to the archive. SHA256SUMS is anybody's: it is in the
 * manifest of ours, and others may have made one for theirs. */
static bool is_of_the_folder(const char *name)
{
    static const char *const names[] = {".", "..", MANIFEST_FILE_NAME, SUMS_FILE_NAME,
                                        FOLDER_MARKER_NAME};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strcmp(name, names[i]) == 0)
            return true;
    }
    return false;
}

static void look_through(struct strays *strays, DIR *stream, const struct inventory *inventory)
{
    const struct dirent *item;

    while ((item = readdir(stream)) != NULL) {
        if (is_of_the_folder(item->d_name) || inventory_has(inventory, item->d_name))
            continue;
        if (strays->count++ == 0)
            text_append_escaped(&strays->first, item->d_name);
    }
}

static void warn(const struct strays *strays, struct event_stream *events)
{
    if (strays->count == 1)
        event_emit(events, EVENT_WARNING, "file \"%s\" does not belong to the archive",
                   strays->first.data);
    else if (strays->count > 1)
        event_emit(events, EVENT_WARNING,
                   "%" PRIu64 " files do not belong to the archive, one is \"%s\"", strays->count,
                   strays->first.data);
}

/* A folder that may not be listed is as good as any other: its files have been found by name. */
void strays_tell(const struct archive *archive, const struct inventory *inventory,
                 struct event_stream *events)
{
    int folder =
        openat(folder_descriptor(archive->folder), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *stream = folder < 0 ? NULL : fdopendir(folder);
    struct strays strays = {.count = 0};

    if (stream == NULL) {
        if (folder >= 0)
            close(folder);
        return;
    }
    text_init(&strays.first, NAME_BYTES);
    look_through(&strays, stream, inventory);
    warn(&strays, events);
    text_clear(&strays.first);
    closedir(stream);
}
