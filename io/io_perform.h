/* One request done here and now, by the calling thread: what the engines without a kernel queue
 * share. */
#ifndef PGFAST_IO_IO_PERFORM_H
#define PGFAST_IO_IO_PERFORM_H

#include "io/io_engine.h"

void io_perform(struct io_request *request); /* sets its result */

#endif
