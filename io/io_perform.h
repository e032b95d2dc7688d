/* One request done here and now, by the calling thread: what the engines without a kernel queue
 * share, and what all of them do with a request that is not worth a queue. */
#ifndef PGFAST_IO_IO_PERFORM_H
#define PGFAST_IO_IO_PERFORM_H

#include "io/io_engine.h"

#include <stdbool.h>

void io_perform(struct io_request *request); /* sets its result */

/* A small write only copies into the page cache: handing it over would cost more than that. */
/* What the kernel answered to such a request, or what a test makes of it. */
ssize_t io_result(enum io_operation operation, ssize_t result);

bool io_perform_is_cheap(const struct io_request *request);

#endif
