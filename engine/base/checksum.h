/* The digest of stored bytes: XXH3 with 128 bits, written as 32 hex digits. It finds damage, at
 * memory speed; it does not find forgery. */
#ifndef PGFAST_BASE_CHECKSUM_H
#define PGFAST_BASE_CHECKSUM_H

#include <stddef.h>

#define CHECKSUM_TEXT_BYTES 33 /* with the final NUL */

struct checksum; /* running; one thread at a time */

struct checksum *checksum_create(void);
void checksum_free(struct checksum *checksum); /* accepts NULL */
void checksum_update(struct checksum *checksum, const void *bytes, size_t length);
void checksum_text(const struct checksum *checksum, char text[CHECKSUM_TEXT_BYTES]);

/* Of bytes that are all there. */
void checksum_text_of(const void *bytes, size_t length, char text[CHECKSUM_TEXT_BYTES]);

#endif
