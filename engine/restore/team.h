/* The sessions that work on steps, each in a thread of its own: a line of assignments to
 * them, and a line of reports back. Given and asked by one thread, the coordinator. */
#ifndef PGFAST_RESTORE_TEAM_H
#define PGFAST_RESTORE_TEAM_H

#include "engine/restore/assignment.h"
#include "engine/restore/target.h"

struct team;

enum team_news {
    TEAM_JOINED, /* one more session is ready for steps */
    TEAM_ABSENT, /* a session could not be opened, and its thread is gone: error */
    TEAM_DONE    /* an assignment is done, well or not */
};

struct team_report {
    enum team_news news;
    struct assignment *assignment; /* TEAM_DONE: it is the taker's again */
    struct error error;
};

/* `size` reports of TEAM_JOINED or TEAM_ABSENT follow. */
bool team_start(struct team **team, unsigned size, const struct connection *connection,
                const struct target_settings *settings, struct error *error) MUST_CHECK;

/* Gives the assignment away. At most as many at a time as sessions have joined. */
void team_give(struct team *team, struct assignment *assignment);

/* Waits for the next report. There must be one to come. */
void team_take(struct team *team, struct team_report *report);

/* Lets running steps end (set the run's cancel first for a quick end), then joins and frees;
 * accepts NULL. */
void team_end(struct team *team);

#endif
