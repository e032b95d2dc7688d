/* Durations come from the monotonic clock, so that a changed wall clock cannot bend them. */
#ifndef PGFAST_BASE_CLOCK_H
#define PGFAST_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

uint64_t clock_now_us(void); /* monotonic, microseconds */
void clock_format_utc(char *buffer, size_t room_bytes, time_t seconds); /* 2026-11-20T02:00:00Z */

/* timeout_ms from now, for waits on condition variables that use the monotonic clock. */
struct timespec clock_deadline(int timeout_ms);

#endif
