#include "engine/base/hash128.h"

#include <assert.h>
#include <stdint.h>

/* Compiled in: a call into the library would cost as much as the hash of a short row. */
#define XXH_INLINE_ALL
#include <xxhash.h>

static_assert(sizeof(XXH3_state_t) + 63 <= sizeof(struct hash128), "a state has room");

static XXH3_state_t *state_of(struct hash128 *hash)
{
    return (void *)(hash->room + (-(uintptr_t)hash->room & 63));
}

static unsigned __int128 number_of(XXH128_hash_t hash)
{
    return (unsigned __int128)hash.high64 << 64 | hash.low64;
}

unsigned __int128 hash128_of(const void *bytes, size_t length)
{
    return number_of(XXH3_128bits(bytes, length));
}

void hash128_begin(struct hash128 *hash)
{
    XXH3_128bits_reset(state_of(hash));
}

void hash128_update(struct hash128 *hash, const void *bytes, size_t length)
{
    XXH3_128bits_update(state_of(hash), bytes, length);
}

unsigned __int128 hash128_end(struct hash128 *hash)
{
    return number_of(XXH3_128bits_digest(state_of(hash)));
}
