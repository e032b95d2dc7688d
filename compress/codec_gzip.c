#define ZLIB_CONST /* next_in points at const bytes */

#include "compress/codec.h"

#include "engine/base/memory.h"

#include <assert.h>
#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

#define WINDOW_BITS_GZIP                                                                           \
    (15 + 16)                 /* the full window; 16 asks for gzip's header, CRC and length        \
                               */
#define MEMORY_LEVEL 8        /* zlib's default */
#define GZIP_WRAPPER_BYTES 32 /* a header and a trailer take 18; zlib's own bound counts less */

struct codec_encoder {
    z_stream stream;
};

struct codec_decoder {
    z_stream stream;
    bool is_at_boundary;
};

/* zlib counts in unsigned int; what does not fit waits for the next round. */
static uInt clamp(size_t length)
{
    return length > UINT_MAX ? UINT_MAX : (uInt)length;
}

static const char *describe(const z_stream *stream, int result)
{
    return stream->msg != NULL ? stream->msg : zError(result);
}

static size_t gzip_frame_bound(size_t raw_length, const struct codec_settings *settings)
{
    (void)settings;
    /* Without a stream zlib answers for the worst of all settings. */
    return deflateBound(NULL, raw_length) + GZIP_WRAPPER_BYTES;
}

static bool gzip_encoder_open(struct codec_encoder **encoder, const struct codec_settings *settings,
                              struct error *error)
{
    struct codec_encoder *opened = memory_allocate(1, sizeof *opened);
    int result = deflateInit2(&opened->stream, settings->level, Z_DEFLATED, WINDOW_BITS_GZIP,
                              MEMORY_LEVEL, Z_DEFAULT_STRATEGY);

    if (result != Z_OK) {
        error_set(error, result == Z_MEM_ERROR ? ERROR_RESOURCE : ERROR_INTERNAL,
                  "could not start gzip compression: %s", describe(&opened->stream, result));
        free(opened);
        return false;
    }
    *encoder = opened;
    return true;
}

static bool gzip_encode_frame(struct codec_encoder *encoder, struct span raw, unsigned char *frame,
                              size_t room, size_t *frame_length, struct error *error)
{
    z_stream *stream = &encoder->stream;

    assert(raw.length <= UINT_MAX);
    assert(room >= gzip_frame_bound(raw.length, NULL));
    deflateReset(stream);
    stream->next_in = raw.data;
    stream->avail_in = (uInt)raw.length;
    stream->next_out = frame;
    stream->avail_out = clamp(room);
    int result = deflate(stream, Z_FINISH);
    if (result != Z_STREAM_END)
        return error_set(error, ERROR_INTERNAL, "gzip compression failed: %s",
                         describe(stream, result));
    *frame_length = (size_t)(stream->next_out - frame);
    return true;
}

static void gzip_encoder_close(struct codec_encoder *encoder)
{
    if (encoder == NULL)
        return;
    deflateEnd(&encoder->stream);
    free(encoder);
}

static bool gzip_decoder_open(struct codec_decoder **decoder, struct error *error)
{
    struct codec_decoder *opened = memory_allocate(1, sizeof *opened);
    int result = inflateInit2(&opened->stream, WINDOW_BITS_GZIP);

    if (result != Z_OK) {
        error_set(error, result == Z_MEM_ERROR ? ERROR_RESOURCE : ERROR_INTERNAL,
                  "could not start gzip decompression: %s", describe(&opened->stream, result));
        free(opened);
        return false;
    }
    opened->is_at_boundary = true;
    *decoder = opened;
    return true;
}

/* Whatever follows a member must be a member: the stock tool drops trailing garbage in silence, we
 * do not. */
static int inflate_some(struct codec_decoder *decoder)
{
    if (decoder->is_at_boundary) {
        inflateReset(&decoder->stream);
        decoder->is_at_boundary = false;
    }
    int result = inflate(&decoder->stream, Z_NO_FLUSH);
    decoder->is_at_boundary = result == Z_STREAM_END;
    return result;
}

static bool gzip_decode(struct codec_decoder *decoder, struct span *input, unsigned char *output,
                        size_t room, size_t *produced, struct error *error)
{
    z_stream *stream = &decoder->stream;
    size_t made = 0;

    while (made < room && (input->length > 0 || !decoder->is_at_boundary)) {
        stream->next_in = input->data;
        stream->avail_in = clamp(input->length);
        stream->next_out = output + made;
        stream->avail_out = clamp(room - made);
        int result = inflate_some(decoder);
        size_t took_bytes = (size_t)(stream->next_in - input->data);
        size_t made_bytes = (size_t)(stream->next_out - (output + made));
        input->data += took_bytes;
        input->length -= took_bytes;
        made += made_bytes;
        if (result == Z_BUF_ERROR) /* no input or no room left: no error */
            break;
        if (result == Z_MEM_ERROR)
            return error_set(error, ERROR_RESOURCE, "gzip decompression failed: out of memory");
        if (result != Z_OK && result != Z_STREAM_END)
            return error_set(error, ERROR_DAMAGED, "damaged gzip data: %s",
                             describe(stream, result));
    }
    *produced = made;
    return true;
}

static bool gzip_decoder_is_at_boundary(const struct codec_decoder *decoder)
{
    return decoder->is_at_boundary;
}

static void gzip_decoder_close(struct codec_decoder *decoder)
{
    if (decoder == NULL)
        return;
    inflateEnd(&decoder->stream);
    free(decoder);
}

const struct codec codec_gzip = {
    .id = CODEC_GZIP,
    .name = "gzip",
    .suffix = ".gz",
    .level_minimum = 1,
    .level_maximum = 9,
    .level_default = 6,
    .frame_bound = gzip_frame_bound,
    .encoder_open = gzip_encoder_open,
    .encode_frame = gzip_encode_frame,
    .encoder_close = gzip_encoder_close,
    .decoder_open = gzip_decoder_open,
    .decode = gzip_decode,
    .decoder_is_at_boundary = gzip_decoder_is_at_boundary,
    .decoder_close = gzip_decoder_close,
};
