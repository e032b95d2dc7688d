/* When does a session that hears nothing from its server deserve a word, and when an end? Pure. */
#ifndef PGFAST_SERVER_STALL_H
#define PGFAST_SERVER_STALL_H

#include "engine/base/text.h"

#include <stdbool.h>
#include <stdint.h>

/* What the server says of the session. */
struct stall_facts {
    bool is_answered;            /* the server was asked, and answered */
    bool is_there;               /* it has such a session */
    const char *wait_event_type; /* "" for none, and so below */
    const char *wait_event;
    const char *blockers; /* the sessions that hold what it waits for, described */
};

enum stall_kind {
    STALL_WORKING,  /* an index takes its time, say */
    STALL_WAITING,  /* for somebody else, or for us, who wait for it */
    STALL_GONE,     /* our connection leads to nobody */
    STALL_NO_ANSWER /* the server does not even say why */
};

enum stall_kind stall_judge(const struct stall_facts *facts);

/* "waits for Lock relation, blocked by …": what follows the session's name. */
void stall_describe(struct text *text, const struct stall_facts *facts);

/* The silence of one session, look by look. Times are of the monotonic clock. */
struct stall_limits {
    uint64_t tell_us; /* so much silence is worth a question, and a word if it is a stall */
    uint64_t end_us;  /* so long a stall ends the run; 0: none does */
};

struct stall_watch {
    uint32_t beats;
    bool is_silent;
    uint64_t since_us;   /* of the silence */
    uint64_t stalled_us; /* when the stall began, as far as is known; 0: there is none */
    uint64_t ask_us;     /* when to ask the server again */
    uint64_t told_us;    /* of the last word about this silence; 0: none so far */
};

enum stall_action { STALL_LEAVE, STALL_TELL, STALL_END };

/* True: the server should be asked about it, now. */
bool stall_watch_look(struct stall_watch *watch, const struct stall_limits *limits, uint32_t beats,
                      uint64_t now_us);

/* With what was answered. A stall is told again when it has doubled. */
enum stall_action stall_watch_conclude(struct stall_watch *watch, const struct stall_limits *limits,
                                       enum stall_kind kind, uint64_t now_us);

#endif
