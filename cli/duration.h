/* Durations as people read them. */
#ifndef PGFAST_CLI_DURATION_H
#define PGFAST_CLI_DURATION_H

#include <stddef.h>
#include <stdint.h>

void duration_format(char *buffer, size_t room_bytes, uint64_t us);       /* "12.3 s", "2:05 min" */
void duration_format_clock(char *buffer, size_t room_bytes, uint64_t us); /* "0:12", "1:02:05" */

#endif
