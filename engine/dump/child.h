/* A child process: started without a shell, its standard error ours to read, gone when we are. */
#ifndef PGFAST_DUMP_CHILD_H
#define PGFAST_DUMP_CHILD_H

#include "engine/base/error.h"

#include <stdbool.h>
#include <sys/types.h>

struct child {
    pid_t pid;
    int output; /* what it writes to the descriptor asked for; -1 once closed */
};

/* environment: NULL-terminated "NAME=value" list. captured: STDOUT_FILENO or STDERR_FILENO; the
 * other and stdin are /dev/null. */
bool child_start(struct child *child, const char *path, char *const *arguments,
                 char *const *environment, int captured, struct error *error) MUST_CHECK;

/* True when it has ended (exit status as waitpid tells); does not wait. */
bool child_has_ended(struct child *child, int *status);

/* Keeps it from going on, and lets it. */
void child_pause(struct child *child);
void child_resume(struct child *child);

/* Asks it to end (SIGTERM), insists after 5 seconds (SIGKILL), and reaps it. */
void child_end(struct child *child);

#endif
