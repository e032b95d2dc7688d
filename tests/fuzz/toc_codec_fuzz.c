/* Whatever can be read as a table of contents can be written, and is then read as the same; it can
 * be rewritten for older readers, or is refused. */
#include "compress/codec.h"
#include "engine/archive/toc_codec.h"
#include "engine/archive/toc_expansion.h"
#include "engine/archive/toc_version.h"
#include "tests/fuzz/fuzz_target.h"

static struct span span_of(const struct text *text)
{
    return (struct span){(const unsigned char *)text->data, text->length_bytes};
}

static size_t count_written(const struct toc *toc)
{
    struct toc_expansion *entries;
    struct error error;
    size_t count = 0;
    expect(toc_expansion_begin(&entries, toc, &error), "what can be encoded can be counted");
    while (toc_expansion_next(entries))
        count++;
    expect(count == toc_expansion_count(entries), "there are as many entries as are counted");
    toc_expansion_end(entries);
    return count;
}

static void expect_round_trip(const struct toc *toc)
{
    struct text first;
    struct text second;
    struct toc *again;
    struct error error;
    text_init(&first, TEXT_MAXIMUM);
    text_init(&second, TEXT_MAXIMUM);
    expect(toc_encode(toc, &first, &error), "what was decoded can be encoded");
    expect(toc_decode(&again, span_of(&first), &error), "what was encoded can be decoded");
    expect(again->count == count_written(toc), "no entry is lost");
    expect(toc_encode(again, &second, &error), "what was decoded again can be encoded");
    expect(first.length_bytes == second.length_bytes &&
               memcmp(first.data, second.data, first.length_bytes) == 0,
           "nothing changes in a round trip");
    toc_free(again);
    text_clear(&second);
    text_clear(&first);
}

/* A group as pg_dump makes it has at most a thousand objects; many names of one large ACL would
 * only eat memory here. */
static int is_cheap_to_rewrite(const struct toc *toc, size_t size)
{
    return toc->header.version_minor < TOC_VERSION_GROUPED_BLOBS || size < 4096;
}

static void expect_rewritable(const struct toc *toc)
{
    struct toc *older;
    struct error error;
    int version = toc_version_for_codec(toc->header.compression);
    if (!toc_rewrite_for_version(&older, toc, version, &error)) {
        expect(error.kind == ERROR_DAMAGED, "only damage keeps a table from being rewritten");
        return;
    }
    expect_round_trip(older);
    toc_free(older);
}

static int has_groups_before_their_time(const struct toc *toc)
{
    for (size_t i = 0; i < toc->count; i++) {
        if (toc->entries[i]->type == ENTRY_BLOB_METADATA)
            return toc->header.version_minor < TOC_VERSION_GROUPED_BLOBS;
    }
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct toc *toc;
    struct error error;
    if (!toc_decode(&toc, (struct span){data, size}, &error)) {
        expect(toc == NULL, "a failure gives no table");
        expect(error.kind == ERROR_DAMAGED || error.kind == ERROR_UNSUPPORTED,
               "a failure is damage or an unknown version");
        return 0;
    }
    if (!has_groups_before_their_time(toc)) {
        expect_round_trip(toc);
        if (is_cheap_to_rewrite(toc, size))
            expect_rewritable(toc);
    }
    toc_free(toc);
    return 0;
}
