/* One request done here and now, by the calling thread: what the engines without a kernel queue
 * share, and what all of them do with a request that is not worth a queue. */
#ifndef PGFAST_IO_IO_PERFORM_H
#define PGFAST_IO_IO_PERFORM_H

#include "io/done_list.h"
#include "io/io_engine.h"

#include <stdbool.h>

void io_perform(struct io_request *request); /* sets its result */

/* What the kernel answered to such a request, or what a test makes of it. */
ssize_t io_result(enum io_operation operation, ssize_t result);

/* A small write only copies into the page cache: handing it over would cost more than that. It is
 * done here, and put on the list. False: hand it over. */
bool io_perform_cheap(struct io_request *request, struct done_list *done);

#endif
