/* The folder an archive lives in. A new one is built as NAME.partial, private (0700, files 0600),
 * and gets its name only when everything in it is on disk; while it is being built a lock on it
 * tells a running dump from a dead one. Names are opened beneath the folder only, never through
 * links, and must be regular files. */
#ifndef PGFAST_ARCHIVE_FOLDER_H
#define PGFAST_ARCHIVE_FOLDER_H

#include "engine/base/error.h"
#include "engine/base/span.h"

#include <stdbool.h>
#include <stdint.h>

struct folder;

/* In every folder that is being built; carries the lock. */
#define FOLDER_MARKER_NAME "pgfast.partial"

/* Creates NAME.partial. ERROR_CONFLICT: NAME exists and is not an empty folder, or NAME.partial is
 * not ours; ERROR_LOCKED: another run is building it. What a killed run of pgfast left behind is
 * removed first. */
bool folder_create(struct folder **folder, const char *path, struct error *error) MUST_CHECK;

/* Opens a finished archive for reading. ERROR_INCOMPLETE for one that is still, or forever,
 * partial; ERROR_UNSUPPORTED with a hint for a file (custom, tar, plain dumps) where a folder is
 * expected. */
bool folder_open(struct folder **folder, const char *path, struct error *error) MUST_CHECK;

/* The same for one that was never finished, too: *is_unfinished. ERROR_LOCKED: a dump is still at
 * work on it. */
bool folder_open_unfinished(struct folder **folder, const char *path, bool *is_unfinished,
                            struct error *error) MUST_CHECK;

const char *folder_path(const struct folder *folder); /* NAME.partial while it is being built */
int folder_descriptor(const struct folder *folder);   /* of the folder itself; lent */

/* A new file for writing, 0600, not there before; the caller closes it. */
bool folder_create_file(struct folder *folder, const char *name, int *descriptor,
                        struct error *error) MUST_CHECK;
/* One for writing and reading that loses its name at once, and is gone with its descriptor. */
bool folder_create_nameless_file(struct folder *folder, const char *name, int *descriptor,
                                 struct error *error) MUST_CHECK;
/* Such a one is read from its beginning on; what is written goes to its end all the same. */
bool folder_rewind_file(const struct folder *folder, const char *name, int descriptor,
                        struct error *error) MUST_CHECK;
/* *got less than there is room for: its end. */
bool folder_read_some(const struct folder *folder, const char *name, int descriptor,
                      unsigned char *bytes, size_t room, size_t *got,
                      struct error *error) MUST_CHECK;
/* The next bytes of a file that folder_create_file has made. */
bool folder_append_file(struct folder *folder, const char *name, int descriptor, struct span bytes,
                        struct error *error) MUST_CHECK;
/* Syncs it (unless the folder was told not to) and closes it, also where that fails. */
bool folder_finish_file(struct folder *folder, const char *name, int descriptor,
                        struct error *error) MUST_CHECK;
/* Writes a whole small file and syncs it (unless the folder was told not to). */
bool folder_write_file(struct folder *folder, const char *name, struct span bytes,
                       struct error *error) MUST_CHECK;
/* Opens a file for reading; *size_bytes as it is now. ERROR_DAMAGED when it is missing,
 * ERROR_HOSTILE when its name leads elsewhere, or it is a link or no regular file. */
bool folder_open_file(const struct folder *folder, const char *name, int *descriptor,
                      uint64_t *size_bytes, struct error *error) MUST_CHECK;
/* In a folder that is being built; the new name is not there yet. */
bool folder_rename_file(struct folder *folder, const char *name, const char *new_name,
                        struct error *error) MUST_CHECK;
bool folder_remove_file(struct folder *folder, const char *name, struct error *error) MUST_CHECK;
bool folder_has_file(const struct folder *folder, const char *name);
bool folder_file_size(const struct folder *folder, const char *name,
                      uint64_t *size_bytes); /* false: no such file, or none that may be read */
/* Reads a whole small file, at most maximum_bytes; the caller frees *bytes. */
bool folder_read_file(const struct folder *folder, const char *name, size_t maximum_bytes,
                      unsigned char **bytes, size_t *length_bytes, struct error *error) MUST_CHECK;

/* From now on files that have several names (hard links) are refused as well, and those that grow
 * beyond all measure when they are decoded. */
void folder_distrust(struct folder *folder);
bool folder_is_distrusted(const struct folder *folder);

/* A name that an archive may use for a data file: letters, digits, '.', '_', '-', not starting with
 * a dot, at most 255 bytes. */
bool folder_name_is_safe(const char *name);

/* Makes a private sub-folder for helpers' files (its full path is returned, the caller frees) and
 * removes it with all it holds. */
bool folder_create_scratch(struct folder *folder, const char *name, char **path,
                           struct error *error) MUST_CHECK;
void folder_remove_scratch(struct folder *folder, const char *name);

/* Can one sync of the whole file system stand in for one of each file in a new folder? */
bool folder_can_sync_at_once(const struct folder *folder);
/* That sync. An error is final: it is reported once. */
bool folder_sync_at_once(struct folder *folder, struct error *error) MUST_CHECK;

/* Is writing large files past the page cache the faster way here? */
bool folder_prefers_direct_io(const struct folder *folder);

void folder_set_sync(struct folder *folder, bool is_synced); /* --no-sync: false */

/* Sync of the folder, rename to its final name, sync of the parent. */
bool folder_finish(struct folder *folder, struct error *error) MUST_CHECK;
/* Where it has no space left: adds how much its file system has, and what the archive still needs
 * (0: not known); or that it has no inodes. Other errors stay as they are. */
void folder_explain_no_space(const struct folder *folder, uint64_t needed_bytes,
                             struct error *error);
/* Removes an unfinished folder and all that is in it. */
void folder_discard(struct folder *folder);
void folder_close(struct folder *folder); /* accepts NULL; leaves the files as they are */

#endif
