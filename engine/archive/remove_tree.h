/* Empties a folder of our own: files and sub-folders, never through links. */
#ifndef PGFAST_ARCHIVE_REMOVE_TREE_H
#define PGFAST_ARCHIVE_REMOVE_TREE_H

#include "engine/base/error.h"

/* Removes all that is in the folder `name` beneath `parent`, then the folder itself. */
bool remove_tree(int parent, const char *name, struct error *error) MUST_CHECK;

/* Removes all that is in the folder, but `kept` (NULL: everything). The descriptor stays the
 * caller's. */
bool remove_tree_contents(int folder, const char *kept, struct error *error) MUST_CHECK;

#endif
