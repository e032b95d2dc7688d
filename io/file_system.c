#include "io/file_system.h"

#include <linux/magic.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/utsname.h>
#include <sys/vfs.h>

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342
#endif

bool file_system_is_release_at_least(const char *release, unsigned major, unsigned minor)
{
    unsigned its_major, its_minor;

    if (sscanf(release, "%u.%u", &its_major, &its_minor) != 2)
        return false;
    return its_major > major || (its_major == major && its_minor >= minor);
}

/* A list of types ends with 0. */
static bool is_one_of(int fd, const unsigned long *types)
{
    struct statfs status;

    if (fstatfs(fd, &status) != 0)
        return false;
    while (*types != 0 && *types != (unsigned long)status.f_type)
        types++;
    return *types != 0;
}

bool file_system_reports_lost_writes(int fd)
{
    static const unsigned long trusted[] = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, BTRFS_SUPER_MAGIC,
                                            TMPFS_MAGIC, 0};
    struct utsname kernel;

    return uname(&kernel) == 0 && file_system_is_release_at_least(kernel.release, 5, 8) &&
           is_one_of(fd, trusted);
}

bool file_system_prefers_direct_io(int fd)
{
    static const unsigned long preferring[] = {EXT4_SUPER_MAGIC, XFS_SUPER_MAGIC, 0};

    return is_one_of(fd, preferring);
}

bool file_system_read_room(int fd, struct file_system_room *room)
{
    struct statfs status;

    if (fstatfs(fd, &status) != 0)
        return false;
    *room = (struct file_system_room){
        .total_bytes = (uint64_t)status.f_blocks * (uint64_t)status.f_bsize,
        .free_bytes = (uint64_t)status.f_bavail * (uint64_t)status.f_bsize,
        .total_inodes = (uint64_t)status.f_files,
        .free_inodes = (uint64_t)status.f_ffree,
    };
    return true;
}
