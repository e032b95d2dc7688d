/* Files in an archive's folder that do not belong to it. They do no harm, but somebody put them
 * there, or moved away what should bear another name. */
#ifndef PGFAST_BACKUPS_STRAYS_H
#define PGFAST_BACKUPS_STRAYS_H

#include "engine/archive/archive.h"
#include "engine/backups/inventory.h"
#include "engine/base/event.h"

/* One warning for all of them. */
void strays_tell(const struct archive *archive, const struct inventory *inventory,
                 struct event_stream *events);

#endif
