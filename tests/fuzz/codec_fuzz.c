/* The first byte chooses the codec and the size of pieces. The rest is decoded as if it were a
 * file, which may fail but must end; and it is compressed and decoded, which must give it back. */
#include "compress/codec.h"
#include "tests/fuzz/fuzz_target.h"

enum { CODEC_COUNT = 4, OUTPUT_MAXIMUM = 1 << 22, ROOM = 4096 };

struct decoding {
    const struct codec *codec;
    struct codec_decoder *decoder;
    unsigned char *output; /* NULL: thrown away */
    size_t produced;
};

/* Feeds one piece; false when it was refused, or more came out than is worth the time. */
static bool feed(struct decoding *decoding, struct span piece)
{
    struct error error;
    unsigned char room[ROOM];
    size_t produced;
    do {
        size_t before = piece.length;
        if (!decoding->codec->decode(decoding->decoder, &piece, room, sizeof(room), &produced,
                                     &error))
            return false;
        expect(produced <= sizeof(room), "no more comes out than there is room for");
        expect(piece.length <= before, "input is only consumed");
        expect(produced > 0 || piece.length < before || before == 0, "decoding goes on");
        if (decoding->output)
            memcpy(decoding->output + decoding->produced, room, produced);
        decoding->produced += produced;
        if (decoding->produced > OUTPUT_MAXIMUM)
            return false;
    } while (piece.length > 0 || produced == sizeof(room));
    return true;
}

static bool decode_in_pieces(struct decoding *decoding, struct span bytes, size_t piece_bytes)
{
    struct error error;
    bool is_decoded = true;
    expect(decoding->codec->decoder_open(&decoding->decoder, &error), "a decoder opens");
    while (is_decoded && bytes.length > 0) {
        size_t length = bytes.length < piece_bytes ? bytes.length : piece_bytes;
        is_decoded = feed(decoding, (struct span){bytes.data, length});
        bytes = (struct span){bytes.data + length, bytes.length - length};
    }
    is_decoded = is_decoded && decoding->codec->decoder_is_at_boundary(decoding->decoder);
    decoding->codec->decoder_close(decoding->decoder);
    return is_decoded;
}

static void expect_round_trip(const struct codec *codec, struct span raw, size_t piece_bytes)
{
    const struct codec_settings settings = {.level = codec->level_default};
    struct codec_encoder *encoder;
    struct error error;
    size_t room = codec->frame_bound(raw.length, &settings);
    size_t length;
    unsigned char *frame = malloc(room + 1);
    unsigned char *output = malloc(raw.length + ROOM);
    expect(frame && output, "there is memory");
    expect(codec->encoder_open(&encoder, &settings, &error), "an encoder opens");
    expect(codec->encode_frame(encoder, raw, frame, room, &length, &error),
           "everything compresses");
    codec->encoder_close(encoder);
    expect(codec->frame_length == NULL ||
               codec->frame_length((struct span){frame, length}) == length,
           "a frame's end is found");
    struct decoding decoding = {.codec = codec, .output = output};
    expect(decode_in_pieces(&decoding, (struct span){frame, length}, piece_bytes),
           "what was compressed can be decoded");
    expect(decoding.produced == raw.length &&
               (raw.length == 0 || memcmp(output, raw.data, raw.length) == 0),
           "what was compressed comes back");
    free(output);
    free(frame);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    const struct codec *codec = codec_at(data[0] % CODEC_COUNT);
    size_t piece_bytes = 1 + (size_t)(data[0] / CODEC_COUNT) * 16;
    struct span bytes = {data + 1, size - 1};
    struct decoding decoding = {.codec = codec};
    (void)decode_in_pieces(&decoding, bytes, piece_bytes);
    expect(codec->frame_length == NULL || codec->frame_length(bytes) <= bytes.length,
           "no frame ends behind the bytes");
    expect_round_trip(codec, bytes, piece_bytes);
    return 0;
}
