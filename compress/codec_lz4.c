#include "compress/codec.h"

#include "engine/base/memory.h"

#include <assert.h>
#include <lz4frame.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define LEVEL_MAXIMUM 12 /* LZ4HC_CLEVEL_MAX, and what pg_dump allows */

struct codec_encoder {
    LZ4F_cctx *context;
    int level;
};

struct codec_decoder {
    LZ4F_dctx *context;
    bool is_at_boundary;
};

/* How the blocks of a frame are made; lz4 itself calls a level below 0 an acceleration. */
struct way {
    LZ4F_blockMode_t blocks;
    int level;
};

/* Level 0, which says "fast", is up to half as fast again over rows as lz4's own, at about the same
 * size (PERFORMANCE.md): in a block that stands alone, of 64 KiB at most, matches are found by
 * smaller numbers. Short ones in hexadecimal noise, too, which take three times as long and shrink
 * nothing; such rows are better off with lz4's own way. */
static const struct way fast_way = {LZ4F_blockIndependent, -2};

/* What tells whether rows shrink. */
enum { SAMPLE_BYTES = 16 << 10 };

static struct way own_way(int level)
{
    return (struct way){LZ4F_blockLinked, level};
}

/* Blocks of 64 KiB: the stock pg_restore is several times slower with larger ones. Each has a
 * checksum of its stored bytes, which is what a reader can check before it decodes them; one of the
 * content too would cost half as much again as the compression (PERFORMANCE.md). autoFlush, because
 * no bytes wait for those of another call. */
static LZ4F_preferences_t preferences_for(size_t raw_length, struct way way)
{
    return (LZ4F_preferences_t){
        .frameInfo =
            {
                .blockSizeID = LZ4F_max64KB,
                .blockMode = way.blocks,
                .blockChecksumFlag = LZ4F_blockChecksumEnabled,
                .contentSize = raw_length,
            },
        .compressionLevel = way.level,
        .autoFlush = 1,
    };
}

static bool is_out_of_memory(size_t code)
{
    return strcmp(LZ4F_getErrorName(code), "ERROR_allocation_failed") == 0;
}

/* A sample is a block more than a frame has otherwise. */
static size_t lz4_frame_bound(size_t raw_length, const struct codec_settings *settings)
{
    LZ4F_preferences_t preferences = preferences_for(raw_length, own_way(settings->level));

    return LZ4F_compressFrameBound(raw_length, &preferences) +
           LZ4F_compressBound(SAMPLE_BYTES, &preferences);
}

static bool lz4_encoder_open(struct codec_encoder **encoder, const struct codec_settings *settings,
                             struct error *error)
{
    LZ4F_cctx *context;

    if (LZ4F_isError(LZ4F_createCompressionContext(&context, LZ4F_VERSION)))
        return error_set(error, ERROR_RESOURCE, "could not start lz4 compression: out of memory");
    *encoder = memory_allocate(1, sizeof **encoder);
    (*encoder)->context = context;
    (*encoder)->level = settings->level;
    return true;
}

static bool fail_encode(size_t code, struct error *error)
{
    return error_set(error, is_out_of_memory(code) ? ERROR_RESOURCE : ERROR_INTERNAL,
                     "lz4 compression failed: %s", LZ4F_getErrorName(code));
}

/* A frame as it grows. */
struct growing_frame {
    LZ4F_cctx *context;
    unsigned char *bytes;
    size_t length, room;
};

static bool take(struct growing_frame *frame, size_t result, struct error *error)
{
    if (LZ4F_isError(result))
        return fail_encode(result, error);
    frame->length += result;
    return true;
}

static bool begin_frame(struct growing_frame *frame, size_t raw_length, struct way way,
                        struct error *error)
{
    const LZ4F_preferences_t preferences = preferences_for(raw_length, way);

    frame->length = 0;
    return take(frame, LZ4F_compressBegin(frame->context, frame->bytes, frame->room, &preferences),
                error);
}

static bool grow_frame(struct growing_frame *frame, struct span raw, struct error *error)
{
    const LZ4F_compressOptions_t options = {.stableSrc = 1};

    if (raw.length == 0)
        return true;
    return take(frame,
                LZ4F_compressUpdate(frame->context, frame->bytes + frame->length,
                                    frame->room - frame->length, raw.data, raw.length, &options),
                error);
}

static bool end_frame(struct growing_frame *frame, struct error *error)
{
    return take(frame,
                LZ4F_compressEnd(frame->context, frame->bytes + frame->length,
                                 frame->room - frame->length, NULL),
                error);
}

/* By less than an eighth. */
static bool hardly_shrinks(size_t raw_length, size_t frame_length)
{
    return frame_length > raw_length - raw_length / 8;
}

/* The fast way, for as long as it is worth it: *rest is what is not in the frame yet. */
static bool begin_fast(struct growing_frame *frame, struct span raw, struct span *rest,
                       struct error *error)
{
    struct span sample = {raw.data, raw.length < SAMPLE_BYTES ? raw.length : SAMPLE_BYTES};

    if (!begin_frame(frame, raw.length, fast_way, error) || !grow_frame(frame, sample, error))
        return false;
    *rest = (struct span){raw.data + sample.length, raw.length - sample.length};
    if (rest->length == 0 || !hardly_shrinks(sample.length, frame->length))
        return true;
    *rest = raw;
    return begin_frame(frame, raw.length, own_way(0), error);
}

static bool lz4_encode_frame(struct codec_encoder *encoder, struct span raw, unsigned char *bytes,
                             size_t room, size_t *frame_length, struct error *error)
{
    struct growing_frame frame = {.context = encoder->context, .room = room};
    struct span rest = raw;

    frame.bytes = bytes;
    assert(room >= lz4_frame_bound(raw.length, &(struct codec_settings){.level = encoder->level}));
    if (encoder->level == 0 ? !begin_fast(&frame, raw, &rest, error)
                            : !begin_frame(&frame, raw.length, own_way(encoder->level), error))
        return false;
    if (!grow_frame(&frame, rest, error) || !end_frame(&frame, error))
        return false;
    *frame_length = frame.length;
    return true;
}

static void lz4_encoder_close(struct codec_encoder *encoder)
{
    if (encoder == NULL)
        return;
    LZ4F_freeCompressionContext(encoder->context);
    free(encoder);
}

static bool lz4_decoder_open(struct codec_decoder **decoder, struct error *error)
{
    LZ4F_dctx *context;

    if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)))
        return error_set(error, ERROR_RESOURCE, "could not start lz4 decompression: out of memory");
    *decoder = memory_allocate(1, sizeof **decoder);
    (*decoder)->context = context;
    (*decoder)->is_at_boundary = true;
    return true;
}

static bool fail_decode(size_t code, struct error *error)
{
    if (is_out_of_memory(code))
        return error_set(error, ERROR_RESOURCE, "lz4 decompression failed: out of memory");
    return error_set(error, ERROR_DAMAGED, "damaged lz4 data: %s", LZ4F_getErrorName(code));
}

static bool lz4_decode(struct codec_decoder *decoder, struct span *input, unsigned char *output,
                       size_t room, size_t *produced, struct error *error)
{
    size_t made = 0;

    while (made < room && (input->length > 0 || !decoder->is_at_boundary)) {
        size_t took_bytes = input->length;
        size_t made_bytes = room - made;
        size_t result = LZ4F_decompress(decoder->context, output + made, &made_bytes, input->data,
                                        &took_bytes, NULL);
        if (LZ4F_isError(result))
            return fail_decode(result, error);
        decoder->is_at_boundary = result == 0;
        input->data += took_bytes;
        input->length -= took_bytes;
        made += made_bytes;
        if (took_bytes == 0 && made_bytes == 0)
            break;
    }
    *produced = made;
    return true;
}

static bool lz4_decoder_is_at_boundary(const struct codec_decoder *decoder)
{
    return decoder->is_at_boundary;
}

static void lz4_decoder_close(struct codec_decoder *decoder)
{
    if (decoder == NULL)
        return;
    LZ4F_freeDecompressionContext(decoder->context);
    free(decoder);
}

/* The frame format of lz4, as far as it tells lengths. All numbers are little-endian. */
enum {
    FRAME_MAGIC = 0x184D2204,
    SKIPPED_MAGIC = 0x184D2A50, /* and the 15 that follow */
    NUMBER_BYTES = 4,
    HAS_CONTENT_SIZE = 1 << 3,
    HAS_CONTENT_CHECKSUM = 1 << 2,
    HAS_BLOCK_CHECKSUMS = 1 << 4,
    HAS_DICTIONARY = 1 << 0
};
#define BLOCK_IS_STORED UINT32_C(0x80000000)

/* Forward by a number of bytes; false: there are not so many. */
static bool skip(struct span *left, uint64_t length)
{
    if (length > left->length)
        return false;
    left->data += length;
    left->length -= length;
    return true;
}

static bool take_number(struct span *left, uint32_t *number)
{
    const unsigned char *bytes = left->data;

    if (!skip(left, NUMBER_BYTES))
        return false;
    *number = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
              (uint32_t)bytes[3] << 24;
    return true;
}

static bool skip_blocks(struct span *left, bool have_checksums)
{
    uint32_t size;

    do {
        if (!take_number(left, &size))
            return false;
        if (size != 0 &&
            !skip(left, (uint64_t)(size & ~BLOCK_IS_STORED) + (have_checksums ? NUMBER_BYTES : 0)))
            return false;
    } while (size != 0);
    return true;
}

static bool skip_frame(struct span *left)
{
    if (left->length < 2)
        return false;
    /* Flags and block size, the sizes that the flags speak of, and the header's checksum. */
    unsigned flags = left->data[0];
    unsigned header_bytes =
        2 + (flags & HAS_CONTENT_SIZE ? 8 : 0) + (flags & HAS_DICTIONARY ? NUMBER_BYTES : 0) + 1;

    return skip(left, header_bytes) && skip_blocks(left, flags & HAS_BLOCK_CHECKSUMS) &&
           skip(left, flags & HAS_CONTENT_CHECKSUM ? NUMBER_BYTES : 0);
}

static size_t lz4_frame_length(struct span stored)
{
    struct span left = stored;
    uint32_t magic, skipped;
    bool is_whole = false;

    if (!take_number(&left, &magic))
        return 0;
    if (magic == FRAME_MAGIC)
        is_whole = skip_frame(&left);
    else if (magic >> 4 == SKIPPED_MAGIC >> 4)
        is_whole = take_number(&left, &skipped) && skip(&left, skipped);
    return is_whole ? stored.length - left.length : 0;
}

const struct codec codec_lz4 = {
    .id = CODEC_LZ4,
    .name = "lz4",
    .suffix = ".lz4",
    .level_minimum = 0,
    .level_maximum = LEVEL_MAXIMUM,
    .level_default = 0,
    .frame_bound = lz4_frame_bound,
    .encoder_open = lz4_encoder_open,
    .encode_frame = lz4_encode_frame,
    .encoder_close = lz4_encoder_close,
    .decoder_open = lz4_decoder_open,
    .decode = lz4_decode,
    .decoder_is_at_boundary = lz4_decoder_is_at_boundary,
    .decoder_close = lz4_decoder_close,
    .frame_length = lz4_frame_length,
};
