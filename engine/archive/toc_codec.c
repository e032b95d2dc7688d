#include "engine/archive/toc_codec.h"

#include "compress/codec.h"
#include "engine/archive/toc_expansion.h"
#include "engine/base/arena.h"
#include "engine/base/memory.h"

#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What stands in the header of every archive, besides what the toc says. */
enum {
    MAGIC_LENGTH = 5,
    VERSION_MAJOR = 1,
    REVISION_LARGEST = 127, /* the stock tools read it as a signed char and go wrong above */
    FORMAT_CUSTOM = 1,
    FORMAT_TAR_OR_DIRECTORY = 3,
    INT_BYTES_WRITTEN = 4,
    OFFSET_BYTES_WRITTEN = 8,
    GZIP_LEVEL_DEFAULT = -1,
    RELKIND_LARGEST = 127,
    SOURCE_BYTES = 64 << 10 /* asked of a source at a time, where no text is longer */
};
static const char magic[MAGIC_LENGTH] = {'P', 'G', 'D', 'M', 'P'};

struct toc_reader {
    const struct toc_source *source; /* NULL: all is there already */
    struct span bytes;               /* that are there, from `offset` on */
    size_t offset;
    unsigned char *room; /* where they lie, if they come from a source */
    size_t room_bytes;
    bool has_source_failed; /* and told why */
    struct toc *toc;
    const struct toc_entry *previous; /* before the one being read, or NULL */
    int *dependencies;                /* of the entry being read; reused */
    size_t dependency_room;
    struct error *error;
};

static bool damaged(struct toc_reader *reader, size_t offset, const char *what)
{
    if (reader->has_source_failed)
        return false;
    return error_set(reader->error, ERROR_DAMAGED, "table of contents is damaged at byte %zu: %s",
                     offset, what);
}

/* There is never more room than what has come so far calls for, whatever a length claims. */
static void make_room(struct toc_reader *reader)
{
    size_t left = reader->bytes.length;
    if (left > 0)
        memmove(reader->room, reader->bytes.data, left);
    if (left == reader->room_bytes) {
        reader->room_bytes = left ? 2 * left : SOURCE_BYTES;
        reader->room = memory_resize(reader->room, reader->room_bytes, 1);
    }
    reader->bytes.data = reader->room;
}

/* False: no more is coming. */
static bool fetch(struct toc_reader *reader)
{
    size_t got = 0;
    if (!reader->source || reader->has_source_failed)
        return false;
    make_room(reader);
    reader->has_source_failed =
        !reader->source->read(reader->source->context, reader->room + reader->bytes.length,
                              reader->room_bytes - reader->bytes.length, &got, reader->error);
    reader->bytes.length += got;
    return got > 0 && !reader->has_source_failed;
}

static bool has_bytes(struct toc_reader *reader, size_t count)
{
    while (reader->bytes.length < count) {
        if (!fetch(reader))
            return false;
    }
    return true;
}

/* Of those that are there; valid until more are asked for. */
static const unsigned char *take_bytes(struct toc_reader *reader, size_t count)
{
    const unsigned char *taken = reader->bytes.data;
    reader->bytes.data += count;
    reader->bytes.length -= count;
    reader->offset += count;
    return taken;
}

static bool read_byte(struct toc_reader *reader, int *value)
{
    if (!has_bytes(reader, 1))
        return damaged(reader, reader->offset, "it ends too early");
    *value = *take_bytes(reader, 1);
    return true;
}

/* A sign byte, then the magnitude, least significant byte first. */
static bool read_int(struct toc_reader *reader, int *value)
{
    size_t start = reader->offset;
    size_t int_bytes = (size_t)reader->toc->header.int_bytes;
    *value = 0;
    if (!has_bytes(reader, 1 + int_bytes))
        return damaged(reader, start, "it ends too early");
    const unsigned char *bytes = take_bytes(reader, 1 + int_bytes);
    bool is_negative = bytes[0] != 0;
    uint64_t magnitude = 0;
    for (size_t i = 0; i < int_bytes; i++)
        magnitude |= (uint64_t)bytes[1 + i] << (8 * i);
    if (magnitude > INT_MAX)
        return damaged(reader, start, "a number is too large");
    *value = is_negative ? -(int)magnitude : (int)magnitude;
    return true;
}

/* Where it lies, which is valid until more is read; data NULL: there is none. */
static bool read_span(struct toc_reader *reader, struct span *text)
{
    size_t start = reader->offset;
    int length = 0;
    *text = (struct span){.data = NULL};
    if (!read_int(reader, &length))
        return false;
    if (length < 0)
        return true;
    if (!has_bytes(reader, (size_t)length))
        return damaged(reader, start, "a text is longer than what is left");
    *text = (struct span){take_bytes(reader, (size_t)length), (size_t)length};
    return !memchr(text->data, '\0', text->length) ||
           damaged(reader, start, "a text has a zero byte in it");
}

static bool read_required_span(struct toc_reader *reader, struct span *text, const char *missing)
{
    size_t start = reader->offset;
    return read_span(reader, text) && (text->data || damaged(reader, start, missing));
}

static bool is_text(struct span span, const char *text)
{
    return text && strlen(text) == span.length && memcmp(span.data, text, span.length) == 0;
}

static const char *keep_text(struct toc_reader *reader, struct span text)
{
    if (!text.data)
        return NULL;
    return text.length == 0 ? "" : arena_copy_bytes(reader->toc->arena, text.data, text.length);
}

static bool read_text(struct toc_reader *reader, const char **text)
{
    struct span span;
    if (!read_span(reader, &span))
        return false;
    *text = keep_text(reader, span);
    return true;
}

static bool read_required_text(struct toc_reader *reader, const char **text, const char *missing)
{
    struct span span;
    if (!read_required_span(reader, &span, missing))
        return false;
    *text = keep_text(reader, span);
    return true;
}

/* One that is mostly the same as that of the entry before, and then the same text. */
static bool read_recurring_text(struct toc_reader *reader, const char **text, const char *previous)
{
    struct span span;
    if (!read_span(reader, &span))
        return false;
    *text = span.data && is_text(span, previous) ? previous : keep_text(reader, span);
    return true;
}

static bool parse_decimal(struct span text, uint64_t maximum, uint64_t *value)
{
    *value = 0;
    for (size_t i = 0; i < text.length; i++) {
        if (text.data[i] < '0' || text.data[i] > '9')
            return false;
        *value = 10 * *value + (uint64_t)(text.data[i] - '0');
        if (*value > maximum)
            return false;
    }
    return text.length > 0;
}

static bool read_oid(struct toc_reader *reader, uint32_t *oid)
{
    size_t start = reader->offset;
    struct span text;
    if (!read_required_span(reader, &text, "an object id is missing"))
        return false;
    uint64_t value;
    if (!parse_decimal(text, UINT32_MAX, &value))
        return damaged(reader, start, "an object id is not a number");
    *oid = (uint32_t)value;
    return true;
}

static bool read_in_range(struct toc_reader *reader, int smallest, int largest, int *value,
                          const char *otherwise)
{
    size_t start = reader->offset;
    if (!read_int(reader, value))
        return false;
    return (*value >= smallest && *value <= largest) || damaged(reader, start, otherwise);
}

static bool read_version(struct toc_reader *reader)
{
    int major = 0;
    int minor = 0;
    int revision = 0;
    if (!read_byte(reader, &major) || !read_byte(reader, &minor) || !read_byte(reader, &revision))
        return false;
    if (major != VERSION_MAJOR || minor < TOC_VERSION_OLDEST || minor > TOC_VERSION_NEWEST)
        return error_set(reader->error, ERROR_UNSUPPORTED,
                         "archive version %d.%d is not supported, only 1.%d to 1.%d are", major,
                         minor, TOC_VERSION_OLDEST, TOC_VERSION_NEWEST);
    if (revision > REVISION_LARGEST)
        return error_set(reader->error, ERROR_UNSUPPORTED,
                         "archive version %d.%d.%d is not supported", major, minor, revision);
    reader->toc->header.version_minor = minor;
    return true;
}

static bool read_layout(struct toc_reader *reader)
{
    struct toc_header *header = &reader->toc->header;
    size_t start = reader->offset;
    if (!read_byte(reader, &header->int_bytes) || !read_byte(reader, &header->offset_bytes) ||
        !read_byte(reader, &header->format))
        return false;
    if ((header->int_bytes < 1 || header->int_bytes > 4) && header->int_bytes != 8)
        return damaged(reader, start, "the size of integers is neither 1 to 4 nor 8");
    if (header->offset_bytes != 4 && header->offset_bytes != 8)
        return damaged(reader, start + 1, "the size of offsets is neither 4 nor 8");
    if (header->format == FORMAT_CUSTOM) {
        error_set(reader->error, ERROR_UNSUPPORTED, "archive is in pg_dump's custom format");
        error_hint(reader->error, "Use pg_restore for it, or dump again in directory format.");
        return false;
    }
    if (header->format != FORMAT_TAR_OR_DIRECTORY)
        return error_set(reader->error, ERROR_UNSUPPORTED, "archive format %d is not known",
                         header->format);
    return true;
}

/* Before 1.15 a level, of gzip; from then on the codec's number. */
static bool read_compression(struct toc_reader *reader)
{
    struct toc_header *header = &reader->toc->header;
    if (header->version_minor >= TOC_VERSION_CODEC) {
        if (!read_byte(reader, &header->compression))
            return false;
        return codec_find_by_id(header->compression) ||
               error_set(reader->error, ERROR_UNSUPPORTED, "compression method %d is not known",
                         header->compression);
    }
    int level = 0;
    if (!read_int(reader, &level))
        return false;
    header->compression = level == 0 ? CODEC_NONE : CODEC_GZIP;
    return true;
}

static bool read_time(struct toc_reader *reader, struct toc_time *time)
{
    return read_int(reader, &time->second) && read_int(reader, &time->minute) &&
           read_int(reader, &time->hour) && read_int(reader, &time->day) &&
           read_int(reader, &time->month) && read_int(reader, &time->year) &&
           read_int(reader, &time->is_dst);
}

static bool read_header(struct toc_reader *reader)
{
    struct toc_header *header = &reader->toc->header;
    if (!has_bytes(reader, MAGIC_LENGTH) ||
        memcmp(take_bytes(reader, MAGIC_LENGTH), magic, MAGIC_LENGTH) != 0)
        return !reader->has_source_failed &&
               error_set(reader->error, ERROR_DAMAGED,
                         "table of contents is damaged: it does not start with \"PGDMP\"");
    return read_version(reader) && read_layout(reader) && read_compression(reader) &&
           read_time(reader, &header->created) && read_text(reader, &header->database) &&
           read_text(reader, &header->server_version) && read_text(reader, &header->dump_version);
}

static bool read_type(struct toc_reader *reader, struct toc_entry *entry)
{
    size_t start = reader->offset;
    if (!read_recurring_text(reader, &entry->desc, reader->previous->desc) ||
        !(entry->desc || damaged(reader, start, "an entry has no type")))
        return false;
    entry->type = entry_type_of(entry->desc);
    return true;
}

static bool read_identity(struct toc_reader *reader, struct toc_entry *entry)
{
    int has_data;
    if (!read_in_range(reader, 1, INT_MAX, &entry->dump_id, "a dump id is not positive") ||
        !read_in_range(reader, 0, 1, &has_data, "a data mark is neither 0 nor 1") ||
        !read_oid(reader, &entry->catalog_oid) || !read_oid(reader, &entry->oid) ||
        !read_required_text(reader, &entry->tag, "an entry has no tag") ||
        !read_type(reader, entry))
        return false;
    entry->has_data = has_data == 1;
    return true;
}

static bool read_definition(struct toc_reader *reader, struct toc_entry *entry)
{
    int section;
    if (!read_in_range(reader, SECTION_NONE, SECTION_POST_DATA, &section, "a section is unknown"))
        return false;
    entry->section = (enum toc_section)section;
    return read_text(reader, &entry->definition) && read_text(reader, &entry->drop_statement) &&
           read_text(reader, &entry->copy_statement);
}

static bool read_placement(struct toc_reader *reader, struct toc_entry *entry)
{
    int version = reader->toc->header.version_minor;
    const struct toc_entry *previous = reader->previous;
    struct span with_oids; /* a property that servers lost with version 12: no one asks for it */
    return read_recurring_text(reader, &entry->schema, previous->schema) &&
           read_recurring_text(reader, &entry->tablespace, previous->tablespace) &&
           (version < TOC_VERSION_TABLEAM ||
            read_recurring_text(reader, &entry->table_am, previous->table_am)) &&
           (version < TOC_VERSION_GROUPED_BLOBS ||
            read_in_range(reader, 0, RELKIND_LARGEST, &entry->relkind,
                          "a relation kind is no letter")) &&
           read_recurring_text(reader, &entry->owner, previous->owner) &&
           read_required_span(reader, &with_oids, "the mark for oids is missing");
}

static void remember_dependency(struct toc_reader *reader, size_t index, int dump_id)
{
    if (index == reader->dependency_room) {
        reader->dependency_room = index ? 2 * index : 16;
        reader->dependencies =
            memory_resize(reader->dependencies, reader->dependency_room, sizeof(int));
    }
    reader->dependencies[index] = dump_id;
}

/* Decimal texts, ended by NULL. */
static bool read_dependencies(struct toc_reader *reader, struct toc_entry *entry)
{
    size_t count = 0;
    for (;;) {
        size_t start = reader->offset;
        struct span text;
        if (!read_span(reader, &text))
            return false;
        if (!text.data)
            break;
        uint64_t dump_id;
        if (!parse_decimal(text, INT_MAX, &dump_id))
            return damaged(reader, start, "a dependency is not a dump id");
        remember_dependency(reader, count++, (int)dump_id);
    }
    if (count == 0)
        return true;
    int *dependencies = arena_allocate(reader->toc->arena, count, sizeof(int));
    memcpy(dependencies, reader->dependencies, count * sizeof(int));
    entry->dependencies = dependencies;
    entry->dependency_count = count;
    return true;
}

static bool read_entry(struct toc_reader *reader)
{
    struct toc *toc = reader->toc;
    struct toc_entry *entry = toc_add_entry(toc);
    if (toc->count > 1)
        reader->previous = toc->entries[toc->count - 2];
    return read_identity(reader, entry) && read_definition(reader, entry) &&
           read_placement(reader, entry) && read_dependencies(reader, entry) &&
           read_required_text(reader, &entry->file_name, "the name of a data file is missing");
}

static bool read_all(struct toc_reader *reader)
{
    int count;
    if (!read_header(reader) ||
        !read_in_range(reader, 0, INT_MAX, &count, "the number of entries is negative"))
        return false;
    for (int i = 0; i < count; i++) {
        if (!read_entry(reader))
            return false;
    }
    return toc_seal(reader->toc, reader->error);
}

static bool decode(struct toc **toc, struct toc_reader *reader)
{
    static const struct toc_entry none = {0};
    reader->toc = toc_create();
    reader->previous = &none;
    bool is_read = read_all(reader);
    free(reader->dependencies);
    *toc = is_read ? reader->toc : NULL;
    if (!is_read)
        toc_free(reader->toc);
    return is_read;
}

bool toc_decode(struct toc **toc, struct span bytes, struct error *error)
{
    struct toc_reader reader = {.bytes = bytes, .error = error};
    return decode(toc, &reader);
}

/* What is behind the last entry, or behind damage, is read for what the source has to say of it: it
 * knows what the bytes were when they were written. */
static bool hear_source_out(struct toc_reader *reader, struct error *error)
{
    reader->error = error;
    do
        reader->bytes.length = 0;
    while (fetch(reader));
    return !reader->has_source_failed;
}

bool toc_decode_from(struct toc **toc, const struct toc_source *source, struct error *error)
{
    struct error source_error;
    struct toc_reader reader = {.source = source, .error = error};
    bool is_read = decode(toc, &reader);
    if (!reader.has_source_failed && !hear_source_out(&reader, &source_error)) {
        *error = source_error;
        toc_free(*toc);
        *toc = NULL;
        is_read = false;
    }
    free(reader.room);
    return is_read;
}

static void write_byte(struct text *bytes, int value)
{
    text_append_char(bytes, (char)value);
}

static void write_int(struct text *bytes, int value)
{
    unsigned magnitude = value < 0 ? 0U - (unsigned)value : (unsigned)value;
    write_byte(bytes, value < 0);
    for (int i = 0; i < INT_BYTES_WRITTEN; i++)
        write_byte(bytes, (int)(magnitude >> (8 * i) & 0xFF));
}

static void write_text(struct text *bytes, const char *text)
{
    if (!text) {
        write_int(bytes, -1);
        return;
    }
    size_t length = strlen(text);
    assert(length <= INT_MAX);
    write_int(bytes, (int)length);
    text_append_bytes(bytes, text, length);
}

static void write_decimal(struct text *bytes, uint32_t value)
{
    char decimal[sizeof("4294967295")];
    snprintf(decimal, sizeof(decimal), "%" PRIu32, value);
    write_text(bytes, decimal);
}

static void write_compression(struct text *bytes, const struct toc_header *header)
{
    if (header->version_minor >= TOC_VERSION_CODEC)
        write_byte(bytes, header->compression);
    else
        write_int(bytes, header->compression == CODEC_NONE ? 0 : GZIP_LEVEL_DEFAULT);
}

static void write_header(struct text *bytes, const struct toc *toc, size_t count)
{
    const struct toc_header *header = &toc->header;
    const struct toc_time *created = &header->created;
    const int times[] = {created->second, created->minute, created->hour,  created->day,
                         created->month,  created->year,   created->is_dst};
    text_append_bytes(bytes, magic, MAGIC_LENGTH);
    write_byte(bytes, VERSION_MAJOR);
    write_byte(bytes, header->version_minor);
    write_byte(bytes, 0);
    write_byte(bytes, INT_BYTES_WRITTEN);
    write_byte(bytes, OFFSET_BYTES_WRITTEN);
    write_byte(bytes, FORMAT_TAR_OR_DIRECTORY);
    write_compression(bytes, header);
    for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
        write_int(bytes, times[i]);
    write_text(bytes, header->database);
    write_text(bytes, header->server_version);
    write_text(bytes, header->dump_version);
    write_int(bytes, (int)count);
}

static void write_entry(struct text *bytes, const struct toc_entry *entry, int version_minor)
{
    write_int(bytes, entry->dump_id);
    write_int(bytes, entry->has_data);
    write_decimal(bytes, entry->catalog_oid);
    write_decimal(bytes, entry->oid);
    write_text(bytes, entry->tag);
    write_text(bytes, entry->desc);
    write_int(bytes, entry->section);
    write_text(bytes, entry->definition);
    write_text(bytes, entry->drop_statement);
    write_text(bytes, entry->copy_statement);
    write_text(bytes, entry->schema);
    write_text(bytes, entry->tablespace);
    if (version_minor >= TOC_VERSION_TABLEAM)
        write_text(bytes, entry->table_am);
    if (version_minor >= TOC_VERSION_GROUPED_BLOBS)
        write_int(bytes, entry->relkind);
    write_text(bytes, entry->owner);
    write_text(bytes, "false");
    for (size_t i = 0; i < entry->dependency_count; i++)
        write_decimal(bytes, (uint32_t)entry->dependencies[i]);
    write_text(bytes, NULL);
    write_text(bytes, entry->file_name ? entry->file_name : "");
}

/* Before 1.16, groups are taken apart, but their data must be in one entry already. */
static bool has_data_in_groups(const struct toc *toc, const struct toc_entry *entry)
{
    if (toc->header.version_minor >= TOC_VERSION_GROUPED_BLOBS || entry->type != ENTRY_BLOBS ||
        entry->dependency_count == 0)
        return false;
    const struct toc_entry *group = toc_find(toc, entry->dependencies[0]);
    return group && group->type == ENTRY_BLOB_METADATA;
}

/* What would make an archive that the stock tools crash on, or that older ones misread. */
static bool check_encodable(const struct toc *toc, struct error *error)
{
    const struct toc_header *header = &toc->header;
    if (header->version_minor < TOC_VERSION_OLDEST || header->version_minor > TOC_VERSION_NEWEST)
        return error_set(error, ERROR_INTERNAL, "archive version 1.%d cannot be written",
                         header->version_minor);
    if (header->version_minor < TOC_VERSION_CODEC && header->compression > CODEC_GZIP)
        return error_set(error, ERROR_INTERNAL, "archive version 1.%d cannot name its compression",
                         header->version_minor);
    for (size_t i = 0; i < toc->count; i++) {
        const struct toc_entry *entry = toc->entries[i];
        if (!entry->tag || !entry->desc)
            return error_set(error, ERROR_INTERNAL, "entry %d has no tag or no type",
                             entry->dump_id);
        if (has_data_in_groups(toc, entry))
            return error_set(error, ERROR_INTERNAL,
                             "archive version 1.%d has no groups of large objects",
                             header->version_minor);
    }
    return true;
}

static bool write_all(struct text *bytes, const struct toc *toc, struct toc_expansion *entries,
                      struct error *error)
{
    const struct toc_entry *entry;
    if (toc_expansion_count(entries) > INT_MAX)
        return error_set(error, ERROR_UNSUPPORTED, "too many entries for a table of contents");
    write_header(bytes, toc, toc_expansion_count(entries));
    while ((entry = toc_expansion_next(entries)) != NULL)
        write_entry(bytes, entry, toc->header.version_minor);
    return !bytes->is_cut ||
           error_set(error, ERROR_UNSUPPORTED, "table of contents is larger than %zu bytes",
                     bytes->maximum_bytes);
}

bool toc_encode(const struct toc *toc, struct text *bytes, struct error *error)
{
    struct toc_expansion *entries;
    if (!check_encodable(toc, error) || !toc_expansion_begin(&entries, toc, error))
        return false;
    bool is_written = write_all(bytes, toc, entries, error);
    toc_expansion_end(entries);
    return is_written;
}
