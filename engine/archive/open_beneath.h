/* Opens a file of a folder for reading, and never anything outside of it: no path leads out, no
 * link is followed, and nothing waits for the other end of a pipe. The descriptor may be of a
 * folder, a pipe or a device all the same: the caller looks. */
#ifndef PGFAST_ARCHIVE_OPEN_BENEATH_H
#define PGFAST_ARCHIVE_OPEN_BENEATH_H

/* The descriptor; -1 and errno: ELOOP for a link, EXDEV for a path that leads out. */
int open_beneath(int folder, const char *name);

#endif
