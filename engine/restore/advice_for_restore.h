/* Advice about the server's settings (advice.h) for the restore at hand. */
#ifndef PGFAST_RESTORE_ADVICE_FOR_RESTORE_H
#define PGFAST_RESTORE_ADVICE_FOR_RESTORE_H

#include "engine/restore/advice.h"
#include "engine/restore/restore.h"

/* "" where nothing is worth saying. */
void advice_for_restore(char advice[ADVICE_BYTES], const struct restore *restore,
                        const struct server_facts *facts);

#endif
