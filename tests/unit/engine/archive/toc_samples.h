/* Tables of contents that pg_dump wrote, for tests: the corpus of the fuzzer. */
#ifndef PGFAST_TESTS_TOC_SAMPLES_H
#define PGFAST_TESTS_TOC_SAMPLES_H

#include "engine/archive/toc_codec.h"
#include "engine/base/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#ifndef PGFAST_TESTS_FOLDER /* where the build does not say */
#define PGFAST_TESTS_FOLDER "tests"
#endif

static inline struct span load_sample(const char *name)
{
    char *path = memory_print("%s/fuzz/corpus/toc_codec_fuzz/%s", PGFAST_TESTS_FOLDER, name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    unsigned char *bytes = memory_allocate(1 << 20, 1);
    size_t length = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    free(path);
    return (struct span){bytes, length};
}

static inline void release(struct span span)
{
    free((void *)(uintptr_t)span.data);
}

static inline struct toc *decode_sample(const char *name)
{
    struct span bytes = load_sample(name);
    struct toc *toc;
    struct error error;
    if (!toc_decode(&toc, bytes, &error))
        fail_msg("%s", error.message);
    release(bytes);
    return toc;
}

static inline const struct toc_entry *find_by_tag(const struct toc *toc, enum entry_type type,
                                                  const char *tag)
{
    for (size_t i = 0; i < toc->count; i++) {
        if (toc->entries[i]->type == type && strcmp(toc->entries[i]->tag, tag) == 0)
            return toc->entries[i];
    }
    fail_msg("no entry \"%s\"", tag);
    return NULL;
}

#endif
