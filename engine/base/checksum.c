#include "engine/base/checksum.h"

#include "engine/base/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <xxhash.h>

/* The library makes its state itself: the state wants an alignment of 64, and its size may change
 * with the library. */
struct checksum {
    XXH3_state_t *state;
};

struct checksum *checksum_create(void)
{
    struct checksum *checksum = memory_allocate(1, sizeof *checksum);

    checksum->state = XXH3_createState();
    if (checksum->state == NULL)
        memory_end_program();
    XXH3_128bits_reset(checksum->state);
    return checksum;
}

void checksum_free(struct checksum *checksum)
{
    if (checksum == NULL)
        return;
    XXH3_freeState(checksum->state);
    free(checksum);
}

void checksum_update(struct checksum *checksum, const void *bytes, size_t length)
{
    XXH3_128bits_update(checksum->state, bytes, length);
}

static void print(XXH128_hash_t digest, char text[CHECKSUM_TEXT_BYTES])
{
    snprintf(text, CHECKSUM_TEXT_BYTES, "%016llx%016llx", (unsigned long long)digest.high64,
             (unsigned long long)digest.low64);
}

void checksum_text(const struct checksum *checksum, char text[CHECKSUM_TEXT_BYTES])
{
    print(XXH3_128bits_digest(checksum->state), text);
}

void checksum_text_of(const void *bytes, size_t length, char text[CHECKSUM_TEXT_BYTES])
{
    print(XXH3_128bits(bytes, length), text);
}
