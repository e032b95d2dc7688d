#include "engine/archive/frame_crew.h"

#include "engine/archive/file_ahead.h"
#include "engine/base/crew.h"
#include "engine/base/memory.h"
#include "engine/base/queue.h"
#include "engine/flow/chunk_pool.h"
#include "engine/flow/reorder.h"

#include <stdlib.h>
#include <string.h>

/* A frame of our own dumps fits into a chunk, raw and however badly it has shrunk. Small ones are
 * handed over a few at a time. */
enum {
    CHUNK_BYTES = 1024 * 1024 + 64 * 1024,
    ENOUGH_BYTES = 16 * 1024,
    CHUNKS_PER_DECODER = 2,
    CHUNKS_BESIDE = 2 /* the reader's, and the taker's */
};

/* In the flags of a chunk. The rows of one that is decoded are the stored bytes it comes from. */
enum { IS_DECODED = 1 << 8, IS_END = 1 << 9, HAS_FAILED = 1 << 10 };

struct frame_crew {
    struct frame_crew_source source;
    unsigned decoders;
    struct chunk_pool *stored, *raw;
    struct queue *frames; /* to the decoders: stored chunks of whole frames */
    struct queue *done;   /* to the taker: chunks of both kinds, in any order */
    struct crew *readers, *workers;
    struct reorder *reorder; /* the taker's, as is what follows */
    struct chunk *lent;
    bool is_at_end;
};

/* What the reading thread keeps. */
struct cutting {
    struct frame_crew *crew;
    struct chunk *chunk; /* being filled */
    size_t whole_bytes;  /* of it: whole frames */
    size_t known_frames; /* of the index, that have been found */
    uint64_t sequence;   /* of it */
    bool is_uncut;       /* from here on it goes to the taker as it is */
};

/* A chunk carries the error that it stands for where others carry bytes. */
static void fail(struct chunk *chunk, const struct error *error)
{
    memcpy(chunk->data, error, sizeof *error);
    chunk->length_bytes = sizeof *error;
    chunk->flags = HAS_FAILED;
}

static bool send(struct queue *queue, struct chunk *chunk)
{
    if (queue_push(queue, chunk))
        return true;
    chunk_give(chunk);
    return false;
}

/* Reading and cutting */

static bool begin_chunk(struct cutting *cutting)
{
    cutting->chunk = chunk_pool_take(cutting->crew->stored);
    cutting->whole_bytes = 0;
    if (cutting->chunk != NULL)
        cutting->chunk->sequence = cutting->sequence++;
    return cutting->chunk != NULL;
}

/* The first `length` bytes; the others begin the next chunk. */
static bool send_beginning(struct cutting *cutting, struct queue *queue, size_t length)
{
    struct chunk *chunk = cutting->chunk;
    size_t kept = chunk->length_bytes - length;

    if (!begin_chunk(cutting)) {
        chunk_give(chunk);
        return false;
    }
    memcpy(cutting->chunk->data, chunk->data + length, kept);
    cutting->chunk->length_bytes = kept;
    chunk->length_bytes = length;
    return send(queue, chunk);
}

static bool is_in_index(const struct cutting *cutting)
{
    const struct frame_index *frames = cutting->crew->source.frames;

    return frames != NULL && cutting->known_frames < frames->count;
}

static bool can_be_cut(const struct cutting *cutting)
{
    return !cutting->is_uncut &&
           (is_in_index(cutting) || cutting->crew->source.codec->frame_length != NULL);
}

/* Of the first frame; 0: it is not complete, or nobody can tell. */
static size_t find_frame(struct cutting *cutting, struct span stored)
{
    const struct frame_crew_source *source = &cutting->crew->source;

    if (!is_in_index(cutting))
        return source->codec->frame_length != NULL ? source->codec->frame_length(stored) : 0;
    size_t length = source->frames->frames[cutting->known_frames].stored_bytes;
    if (length > stored.length)
        return 0;
    cutting->known_frames++;
    return length;
}

static void find_whole(struct cutting *cutting)
{
    struct chunk *chunk = cutting->chunk;
    size_t frame_bytes;

    do {
        frame_bytes =
            find_frame(cutting, (struct span){chunk->data + cutting->whole_bytes,
                                              chunk->length_bytes - cutting->whole_bytes});
        cutting->whole_bytes += frame_bytes;
    } while (frame_bytes > 0);
}

/* What is there is sent when it is enough, or there is no room for more. */
static bool cut(struct cutting *cutting)
{
    struct frame_crew *crew = cutting->crew;
    bool is_full = cutting->chunk->length_bytes == CHUNK_BYTES;

    if (can_be_cut(cutting))
        find_whole(cutting);
    if (cutting->whole_bytes >= ENOUGH_BYTES || (is_full && cutting->whole_bytes > 0))
        return send_beginning(cutting, crew->frames, cutting->whole_bytes);
    cutting->is_uncut = is_full || !can_be_cut(cutting);
    return !cutting->is_uncut || send_beginning(cutting, crew->done, cutting->chunk->length_bytes);
}

static bool take_in(struct cutting *cutting, struct span piece)
{
    if (cutting->crew->source.checksum != NULL)
        checksum_update(cutting->crew->source.checksum, piece.data, piece.length);
    while (piece.length > 0) {
        struct chunk *chunk = cutting->chunk;
        size_t room = CHUNK_BYTES - chunk->length_bytes;
        size_t length = piece.length < room ? piece.length : room;

        memcpy(chunk->data + chunk->length_bytes, piece.data, length);
        chunk->length_bytes += length;
        piece.data += length;
        piece.length -= length;
        if (!cut(cutting))
            return false;
    }
    return true;
}

/* What is left over is no whole frame: the taker will see what is wrong with it. */
static void finish(struct cutting *cutting)
{
    struct frame_crew *crew = cutting->crew;

    if (cutting->whole_bytes > 0 && !send_beginning(cutting, crew->frames, cutting->whole_bytes))
        return;
    if (cutting->chunk->length_bytes > 0 &&
        !send_beginning(cutting, crew->done, cutting->chunk->length_bytes))
        return;
    cutting->chunk->flags = IS_END;
    if (send(crew->done, cutting->chunk))
        cutting->chunk = NULL;
}

/* False: it could not be read; otherwise to its end, or until nobody wants more. */
static bool read_file(struct cutting *cutting, struct error *error)
{
    const struct frame_crew_source *source = &cutting->crew->source;
    struct file_ahead *file;
    struct span piece;
    bool is_read;

    if (!file_ahead_open(&file, source->descriptor, source->name, error))
        return false;
    while ((is_read = file_ahead_next(file, &piece, error)) && piece.length > 0)
        if (!take_in(cutting, piece))
            break;
    file_ahead_close(file);
    if (is_read && piece.length == 0)
        finish(cutting);
    return is_read;
}

static void read_ahead(void *context, unsigned index)
{
    struct frame_crew *crew = context;
    struct cutting cutting = {.crew = crew};
    struct error error = {.kind = ERROR_NONE};

    (void)index;
    if (begin_chunk(&cutting) && !read_file(&cutting, &error)) {
        fail(cutting.chunk, &error);
        send(crew->done, cutting.chunk);
    }
    queue_close(crew->frames);
}

/* Decoding */

/* False: it decodes to more than a chunk holds, which is no fault. */
static bool decode(const struct codec *codec, struct codec_decoder *decoder, struct span stored,
                   struct chunk *raw, bool *fits, struct error *error)
{
    *fits = true;
    raw->length_bytes = 0;
    while (stored.length > 0) {
        size_t room = CHUNK_BYTES - raw->length_bytes, made;

        if (!codec->decode(decoder, &stored, raw->data + raw->length_bytes, room, &made, error))
            return false;
        raw->length_bytes += made;
        *fits = raw->length_bytes < CHUNK_BYTES;
        if (!*fits)
            return true;
    }
    return codec->decoder_is_at_boundary(decoder) ||
           error_set(error, ERROR_DAMAGED, "its frames do not end where they should");
}

/* A decoder that stopped within a frame is of no more use. */
static bool renew(const struct codec *codec, struct codec_decoder **decoder, struct error *error)
{
    codec->decoder_close(*decoder);
    *decoder = NULL;
    return codec->decoder_open(decoder, error);
}

static bool decode_chunk(const struct codec *codec, struct codec_decoder **decoder,
                         const struct chunk *stored, struct chunk *raw, bool *fits,
                         struct error *error)
{
    return (*decoder != NULL || codec->decoder_open(decoder, error)) &&
           decode(codec, *decoder, (struct span){stored->data, stored->length_bytes}, raw, fits,
                  error) &&
           (*fits || renew(codec, decoder, error));
}

/* What is sent on in place of a stored chunk: its raw bytes, or where they do not fit, or cannot be
 * had, itself. The other is left in *raw or given back. */
static struct chunk *replace(struct frame_crew *crew, struct codec_decoder **decoder,
                             struct chunk *stored, struct chunk **raw)
{
    struct error error = {.kind = ERROR_NONE};
    struct chunk *made = *raw;
    bool fits = false;

    if (!decode_chunk(crew->source.codec, decoder, stored, made, &fits, &error)) {
        error_prefix(&error, "file \"%s\"", crew->source.name);
        fail(stored, &error);
        return stored;
    }
    if (!fits)
        return stored;
    made->sequence = stored->sequence;
    made->flags = IS_DECODED;
    made->rows = stored->length_bytes;
    chunk_give(stored);
    *raw = NULL;
    return made;
}

/* Holds the raw chunk before it takes a stored one. */
static void decode_all(struct frame_crew *crew, struct codec_decoder **decoder)
{
    struct chunk *raw = NULL;
    bool is_well = true;
    void *item;

    while (is_well && (raw != NULL || (raw = chunk_pool_take(crew->raw)) != NULL) &&
           queue_pop(crew->frames, &item)) {
        struct chunk *replaced = replace(crew, decoder, item, &raw);

        is_well = !(replaced->flags & HAS_FAILED);
        is_well = send(crew->done, replaced) && is_well;
    }
    if (raw != NULL)
        chunk_give(raw);
}

static void work(void *context, unsigned index)
{
    struct frame_crew *crew = context;
    struct codec_decoder *decoder = NULL;

    (void)index;
    decode_all(crew, &decoder);
    crew->source.codec->decoder_close(decoder);
}

/* Beginning, taking, ending */

static void close_all(void *context)
{
    struct frame_crew *crew = context;

    queue_close(crew->frames);
    queue_close(crew->done);
    if (crew->stored != NULL)
        chunk_pool_close(crew->stored);
    if (crew->raw != NULL)
        chunk_pool_close(crew->raw);
}

static bool start(struct frame_crew *crew, unsigned decoders, struct error *error)
{
    const unsigned chunks = CHUNKS_PER_DECODER * decoders + CHUNKS_BESIDE;

    crew->frames = queue_create(chunks);
    crew->done = queue_create((size_t)2 * chunks);
    crew->reorder = reorder_create();
    return chunk_pool_create(&crew->stored, chunks, CHUNK_BYTES, error) &&
           chunk_pool_create(&crew->raw, chunks, CHUNK_BYTES, error) &&
           crew_start(&crew->workers, "pgf-decode", decoders, work, close_all, crew, error) &&
           crew_start(&crew->readers, "pgf-ahead", 1, read_ahead, close_all, crew, error);
}

bool frame_crew_start(struct frame_crew **crew, const struct frame_crew_source *source,
                      unsigned decoders, struct error *error)
{
    struct frame_crew *made = memory_allocate(1, sizeof *made);

    made->source = *source;
    if (start(made, decoders, error)) {
        *crew = made;
        return true;
    }
    frame_crew_end(made);
    return false;
}

void frame_crew_end(struct frame_crew *crew)
{
    if (crew == NULL)
        return;
    close_all(crew);
    crew_join(crew->readers);
    crew_join(crew->workers);
    reorder_free(crew->reorder);
    chunk_pool_free(crew->raw);
    chunk_pool_free(crew->stored);
    queue_free(crew->done);
    queue_free(crew->frames);
    free(crew);
}

static struct chunk *next_chunk(struct frame_crew *crew)
{
    struct chunk *chunk;
    void *item;

    while ((chunk = reorder_take_next(crew->reorder)) == NULL && queue_pop(crew->done, &item))
        reorder_put(crew->reorder, item);
    return chunk;
}

static void give_back_lent(struct frame_crew *crew)
{
    if (crew->lent != NULL)
        chunk_give(crew->lent);
    crew->lent = NULL;
}

bool frame_crew_take(struct frame_crew *crew, struct frame_crew_piece *piece, struct error *error)
{
    *piece = (struct frame_crew_piece){.stored_bytes = 0};
    give_back_lent(crew);
    if (crew->is_at_end)
        return true;
    struct chunk *chunk = next_chunk(crew);
    if (chunk == NULL)
        return error_set(error, ERROR_INTERNAL, "the reading of \"%s\" has ended",
                         crew->source.name);
    crew->lent = chunk;
    if (chunk->flags & HAS_FAILED) {
        memcpy(error, chunk->data, sizeof *error);
        return false;
    }
    crew->is_at_end = chunk->flags & IS_END;
    piece->is_decoded = chunk->flags & IS_DECODED;
    piece->stored_bytes = piece->is_decoded ? chunk->rows : chunk->length_bytes;
    if (!crew->is_at_end)
        piece->bytes = (struct span){chunk->data, chunk->length_bytes};
    return true;
}
