/* Sizes as people write them: "64kB", "1.5 GB", "512" (bytes). Units are PostgreSQL's: kB, MB, GB,
 * TB of 1024. */
#ifndef PGFAST_BASE_SIZE_TEXT_H
#define PGFAST_BASE_SIZE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool size_text_parse(const char *text,
                     uint64_t *bytes); /* false: not a size, negative, or too large */
void size_text_format(char *buffer, size_t room_bytes, uint64_t bytes); /* "1.5 GB" */

#endif
