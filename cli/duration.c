#include "cli/duration.h"

#include <stdio.h>

#define US_PER_SECOND 1000000u

void duration_format_clock(char *buffer, size_t room_bytes, uint64_t us)
{
    unsigned long long seconds = us / US_PER_SECOND;
    unsigned long long minutes = seconds / 60;

    if (minutes < 60)
        snprintf(buffer, room_bytes, "%llu:%02llu", minutes, seconds % 60);
    else
        snprintf(buffer, room_bytes, "%llu:%02llu:%02llu", minutes / 60, minutes % 60,
                 seconds % 60);
}

void duration_format(char *buffer, size_t room_bytes, uint64_t us)
{
    char clock[32];

    if (us < 60 * (uint64_t)US_PER_SECOND) {
        unsigned long long tenths = us / (US_PER_SECOND / 10);
        snprintf(buffer, room_bytes, "%llu.%llu s", tenths / 10, tenths % 10);
        return;
    }
    duration_format_clock(clock, sizeof clock, us);
    snprintf(buffer, room_bytes, "%s %s", clock, us < 3600 * (uint64_t)US_PER_SECOND ? "min" : "h");
}
