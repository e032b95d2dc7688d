/* What a file system can be trusted with. */
#ifndef PGFAST_IO_FILE_SYSTEM_H
#define PGFAST_IO_FILE_SYSTEM_H

#include <stdbool.h>
#include <stdint.h>

/* Does syncfs on this descriptor report every write that was lost since it was opened? Only then
 * may it stand in for an fsync of each file. True for file systems known to do so, on Linux 5.8 or
 * later: before that, and on network and stacked file systems, a lost page may pass in silence. */
bool file_system_reports_lost_writes(int fd);

/* Is it a file system of a local disk for which writing past the page cache is known to be the
 * faster way? */
bool file_system_prefers_direct_io(int fd);

/* What is left of it for us. */
struct file_system_room {
    uint64_t total_bytes, free_bytes;
    uint64_t total_inodes, free_inodes; /* total 0: it does not count them */
};

bool file_system_read_room(int fd, struct file_system_room *room);

/* As uname tells it: "6.1.0-25-amd64". */
bool file_system_is_release_at_least(const char *release, unsigned major, unsigned minor);

#endif
