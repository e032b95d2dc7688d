/* N named threads running one function, started and joined together. Names show in `top -H`. */
#ifndef PGFAST_BASE_CREW_H
#define PGFAST_BASE_CREW_H

#include "engine/base/error.h"

struct crew;

/* work(context, index) runs once per thread, index from 0. The name ("pgf-copy") gets "-<index>"
 * behind it when size > 1; the kernel keeps 15 bytes. Fails with ERROR_RESOURCE when a thread can't
 * be started, after having joined those that were: so the caller must first see to it that a
 * started thread ends (close its queue) through `abandon(context)`. */
bool crew_start(struct crew **crew, const char *name, unsigned size,
                void (*work)(void *context, unsigned index), void (*abandon)(void *context),
                void *context, struct error *error) MUST_CHECK;
void crew_join(struct crew *crew); /* waits for all, then frees; accepts NULL */

#endif
