/* The requests of the writing stage on their way: any number wait, `depth` are with the I/O engine.
 * One thread, the one that opened them. */
#ifndef PGFAST_ARCHIVE_TRANSFERS_H
#define PGFAST_ARCHIVE_TRANSFERS_H

#include "engine/flow/chunk.h"
#include "io/io_engine.h"

struct transfers;

/* One write of a chunk, or a sync (no chunk). Made from a template, and used again and again. */
struct transfer {
    struct io_request request;
    struct data_file_progress *progress; /* the issuer's: whose bytes these are */
    struct chunk *chunk;
    bool is_direct; /* past the page cache */
    struct transfer *next;
};

bool transfers_open(struct transfers **transfers, const struct io_engine_ops *ops, unsigned depth,
                    struct error *error) MUST_CHECK;
/* Waits: the kernel may still be reading from chunks. Accepts NULL. */
void transfers_close(struct transfers *transfers);

/* As the engine's; before the first transfer. */
void transfers_lend_buffers(struct transfers *transfers, const struct iovec *buffers,
                            unsigned count);
/* As the engine's; 0 also where the engine has no use for it. Taking back accepts 0. */
unsigned transfers_lend_file(struct transfers *transfers, int descriptor);
void transfers_take_back_file(struct transfers *transfers, unsigned lent_file);
void transfers_begin(struct transfers *transfers, const struct transfer *template);
/* Again, with what is left of it after `written` bytes. */
void transfers_resume(struct transfers *transfers, struct transfer *transfer, size_t written);
void transfers_end(struct transfers *transfers, struct transfer *transfer);

/* Gives the engine as much as fits, then takes at least so many results (0: does not wait), in
 * `done`, which stays valid until the next call. */
bool transfers_exchange(struct transfers *transfers, unsigned at_least, struct transfer ***done,
                        unsigned *count, struct error *error) MUST_CHECK;

unsigned transfers_writing(const struct transfers *transfers); /* writes begun and not ended */
bool transfers_are_waiting(const struct transfers *transfers); /* more than fits into the engine */
bool transfers_are_idle(
    const struct transfers *transfers); /* nothing waits, nothing is in flight */

#endif
