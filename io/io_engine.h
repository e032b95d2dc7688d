/* Moving bytes between memory and files, many requests at a time. One of the program's vtables:
 * every engine is const, complete and passes tests/suites/io_engine_test.c. An engine belongs to
 * one thread. */
#ifndef PGFAST_IO_IO_ENGINE_H
#define PGFAST_IO_IO_ENGINE_H

#include "engine/base/error.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

enum io_operation { IO_READ, IO_WRITE, IO_SYNC };

/* The issuer owns the request and its buffer; the engine holds both from submit to reap. A short
 * count is an ordinary result: the issuer sends the rest. */
struct io_request {
    enum io_operation operation;
    int fd;
    void *data;
    size_t length_bytes;
    uint64_t offset_bytes;
    unsigned lent_file; /* what lend_file said of the descriptor; 0: it is not lent */
    ssize_t result;     /* bytes, or -errno */
    void *owner;        /* the issuer's */
};

struct io_engine;

struct io_engine_ops {
    const char *name;
    /* Memory that much will be written from or read into, so that the kernel need not look up its
     * pages each time; any number of times, while nothing is in flight. What it refuses (there is a
     * limit of locked memory) is used as any other memory, without a word. NULL: of no use here. */
    void (*lend_buffers)(struct io_engine *engine, const struct iovec *buffers, unsigned count);
    /* A file that much will be written to or read from, so that the kernel need not look up its
     * descriptor each time: what its requests say as `lent_file`, or 0 where the engine has no room
     * for one more, or the kernel refuses. NULL: of no use here. */
    unsigned (*lend_file)(struct io_engine *engine, int fd);
    /* While nothing of it is in flight, and before the descriptor is closed. Closing the engine
     * does it for those that are left. NULL together with lend_file. */
    void (*take_back_file)(struct io_engine *engine, unsigned lent_file);
    /* depth: the most requests in flight. Fails with ERROR_UNSUPPORTED where the kernel or
     * container forbids it. */
    bool (*open)(struct io_engine **engine, unsigned depth, struct error *error);
    /* Takes all `count` requests; the caller never has more than `depth` in flight. Errors of a
     * request are its result; `error` is for a broken engine only. */
    bool (*submit)(struct io_engine *engine, struct io_request **requests, unsigned count,
                   struct error *error);
    /* Blocks until `at_least` requests are done (0: does not block), gives at most `room` of them.
     */
    bool (*reap)(struct io_engine *engine, unsigned at_least, struct io_request **done,
                 unsigned room, unsigned *count, struct error *error);
    void (*close)(struct io_engine *engine); /* waits for what is in flight; accepts NULL */
};

extern const struct io_engine_ops io_engine_uring;
extern const struct io_engine_ops io_engine_threads; /* a pool of pread/pwrite threads */
extern const struct io_engine_ops io_engine_sync;

/* By name ("uring", "threads", "sync"), or "auto": uring where it can be opened, else threads.
 * NULL: no such name. */
const struct io_engine_ops *io_engine_choose(const char *name);

#endif
