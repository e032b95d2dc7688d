#include "compress/codec.h"

#include "engine/base/fault.h"
#include "engine/base/memory.h"

#include <assert.h>
#include <stdlib.h>
#include <zstd.h>
#include <zstd_errors.h>

/* The largest window that the stock pg_restore takes, and so the largest that we write and take. */
#define WINDOW_LOG 27

struct codec_encoder {
    ZSTD_CCtx *context;
};

struct codec_decoder {
    ZSTD_DCtx *context;
    bool is_at_boundary;
};

/* ZSTD_maxCLevel() is no constant expression, but has been 22 since zstd 1.0; so has the lowest
 * level since negative ones came. The suite compares both with the library. */
#define LEVEL_MINIMUM (-(1 << 17))
#define LEVEL_MAXIMUM 22

static size_t zstd_frame_bound(size_t raw_length, const struct codec_settings *settings)
{
    (void)settings;
    return ZSTD_compressBound(raw_length);
}

static bool set_parameter(ZSTD_CCtx *context, ZSTD_cParameter parameter, int value,
                          struct error *error)
{
    size_t result = ZSTD_CCtx_setParameter(context, parameter, value);

    if (ZSTD_isError(result))
        return error_set(error, ERROR_INTERNAL, "could not set up zstd compression: %s",
                         ZSTD_getErrorName(result));
    return true;
}

/* Level 1 of the library looks for matches of 7 bytes in a table of 64 kB. Rows are full of shorter
 * ones, numbers and dates, and a table of 16 kB stays in the processor's nearest cache: up to a
 * seventh faster and a sixth smaller (PERFORMANCE.md). */
static bool fit_to_rows(ZSTD_CCtx *context, struct error *error)
{
    return set_parameter(context, ZSTD_c_minMatch, 6, error) &&
           set_parameter(context, ZSTD_c_hashLog, 12, error);
}

static bool set_parameters(ZSTD_CCtx *context, const struct codec_settings *settings,
                           struct error *error)
{
    if (!set_parameter(context, ZSTD_c_compressionLevel, settings->level, error) ||
        !set_parameter(context, ZSTD_c_checksumFlag, 1, error))
        return false;
    if (!settings->is_long)
        return settings->level != 1 || fit_to_rows(context, error);
    return set_parameter(context, ZSTD_c_enableLongDistanceMatching, 1, error) &&
           set_parameter(context, ZSTD_c_windowLog, WINDOW_LOG, error);
}

static void zstd_encoder_close(struct codec_encoder *encoder)
{
    if (encoder == NULL)
        return;
    ZSTD_freeCCtx(encoder->context);
    free(encoder);
}

static bool zstd_encoder_open(struct codec_encoder **encoder, const struct codec_settings *settings,
                              struct error *error)
{
    struct codec_encoder *opened = memory_allocate(1, sizeof *opened);

    opened->context = FAULT_OR("codec.open", NULL, ZSTD_createCCtx());
    if (opened->context == NULL) {
        error_set(error, ERROR_RESOURCE, "could not start zstd compression: out of memory");
        goto close_encoder;
    }
    if (!set_parameters(opened->context, settings, error))
        goto close_encoder;
    *encoder = opened;
    return true;

close_encoder:
    zstd_encoder_close(opened);
    return false;
}

static bool zstd_encode_frame(struct codec_encoder *encoder, struct span raw, unsigned char *frame,
                              size_t room, size_t *frame_length, struct error *error)
{
    assert(room >= ZSTD_compressBound(raw.length));

    size_t length = ZSTD_compress2(encoder->context, frame, room, raw.data, raw.length);
    if (ZSTD_isError(length))
        return error_set(error,
                         ZSTD_getErrorCode(length) == ZSTD_error_memory_allocation ? ERROR_RESOURCE
                                                                                   : ERROR_INTERNAL,
                         "zstd compression failed: %s", ZSTD_getErrorName(length));
    *frame_length = length;
    return true;
}

static void zstd_decoder_close(struct codec_decoder *decoder)
{
    if (decoder == NULL)
        return;
    ZSTD_freeDCtx(decoder->context);
    free(decoder);
}

static bool zstd_decoder_open(struct codec_decoder **decoder, struct error *error)
{
    struct codec_decoder *opened = memory_allocate(1, sizeof *opened);

    opened->is_at_boundary = true;
    opened->context = FAULT_OR("codec.open", NULL, ZSTD_createDCtx());
    if (opened->context == NULL ||
        ZSTD_isError(ZSTD_DCtx_setParameter(opened->context, ZSTD_d_windowLogMax, WINDOW_LOG))) {
        zstd_decoder_close(opened);
        return error_set(error, ERROR_RESOURCE,
                         "could not start zstd decompression: out of memory");
    }
    *decoder = opened;
    return true;
}

static bool fail_decode(size_t code, struct error *error)
{
    switch (ZSTD_getErrorCode(code)) {
    case ZSTD_error_memory_allocation:
        return error_set(error, ERROR_RESOURCE, "zstd decompression failed: out of memory");
    case ZSTD_error_frameParameter_windowTooLarge:
        error_set(error, ERROR_UNSUPPORTED, "zstd data needs a window of more than 128 MiB");
        error_hint(error, "It was compressed with --long=28 or more; pg_restore cannot read it "
                          "either.");
        return false;
    default:
        return error_set(error, ERROR_DAMAGED, "damaged zstd data: %s", ZSTD_getErrorName(code));
    }
}

static bool zstd_decode(struct codec_decoder *decoder, struct span *input, unsigned char *output,
                        size_t room, size_t *produced, struct error *error)
{
    ZSTD_inBuffer in = {.src = input->data, .size = input->length};
    ZSTD_outBuffer out = {.size = room};

    out.dst = output;
    for (;;) {
        /* Between frames a call without input would already begin the next frame. */
        if (decoder->is_at_boundary && in.pos == in.size)
            break;
        const size_t progress = in.pos + out.pos;
        size_t result = ZSTD_decompressStream(decoder->context, &out, &in);
        if (ZSTD_isError(result))
            return fail_decode(result, error);
        decoder->is_at_boundary = result == 0;
        if (in.pos + out.pos == progress || out.pos == out.size)
            break;
    }
    input->data += in.pos;
    input->length -= in.pos;
    *produced = out.pos;
    return true;
}

static bool zstd_decoder_is_at_boundary(const struct codec_decoder *decoder)
{
    return decoder->is_at_boundary;
}

static size_t zstd_frame_length(struct span stored)
{
    size_t length = ZSTD_findFrameCompressedSize(stored.data, stored.length);

    return ZSTD_isError(length) ? 0 : length;
}

const struct codec codec_zstd = {
    .id = CODEC_ZSTD,
    .name = "zstd",
    .suffix = ".zst",
    .level_minimum = LEVEL_MINIMUM,
    .level_maximum = LEVEL_MAXIMUM,
    .level_default = ZSTD_CLEVEL_DEFAULT,
    .frame_bound = zstd_frame_bound,
    .encoder_open = zstd_encoder_open,
    .encode_frame = zstd_encode_frame,
    .encoder_close = zstd_encoder_close,
    .decoder_open = zstd_decoder_open,
    .decode = zstd_decode,
    .decoder_is_at_boundary = zstd_decoder_is_at_boundary,
    .decoder_close = zstd_decoder_close,
    .frame_length = zstd_frame_length,
};
