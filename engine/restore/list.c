#include "engine/restore/list.h"

#include "compress/codec.h"

#include <string.h>
#include <time.h>

/* As struct tm says, the year counts from 1900 and the month from 0. */
static void append_time(struct text *text, const struct toc_time *created)
{
    struct tm written = {.tm_sec = created->second,
                         .tm_min = created->minute,
                         .tm_hour = created->hour,
                         .tm_mday = created->day,
                         .tm_mon = created->month,
                         .tm_year = created->year,
                         .tm_isdst = created->is_dst};
    time_t seconds = mktime(&written);
    struct tm local;
    char stamp[128];
    if (!localtime_r(&seconds, &local) ||
        strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S %Z", &local) == 0)
        text_append(text, "[unknown]");
    else
        text_append(text, stamp);
}

/* pg_restore's blanks for line breaks; the rest of what could steer a terminal, it prints. */
static void append_shown(struct text *text, const char *name)
{
    while (*name != '\0') {
        size_t length = strcspn(name, "\r\n\t");

        text_append_listed(text, name, length);
        name += length;
        for (; *name != '\0' && strchr("\r\n\t", *name) != NULL; name++)
            text_append_char(text, *name == '\t' ? '\t' : ' ');
    }
}

static void append_line(struct text *text, const char *label, const char *value)
{
    text_print(text, ";     %s: ", label);
    append_shown(text, value);
    text_append_char(text, '\n');
}

static void append_header(struct text *text, const struct toc *toc)
{
    const struct toc_header *header = &toc->header;
    const struct codec *codec = codec_find_by_id(header->compression);
    text_append(text, ";\n; Archive created at ");
    append_time(text, &header->created);
    text_append_char(text, '\n');
    append_line(text, "dbname", header->database ? header->database : "");
    text_print(text, ";     TOC Entries: %zu\n", toc->count);
    append_line(text, "Compression", codec ? codec->name : "unknown");
    text_print(text, ";     Dump Version: 1.%d-0\n", header->version_minor);
    append_line(text, "Format", "DIRECTORY");
    text_print(text, ";     Integer: %d bytes\n", header->int_bytes);
    text_print(text, ";     Offset: %d bytes\n", header->offset_bytes);
    if (header->server_version)
        append_line(text, "Dumped from database version", header->server_version);
    if (header->dump_version)
        append_line(text, "Dumped by pg_dump version", header->dump_version);
    text_append(text, ";\n;\n; Selected TOC Entries:\n;\n");
}

static void append_name(struct text *text, const char *name)
{
    text_append_char(text, ' ');
    append_shown(text, name ? name : "");
}

static void append_entry(struct text *text, const struct toc_entry *entry)
{
    text_print(text, "%d; %u %u", entry->dump_id, entry->catalog_oid, entry->oid);
    append_name(text, entry->desc);
    append_name(text, entry->schema ? entry->schema : "-");
    append_name(text, entry->tag);
    append_name(text, entry->owner);
    text_append_char(text, '\n');
}

static void append_dependencies(struct text *text, const struct toc_entry *entry)
{
    if (entry->dependency_count == 0)
        return;
    text_append(text, ";\tdepends on:");
    for (size_t i = 0; i < entry->dependency_count; i++)
        text_print(text, " %d", entry->dependencies[i]);
    text_append_char(text, '\n');
}

void list_print(struct text *text, const struct archive *archive, const struct selection *selection,
                bool is_verbose)
{
    append_header(text, archive->toc);
    for (size_t i = 0; i < selection->count; i++) {
        const struct selected_entry *selected = &selection->entries[i];
        bool is_listed = selected->wanted & (WANT_SCHEMA | WANT_DATA | WANT_STATISTICS);
        if (is_listed || is_verbose)
            append_entry(text, selected->entry);
        if (is_verbose)
            append_dependencies(text, selected->entry);
    }
}
