/* Requests that an engine did at once and that wait to be reaped, oldest first. Belongs to its
 * engine, which never has more than `depth` requests in flight. */
#ifndef PGFAST_IO_DONE_LIST_H
#define PGFAST_IO_DONE_LIST_H

#include "io/io_engine.h"

struct done_list {
    unsigned depth;
    unsigned first;
    unsigned count;
    struct io_request **requests;
};

void done_list_init(struct done_list *list, unsigned depth);
void done_list_clear(struct done_list *list);
void done_list_put(struct done_list *list, struct io_request *request);
unsigned done_list_take(struct done_list *list, struct io_request **done, unsigned room);

#endif
