#include "compress/codec.h"

#include "engine/base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* There is nothing to remember, but a pointer that was opened must be told from one that was not.
 */
struct codec_encoder {
    char nothing;
};

struct codec_decoder {
    char nothing;
};

static size_t none_frame_bound(size_t raw_length, const struct codec_settings *settings)
{
    (void)settings;
    return raw_length;
}

static bool none_encoder_open(struct codec_encoder **encoder, const struct codec_settings *settings,
                              struct error *error)
{
    (void)settings;
    (void)error;
    *encoder = memory_allocate(1, sizeof **encoder);
    return true;
}

static bool none_encode_frame(struct codec_encoder *encoder, struct span raw, unsigned char *frame,
                              size_t room, size_t *frame_length, struct error *error)
{
    (void)encoder;
    (void)error;
    assert(room >= raw.length);
    if (raw.length > 0)
        memcpy(frame, raw.data, raw.length);
    *frame_length = raw.length;
    return true;
}

static void none_encoder_close(struct codec_encoder *encoder)
{
    free(encoder);
}

static bool none_decoder_open(struct codec_decoder **decoder, struct error *error)
{
    (void)error;
    *decoder = memory_allocate(1, sizeof **decoder);
    return true;
}

static bool none_decode(struct codec_decoder *decoder, struct span *input, unsigned char *output,
                        size_t room, size_t *produced, struct error *error)
{
    size_t length = input->length < room ? input->length : room;

    (void)decoder;
    (void)error;
    if (length > 0)
        memcpy(output, input->data, length);
    input->data += length;
    input->length -= length;
    *produced = length;
    return true;
}

static bool none_decoder_is_at_boundary(const struct codec_decoder *decoder)
{
    (void)decoder;
    return true;
}

static void none_decoder_close(struct codec_decoder *decoder)
{
    free(decoder);
}

const struct codec codec_none = {
    .id = CODEC_NONE,
    .name = "none",
    .suffix = "",
    .frame_bound = none_frame_bound,
    .encoder_open = none_encoder_open,
    .encode_frame = none_encode_frame,
    .encoder_close = none_encoder_close,
    .decoder_open = none_decoder_open,
    .decode = none_decode,
    .decoder_is_at_boundary = none_decoder_is_at_boundary,
    .decoder_close = none_decoder_close,
};
