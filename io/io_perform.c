#include "io/io_perform.h"

#include <errno.h>
#include <unistd.h>

#define CHEAP_WRITE_BYTES (64u << 10)

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

bool io_perform_is_cheap(const struct io_request *request)
{
    return request->operation == IO_WRITE && request->length_bytes <= CHEAP_WRITE_BYTES;
}
