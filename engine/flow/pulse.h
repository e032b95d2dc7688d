/* Signs of life of the sessions of a run. Each session beats where it begins and where it ends to
 * wait for its server; the watchdog looks from time to time. A beat is one relaxed store by the
 * session's own thread: no clock is read, nothing is locked. */
#ifndef PGFAST_FLOW_PULSE_H
#define PGFAST_FLOW_PULSE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PULSE_STATEMENT_BYTES = 128 };

/* A cache line apart from the next: beats come tens of thousands of times a second. */
struct pulse {
    _Alignas(64) _Atomic uint32_t beats; /* odd: waiting for the server */
    _Atomic bool is_taken;
    _Atomic int backend_pid;
    _Atomic uint32_t writes; /* of the statement; odd while one is going on */
    _Atomic uint64_t statement[PULSE_STATEMENT_BYTES / sizeof(uint64_t)];
};

/* Sessions beyond this many go unwatched. */
enum { PULSES_MOST = 256 };

struct pulses {
    struct pulse items[PULSES_MOST];
};

struct pulse *pulses_take(struct pulses *pulses, int backend_pid); /* NULL: none is free */
void pulse_give_back(struct pulse *pulse);                         /* accepts NULL */

/* What the session has asked its server for; cut. Accepts NULL. */
void pulse_begin_statement(struct pulse *pulse, const char *sql);

/* Any thread; false where the session was just beginning another one. */
bool pulse_read_statement(const struct pulse *pulse, char statement[PULSE_STATEMENT_BYTES]);

static inline void pulse_beat(struct pulse *pulse)
{
    if (pulse)
        atomic_store_explicit(&pulse->beats,
                              atomic_load_explicit(&pulse->beats, memory_order_relaxed) + 1,
                              memory_order_relaxed);
}

#endif
