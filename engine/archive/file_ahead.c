#include "engine/archive/file_ahead.h"

#include "engine/base/memory.h"
#include "io/io_engine.h"

#include <stdlib.h>

enum { DEPTH = 4, PIECE_BYTES = 256 * 1024 };

struct piece {
    struct io_request request;
    unsigned char *bytes;
    size_t length;
    bool is_there;
};

struct file_ahead {
    const char *name;
    const struct io_engine_ops *ops;
    struct io_engine *engine;
    struct piece pieces[DEPTH]; /* a ring, in the order of the file */
    unsigned next;              /* the piece that is next to be handed out */
    bool is_lent;               /* the one before it was */
    bool is_at_end;
    uint64_t offset_bytes; /* of what is not asked for yet */
};

/* What is still missing of a piece. */
static bool ask(struct file_ahead *file, struct piece *piece, struct error *error)
{
    struct io_request *request = &piece->request;

    request->data = piece->bytes + piece->length;
    request->length_bytes = PIECE_BYTES - piece->length;
    return file->ops->submit(file->engine, &request, 1, error);
}

static bool ask_for_next(struct file_ahead *file, struct piece *piece, struct error *error)
{
    piece->length = 0;
    piece->is_there = false;
    piece->request.offset_bytes = file->offset_bytes;
    file->offset_bytes += PIECE_BYTES;
    return ask(file, piece, error);
}

/* Fewer bytes than asked for come also from a file that goes on; none only from one that ends. */
static bool take_result(struct file_ahead *file, struct piece *piece, struct error *error)
{
    ssize_t result = piece->request.result;

    if (result < 0)
        return error_set_os(error, (int)-result, "could not read \"%s\" at byte %llu", file->name,
                            (unsigned long long)piece->request.offset_bytes);
    piece->length += (size_t)result;
    piece->is_there = result == 0 || piece->length == PIECE_BYTES;
    if (piece->is_there)
        return true;
    piece->request.offset_bytes += (uint64_t)result;
    return ask(file, piece, error);
}

static bool wait_for(struct file_ahead *file, const struct piece *piece, struct error *error)
{
    struct io_request *done[DEPTH];
    unsigned count;

    while (!piece->is_there) {
        if (!file->ops->reap(file->engine, 1, done, DEPTH, &count, error))
            return false;
        for (unsigned i = 0; i < count; i++)
            if (!take_result(file, done[i]->owner, error))
                return false;
    }
    return true;
}

bool file_ahead_open(struct file_ahead **file, int descriptor, const char *name,
                     struct error *error)
{
    struct file_ahead *opened = memory_allocate(1, sizeof *opened);

    opened->name = name;
    opened->ops = io_engine_choose("auto");
    if (!opened->ops->open(&opened->engine, DEPTH, error)) {
        free(opened);
        return false;
    }
    unsigned lent_file =
        opened->ops->lend_file ? opened->ops->lend_file(opened->engine, descriptor) : 0;
    for (unsigned i = 0; i < DEPTH; i++) {
        struct piece *piece = &opened->pieces[i];

        piece->bytes = memory_allocate(PIECE_BYTES, 1);
        piece->request = (struct io_request){
            .operation = IO_READ, .fd = descriptor, .lent_file = lent_file, .owner = piece};
        if (!ask_for_next(opened, piece, error)) {
            file_ahead_close(opened);
            return false;
        }
    }
    *file = opened;
    return true;
}

void file_ahead_close(struct file_ahead *file)
{
    if (file == NULL)
        return;
    file->ops->close(file->engine);
    for (unsigned i = 0; i < DEPTH; i++)
        free(file->pieces[i].bytes);
    free(file);
}

static bool renew_lent(struct file_ahead *file, struct error *error)
{
    if (!file->is_lent)
        return true;
    file->is_lent = false;
    return ask_for_next(file, &file->pieces[(file->next + DEPTH - 1) % DEPTH], error);
}

bool file_ahead_next(struct file_ahead *file, struct span *piece, struct error *error)
{
    struct piece *next = &file->pieces[file->next];

    *piece = (struct span){.length = 0};
    if (file->is_at_end)
        return true;
    if (!renew_lent(file, error) || !wait_for(file, next, error))
        return false;
    *piece = (struct span){next->bytes, next->length};
    file->is_at_end = next->length < PIECE_BYTES;
    file->is_lent = !file->is_at_end;
    file->next = (file->next + 1) % DEPTH;
    return true;
}
