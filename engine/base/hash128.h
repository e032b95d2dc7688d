/* XXH3 with 128 bits: tells bytes from other bytes at memory speed, also few of them at a time. It
 * finds damage, not forgery. */
#ifndef PGFAST_BASE_HASH128_H
#define PGFAST_BASE_HASH128_H

#include <stddef.h>

/* Of bytes that are all there. */
unsigned __int128 hash128_of(const void *bytes, size_t length);

/* Of bytes that come in pieces. One that has begun must stay where it is. */
struct hash128 {
    unsigned char room[576 + 63]; /* the library's state wants an alignment of 64 */
};

void hash128_begin(struct hash128 *hash);
void hash128_update(struct hash128 *hash, const void *bytes, size_t length);
unsigned __int128 hash128_end(struct hash128 *hash);

#endif
