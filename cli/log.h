/* Lines for people, on stderr: "pgfast: warning: …". Control characters in names and server
 * messages are escaped, so that nothing can steer the terminal or fake a line. */
#ifndef PGFAST_CLI_LOG_H
#define PGFAST_CLI_LOG_H

#include "engine/base/error.h"

void log_line(const char *format, ...) PRINTF_LIKE(1, 2);
void log_warning(const char *format, ...) PRINTF_LIKE(1, 2);
void log_hint(const char *hint); /* nothing for an empty hint */

/* An object or file, and why: "damaged: 1.dat (TABLE public.x): it has been cut off". */
void log_failure(const char *label, const char *what);

/* The last line of a failed program, and its hint. */
void log_error(const struct error *error);

#endif
