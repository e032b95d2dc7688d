/* Pointer and length: the only way bytes are passed down. Lends, never owns. */
#ifndef PGFAST_BASE_SPAN_H
#define PGFAST_BASE_SPAN_H

#include <stddef.h>

struct span {
    const unsigned char *data;
    size_t length;
};

#endif
