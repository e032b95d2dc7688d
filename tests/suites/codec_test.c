/* What every codec must do, whichever it is. */
#include "compress/codec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <zstd.h>

#define RAW_BYTES ((size_t)300 * 1000) /* several lz4 blocks, and no round number */

struct buffer {
    unsigned char *data;
    size_t length;
    size_t room; /* where one grows */
};

/* A test's state is a pointer to one of these, since cmocka's states are not const. */
static const struct codec *none = &codec_none, *gzip = &codec_gzip, *lz4 = &codec_lz4,
                          *zstd = &codec_zstd;

static const struct codec *codec_of(void **state)
{
    return *(const struct codec **)*state;
}

static struct buffer borrow(const void *data, size_t length)
{
    /* NOLINTNEXTLINE(performance-no-int-to-ptr): only read, yet kept where others are written */
    return (struct buffer){.data = (unsigned char *)(uintptr_t)data, .length = length};
}

static struct buffer buffer_create(size_t room)
{
    struct buffer buffer = {.data = malloc(room + 1), .room = room + 1};

    assert_non_null(buffer.data);
    return buffer;
}

/* Rows like COPY's, so that they compress, with enough noise in them that no block repeats. */
static struct buffer make_rows(size_t length, unsigned seed)
{
    struct buffer raw = buffer_create(length);

    for (size_t i = 0; i < length; i++) {
        seed = seed * 1664525 + 1013904223;
        raw.data[i] = i % 20 < 12 ? (unsigned char)('a' + i % 20) : (unsigned char)(seed >> 24);
    }
    raw.length = length;
    return raw;
}

static struct buffer make_noise(size_t length)
{
    struct buffer raw = buffer_create(length);
    unsigned seed = 7;

    for (size_t i = 0; i < length; i++) {
        seed = seed * 1664525 + 1013904223;
        raw.data[i] = (unsigned char)(seed >> 24);
    }
    raw.length = length;
    return raw;
}

static struct codec_settings default_settings(const struct codec *codec)
{
    return (struct codec_settings){.level = codec->level_default};
}

static struct buffer encode_with(const struct codec *codec, const struct codec_settings *settings,
                                 struct buffer raw)
{
    struct codec_encoder *encoder;
    struct error error;
    size_t room = codec->frame_bound(raw.length, settings);
    struct buffer frame = buffer_create(room);

    assert_true(codec->encoder_open(&encoder, settings, &error));
    assert_true(codec->encode_frame(encoder, (struct span){raw.data, raw.length}, frame.data, room,
                                    &frame.length, &error));
    assert_true(frame.length <= room);
    codec->encoder_close(encoder);
    return frame;
}

static struct buffer encode(const struct codec *codec, struct buffer raw)
{
    struct codec_settings settings = default_settings(codec);

    return encode_with(codec, &settings, raw);
}

static void append(struct buffer *whole, struct buffer piece)
{
    if (whole->length + piece.length > whole->room) {
        whole->room = 2 * (whole->length + piece.length);
        whole->data = realloc(whole->data, whole->room);
        assert_non_null(whole->data);
    }
    memcpy(whole->data + whole->length, piece.data, piece.length);
    whole->length += piece.length;
}

struct decoding {
    struct buffer raw;
    bool is_ok;
    bool is_at_boundary;
    struct error error;
};

/* Feeds at most `step` bytes at once, and takes at most `step` bytes. The input is copied to memory
 * of its exact size, so that a sanitizer sees a read past its end. */
static struct decoding decode(const struct codec *codec, struct buffer stored, size_t step)
{
    struct decoding decoding = {.raw = buffer_create(0), .is_ok = true};
    struct codec_decoder *decoder;
    size_t offset = 0;
    struct span input = {0};
    size_t produced = 0;
    unsigned char *piece = malloc(step), *output = malloc(step);

    assert_non_null(piece);
    assert_non_null(output);
    assert_true(codec->decoder_open(&decoder, &decoding.error));
    while (decoding.is_ok && (offset < stored.length || input.length > 0 || produced == step)) {
        if (input.length == 0) {
            size_t length = stored.length - offset < step ? stored.length - offset : step;
            memcpy(piece, stored.data + offset, length);
            offset += length;
            input = (struct span){piece, length};
        }
        decoding.is_ok = codec->decode(decoder, &input, output, step, &produced, &decoding.error);
        if (decoding.is_ok)
            append(&decoding.raw, borrow(output, produced));
    }
    decoding.is_at_boundary = codec->decoder_is_at_boundary(decoder);
    codec->decoder_close(decoder);
    free(output);
    free(piece);
    return decoding;
}

static void assert_decodes_to(const struct codec *codec, struct buffer stored, struct buffer raw,
                              size_t step)
{
    struct decoding decoding = decode(codec, stored, step);

    assert_true(decoding.is_ok);
    assert_true(decoding.is_at_boundary);
    assert_int_equal(decoding.raw.length, raw.length);
    assert_memory_equal(decoding.raw.data, raw.data, raw.length);
    free(decoding.raw.data);
}

static void assert_refuses(const struct codec *codec, struct buffer stored, enum error_kind kind)
{
    struct decoding decoding = decode(codec, stored, 4096);

    assert_false(decoding.is_ok);
    assert_int_equal(decoding.error.kind, kind);
    free(decoding.raw.data);
}

static void codec_gives_back_what_it_took(void **state)
{
    const struct codec *codec = codec_of(state);
    struct buffer samples[] = {make_rows(RAW_BYTES, 1), make_noise(RAW_BYTES), make_rows(1, 2),
                               make_rows(65536, 3)};

    for (size_t i = 0; i < sizeof samples / sizeof samples[0]; i++) {
        struct buffer frame = encode(codec, samples[i]);
        assert_decodes_to(codec, frame, samples[i], 4096);
        assert_decodes_to(codec, frame, samples[i], 1 << 20);
        free(frame.data);
        free(samples[i].data);
    }
}

static void codec_works_at_every_level(void **state)
{
    const struct codec *codec = codec_of(state);
    struct buffer raw = make_rows(100000, 4);
    int lowest = codec->level_minimum < -5 ? -5 : codec->level_minimum;

    for (int level = lowest; level <= codec->level_maximum; level++) {
        struct codec_settings settings = {.level = level};
        struct buffer frame = encode_with(codec, &settings, raw);
        assert_decodes_to(codec, frame, raw, 10000);
        free(frame.data);
    }
    free(raw.data);
}

static void codec_decodes_one_byte_at_a_time(void **state)
{
    const struct codec *codec = codec_of(state);
    struct buffer raw = make_rows(70000, 5);
    struct buffer frame = encode(codec, raw);

    assert_decodes_to(codec, frame, raw, 1);
    free(frame.data);
    free(raw.data);
}

static void codec_reads_frames_one_after_the_other_as_one_stream(void **state)
{
    const struct codec *codec = codec_of(state);
    struct buffer whole = buffer_create(0), stored = buffer_create(0);

    for (unsigned i = 0; i < 20; i++) {
        /* Every third frame is empty. */
        struct buffer raw = make_rows(i % 3 == 0 ? 0 : i * 1000, i);
        struct buffer frame = encode(codec, raw);
        append(&whole, raw);
        append(&stored, frame);
        free(frame.data);
        free(raw.data);
    }
    assert_decodes_to(codec, stored, whole, 1);
    assert_decodes_to(codec, stored, whole, 777);
    assert_decodes_to(codec, stored, whole, 1 << 20);
    free(stored.data);
    free(whole.data);
}

static void codec_encoder_serves_many_frames(void **state)
{
    const struct codec *codec = codec_of(state);
    struct codec_settings settings = default_settings(codec);
    struct codec_encoder *encoder;
    struct error error;
    struct buffer raw = make_rows(50000, 6);
    size_t room = codec->frame_bound(raw.length, &settings);
    struct buffer first = buffer_create(room), second = buffer_create(room);

    assert_true(codec->encoder_open(&encoder, &settings, &error));
    struct span span = {raw.data, raw.length};
    assert_true(codec->encode_frame(encoder, span, first.data, room, &first.length, &error));
    assert_true(codec->encode_frame(encoder, span, second.data, room, &second.length, &error));
    assert_int_equal(first.length, second.length);
    assert_memory_equal(first.data, second.data, first.length);
    codec->encoder_close(encoder);
    free(second.data);
    free(first.data);
    free(raw.data);
}

static void codec_notices_every_cut(void **state)
{
    const struct codec *codec = codec_of(state);
    struct buffer raw = make_rows(3000, 7);
    struct buffer frame = encode(codec, raw);

    for (size_t length = 1; length < frame.length; length++) {
        struct decoding decoding = decode(codec, borrow(frame.data, length), 512);
        assert_true(decoding.is_ok);
        assert_false(decoding.is_at_boundary);
        free(decoding.raw.data);
    }
    free(frame.data);
    free(raw.data);
}

/* Any damaged byte is an error or a cut, or (in a header's field without meaning) harms nothing.
 * Never are other bytes given out as good ones. */
static void codec_notices_every_damaged_byte(void **state)
{
    const struct codec *codec = codec_of(state);
    struct buffer raw = make_rows(3000, 8);
    struct buffer frame = encode(codec, raw);

    for (size_t i = 0; i < frame.length; i++) {
        frame.data[i] ^= 0x10;
        struct decoding decoding = decode(codec, frame, 512);
        if (decoding.is_ok && decoding.is_at_boundary) {
            bool is_same = decoding.raw.length == raw.length &&
                           memcmp(decoding.raw.data, raw.data, raw.length) == 0;
            /* A magic number turned into that of a skippable frame would be the exception; none is
             * that close. */
            assert_true(is_same);
        }
        free(decoding.raw.data);
        frame.data[i] ^= 0x10;
    }
    free(frame.data);
    free(raw.data);
}

static void codec_refuses_a_wrong_magic(void **state)
{
    const struct codec *codec = codec_of(state);

    assert_refuses(codec, borrow("1\tone\n2\ttwo\n\\.\n\n", 16), ERROR_DAMAGED);
    /* lz4's legacy format and a bare zlib stream: neighbours that nobody wrote as these files. */
    assert_refuses(codec,
                   borrow((unsigned char[]){0x02, 0x21, 0x4C, 0x18, 4, 0, 0, 0, 1, 2, 3}, 11),
                   ERROR_DAMAGED);
    assert_refuses(codec, borrow((unsigned char[]){0x78, 0x9C, 0x4B, 4, 0, 0, 0x62, 0, 0x62}, 9),
                   ERROR_DAMAGED);
}

static void codec_refuses_garbage_behind_a_frame(void **state)
{
    const struct codec *codec = codec_of(state);
    struct buffer raw = make_rows(1000, 9);
    struct buffer frame = encode(codec, raw);

    append(&frame, borrow("garbage", 7));
    assert_refuses(codec, frame, ERROR_DAMAGED);
    free(frame.data);
    free(raw.data);
}

static void codec_refuses_a_wrong_checksum(void **state)
{
    const struct codec *codec = codec_of(state);
    struct buffer raw = make_rows(1000, 10);
    struct buffer frame = encode(codec, raw);

    /* gzip's length is last, with the CRC before it; the others end with their checksum. */
    frame.data[frame.length - (codec->id == CODEC_GZIP ? 5 : 1)] ^= 1;
    assert_refuses(codec, frame, ERROR_DAMAGED);
    free(frame.data);
    free(raw.data);
}

static void codec_survives_any_bytes(void **state)
{
    const struct codec *codec = codec_of(state);
    struct buffer raw = make_rows(2000, 11);
    struct buffer frame = encode(codec, raw);
    unsigned seed = 12345;

    for (unsigned round = 0; round < 300; round++) {
        struct buffer mutant = buffer_create(frame.length);
        append(&mutant, frame);
        for (unsigned i = 0; i < 3; i++) {
            seed = seed * 1664525 + 1013904223;
            mutant.data[(seed >> 8) % mutant.length] = (unsigned char)(seed >> 24);
        }
        struct decoding decoding = decode(codec, mutant, 333);
        free(decoding.raw.data);
        free(mutant.data);
    }
    free(frame.data);
    free(raw.data);
}

static void codec_is_complete(void **state)
{
    const struct codec *codec = codec_of(state);

    assert_ptr_equal(codec_find_by_name(codec->name), codec);
    assert_ptr_equal(codec_find_by_id((int)codec->id), codec);
    assert_true(codec->level_default >= codec->level_minimum);
    assert_true(codec->level_default <= codec->level_maximum);
    codec->encoder_close(NULL);
    codec->decoder_close(NULL);
}

/* A skippable frame: one of the 16 magic numbers, a length, and bytes that mean nothing. zstd and
 * lz4 share it. */
static void codec_passes_over_skippable_frames(void **state)
{
    const struct codec *codec = codec_of(state);
    struct buffer skippable =
        borrow((unsigned char[]){0x53, 0x2A, 0x4D, 0x18, 5, 0, 0, 0, 'h', 'e', 'l', 'l', 'o'}, 13);
    struct buffer raw = make_rows(3000, 12), stored = buffer_create(0);

    struct buffer frame = encode(codec, raw);
    append(&stored, skippable);
    append(&stored, frame);
    append(&stored, skippable);
    assert_decodes_to(codec, stored, raw, 1);
    assert_decodes_to(codec, stored, raw, 1 << 16);
    free(frame.data);
    free(stored.data);
    free(raw.data);
}

static void zstd_bounds_the_window(void **state)
{
    /* A frame header with a window of 2^31 bytes; then of 2^27, as --long=27 writes it. */
    struct buffer absurd =
        borrow((unsigned char[]){0x28, 0xB5, 0x2F, 0xFD, 0x00, 21 << 3, 1, 0, 0}, 9);
    struct buffer largest =
        borrow((unsigned char[]){0x28, 0xB5, 0x2F, 0xFD, 0x00, 17 << 3, 1, 0, 0}, 9);

    (void)state;
    assert_refuses(&codec_zstd, absurd, ERROR_UNSUPPORTED);
    assert_decodes_to(&codec_zstd, largest, borrow("", 0), 4096);
}

static void zstd_levels_are_those_of_the_library(void **state)
{
    (void)state;
    assert_int_equal(codec_zstd.level_minimum, ZSTD_minCLevel());
    assert_int_equal(codec_zstd.level_maximum, ZSTD_maxCLevel());
    assert_int_equal(codec_zstd.level_default, ZSTD_defaultCLevel());
}

static void zstd_frames_tell_size_and_carry_a_checksum(void **state)
{
    struct buffer raw = make_rows(100000, 13);
    struct buffer frame = encode(&codec_zstd, raw);

    (void)state;
    assert_int_equal(ZSTD_getFrameContentSize(frame.data, frame.length), raw.length);
    assert_int_equal(frame.data[4] & 4, 4); /* the header's checksum flag */
    free(frame.data);
    free(raw.data);
}

static void zstd_long_matching_is_read_back(void **state)
{
    struct codec_settings settings = {.level = 1, .is_long = true};
    struct buffer raw = make_noise(1 << 20), twice = buffer_create(0);

    (void)state;
    append(&twice, raw);
    append(&twice, raw);
    struct buffer frame = encode_with(&codec_zstd, &settings, twice);
    assert_true(frame.length < raw.length * 3 / 2);
    assert_decodes_to(&codec_zstd, frame, twice, 5000);
    free(frame.data);
    free(twice.data);
    free(raw.data);
}

/* Where it can be told without decoding. */
static void codec_knows_where_a_frame_ends(void **state)
{
    const struct codec *codec = codec_of(state);
    const size_t lengths[] = {0, 1, 1000, 70000, RAW_BYTES};

    for (unsigned i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct buffer raw = make_rows(lengths[i], i), frames = buffer_create(0);
        struct buffer frame = encode(codec, raw);

        append(&frames, frame);
        append(&frames, frame);
        assert_int_equal(codec->frame_length((struct span){frames.data, frames.length}),
                         frame.length);
        for (size_t cut = 0; cut < frame.length; cut += 1 + frame.length / 100)
            assert_int_equal(codec->frame_length((struct span){frames.data, cut}), 0);
        frames.data[0] ^= 1;
        assert_int_equal(codec->frame_length((struct span){frames.data, frames.length}), 0);
        free(frame.data);
        free(frames.data);
        free(raw.data);
    }
}

#define FOR_CODEC(test, codec)                                                                     \
    {                                                                                              \
        .name = #codec ": " #test, .test_func = (test), .initial_state = &(codec)                  \
    }
/* Nothing marks the end of bytes that were stored as they are, and nothing is checked in them. */
#define FOR_EVERY_FRAMING_CODEC(test)                                                              \
    FOR_CODEC(test, gzip), FOR_CODEC(test, lz4), FOR_CODEC(test, zstd)
#define FOR_EVERY_CODEC(test) FOR_CODEC(test, none), FOR_EVERY_FRAMING_CODEC(test)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FOR_EVERY_CODEC(codec_is_complete),
        FOR_EVERY_CODEC(codec_gives_back_what_it_took),
        FOR_EVERY_CODEC(codec_works_at_every_level),
        FOR_EVERY_CODEC(codec_decodes_one_byte_at_a_time),
        FOR_EVERY_CODEC(codec_reads_frames_one_after_the_other_as_one_stream),
        FOR_EVERY_CODEC(codec_encoder_serves_many_frames),
        FOR_EVERY_CODEC(codec_survives_any_bytes),
        FOR_EVERY_FRAMING_CODEC(codec_notices_every_cut),
        FOR_EVERY_FRAMING_CODEC(codec_notices_every_damaged_byte),
        FOR_EVERY_FRAMING_CODEC(codec_refuses_a_wrong_magic),
        FOR_EVERY_FRAMING_CODEC(codec_refuses_garbage_behind_a_frame),
        FOR_EVERY_FRAMING_CODEC(codec_refuses_a_wrong_checksum),
        FOR_CODEC(codec_passes_over_skippable_frames, lz4),
        FOR_CODEC(codec_passes_over_skippable_frames, zstd),
        FOR_CODEC(codec_knows_where_a_frame_ends, lz4),
        FOR_CODEC(codec_knows_where_a_frame_ends, zstd),
        cmocka_unit_test(zstd_bounds_the_window),
        cmocka_unit_test(zstd_levels_are_those_of_the_library),
        cmocka_unit_test(zstd_frames_tell_size_and_carry_a_checksum),
        cmocka_unit_test(zstd_long_matching_is_read_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
