#include "engine/archive/label.h"

#include "engine/base/text.h"

#include <stdio.h>

static void append_qualified(struct text *text, const char *schema, const char *name)
{
    if (schema != NULL && schema[0] != '\0') {
        text_append_escaped(text, schema);
        text_append_char(text, '.');
    }
    text_append_escaped(text, name);
}

static void append_name(struct text *text, const struct toc_entry *entry)
{
    append_qualified(text, entry->schema, entry->tag != NULL ? entry->tag : "");
}

void label_entry(char label[LABEL_BYTES], const struct toc_entry *entry)
{
    struct text text;

    text_init(&text, LABEL_BYTES);
    text_append_escaped(&text, entry->desc);
    text_append_char(&text, ' ');
    append_name(&text, entry);
    snprintf(label, LABEL_BYTES, "%s", text.data);
    text_clear(&text);
}

void label_name(char label[LABEL_BYTES], const struct toc_entry *entry)
{
    struct text text;

    text_init(&text, LABEL_BYTES);
    append_name(&text, entry);
    snprintf(label, LABEL_BYTES, "%s", text.data);
    text_clear(&text);
}

void label_table(char label[LABEL_BYTES], const char *schema, const char *name)
{
    struct text text;

    text_init(&text, LABEL_BYTES);
    text_append(&text, "TABLE ");
    append_qualified(&text, schema, name);
    snprintf(label, LABEL_BYTES, "%s", text.data);
    text_clear(&text);
}
