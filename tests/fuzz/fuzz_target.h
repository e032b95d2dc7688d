/* What libFuzzer calls; a target returns 0 and aborts where a promise is broken. */
#ifndef PGFAST_TESTS_FUZZ_TARGET_H
#define PGFAST_TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void expect(int is_true, const char *promise)
{
    if (is_true)
        return;
    fprintf(stderr, "broken promise: %s\n", promise);
    abort();
}

/* With a final NUL and on the heap of its own, so that the address sanitizer knows where it ends;
 * free() releases. */
static inline char *copy_as_text(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    expect(text != NULL, "there is memory");
    if (size > 0)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

#endif
