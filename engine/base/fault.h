/* Fault points: named places where a test lets the outside world fail, or the program end, at the
 * k-th passing. They exist only where PGFAST_FAULT_POINTS is defined (the asan and fault presets);
 * everywhere else the macros are what they wrap, and cost nothing.
 *
 *   PGFAST_FAULT="io.write:7:ENOSPC;seal.rename.before:1:KILL"   point:k:action; k+ from the k-th
 * on PGFAST_FAULT=list                                            prints all points and ends
 *   PGFAST_FAULT_COUNTS=FILE                                     at the end, how often each was
 * passed
 *
 * The point "*" is all of them together. Actions are names of errors (EIO), of signals that the
 * program sends itself (KILL, TERM, STOP), and SHORT, which halves a length. Any thread; a name may
 * stand at several places, which are counted as one. */
#ifndef PGFAST_BASE_FAULT_H
#define PGFAST_BASE_FAULT_H

#ifdef PGFAST_FAULT_POINTS

#include <errno.h> // IWYU pragma: export: a failure is often written as -errno
#include <stdbool.h>
#include <stddef.h>

struct fault_point {
    const char *name;
    unsigned long hits; /* atomic */
};

/* Each point lies in a section of its own name, so that all of them can be listed. */
#define FAULT_HERE(point)                                                                          \
    (__extension__({                                                                               \
        static struct fault_point fault_here                                                       \
            __attribute__((section("fault_points"), used, aligned(8))) = {.name = (point)};        \
        &fault_here;                                                                               \
    }))

/* A state that a test may end the program in. */
#define FAULT_POINT(point) ((void)fault_strikes(FAULT_HERE(point)))

/* What the call gives, or `failure` without calling it, with errno set. */
#define FAULT_OR(point, failure, call) (fault_strikes(FAULT_HERE(point)) ? (failure) : (call))

/* A length, or half of it. */
#define FAULT_LENGTH(point, length)                                                                \
    (fault_strikes(FAULT_HERE(point)) ? ((length) + 1) / 2 : (length))

/* True: fail here, errno says how. Does not return when the action ends the program. */
bool fault_strikes(struct fault_point *point);

/* What the program does at its start with PGFAST_FAULT; false: not understood. */
bool fault_arm(const char *rules);

#else

#define FAULT_POINT(point) ((void)0)
#define FAULT_OR(point, failure, call) (call)
#define FAULT_LENGTH(point, length) (length)

#endif

/* A system call that answers -1. */
#define FAULT_CALL(point, call) FAULT_OR(point, -1, call)

/* For what fails by being noticed, behind the call. */
#define FAULT_HAPPENS(point) FAULT_OR(point, true, false)

#endif
