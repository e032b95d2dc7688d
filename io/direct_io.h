/* Writing past the page cache, switched on and off for an open file. While it is on, addresses,
 * lengths and offsets of writes must be multiples of DIRECT_IO_ALIGNMENT. */
#ifndef PGFAST_IO_DIRECT_IO_H
#define PGFAST_IO_DIRECT_IO_H

#include <stdbool.h>

enum { DIRECT_IO_ALIGNMENT = 4096 };

bool direct_io_begin(int fd); /* false: not possible in this file system */
void direct_io_end(int fd);

#endif
