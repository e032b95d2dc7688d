#include "engine/archive/toc_expansion.h"

#include "engine/archive/blob_list.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The shapes written here are those of pg_dump 15: what it writes is what older readers understand.
 */
#define ONE_OBJECT "LARGE OBJECT "
#define MANY_OBJECTS "LARGE OBJECTS "
enum { STATEMENT_BYTES = 64 };

/* An entry that belongs to an object of the group, or to all of them. */
struct attachment {
    uint32_t oid; /* 0: to all */
    size_t index; /* of its entry */
};

struct group {
    const struct toc_entry *entry; /* NULL: none is being expanded */
    uint32_t *oids;
    size_t count;
    size_t next;                    /* object */
    struct attachment *attachments; /* those of all objects first */
    size_t attachment_count;
    size_t next_common, common_count;
    size_t next_own, own_end; /* of the object that comes next to last */
};

struct toc_expansion {
    const struct toc *toc;
    size_t count;
    size_t next; /* entry of the toc */
    int next_dump_id;
    struct group group;
    /* What is lent: */
    struct toc_entry entry;
    int object_dump_id; /* what attachments depend on */
    char tag[STATEMENT_BYTES], definition[STATEMENT_BYTES], drop_statement[STATEMENT_BYTES];
    struct text acl;
};

/* What belongs together */

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static bool may_be_attached(const struct toc_entry *entry, const struct toc_entry *group)
{
    return (entry->type == ENTRY_ACL || entry->type == ENTRY_COMMENT ||
            entry->type == ENTRY_SECURITY_LABEL) &&
           entry->dependency_count > 0 && entry->dependencies[0] == group->dump_id;
}

/* 0: not one. */
static uint32_t object_of(const struct toc_entry *entry)
{
    if (!starts_with(entry->tag, ONE_OBJECT))
        return 0;
    unsigned long oid = strtoul(entry->tag + strlen(ONE_OBJECT), NULL, 10);
    return oid <= UINT32_MAX ? (uint32_t)oid : 0;
}

bool toc_expansion_belongs(const struct toc_entry *entry, const struct toc_entry *group,
                           const uint32_t *oids, size_t count)
{
    if (!may_be_attached(entry, group))
        return false;
    if (starts_with(entry->tag, MANY_OBJECTS))
        return true;
    uint32_t oid = object_of(entry);
    return oid != 0 && bsearch(&oid, oids, count, sizeof(oid), blob_list_compare_oids);
}

static bool is_expanded(const struct toc *toc, const struct toc_entry *entry)
{
    return entry->type == ENTRY_BLOB_METADATA &&
           toc->header.version_minor < TOC_VERSION_GROUPED_BLOBS;
}

/* Groups */

static int compare_attachments(const void *one, const void *other)
{
    const struct attachment *a = one, *b = other;
    if (a->oid != b->oid)
        return a->oid < b->oid ? -1 : 1;
    return (a->index > b->index) - (a->index < b->index);
}

static void close_group(struct group *group)
{
    free(group->oids);
    free(group->attachments);
    *group = (struct group){.entry = NULL};
}

static bool open_group(struct group *group, const struct toc *toc, size_t index,
                       struct error *error)
{
    size_t end = index + 1;
    group->entry = toc->entries[index];
    if (!blob_list_parse_oids(group->entry->definition, &group->oids, &group->count, error)) {
        error_prefix(error, "entry %d", group->entry->dump_id);
        return false;
    }
    qsort(group->oids, group->count, sizeof(*group->oids), blob_list_compare_oids);
    while (end < toc->count &&
           toc_expansion_belongs(toc->entries[end], group->entry, group->oids, group->count))
        end++;
    group->attachment_count = end - index - 1;
    group->attachments = memory_allocate(group->attachment_count, sizeof(*group->attachments));
    for (size_t i = 0; i < group->attachment_count; i++) {
        struct attachment attachment = {object_of(toc->entries[index + 1 + i]), index + 1 + i};
        group->attachments[i] = attachment;
        group->common_count += attachment.oid == 0;
    }
    qsort(group->attachments, group->attachment_count, sizeof(*group->attachments),
          compare_attachments);
    group->own_end = group->common_count;
    return true;
}

/* Counting, which proves that nothing can go wrong later */

static bool count_entries(struct toc_expansion *expansion, struct error *error)
{
    const struct toc *toc = expansion->toc;
    expansion->count = toc->count;
    for (size_t i = 0; i < toc->count; i++) {
        struct group group = {.entry = NULL};
        if (!is_expanded(toc, toc->entries[i]))
            continue;
        bool is_open = open_group(&group, toc, i, error);
        if (is_open)
            expansion->count += (group.count - 1) * (1 + group.common_count);
        close_group(&group);
        if (!is_open)
            return false;
    }
    return true;
}

bool toc_expansion_begin(struct toc_expansion **expansion, const struct toc *toc,
                         struct error *error)
{
    struct toc_expansion *begun = memory_allocate(1, sizeof(*begun));
    *begun = (struct toc_expansion){.toc = toc, .next_dump_id = toc->largest_dump_id + 1};
    text_init(&begun->acl, TEXT_MAXIMUM);
    if (!count_entries(begun, error)) {
        toc_expansion_end(begun);
        return false;
    }
    *expansion = begun;
    return true;
}

void toc_expansion_end(struct toc_expansion *expansion)
{
    close_group(&expansion->group);
    text_clear(&expansion->acl);
    free(expansion);
}

size_t toc_expansion_count(const struct toc_expansion *expansion)
{
    return expansion->count;
}

/* One by one */

/* The first object takes over the dump id of its group, which so stays a dependency that exists. */
static const struct toc_entry *make_object(struct toc_expansion *expansion)
{
    struct group *group = &expansion->group;
    uint32_t oid = group->oids[group->next];
    expansion->object_dump_id =
        group->next == 0 ? group->entry->dump_id : expansion->next_dump_id++;
    group->next++;
    group->next_common = 0;
    group->next_own = group->own_end;
    while (group->own_end < group->attachment_count &&
           group->attachments[group->own_end].oid == oid)
        group->own_end++;
    snprintf(expansion->tag, STATEMENT_BYTES, "%" PRIu32, oid);
    snprintf(expansion->definition, STATEMENT_BYTES,
             "SELECT pg_catalog.lo_create('%" PRIu32 "');\n", oid);
    snprintf(expansion->drop_statement, STATEMENT_BYTES,
             "SELECT pg_catalog.lo_unlink('%" PRIu32 "');\n", oid);
    expansion->entry = (struct toc_entry){
        .dump_id = expansion->object_dump_id,
        .catalog_oid = group->entry->catalog_oid,
        .oid = oid,
        .type = ENTRY_BLOB,
        .section = SECTION_PRE_DATA,
        .tag = expansion->tag,
        .desc = entry_type_facts(ENTRY_BLOB)->desc,
        .definition = expansion->definition,
        .drop_statement = expansion->drop_statement,
        .owner = group->entry->owner,
        .file_name = "",
    };
    return &expansion->entry;
}

/* An entry for a whole group becomes one for each object; the first keeps its dump id. */
static void fit_to_object(struct toc_expansion *expansion, struct toc_entry *entry)
{
    const struct group *group = &expansion->group;
    uint32_t oid = group->oids[group->next - 1];
    text_truncate(&expansion->acl, 0);
    blob_list_acl_for(&expansion->acl, entry->definition ? entry->definition : "", oid);
    snprintf(expansion->tag, STATEMENT_BYTES, ONE_OBJECT "%" PRIu32, oid);
    entry->definition = expansion->acl.data;
    entry->tag = expansion->tag;
    if (group->next > 1)
        entry->dump_id = expansion->next_dump_id++;
}

static const struct toc_entry *make_attachment(struct toc_expansion *expansion,
                                               const struct attachment *attachment)
{
    struct toc_entry *entry = &expansion->entry;
    *entry = *expansion->toc->entries[attachment->index];
    entry->dependencies = &expansion->object_dump_id;
    entry->dependency_count = 1;
    if (attachment->oid == 0)
        fit_to_object(expansion, entry);
    return entry;
}

/* Those of the object, and those of all, in the order of the toc. False: no more. */
static bool next_attachment(struct group *group, struct attachment *attachment)
{
    bool has_common = group->next_common < group->common_count;
    bool has_own = group->next_own < group->own_end;
    if (!has_own && !has_common)
        return false;
    bool is_own = has_own && (!has_common || group->attachments[group->next_own].index <
                                                 group->attachments[group->next_common].index);
    *attachment = group->attachments[is_own ? group->next_own++ : group->next_common++];
    return true;
}

/* NULL: the group is done. */
static const struct toc_entry *next_of_group(struct toc_expansion *expansion)
{
    struct group *group = &expansion->group;
    struct attachment attachment;
    if (group->next > 0 && next_attachment(group, &attachment))
        return make_attachment(expansion, &attachment);
    if (group->next < group->count)
        return make_object(expansion);
    close_group(group);
    return NULL;
}

static void enter_group(struct toc_expansion *expansion, size_t index)
{
    struct error unused;
    if (!open_group(&expansion->group, expansion->toc, index, &unused))
        close_group(&expansion->group); /* it was counted */
    expansion->next += expansion->group.attachment_count;
}

const struct toc_entry *toc_expansion_next(struct toc_expansion *expansion)
{
    const struct toc *toc = expansion->toc;
    const struct toc_entry *entry = NULL;
    while (!entry) {
        if (expansion->group.entry) {
            entry = next_of_group(expansion);
            continue;
        }
        if (expansion->next == toc->count)
            return NULL;
        entry = toc->entries[expansion->next++];
        if (is_expanded(toc, entry)) {
            enter_group(expansion, expansion->next - 1);
            entry = NULL;
        }
    }
    return entry;
}
