#include "io/done_list.h"

#include "engine/base/memory.h"

#include <assert.h>
#include <stdlib.h>

void done_list_init(struct done_list *list, unsigned depth)
{
    *list = (struct done_list){.depth = depth,
                               .requests = memory_allocate(depth, sizeof(struct io_request *))};
}

void done_list_clear(struct done_list *list)
{
    free(list->requests);
}

void done_list_put(struct done_list *list, struct io_request *request)
{
    assert(list->count < list->depth);
    list->requests[(list->first + list->count++) % list->depth] = request;
}

unsigned done_list_take(struct done_list *list, struct io_request **done, unsigned room)
{
    unsigned taken = 0;

    while (taken < room && list->count > 0) {
        done[taken++] = list->requests[list->first];
        list->first = (list->first + 1) % list->depth;
        list->count--;
    }
    return taken;
}
