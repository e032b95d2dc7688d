#include "engine/flow/pulse.h"

#include <string.h>

struct pulse *pulses_take(struct pulses *pulses, int backend_pid)
{
    for (size_t i = 0; i < PULSES_MOST; i++) {
        struct pulse *pulse = &pulses->items[i];

        if (atomic_exchange(&pulse->is_taken, true))
            continue;
        atomic_store(&pulse->backend_pid, backend_pid);
        return pulse;
    }
    return NULL;
}

/* The beats go on, so that nobody takes the next session's silence for this one's; even, because
 * nobody waits. */
void pulse_give_back(struct pulse *pulse)
{
    if (pulse == NULL)
        return;
    atomic_fetch_add(&pulse->beats, 2 - atomic_load(&pulse->beats) % 2);
    atomic_store(&pulse->backend_pid, 0);
    pulse_begin_statement(pulse, "");
    atomic_store(&pulse->is_taken, false);
}

void pulse_begin_statement(struct pulse *pulse, const char *sql)
{
    uint64_t words[PULSE_STATEMENT_BYTES / sizeof(uint64_t)] = {0};

    if (pulse == NULL)
        return;
    memcpy(words, sql, strnlen(sql, PULSE_STATEMENT_BYTES - 1));
    atomic_fetch_add(&pulse->writes, 1);
    for (size_t i = 0; i < PULSE_STATEMENT_BYTES / sizeof(uint64_t); i++)
        atomic_store(&pulse->statement[i], words[i]);
    atomic_fetch_add(&pulse->writes, 1);
}

bool pulse_read_statement(const struct pulse *pulse, char statement[PULSE_STATEMENT_BYTES])
{
    uint64_t words[PULSE_STATEMENT_BYTES / sizeof(uint64_t)];
    uint32_t writes = atomic_load(&pulse->writes);

    for (size_t i = 0; i < PULSE_STATEMENT_BYTES / sizeof(uint64_t); i++)
        words[i] = atomic_load(&pulse->statement[i]);
    memcpy(statement, words, PULSE_STATEMENT_BYTES);
    return writes % 2 == 0 && atomic_load(&pulse->writes) == writes;
}
