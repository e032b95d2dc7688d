#include "engine/archive/data_reader.h"

#include "compress/codec.h"
#include "engine/archive/frame_crew.h"
#include "engine/base/checksum.h"
#include "engine/base/fault.h"
#include "engine/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIECE_BYTES = 256 * 1024 };

/* No codec needs to see so much before it gives something back: these are frames that hold nothing,
 * one after the other, and nobody would be asked in between whether to go on. */
#define BARREN_BYTES_MOST ((uint64_t)16 << 20)

/* How far a file may grow. What a stranger's may is what gzip, at its best, could make of as many
 * bytes; zstd can do thirty times better, with rows that are all the same. Lists and tables of
 * contents, which are read into memory, are texts of many names. */
struct growth {
    uint64_t at_any_size_bytes;
    unsigned factor;
};
static const struct growth growth_of_strangers = {(uint64_t)64 << 20, 1032};
static const struct growth growth_of_texts = {(uint64_t)16 << 20, 100};

struct data_reader {
    char *name; /* with suffix, for messages */
    int descriptor;
    const struct codec *codec;
    struct codec_decoder *decoder;
    const struct manifest_file *expectation;
    struct checksum *checksum; /* of the stored bytes; NULL where nothing is expected */
    unsigned char *piece;
    struct frame_crew *crew;  /* NULL: the pieces are read here */
    struct span left;         /* of the piece, still to be decoded */
    struct span decoded;      /* by the crew, and not yet taken */
    struct frame_walk frames; /* that have been decoded */
    uint64_t stored_bytes;
    uint64_t raw_bytes;
    uint64_t size_bytes;     /* of the file */
    uint64_t raw_bytes_most; /* 0: no limit */
    uint64_t fruitful_bytes; /* stored bytes behind the last that gave something */
    bool may_hold_more;      /* the decoder filled all the room it had */
    bool is_at_end;          /* of the file; everything has been verified then */
};

static bool damaged(const struct data_reader *reader, struct error *error, const char *what)
{
    return error_set(error, ERROR_DAMAGED, "file \"%s\" is damaged: %s", reader->name, what);
}

/* The stock order: a name with a known suffix is meant as it stands. */
char *data_reader_find_name(const struct archive *archive, const char *name)
{
    const struct codec *codec;
    if (codec_find_by_file_name(name) != &codec_none)
        return memory_copy_text(name);
    for (unsigned i = 0; (codec = codec_at(i)) != NULL; i++) {
        char *with_suffix = memory_print("%s%s", name, codec->suffix);
        if (folder_has_file(archive->folder, with_suffix))
            return with_suffix;
        free(with_suffix);
    }
    return memory_copy_text(name);
}

static bool find_expectation(struct data_reader *reader, const struct archive *archive,
                             uint64_t size_bytes, struct error *error)
{
    if (!archive->manifest)
        return true;
    reader->expectation = manifest_find(archive->manifest, reader->name);
    if (!reader->expectation)
        return damaged(reader, error, "the manifest does not know it");
    if (size_bytes != reader->expectation->size_bytes)
        return error_set(error, ERROR_DAMAGED,
                         "file \"%s\" is damaged: it has %" PRIu64
                         " bytes, but was written with %" PRIu64,
                         reader->name, size_bytes, reader->expectation->size_bytes);
    frame_walk_begin(&reader->frames, &reader->expectation->frames);
    reader->checksum = checksum_create();
    return true;
}

static void limit_growth(struct data_reader *reader, const struct growth *growth)
{
    uint64_t most;

    if (__builtin_mul_overflow(reader->size_bytes, (uint64_t)growth->factor, &most) ||
        __builtin_add_overflow(most, growth->at_any_size_bytes, &most))
        return;
    if (reader->raw_bytes_most == 0 || most < reader->raw_bytes_most)
        reader->raw_bytes_most = most;
}

void data_reader_expect_text(struct data_reader *reader)
{
    limit_growth(reader, &growth_of_texts);
}

bool data_reader_open(struct data_reader **reader, const struct archive *archive, const char *name,
                      struct error *error)
{
    struct data_reader *opened = memory_allocate(1, sizeof(*opened));
    *reader = NULL;
    opened->name = data_reader_find_name(archive, name);
    opened->descriptor = -1;
    opened->codec = codec_find_by_file_name(opened->name);
    if (!folder_open_file(archive->folder, opened->name, &opened->descriptor, &opened->size_bytes,
                          error) ||
        !find_expectation(opened, archive, opened->size_bytes, error) ||
        !opened->codec->decoder_open(&opened->decoder, error)) {
        data_reader_close(opened);
        return false;
    }
    (void)posix_fadvise(opened->descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
    opened->piece = memory_allocate(PIECE_BYTES, 1);
    if (folder_is_distrusted(archive->folder))
        limit_growth(opened, &growth_of_strangers);
    *reader = opened;
    return true;
}

void data_reader_close(struct data_reader *reader)
{
    if (!reader)
        return;
    frame_crew_end(reader->crew);
    if (reader->decoder)
        reader->codec->decoder_close(reader->decoder);
    if (reader->descriptor >= 0)
        close(reader->descriptor);
    checksum_free(reader->checksum);
    free(reader->piece);
    free(reader->name);
    free(reader);
}

bool data_reader_read_ahead(struct data_reader *reader, unsigned decoders, struct error *error)
{
    const struct frame_crew_source source = {
        .descriptor = reader->descriptor,
        .name = reader->name,
        .codec = reader->codec,
        .frames = reader->expectation ? &reader->expectation->frames : NULL,
        .checksum = reader->checksum,
    };

    return frame_crew_start(&reader->crew, &source, decoders, error);
}

const char *data_reader_name(const struct data_reader *reader)
{
    return reader->name;
}

uint64_t data_reader_stored_bytes(const struct data_reader *reader)
{
    return reader->stored_bytes;
}

uint64_t data_reader_raw_bytes(const struct data_reader *reader)
{
    return reader->raw_bytes;
}

const struct manifest_file *data_reader_expectation(const struct data_reader *reader)
{
    return reader->expectation;
}

static bool verify_end(const struct data_reader *reader, struct error *error)
{
    char checksum[CHECKSUM_TEXT_BYTES];
    const struct manifest_file *expected = reader->expectation;
    if (!reader->codec->decoder_is_at_boundary(reader->decoder))
        return damaged(reader, error, "it has been cut off");
    if (!expected)
        return true;
    checksum_end(reader->checksum, checksum);
    if (reader->stored_bytes != expected->size_bytes || strcmp(checksum, expected->checksum) != 0)
        return damaged(reader, error, "it does not have the checksum it was written with");
    if (reader->raw_bytes != expected->raw_bytes)
        return damaged(reader, error, "it holds less than what was written");
    return true;
}

static bool reach_end(struct data_reader *reader, struct error *error)
{
    reader->is_at_end = true;
    return verify_end(reader, error);
}

static bool misplaced(const struct data_reader *reader, struct error *error)
{
    return damaged(reader, error, "a frame is not where the manifest says");
}

/* The crew's thread has digested what it read. */
static bool refill_by_crew(struct data_reader *reader, struct error *error)
{
    struct frame_crew_piece piece;

    if (!frame_crew_take(reader->crew, &piece, error))
        return false;
    if (piece.bytes.length == 0 && !piece.is_decoded)
        return reach_end(reader, error);
    if (piece.is_decoded &&
        !frame_walk_pass(&reader->frames, piece.stored_bytes, piece.bytes.length))
        return misplaced(reader, error);
    reader->stored_bytes += piece.stored_bytes;
    *(piece.is_decoded ? &reader->decoded : &reader->left) = piece.bytes;
    return true;
}

/* The next piece of the file; at its end, verifies. */
static bool refill(struct data_reader *reader, struct error *error)
{
    ssize_t got;
    if (reader->crew)
        return refill_by_crew(reader, error);
    do
        got = FAULT_CALL("file.read", read(reader->descriptor, reader->piece,
                                           FAULT_LENGTH("file.read_short", PIECE_BYTES)));
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return error_set_os(error, errno, "could not read \"%s\" at byte %llu", reader->name,
                            (unsigned long long)reader->stored_bytes);
    if (got == 0)
        return reach_end(reader, error);
    reader->left = (struct span){reader->piece, (size_t)got};
    reader->stored_bytes += (uint64_t)got;
    if (reader->checksum)
        checksum_update(reader->checksum, reader->piece, (size_t)got);
    return true;
}

/* A small file may decode to more than any disk holds: with a manifest, not to more than was
 * written. */
static bool count_raw(struct data_reader *reader, size_t produced, struct error *error)
{
    reader->raw_bytes += produced;
    if (produced > 0)
        reader->fruitful_bytes = reader->stored_bytes;
    if (reader->raw_bytes_most > 0 && reader->raw_bytes > reader->raw_bytes_most)
        return error_set(error, ERROR_HOSTILE,
                         "file \"%s\" is refused: its %" PRIu64
                         " bytes decode to more than %" PRIu64,
                         reader->name, reader->size_bytes, reader->raw_bytes_most);
    if (reader->expectation && reader->raw_bytes > reader->expectation->raw_bytes)
        return damaged(reader, error, "it holds more than what was written");
    return true;
}

/* All of a frame has been decoded when its last byte has been taken and there was room left. */
static bool walk_on(struct data_reader *reader, size_t stored_bytes, size_t raw_bytes,
                    struct error *error)
{
    if (!frame_walk_advance(&reader->frames, stored_bytes, raw_bytes))
        return misplaced(reader, error);
    if (reader->may_hold_more || !frame_walk_is_at_end_of_frame(&reader->frames))
        return true;
    return (reader->codec->decoder_is_at_boundary(reader->decoder) &&
            frame_walk_enter_next(&reader->frames)) ||
           misplaced(reader, error);
}

static bool decode(struct data_reader *reader, unsigned char *buffer, size_t room, size_t *length,
                   struct error *error)
{
    struct span stored = frame_walk_limit(&reader->frames, reader->left);
    const unsigned char *begin = stored.data;

    if (!reader->codec->decode(reader->decoder, &stored, buffer, room, length, error)) {
        error_prefix(error, "file \"%s\"", reader->name);
        return false;
    }
    size_t taken = (size_t)(stored.data - begin);
    reader->left = (struct span){reader->left.data + taken, reader->left.length - taken};
    reader->may_hold_more = *length == room;
    return count_raw(reader, *length, error) && walk_on(reader, taken, *length, error);
}

static bool check_is_fruitful(const struct data_reader *reader, struct error *error)
{
    uint64_t barren_bytes = reader->stored_bytes - reader->fruitful_bytes;

    return barren_bytes <= BARREN_BYTES_MOST ||
           error_set(error, ERROR_HOSTILE,
                     "file \"%s\" is refused: %" PRIu64 " of its bytes, in a row, hold nothing",
                     reader->name, barren_bytes);
}

static size_t take_decoded(struct data_reader *reader, unsigned char *buffer, size_t room)
{
    size_t length = reader->decoded.length < room ? reader->decoded.length : room;

    memcpy(buffer, reader->decoded.data, length);
    reader->decoded.data += length;
    reader->decoded.length -= length;
    return length;
}

bool data_reader_read(struct data_reader *reader, unsigned char *buffer, size_t room,
                      size_t *length, struct error *error)
{
    *length = 0;
    while (*length == 0 && !reader->is_at_end) {
        if (reader->decoded.length > 0) {
            *length = take_decoded(reader, buffer, room);
            return count_raw(reader, *length, error);
        }
        if (reader->left.length == 0 && !reader->may_hold_more) {
            if (!check_is_fruitful(reader, error) || !refill(reader, error))
                return false;
            continue;
        }
        if (!decode(reader, buffer, room, length, error))
            return false;
    }
    return true;
}
