#include "engine/archive/toc_version.h"

#include "compress/codec.h"
#include "engine/archive/blob_list.h"
#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The shapes written here are those of pg_dump 15, entry by entry: what it writes is what older
 * readers understand. */
#define ONE_OBJECT "LARGE OBJECT "
#define MANY_OBJECTS "LARGE OBJECTS "
#define BLOB_LIST_FILE_NAME "blobs.toc"

/* An ACL, comment or label that goes where its large object goes. */
struct attachment {
    const struct toc_entry *entry;
    struct attachment *next;
};

struct object {
    uint32_t oid;
    int dump_id; /* of its BLOB entry */
    bool is_first_of_group;
    const struct toc_entry *group; /* its BLOB METADATA entry */
    struct attachment *first_attachment;
    struct attachment *last_attachment;
};

/* What the rewriter knows of an entry of the source. */
struct note {
    bool is_attached;                  /* it is written behind its object */
    size_t first_object, object_count; /* of a BLOB METADATA entry */
};

struct rewriter {
    const struct toc *source;
    struct toc *target;
    const struct toc_entry *group; /* whose owner is: */
    const char *owner;
    struct arena *arena; /* of attachments */
    struct object *objects;
    size_t object_count;
    struct object **by_oid;
    struct note *notes; /* by dump id */
    int next_dump_id;
    int blobs_dump_id; /* of the one BLOBS entry; 0: none yet */
};

int toc_version_for_codec(int codec_id)
{
    return codec_id == CODEC_NONE || codec_id == CODEC_GZIP ? TOC_VERSION_TABLEAM
                                                            : TOC_VERSION_CODEC;
}

/* Copying */

static struct toc_entry *copy_entry(struct toc *target, const struct toc_entry *source)
{
    struct arena *arena = target->arena;
    struct toc_entry *copy = toc_add_entry(target);
    *copy = *source;
    copy->tag = arena_copy_text(arena, source->tag);
    copy->desc = arena_copy_text(arena, source->desc);
    copy->definition = arena_copy_text(arena, source->definition);
    copy->drop_statement = arena_copy_text(arena, source->drop_statement);
    copy->copy_statement = arena_copy_text(arena, source->copy_statement);
    copy->schema = arena_copy_text(arena, source->schema);
    copy->tablespace = arena_copy_text(arena, source->tablespace);
    copy->table_am = arena_copy_text(arena, source->table_am);
    copy->owner = arena_copy_text(arena, source->owner);
    copy->file_name = arena_copy_text(arena, source->file_name);
    if (source->dependency_count > 0) {
        int *dependencies = arena_allocate(arena, source->dependency_count, sizeof(int));
        memcpy(dependencies, source->dependencies, source->dependency_count * sizeof(int));
        copy->dependencies = dependencies;
    }
    return copy;
}

static void copy_header(struct toc *target, const struct toc *source, int version_minor)
{
    target->header = source->header;
    target->header.version_minor = version_minor;
    target->header.database = arena_copy_text(target->arena, source->header.database);
    target->header.server_version = arena_copy_text(target->arena, source->header.server_version);
    target->header.dump_version = arena_copy_text(target->arena, source->header.dump_version);
}

static void copy_all_entries(struct toc *target, const struct toc *source)
{
    for (size_t i = 0; i < source->count; i++)
        copy_entry(target, source->entries[i]);
}

/* Finding the objects */

static int compare_objects(const void *one, const void *other)
{
    uint32_t one_oid = (*(struct object *const *)one)->oid;
    uint32_t other_oid = (*(struct object *const *)other)->oid;
    return (one_oid > other_oid) - (one_oid < other_oid);
}

/* The first object takes over the dump id of its group, which so stays a dependency that exists. */
static bool add_group(struct rewriter *rewriter, const struct toc_entry *group, struct error *error)
{
    uint32_t *oids;
    size_t count;
    if (!blob_list_parse_oids(group->definition, &oids, &count, error)) {
        error_prefix(error, "entry %d", group->dump_id);
        return false;
    }
    rewriter->notes[group->dump_id] =
        (struct note){.first_object = rewriter->object_count, .object_count = count};
    rewriter->objects =
        memory_resize(rewriter->objects, rewriter->object_count + count, sizeof(struct object));
    for (size_t i = 0; i < count; i++)
        rewriter->objects[rewriter->object_count++] =
            (struct object){.oid = oids[i],
                            .dump_id = i == 0 ? group->dump_id : rewriter->next_dump_id++,
                            .is_first_of_group = i == 0,
                            .group = group};
    free(oids);
    return true;
}

static bool index_objects(struct rewriter *rewriter, struct error *error)
{
    size_t count = rewriter->object_count;
    rewriter->by_oid = memory_allocate(count, sizeof(struct object *));
    for (size_t i = 0; i < count; i++)
        rewriter->by_oid[i] = &rewriter->objects[i];
    qsort(rewriter->by_oid, count, sizeof(struct object *), compare_objects);
    for (size_t i = 1; i < count; i++) {
        if (rewriter->by_oid[i - 1]->oid == rewriter->by_oid[i]->oid)
            return error_set(error, ERROR_DAMAGED,
                             "table of contents has the large object %" PRIu32 " twice",
                             rewriter->by_oid[i]->oid);
    }
    return true;
}

static bool find_objects(struct rewriter *rewriter, struct error *error)
{
    for (size_t i = 0; i < rewriter->source->count; i++) {
        const struct toc_entry *entry = rewriter->source->entries[i];
        if (entry->type == ENTRY_BLOB_METADATA && !add_group(rewriter, entry, error))
            return false;
    }
    return index_objects(rewriter, error);
}

static struct object *find_object(const struct rewriter *rewriter, uint32_t oid)
{
    struct object wanted = {.oid = oid};
    struct object *key = &wanted;
    struct object **found = bsearch(&key, rewriter->by_oid, rewriter->object_count,
                                    sizeof(struct object *), compare_objects);
    return found ? *found : NULL;
}

/* Attaching */

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static void attach(struct rewriter *rewriter, struct object *object, const struct toc_entry *entry)
{
    struct attachment *attachment = arena_allocate(rewriter->arena, 1, sizeof(*attachment));
    attachment->entry = entry;
    if (object->last_attachment)
        object->last_attachment->next = attachment;
    else
        object->first_attachment = attachment;
    object->last_attachment = attachment;
    rewriter->notes[entry->dump_id].is_attached = true;
}

static void attach_to_group(struct rewriter *rewriter, int group_dump_id,
                            const struct toc_entry *entry)
{
    if (!toc_find(rewriter->source, group_dump_id))
        return;
    const struct note *group = &rewriter->notes[group_dump_id];
    for (size_t i = 0; i < group->object_count; i++)
        attach(rewriter, &rewriter->objects[group->first_object + i], entry);
}

static bool may_be_attached(const struct toc_entry *entry)
{
    return entry->type == ENTRY_ACL || entry->type == ENTRY_COMMENT ||
           entry->type == ENTRY_SECURITY_LABEL;
}

static void attach_entry(struct rewriter *rewriter, const struct toc_entry *entry)
{
    if (!may_be_attached(entry) || entry->dependency_count == 0)
        return;
    if (starts_with(entry->tag, MANY_OBJECTS)) {
        attach_to_group(rewriter, entry->dependencies[0], entry);
        return;
    }
    if (!starts_with(entry->tag, ONE_OBJECT))
        return;
    unsigned long oid = strtoul(entry->tag + strlen(ONE_OBJECT), NULL, 10);
    struct object *object = oid <= UINT32_MAX ? find_object(rewriter, (uint32_t)oid) : NULL;
    if (object)
        attach(rewriter, object, entry);
}

static void attach_entries(struct rewriter *rewriter)
{
    for (size_t i = 0; i < rewriter->source->count; i++)
        attach_entry(rewriter, rewriter->source->entries[i]);
}

/* Writing */

static void depend_on(struct toc *target, struct toc_entry *entry, int dump_id)
{
    int *dependencies = arena_allocate(target->arena, 1, sizeof(int));
    dependencies[0] = dump_id;
    entry->dependencies = dependencies;
    entry->dependency_count = 1;
}

/* One copy for all objects of a group. */
static const char *owner_of(struct rewriter *rewriter, const struct object *object)
{
    if (rewriter->group != object->group)
        rewriter->owner = arena_copy_text(rewriter->target->arena, object->group->owner);
    rewriter->group = object->group;
    return rewriter->owner;
}

static void write_object(struct rewriter *rewriter, const struct object *object)
{
    struct arena *arena = rewriter->target->arena;
    struct toc_entry *entry = toc_add_entry(rewriter->target);
    *entry = (struct toc_entry){
        .dump_id = object->dump_id,
        .catalog_oid = object->group->catalog_oid,
        .oid = object->oid,
        .type = ENTRY_BLOB,
        .section = SECTION_PRE_DATA,
        .tag = arena_print(arena, "%" PRIu32, object->oid),
        .desc = entry_type_facts(ENTRY_BLOB)->desc,
        .definition =
            arena_print(arena, "SELECT pg_catalog.lo_create('%" PRIu32 "');\n", object->oid),
        .drop_statement =
            arena_print(arena, "SELECT pg_catalog.lo_unlink('%" PRIu32 "');\n", object->oid),
        .owner = owner_of(rewriter, object),
        .file_name = "",
    };
}

/* An entry for a whole group becomes one for each object; the first keeps its dump id. */
static void write_attachment(struct rewriter *rewriter, const struct object *object,
                             const struct toc_entry *source)
{
    struct arena *arena = rewriter->target->arena;
    struct toc_entry *entry = copy_entry(rewriter->target, source);
    depend_on(rewriter->target, entry, object->dump_id);
    if (!starts_with(source->tag, MANY_OBJECTS))
        return;
    struct text definition;
    text_init(&definition, TEXT_MAXIMUM);
    blob_list_acl_for(&definition, source->definition ? source->definition : "", object->oid);
    entry->definition = arena_copy_bytes(arena, definition.data, definition.length_bytes);
    entry->tag = arena_print(arena, ONE_OBJECT "%" PRIu32, object->oid);
    text_clear(&definition);
    if (!object->is_first_of_group)
        entry->dump_id = rewriter->next_dump_id++;
}

static void write_objects(struct rewriter *rewriter)
{
    for (size_t i = 0; i < rewriter->object_count; i++) {
        const struct object *object = &rewriter->objects[i];
        write_object(rewriter, object);
        for (const struct attachment *attachment = object->first_attachment; attachment;
             attachment = attachment->next)
            write_attachment(rewriter, object, attachment->entry);
    }
}

static void write_blobs(struct rewriter *rewriter, const struct toc_entry *source)
{
    if (rewriter->blobs_dump_id != 0)
        return;
    rewriter->blobs_dump_id = source->dump_id;
    struct toc_entry *entry = toc_add_entry(rewriter->target);
    *entry = (struct toc_entry){
        .dump_id = source->dump_id,
        .has_data = true,
        .type = ENTRY_BLOBS,
        .section = SECTION_DATA,
        .tag = entry_type_facts(ENTRY_BLOBS)->desc,
        .desc = entry_type_facts(ENTRY_BLOBS)->desc,
        .file_name = BLOB_LIST_FILE_NAME,
    };
}

static void append_quoted(struct text *text, const char *name)
{
    text_append_char(text, '"');
    for (; *name != '\0'; name++) {
        if (*name == '"')
            text_append_char(text, '"');
        text_append_char(text, *name);
    }
    text_append_char(text, '"');
}

/* From 1.16 on the reader makes this statement of relkind and table_am; before, no partitioned
 * table had an access method. */
static void spell_out_access_method(struct toc *target, struct toc_entry *entry)
{
    struct text definition;
    if (entry->relkind != 'p' || !entry->table_am || !entry->definition)
        return;
    text_init(&definition, TEXT_MAXIMUM);
    text_append(&definition, entry->definition);
    text_append(&definition, "\nALTER TABLE ");
    if (entry->schema) {
        append_quoted(&definition, entry->schema);
        text_append_char(&definition, '.');
    }
    append_quoted(&definition, entry->tag);
    text_append(&definition, " SET ACCESS METHOD ");
    append_quoted(&definition, entry->table_am);
    text_append(&definition, ";\n");
    entry->definition = arena_copy_bytes(target->arena, definition.data, definition.length_bytes);
    entry->table_am = NULL;
    text_clear(&definition);
}

static void write_entry(struct rewriter *rewriter, const struct toc_entry *source)
{
    if (source->type == ENTRY_BLOB_METADATA || rewriter->notes[source->dump_id].is_attached)
        return;
    if (source->type == ENTRY_BLOBS) {
        write_blobs(rewriter, source);
        return;
    }
    struct toc_entry *entry = copy_entry(rewriter->target, source);
    spell_out_access_method(rewriter->target, entry);
    entry->relkind = 0;
}

/* Objects are pre-data in the older shape, and the last of it in pg_dump 15. */
static void write_entries(struct rewriter *rewriter)
{
    bool has_objects = false;
    for (size_t i = 0; i < rewriter->source->count; i++) {
        const struct toc_entry *entry = rewriter->source->entries[i];
        if (!has_objects && entry->section >= SECTION_DATA) {
            write_objects(rewriter);
            has_objects = true;
        }
        write_entry(rewriter, entry);
    }
}

static bool rewrite(struct toc *target, const struct toc *source, struct error *error)
{
    struct rewriter rewriter = {
        .source = source,
        .target = target,
        .arena = arena_create(),
        .notes = memory_allocate((size_t)source->largest_dump_id + 1, sizeof(struct note)),
        .next_dump_id = source->largest_dump_id + 1};
    bool is_rewritten = find_objects(&rewriter, error);
    if (is_rewritten) {
        attach_entries(&rewriter);
        write_entries(&rewriter);
    }
    free(rewriter.notes);
    free(rewriter.by_oid);
    free(rewriter.objects);
    arena_free(rewriter.arena);
    return is_rewritten;
}

bool toc_rewrite_for_version(struct toc **rewritten, const struct toc *toc, int version_minor,
                             struct error *error)
{
    struct toc *target = toc_create();
    bool is_grouped = toc->header.version_minor >= TOC_VERSION_GROUPED_BLOBS;
    bool is_done = true;
    *rewritten = NULL;
    if (!is_grouped && version_minor >= TOC_VERSION_GROUPED_BLOBS)
        version_minor = TOC_VERSION_CODEC;
    copy_header(target, toc, version_minor);
    if (is_grouped && version_minor < TOC_VERSION_GROUPED_BLOBS)
        is_done = rewrite(target, toc, error);
    else
        copy_all_entries(target, toc);
    if (!is_done || !toc_seal(target, error)) {
        toc_free(target);
        return false;
    }
    *rewritten = target;
    return true;
}
