/* Turning spans into smaller spans. One of the program's vtables: every codec is const, complete
 * and passes tests/suites/codec_test.c. What we write is a row of independent frames, each with its
 * own checksum, that the stock tools read as one stream; what we read is any stream the stock tools
 * accept. A state belongs to one thread. */
#ifndef PGFAST_COMPRESS_CODEC_H
#define PGFAST_COMPRESS_CODEC_H

#include "engine/base/error.h"
#include "engine/base/span.h"

#include <stdbool.h>
#include <stddef.h>

enum codec_id {
    CODEC_NONE = 0,
    CODEC_GZIP = 1,
    CODEC_LZ4 = 2,
    CODEC_ZSTD = 3
}; /* the numbers of archive header 1.15 */

struct codec_encoder;
struct codec_decoder;

struct codec_settings {
    int level;
    bool is_long; /* zstd's long-distance matching */
};

struct codec {
    enum codec_id id;
    const char *name;   /* as -Z spells it */
    const char *suffix; /* ".zst", or "" */
    int level_minimum, level_maximum, level_default;

    /* The most bytes that a frame of raw_length bytes can take. */
    size_t (*frame_bound)(size_t raw_length, const struct codec_settings *settings);
    bool (*encoder_open)(struct codec_encoder **encoder, const struct codec_settings *settings,
                         struct error *error);
    /* One complete frame into `room` bytes (at least frame_bound). */
    bool (*encode_frame)(struct codec_encoder *encoder, struct span raw, unsigned char *frame,
                         size_t room, size_t *frame_length, struct error *error);
    void (*encoder_close)(struct codec_encoder *encoder); /* accepts NULL */

    bool (*decoder_open)(struct codec_decoder **decoder, struct error *error);
    /* Consumes from the front of *input and produces at most `room` bytes; call again while input
     * is left or output was full. Any number of frames, empty and skippable ones included. Damage
     * is ERROR_DAMAGED; the window is bounded (128 MiB). */
    bool (*decode)(struct codec_decoder *decoder, struct span *input, unsigned char *output,
                   size_t room, size_t *produced, struct error *error);
    /* True between frames: a stream that ends elsewhere has been cut. */
    bool (*decoder_is_at_boundary)(const struct codec_decoder *decoder);
    void (*decoder_close)(struct codec_decoder *decoder); /* accepts NULL */

    /* Of the frame that the bytes begin with. 0: it is not complete, or this is none. NULL: nobody
     * can tell without decoding. */
    size_t (*frame_length)(struct span stored);
};

extern const struct codec codec_none, codec_gzip, codec_lz4, codec_zstd;

const struct codec *codec_find_by_name(const char *name); /* NULL: none of that name */
const struct codec *codec_find_by_id(int id);
/* The codec of a file by its name's suffix; codec_none where no suffix matches. */
const struct codec *codec_find_by_file_name(const char *file_name);
/* The i-th codec, NULL past the end: for trying suffixes in the stock order .gz .lz4 .zst after
 * none. */
const struct codec *codec_at(unsigned index);

/* -Z as pg_dump spells it: "zstd", "zstd:3", "zstd:level=3,long", "gzip:9", "6" (gzip), "0" (none).
 * ERROR_USAGE names what is wrong. */
bool codec_parse_specification(const char *text, const struct codec **codec,
                               struct codec_settings *settings, struct error *error) MUST_CHECK;

#endif
