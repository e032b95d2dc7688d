#include "io/io_perform.h"

#include <errno.h>
#include <unistd.h>

static ssize_t perform_once(const struct io_request *request)
{
    switch (request->operation) {
    case IO_READ:
        return pread(request->fd, request->data, request->length_bytes,
                     (off_t)request->offset_bytes);
    case IO_WRITE:
        return pwrite(request->fd, request->data, request->length_bytes,
                      (off_t)request->offset_bytes);
    case IO_SYNC:
        return fsync(request->fd);
    }
    errno = EINVAL;
    return -1;
}

void io_perform(struct io_request *request)
{
    do
        request->result = perform_once(request);
    while (request->result < 0 && errno == EINTR);
    if (request->result < 0)
        request->result = -errno;
}
