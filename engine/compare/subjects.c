#include "engine/compare/subjects.h"

#include "engine/archive/copy_statement.h"
#include "engine/archive/large_object_pages.h"
#include "engine/archive/scanner.h"
#include "engine/base/memory.h"
#include "engine/compare/column_names.h"

#include <stdlib.h>
#include <string.h>

/* A data entry and the table that its rows are compared as those of. */
struct claim {
    const struct toc_entry *entry;
    const char *schema, *name;
    struct copy_statement parts;
    bool is_via_root; /* the rows go into another table than the one they come from */
    bool has_inserts;
    size_t place; /* in the archive */
};

struct maker {
    struct arena *arena;
    const struct live *live;
    struct claim *claims;
    size_t count;
    const struct live_relation **roots; /* whose trees are one subject; by address */
    size_t root_count;
    const struct live_relation **root_of; /* by place in `live`; NULL: in no such tree */
};

/* The table that a copy statement names. */
static void read_relation(struct claim *claim, struct arena *arena)
{
    struct scanner scanner = {
        arena_copy_bytes(arena, claim->parts.relation.data, claim->parts.relation.length)};
    const char *names[2] = {"", ""};

    for (size_t i = 0; i < 2; i++) {
        const char *start = scanner.rest;

        if (!scanner_take_name(&scanner))
            break;
        names[i] = column_name_unquote(
            arena, (struct span){(const unsigned char *)start, (size_t)(scanner.rest - start)});
        if (!scanner_take_words(&scanner, "."))
            break;
    }
    claim->is_via_root = strcmp(names[0], claim->schema) != 0 || strcmp(names[1], claim->name) != 0;
    claim->schema = names[0];
    claim->name = names[1];
}

static bool read_claim(struct claim *claim, struct arena *arena, const struct toc_entry *entry,
                       struct error *error)
{
    *claim = (struct claim){.entry = entry,
                            .schema = entry->schema != NULL ? entry->schema : "",
                            .name = entry->tag != NULL ? entry->tag : ""};
    claim->has_inserts = entry->copy_statement == NULL || entry->copy_statement[0] == '\0';
    if (claim->has_inserts)
        return true;
    if (!copy_statement_parse(entry->copy_statement, &claim->parts, error)) {
        error_prefix(error, "table %s.%s", claim->schema, claim->name);
        return false;
    }
    read_relation(claim, arena);
    return true;
}

static bool is_rows_of_table(const struct toc_entry *entry)
{
    return entry->type == ENTRY_TABLE_DATA && entry->has_data && entry->file_name != NULL &&
           entry->file_name[0] != '\0' && !large_object_pages_is_entry(entry);
}

static bool read_claims(struct maker *maker, const struct toc *toc, struct error *error)
{
    maker->claims = arena_allocate(maker->arena, toc->count + 1, sizeof maker->claims[0]);
    for (size_t i = 0; i < toc->count; i++) {
        struct claim *claim = &maker->claims[maker->count];

        if (!is_rows_of_table(toc->entries[i]))
            continue;
        if (!read_claim(claim, maker->arena, toc->entries[i], error))
            return false;
        claim->place = maker->count++;
    }
    return true;
}

/* Trees that are one subject */

static int compare_addresses(const void *one, const void *other)
{
    const struct live_relation *left = *(const struct live_relation *const *)one;
    const struct live_relation *right = *(const struct live_relation *const *)other;

    return (left > right) - (left < right);
}

static void find_roots(struct maker *maker)
{
    maker->roots = arena_allocate(maker->arena, maker->count + 1, sizeof(struct live_relation *));
    for (size_t i = 0; i < maker->count; i++) {
        const struct claim *claim = &maker->claims[i];
        const struct live_relation *found = live_find(maker->live, claim->schema, claim->name);

        if (found != NULL && (claim->is_via_root || found->kind == 'p'))
            maker->roots[maker->root_count++] = found;
    }
    qsort(maker->roots, maker->root_count, sizeof(struct live_relation *), compare_addresses);
}

static bool is_root(const struct maker *maker, const struct live_relation *relation)
{
    return bsearch(&relation, maker->roots, maker->root_count, sizeof(struct live_relation *),
                   compare_addresses) != NULL;
}

/* The highest table above, or this one itself, whose tree is one subject; NULL: none. A chain of
 * partitions ends: no server lets it go in a circle. */
static const struct live_relation *find_root(const struct maker *maker,
                                             const struct live_relation *relation)
{
    const struct live_relation *root = NULL;

    for (; relation != NULL;
         relation = relation->parent != 0 ? live_find_oid(maker->live, relation->parent) : NULL)
        if (is_root(maker, relation))
            root = relation;
    return root;
}

static void find_trees(struct maker *maker)
{
    const struct live *live = maker->live;

    maker->root_of = arena_allocate(maker->arena, live->count + 1, sizeof(struct live_relation *));
    for (size_t i = 0; maker->root_count > 0 && i < live->count; i++)
        maker->root_of[i] = find_root(maker, &live->relations[i]);
}

static const struct live_relation *root_of(const struct maker *maker,
                                           const struct live_relation *relation)
{
    return relation != NULL ? maker->root_of[relation - maker->live->relations] : NULL;
}

static void move_to_root(const struct maker *maker, struct claim *claim)
{
    const struct live_relation *root =
        root_of(maker, live_find(maker->live, claim->schema, claim->name));

    if (root == NULL)
        return;
    claim->schema = root->schema;
    claim->name = root->name;
}

/* Subjects */

static int compare_tables(const struct claim *left, const struct claim *right)
{
    int order = strcmp(left->schema, right->schema);

    return order != 0 ? order : strcmp(left->name, right->name);
}

static int compare_claims(const void *one, const void *other)
{
    const struct claim *left = one, *right = other;
    int order = compare_tables(left, right);

    return order != 0 ? order : (left->place > right->place) - (left->place < right->place);
}

static const char *describe_columns(struct maker *maker, const struct subject *subject,
                                    const struct live_relation *relation)
{
    struct span live_list = {(const unsigned char *)relation->columns, strlen(relation->columns)};
    const struct column_names archived = column_names_read(maker->arena, subject->columns);
    const struct column_names live = column_names_read(maker->arena, live_list);
    const char *name;

    if ((name = column_names_first_lacking(&archived, &live)) != NULL)
        return arena_print(maker->arena, "the database's table lacks column \"%s\"", name);
    if ((name = column_names_first_lacking(&live, &archived)) != NULL)
        return arena_print(maker->arena, "the archive's table lacks column \"%s\"", name);
    return NULL;
}

static bool is_of(const struct toc_entry *entry, const struct live_relation *relation)
{
    return entry->schema != NULL && entry->tag != NULL &&
           strcmp(entry->schema, relation->schema) == 0 && strcmp(entry->tag, relation->name) == 0;
}

static bool has_entry(const struct subject *subject, const struct live_relation *relation)
{
    for (size_t i = 0; i < subject->entry_count; i++)
        if (is_of(subject->entries[i], relation))
            return true;
    return false;
}

/* Partitioned tables have no rows of their own; those of foreign tables are not ours, unless the
 * archive has them. */
static bool has_rows(const struct subject *subject, const struct live_relation *relation)
{
    return relation->kind == 'r' || (relation->kind == 'f' && has_entry(subject, relation));
}

static void add_tree(struct maker *maker, struct subject *subject, const struct live_relation *root)
{
    const struct live *live = maker->live;
    size_t count = 0;

    for (size_t i = 0; i < live->count; i++)
        count += maker->root_of[i] == root && has_rows(subject, &live->relations[i]);
    subject->relations = arena_allocate(maker->arena, count + 1, sizeof(struct live_relation *));
    for (size_t i = 0; i < live->count; i++)
        if (maker->root_of[i] == root && has_rows(subject, &live->relations[i]))
            subject->relations[subject->relation_count++] = &live->relations[i];
}

static void find_relations(struct maker *maker, struct subject *subject)
{
    const struct live_relation *found = live_find(maker->live, subject->schema, subject->name);

    if (found == NULL || found->kind == 'S') {
        subject->difference = "the database has no such table";
        return;
    }
    subject->difference = describe_columns(maker, subject, found);
    if (is_root(maker, found)) {
        add_tree(maker, subject, found);
        return;
    }
    subject->relations = arena_allocate(maker->arena, 1, sizeof(struct live_relation *));
    subject->relations[subject->relation_count++] = found;
}

static enum row_form form_of(const struct claim *claim)
{
    return claim->parts.is_binary ? ROW_FORM_BINARY : ROW_FORM_TEXT;
}

static bool is_same_text(struct span one, struct span other)
{
    return one.length == other.length &&
           (one.length == 0 || memcmp(one.data, other.data, one.length) == 0);
}

static void add_claim(struct subject *subject, const struct claim *claim)
{
    subject->entries[subject->entry_count++] = claim->entry;
    if (claim->has_inserts)
        error_set(&subject->error, ERROR_UNSUPPORTED,
                  "it cannot be compared: its rows are INSERT statements in the archive");
    else if (form_of(claim) != subject->form)
        subject->counts_only = true;
    else if (!is_same_text(claim->parts.columns, subject->columns))
        subject->has_orders = true;
}

static size_t count_same(const struct claim *claims, size_t count)
{
    size_t same = 1;

    while (same < count && compare_tables(&claims[0], &claims[same]) == 0)
        same++;
    return same;
}

static void make_subject(struct maker *maker, struct subject *subject, const struct claim *claims,
                         size_t count)
{
    *subject = (struct subject){
        .schema = claims[0].schema,
        .name = claims[0].name,
        .entries = arena_allocate(maker->arena, count, sizeof(struct toc_entry *)),
        .columns = claims[0].parts.columns,
        .form = form_of(&claims[0]),
    };
    for (size_t i = 0; i < count; i++)
        add_claim(subject, &claims[i]);
    if (subject->error.kind == ERROR_NONE)
        find_relations(maker, subject);
}

bool subjects_make(struct subjects *subjects, struct arena *arena, const struct toc *toc,
                   const struct live *live, struct error *error)
{
    struct maker maker = {.arena = arena, .live = live};

    *subjects = (struct subjects){.items = NULL};
    if (!read_claims(&maker, toc, error))
        return false;
    find_roots(&maker);
    find_trees(&maker);
    for (size_t i = 0; i < maker.count; i++)
        move_to_root(&maker, &maker.claims[i]);
    qsort(maker.claims, maker.count, sizeof maker.claims[0], compare_claims);
    subjects->items = arena_allocate(arena, maker.count + 1, sizeof subjects->items[0]);
    for (size_t at = 0; at < maker.count;) {
        size_t same = count_same(&maker.claims[at], maker.count - at);

        make_subject(&maker, &subjects->items[subjects->count++], &maker.claims[at], same);
        at += same;
    }
    return true;
}

struct span subject_columns_of(const struct subject *subject, const struct live_relation *relation)
{
    struct copy_statement parts;
    struct error unused;

    for (size_t i = 0; subject->has_orders && i < subject->entry_count; i++)
        if (is_of(subject->entries[i], relation) &&
            copy_statement_parse(subject->entries[i]->copy_statement, &parts, &unused))
            return parts.columns;
    return subject->columns;
}

const struct live_relation **subjects_find_others(const struct subjects *subjects,
                                                  struct arena *arena, const struct live *live,
                                                  size_t *count)
{
    const struct live_relation **others =
        arena_allocate(arena, live->count + 1, sizeof(struct live_relation *));
    bool *is_known = arena_allocate(arena, live->count + 1, sizeof is_known[0]);

    for (size_t i = 0; i < subjects->count; i++)
        for (size_t k = 0; k < subjects->items[i].relation_count; k++)
            is_known[subjects->items[i].relations[k] - live->relations] = true;
    *count = 0;
    for (size_t i = 0; i < live->count; i++)
        if (live->relations[i].kind == 'r' && !live->relations[i].is_of_extension && !is_known[i])
            others[(*count)++] = &live->relations[i];
    return others;
}
