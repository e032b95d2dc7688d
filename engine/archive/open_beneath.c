#include "engine/archive/open_beneath.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdbool.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { READING = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC };

/* glibc has no function for it yet. */
static int open_resolved(int folder, const char *name)
{
    const struct open_how how = {
        .flags = READING,
        .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
    };

    return (int)syscall(SYS_openat2, folder, name, &how, sizeof how);
}

/* A name of one part cannot lead out of the folder, and O_NOFOLLOW keeps that part from being a
 * link. */
static int open_single(int folder, const char *name)
{
    if (strchr(name, '/') != NULL || strcmp(name, "..") == 0) {
        errno = EXDEV;
        return -1;
    }
    return openat(folder, name, READING | O_NOFOLLOW);
}

/* Kernels before 5.6 do not have the call, and some containers forbid it. */
static bool is_not_to_be_had(int open_errno)
{
    return open_errno == ENOSYS || open_errno == EPERM;
}

int open_beneath(int folder, const char *name)
{
    int descriptor = open_resolved(folder, name);

    if (descriptor < 0 && is_not_to_be_had(errno))
        return open_single(folder, name);
    return descriptor;
}
