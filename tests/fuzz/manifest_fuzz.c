/* The checksum would keep every input out: so each is tried as it is, and with a tail that vouches
 * for it. */
#include "engine/archive/manifest.h"
#include "tests/fuzz/fuzz_target.h"

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
    manifest_free(again);
    text_clear(&encoded);
    manifest_free(manifest);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char self[CHECKSUM_TEXT_BYTES];
    struct text json;
    struct checksum *checksum = checksum_create();
    checksum_update(checksum, data, size);
    checksum_text(checksum, self);
    checksum_free(checksum);
    text_init(&json, TEXT_MAXIMUM);
    text_append_bytes(&json, data, size);
    text_print(&json, ",\n\"self\": \"%s\"\n}\n", self);
    try_decode((struct span){(const unsigned char *)json.data, json.length_bytes});
    text_clear(&json);
    try_decode((struct span){data, size});
    return 0;
}
