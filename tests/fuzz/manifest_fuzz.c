/* The seal would keep every input out: so each is tried as it is, and with a tail that vouches
 * for it. */
#include "engine/archive/manifest.h"
#include "tests/fuzz/fuzz_target.h"

static void expect_same_file(const struct manifest_file *one, const struct manifest_file *other)
{
    expect(strcmp(one->name, other->name) == 0, "a name stays the same");
    expect(one->size_bytes == other->size_bytes && one->raw_bytes == other->raw_bytes,
           "sizes stay the same");
    expect(one->has_rows == other->has_rows && row_digest_is_equal(&one->digest, &other->digest),
           "rows stay the same");
    expect(
        one->frames.count == other->frames.count &&
            (one->frames.count == 0 || memcmp(one->frames.frames, other->frames.frames,
                                              one->frames.count * sizeof(struct frame_sizes)) == 0),
        "frames stay the same");
}

static void try_decode(struct span json)
{
    struct manifest *manifest;
    struct manifest *again;
    struct text encoded;
    struct error error;
    if (!manifest_decode(&manifest, json, &error)) {
        expect(manifest == NULL, "a failure gives no manifest");
        return;
    }
    text_init(&encoded, TEXT_MAXIMUM);
    expect(manifest_encode(manifest, &encoded, &error), "what was decoded can be encoded");
    const struct span bytes = {(const unsigned char *)encoded.data, encoded.length_bytes};
    expect(manifest_decode(&again, bytes, &error), "what was encoded can be decoded");
    expect(again->count == manifest->count, "no file is lost");
    for (size_t i = 0; i < again->count; i++)
        expect_same_file(&again->files[i], &manifest->files[i]);
    expect(again->options.count == manifest->options.count, "no option is lost");
    expect(again->warnings.count == manifest->warnings.count, "no warning is lost");
    manifest_free(again);
    text_clear(&encoded);
    manifest_free(manifest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char seal[CHECKSUM_TEXT_BYTES];
    struct text json;
    checksum_text_of(data, size, seal);
    text_init(&json, TEXT_MAXIMUM);
    text_append_bytes(&json, data, size);
    text_print(&json, ",\n\"seal\": \"%s\"\n}\n", seal);
    try_decode((struct span){(const unsigned char *)json.data, json.length_bytes});
    text_clear(&json);
    try_decode((struct span){data, size});
    return 0;
}
