#include "engine/server/stall.h"

#include <string.h>

static bool is_for_standby(const char *type, const char *event)
{
    return strcmp(type, "IPC") == 0 && strcmp(event, "SyncRep") == 0;
}

/* Waits that are part of work: reading and writing pages, short locks inside the server, and a
 * leader's wait for its parallel workers. Those for a standby or a client are not. */
static bool is_work(const char *type, const char *event)
{
    if (type[0] == '\0' || strcmp(type, "IO") == 0 || strcmp(type, "LWLock") == 0)
        return true;
    return strcmp(type, "IPC") == 0 && !is_for_standby(type, event);
}

enum stall_kind stall_judge(const struct stall_facts *facts)
{
    if (!facts->is_answered)
        return STALL_NO_ANSWER;
    if (!facts->is_there)
        return STALL_GONE;
    return is_work(facts->wait_event_type, facts->wait_event) ? STALL_WORKING : STALL_WAITING;
}

void stall_describe(struct text *text, const struct stall_facts *facts)
{
    switch (stall_judge(facts)) {
    case STALL_NO_ANSWER:
        text_append(text, "the server does not answer a new connection either");
        break;
    case STALL_GONE:
        text_append(text, "the server has no such session any more");
        break;
    case STALL_WORKING:
        text_append(text, "the server is at work on it");
        break;
    case STALL_WAITING:
        text_print(text, "it waits for %s %s", facts->wait_event_type, facts->wait_event);
        if (is_for_standby(facts->wait_event_type, facts->wait_event))
            text_append(text,
                        ", a standby that has to confirm commits (synchronous_standby_names)");
        if (facts->blockers[0] != '\0')
            text_print(text, ", blocked by %s", facts->blockers);
        break;
    }
}

bool stall_watch_look(struct stall_watch *watch, const struct stall_limits *limits, uint32_t beats,
                      uint64_t now_us)
{
    bool is_silent = beats % 2 == 1;

    if (!is_silent || !watch->is_silent || beats != watch->beats) {
        *watch = (struct stall_watch){.beats = beats,
                                      .is_silent = is_silent,
                                      .since_us = now_us,
                                      .ask_us = now_us + limits->tell_us};
        return false;
    }
    return now_us >= watch->ask_us || (limits->end_us > 0 && watch->stalled_us > 0 &&
                                       now_us - watch->stalled_us >= limits->end_us);
}

enum stall_action stall_watch_conclude(struct stall_watch *watch, const struct stall_limits *limits,
                                       enum stall_kind kind, uint64_t now_us)
{
    bool was_at_work = watch->stalled_us == 0 && watch->ask_us > watch->since_us + limits->tell_us;

    watch->ask_us = now_us + limits->tell_us;
    if (kind == STALL_WORKING) {
        watch->stalled_us = 0;
        return STALL_LEAVE;
    }
    if (watch->stalled_us == 0)
        watch->stalled_us = was_at_work ? now_us : watch->since_us;
    if (limits->end_us > 0 && now_us - watch->stalled_us >= limits->end_us)
        return STALL_END;
    if (watch->told_us > 0 && now_us - watch->stalled_us < 2 * (watch->told_us - watch->stalled_us))
        return STALL_LEAVE;
    watch->told_us = now_us;
    return STALL_TELL;
}
