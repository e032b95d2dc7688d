#include "io/io_perform.h"

#include "engine/base/fault.h"

#include <errno.h>
#include <unistd.h>

#define CHEAP_WRITE_BYTES (64u << 10)

static ssize_t perform_once(const struct io_request *request)
{
    switch (request->operation) {
    case IO_READ:
        return pread(request->fd, request->data,
                     FAULT_LENGTH("io.read_short", request->length_bytes),
                     (off_t)request->offset_bytes);
    case IO_WRITE:
        return pwrite(request->fd, request->data,
                      FAULT_LENGTH("io.write_short", request->length_bytes),
                      (off_t)request->offset_bytes);
    case IO_SYNC:
        return fsync(request->fd);
    }
    errno = EINVAL;
    return -1;
}

ssize_t io_result(enum io_operation operation, ssize_t result)
{
    switch (operation) {
    case IO_READ:
        return FAULT_OR("io.read", -errno, result);
    case IO_WRITE:
        return FAULT_OR("io.write", -errno, result);
    case IO_SYNC:
        return FAULT_OR("io.sync", -errno, result);
    }
    return result;
}

void io_perform(struct io_request *request)
{
    do {
        ssize_t result = perform_once(request);
        request->result = io_result(request->operation, result < 0 ? -errno : result);
    } while (request->result == -EINTR);
}

bool io_perform_cheap(struct io_request *request, struct done_list *done)
{
    if (request->operation != IO_WRITE || request->length_bytes > CHEAP_WRITE_BYTES)
        return false;
    io_perform(request);
    done_list_put(done, request);
    return true;
}
