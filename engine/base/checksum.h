/* The digest of stored bytes: SHA-256, written as 64 hex digits, which everybody's sha256sum can
 * check. Processors have instructions for it; without them it takes a second for half a gigabyte.
 */
#ifndef PGFAST_BASE_CHECKSUM_H
#define PGFAST_BASE_CHECKSUM_H

#include <stdbool.h>
#include <stddef.h>

#define CHECKSUM_TEXT_BYTES 65 /* with the final NUL */

struct checksum; /* running; one thread at a time */

struct checksum *checksum_create(void);
void checksum_free(struct checksum *checksum); /* accepts NULL */
void checksum_update(struct checksum *checksum, const void *bytes, size_t length);
/* Ends it: from here on it can only be freed. */
void checksum_end(struct checksum *checksum, char text[CHECKSUM_TEXT_BYTES]);

/* Of bytes that are all there. */
void checksum_text_of(const void *bytes, size_t length, char text[CHECKSUM_TEXT_BYTES]);

/* Is it one, as far as can be seen? */
bool checksum_text_is_valid(const char *text);

#endif
