#include "io/direct_io.h"

#include <fcntl.h>

bool direct_io_begin(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    return flags >= 0 && fcntl(fd, F_SETFL, flags | O_DIRECT) == 0;
}

void direct_io_end(int fd)
{
    int flags = fcntl(fd, F_GETFL);

    if (flags >= 0)
        (void)fcntl(fd, F_SETFL, flags & ~O_DIRECT); /* turning off is always allowed */
}
