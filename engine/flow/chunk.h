/* A buffer with its place in a stream. It belongs to whoever took it from its pool or popped it
 * last. */
#ifndef PGFAST_FLOW_CHUNK_H
#define PGFAST_FLOW_CHUNK_H

#include <stddef.h>
#include <stdint.h>

enum chunk_flags {
    CHUNK_FIRST = 1 << 0, /* the first of its stream */
    CHUNK_LAST = 1 << 1   /* the last; a stream of one chunk carries both */
};

struct chunk {
    unsigned char *data;
    size_t capacity_bytes;
    size_t length_bytes;
    size_t raw_length_bytes; /* before compression; equals length_bytes in a raw chunk */
    uint64_t rows;
    uint64_t sequence; /* 0, 1, 2 ... without gap within its stream */
    void *stream;      /* whose bytes these are; the consumer knows the type */
    unsigned flags;
    struct chunk_pool *pool; /* where it goes back to */
};

#endif
