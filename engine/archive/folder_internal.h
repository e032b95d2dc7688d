/* What the files of folder.h share: how it is built (folder_build.c), opened (folder_open.c), what
 * lies in it (folder_file.c), and how much room is left for it (folder_room.c). Nobody else
 * includes it. */
#ifndef PGFAST_ARCHIVE_FOLDER_INTERNAL_H
#define PGFAST_ARCHIVE_FOLDER_INTERNAL_H

#include "engine/archive/folder.h"

#define PARTIAL_SUFFIX ".partial"
#define FOLDER_MODE 0700
#define FILE_MODE 0600

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

/* Of no folder yet: final_path is the path without slashes at its end. */
struct folder *folder_allocate(const char *path);

/* False: errno tells why. */
bool folder_write_all(int descriptor, struct span bytes) MUST_CHECK;

void folder_close_descriptor(int *descriptor); /* -1 then; accepts -1 */

#endif
