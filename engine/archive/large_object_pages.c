#include "engine/archive/large_object_pages.h"

#include <string.h>

bool large_object_pages_is_entry(const struct toc_entry *entry)
{
    return entry->type == ENTRY_TABLE_DATA && entry->schema != NULL && entry->tag != NULL &&
           strcmp(entry->schema, LARGE_OBJECT_PAGES_SCHEMA) == 0 &&
           strcmp(entry->tag, LARGE_OBJECT_PAGES_TABLE) == 0;
}
