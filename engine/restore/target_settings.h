/* How the sessions of a restore are to be, by its options and its archive. */
#ifndef PGFAST_RESTORE_TARGET_SETTINGS_H
#define PGFAST_RESTORE_TARGET_SETTINGS_H

#include "engine/restore/restore.h"

/* All but what the server has to tell. ERROR_DAMAGED: the archive's own settings are none. */
bool target_settings_make(struct restore *restore, struct error *error) MUST_CHECK;

#endif
