#include "engine/archive/toc_version.h"

#include "compress/codec.h"
#include "engine/archive/blob_list.h"
#include "engine/archive/toc_expansion.h"
#include "engine/base/arena.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"

#include <inttypes.h>
#include <stdlib.h>

#define BLOB_LIST_FILE_NAME "blobs.toc"

/* An entry that goes where its group goes. */
struct attachment {
    struct toc_entry *entry;
    struct attachment *next;
};

/* What the rewriter knows of an entry of the source. */
struct note {
    bool is_attached; /* it is written behind its group */
    uint32_t *oids;   /* of a BLOB METADATA entry; ascending */
    size_t oid_count;
    struct attachment *first_attachment, *last_attachment;
};

struct rewriter {
    const struct toc *source;
    struct toc *target;
    struct note *notes; /* by dump id */
    size_t oid_count;   /* of all groups */
    bool has_blobs;     /* the one BLOBS entry is written */
};

int toc_version_for_codec(int codec_id)
{
    return codec_id == CODEC_NONE || codec_id == CODEC_GZIP ? TOC_VERSION_TABLEAM
                                                            : TOC_VERSION_CODEC;
}

static void share_all_entries(struct toc *target, const struct toc *source)
{
    for (size_t i = 0; i < source->count; i++)
        toc_share_entry(target, source->entries[i]);
}

/* Groups, and what belongs to them */

static bool read_group(struct note *note, const struct toc_entry *group, struct error *error)
{
    if (!blob_list_parse_oids(group->definition, &note->oids, &note->oid_count, error)) {
        error_prefix(error, "entry %d", group->dump_id);
        return false;
    }
    qsort(note->oids, note->oid_count, sizeof(uint32_t), blob_list_compare_oids);
    return true;
}

static bool read_groups(struct rewriter *rewriter, struct error *error)
{
    for (size_t i = 0; i < rewriter->source->count; i++) {
        const struct toc_entry *entry = rewriter->source->entries[i];
        struct note *note = &rewriter->notes[entry->dump_id];
        if (entry->type != ENTRY_BLOB_METADATA)
            continue;
        if (!read_group(note, entry, error))
            return false;
        rewriter->oid_count += note->oid_count;
    }
    return true;
}

static bool check_once(const uint32_t *oids, size_t count, struct error *error)
{
    for (size_t i = 1; i < count; i++) {
        if (oids[i - 1] == oids[i])
            return error_set(error, ERROR_DAMAGED,
                             "table of contents has the large object %" PRIu32 " twice", oids[i]);
    }
    return true;
}

static bool check_groups(const struct rewriter *rewriter, struct error *error)
{
    uint32_t *oids = memory_allocate(rewriter->oid_count, sizeof(*oids));
    size_t count = 0;
    for (int id = 0; id <= rewriter->source->largest_dump_id; id++) {
        const struct note *note = &rewriter->notes[id];
        for (size_t i = 0; i < note->oid_count; i++)
            oids[count++] = note->oids[i];
    }
    qsort(oids, count, sizeof(*oids), blob_list_compare_oids);
    bool is_once = check_once(oids, count, error);
    free(oids);
    return is_once;
}

static void attach(struct rewriter *rewriter, struct note *group, struct toc_entry *entry)
{
    struct attachment *attachment = arena_allocate(rewriter->target->arena, 1, sizeof(*attachment));
    attachment->entry = entry;
    if (group->last_attachment)
        group->last_attachment->next = attachment;
    else
        group->first_attachment = attachment;
    group->last_attachment = attachment;
    rewriter->notes[entry->dump_id].is_attached = true;
}

static void attach_entries(struct rewriter *rewriter)
{
    const struct toc *source = rewriter->source;
    for (size_t i = 0; i < source->count; i++) {
        struct toc_entry *entry = source->entries[i];
        const struct toc_entry *group =
            entry->dependency_count > 0 ? toc_find(source, entry->dependencies[0]) : NULL;
        if (!group || group->type != ENTRY_BLOB_METADATA)
            continue;
        struct note *note = &rewriter->notes[group->dump_id];
        if (toc_expansion_belongs(entry, group, note->oids, note->oid_count))
            attach(rewriter, note, entry);
    }
}

/* Writing */

static void write_group(struct rewriter *rewriter, const struct toc_entry *group)
{
    struct note *note = &rewriter->notes[group->dump_id];
    struct toc_entry *copy = toc_add_entry(rewriter->target);
    *copy = *group;
    copy->section = SECTION_PRE_DATA;
    for (const struct attachment *attachment = note->first_attachment; attachment;
         attachment = attachment->next)
        toc_share_entry(rewriter->target, attachment->entry);
}

static void write_groups(struct rewriter *rewriter)
{
    for (size_t i = 0; i < rewriter->source->count; i++)
        if (rewriter->source->entries[i]->type == ENTRY_BLOB_METADATA)
            write_group(rewriter, rewriter->source->entries[i]);
}

static void write_blobs(struct rewriter *rewriter, const struct toc_entry *source)
{
    if (rewriter->has_blobs)
        return;
    rewriter->has_blobs = true;
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

/* From 1.16 on the reader makes a statement of relkind and table_am; before, no partitioned table
 * had an access method. */
static bool has_hidden_access_method(const struct toc_entry *entry)
{
    return entry->relkind == 'p' && entry->table_am && entry->definition;
}

static void spell_out_access_method(struct toc *target, const struct toc_entry *source)
{
    struct toc_entry *entry = toc_add_entry(target);
    struct text definition;
    *entry = *source;
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

static void write_entry(struct rewriter *rewriter, struct toc_entry *source)
{
    if (source->type == ENTRY_BLOB_METADATA || rewriter->notes[source->dump_id].is_attached)
        return;
    if (source->type == ENTRY_BLOBS)
        write_blobs(rewriter, source);
    else if (has_hidden_access_method(source))
        spell_out_access_method(rewriter->target, source);
    else
        toc_share_entry(rewriter->target, source);
}

/* Objects are pre-data in the older shape, and the last of it in pg_dump 15. */
static void write_entries(struct rewriter *rewriter)
{
    bool has_groups = false;
    for (size_t i = 0; i < rewriter->source->count; i++) {
        struct toc_entry *entry = rewriter->source->entries[i];
        if (!has_groups && entry->section >= SECTION_DATA) {
            write_groups(rewriter);
            has_groups = true;
        }
        write_entry(rewriter, entry);
    }
}

static void forget_groups(struct rewriter *rewriter)
{
    for (int id = 0; id <= rewriter->source->largest_dump_id; id++)
        free(rewriter->notes[id].oids);
    free(rewriter->notes);
}

static bool rewrite(struct toc *target, const struct toc *source, struct error *error)
{
    struct rewriter rewriter = {
        .source = source,
        .target = target,
        .notes = memory_allocate((size_t)source->largest_dump_id + 1, sizeof(struct note))};
    bool is_rewritten = read_groups(&rewriter, error) && check_groups(&rewriter, error);
    if (is_rewritten) {
        attach_entries(&rewriter);
        write_entries(&rewriter);
    }
    forget_groups(&rewriter);
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
    target->header = toc->header;
    target->header.version_minor = version_minor;
    if (is_grouped && version_minor < TOC_VERSION_GROUPED_BLOBS)
        is_done = rewrite(target, toc, error);
    else
        share_all_entries(target, toc);
    if (!is_done || !toc_seal(target, error)) {
        toc_free(target);
        return false;
    }
    *rewritten = target;
    return true;
}
