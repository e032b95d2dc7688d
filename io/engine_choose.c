#include "io/io_engine.h"

#include <string.h>

#define PROBE_DEPTH 2

/* Containers often forbid io_uring, and only trying tells. */
static const struct io_engine_ops *choose_best(void)
{
    struct io_engine *probe;
    struct error ignored;

    if (!io_engine_uring.open(&probe, PROBE_DEPTH, &ignored))
        return &io_engine_threads;
    io_engine_uring.close(probe);
    return &io_engine_uring;
}

const struct io_engine_ops *io_engine_choose(const char *name)
{
    static const struct io_engine_ops *const engines[] = {&io_engine_uring, &io_engine_threads,
                                                          &io_engine_sync};

    if (strcmp(name, "auto") == 0)
        return choose_best();
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++)
        if (strcmp(engines[i]->name, name) == 0)
            return engines[i];
    return NULL;
}
