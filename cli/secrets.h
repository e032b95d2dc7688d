/* Passwords: where they come from, and that they do not stay lying around. */
#ifndef PGFAST_CLI_SECRETS_H
#define PGFAST_CLI_SECRETS_H

#include "engine/base/error.h"

#include <stdbool.h>

/* From here on no core dump, and no other program of the same user, shows our memory. */
void secrets_protect_memory(void);

/* Could the text, a conninfo string or a URI, have a password in it? Errs to the safe side. */
bool secrets_may_hold_password(const char *text);

/* Is there one, as far as a look can tell? For a warning, which should not come for nothing. */
bool secrets_shows_password(const char *text);

/* A copy of a word of argv; where that may hold a password, the word is overwritten, so that `ps`
 * and /proc no longer show it. */
char *secrets_take_text(char *word);
/* The same for an environment variable, which is gone afterwards: neither children nor /proc show
 * it. NULL where it is not set. */
char *secrets_take_variable(const char *name);
void secrets_free_text(char *text); /* wipes it first; accepts NULL */

/* Asks at the terminal, not at stdin, without echo. ERROR_CANCELLED when a signal came meanwhile;
 * ERROR_IO where there is no terminal. *password is freed by secrets_free_text. */
bool secrets_can_ask(void);
bool secrets_ask_password(char **password, struct error *error) MUST_CHECK;

#endif
