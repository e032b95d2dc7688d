#include "engine/dump/partition_tree.h"

#include "engine/base/memory.h"

#include <stdlib.h>

/* Children of a table are a chain of links; everything is indexed by dump id, or by place in
 * `links`. */
struct link {
    int child;
    size_t next; /* place + 1 of the parent's next link; 0: none */
};

struct partition_tree {
    const struct toc *toc;
    size_t *first_link; /* by parent: place + 1; 0: none */
    struct link *links;
    size_t link_count;
    unsigned *walk_of; /* by table: the last walk that came by */
    unsigned walk;
    int *below; /* what the last walk found */
};

static bool is_table(const struct toc *toc, int dump_id)
{
    const struct toc_entry *entry = toc_find(toc, dump_id);

    return entry && entry->type == ENTRY_TABLE;
}

static void add_link(struct partition_tree *tree, int parent, int child)
{
    if (parent == child || !is_table(tree->toc, parent) || !is_table(tree->toc, child))
        return;
    tree->links[tree->link_count] = (struct link){child, tree->first_link[parent]};
    tree->first_link[parent] = ++tree->link_count;
}

/* A table depends on those it is made from; the entry that attaches it names the partition first,
 * then its parent. */
static void read_entry(struct partition_tree *tree, const struct toc_entry *entry)
{
    if (entry->type == ENTRY_TABLE)
        for (size_t i = 0; i < entry->dependency_count; i++)
            add_link(tree, entry->dependencies[i], entry->dump_id);
    if (entry->type == ENTRY_TABLE_ATTACH && entry->dependency_count >= 2)
        add_link(tree, entry->dependencies[1], entry->dependencies[0]);
}

static size_t count_possible_links(const struct toc *toc)
{
    size_t count = 0;

    for (size_t i = 0; i < toc->count; i++)
        if (toc->entries[i]->type == ENTRY_TABLE)
            count += toc->entries[i]->dependency_count;
        else if (toc->entries[i]->type == ENTRY_TABLE_ATTACH)
            count++;
    return count;
}

struct partition_tree *partition_tree_create(const struct toc *toc)
{
    size_t ids = (size_t)toc->largest_dump_id + 1;
    struct partition_tree *tree = memory_allocate(1, sizeof(*tree));

    tree->toc = toc;
    tree->first_link = memory_allocate(ids, sizeof(size_t));
    tree->walk_of = memory_allocate(ids, sizeof(unsigned));
    tree->below = memory_allocate(ids, sizeof(int));
    tree->links = memory_allocate(count_possible_links(toc) + 1, sizeof(struct link));
    for (size_t i = 0; i < toc->count; i++)
        read_entry(tree, toc->entries[i]);
    return tree;
}

void partition_tree_free(struct partition_tree *tree)
{
    if (!tree)
        return;
    free(tree->first_link);
    free(tree->walk_of);
    free(tree->below);
    free(tree->links);
    free(tree);
}

static size_t add_children(struct partition_tree *tree, int table_id, size_t count)
{
    for (size_t at = tree->first_link[table_id]; at > 0; at = tree->links[at - 1].next) {
        int child = tree->links[at - 1].child;

        if (tree->walk_of[child] == tree->walk)
            continue;
        tree->walk_of[child] = tree->walk;
        tree->below[count++] = child;
    }
    return count;
}

const int *partition_tree_below(struct partition_tree *tree, int table_id, size_t *count)
{
    *count = 0;
    if (!is_table(tree->toc, table_id))
        return tree->below;
    tree->walk_of[table_id] = ++tree->walk;
    *count = add_children(tree, table_id, 0);
    for (size_t i = 0; i < *count; i++)
        *count = add_children(tree, tree->below[i], *count);
    return tree->below;
}
