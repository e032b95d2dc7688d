/* Signals that ask a run to end. The first is remembered, for the loop that follows the run to
 * find; the second ends the program at once. */
#ifndef PGFAST_CLI_SIGNALS_H
#define PGFAST_CLI_SIGNALS_H

/* A closed pipe or a file at its limit is an error of a write, not the death of the program. */
void signals_ignore_failed_writes(void);

/* SIGINT, SIGTERM, SIGHUP and SIGQUIT; one that the caller of the program ignores (nohup) stays
 * ignored. */
void signals_catch(void);
int signals_received(void); /* the first one's number; 0: none */

#endif
