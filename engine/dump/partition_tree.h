/* Which tables are partitions (or heirs) of which, as a table of contents tells it. Pure. */
#ifndef PGFAST_DUMP_PARTITION_TREE_H
#define PGFAST_DUMP_PARTITION_TREE_H

#include "engine/archive/toc.h"

#include <stddef.h>

struct partition_tree;

struct partition_tree *partition_tree_create(const struct toc *toc);
void partition_tree_free(struct partition_tree *tree); /* accepts NULL */

/* The dump ids of all tables below one, at any depth, each once. Lent until the next call. */
const int *partition_tree_below(struct partition_tree *tree, int table_id, size_t *count);

#endif
