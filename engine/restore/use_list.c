#include "engine/restore/use_list.h"

#include "engine/base/text.h"

#include <stdlib.h>
#include <string.h>

static const char blanks[] = " \t\r\n";

static void add_warning(struct use_list *list, struct arena *arena, const char *line)
{
    struct text text;
    text_init(&text, TEXT_MAXIMUM);
    text_append(&text, "line ignored: ");
    text_append_escaped(&text, line);
    list->warnings[list->warning_count++] = arena_copy_text(arena, text.data);
    text_clear(&text);
}

static bool read_line(struct use_list *list, struct arena *arena, const struct toc *toc,
                      const char *line, struct error *error)
{
    if (line[strspn(line, blanks)] == '\0')
        return true;
    char *end;
    long dump_id = strtol(line, &end, 10);
    if (end == line || dump_id <= 0 || dump_id > toc->largest_dump_id || list->is_listed[dump_id]) {
        add_warning(list, arena, line);
        return true;
    }
    const struct toc_entry *entry = toc_find(toc, (int)dump_id);
    if (!entry)
        return error_set(error, ERROR_USAGE, "could not find entry for ID %ld", dump_id);
    list->is_listed[dump_id] = true;
    list->entries[list->count++] = entry;
    return true;
}

static size_t count_lines(const char *text)
{
    size_t count = 1;
    while ((text = strchr(text, '\n')) != NULL) {
        count++;
        text++;
    }
    return count;
}

bool use_list_parse(struct use_list *list, struct arena *arena, const struct toc *toc,
                    const char *text, struct error *error)
{
    *list = (struct use_list){
        .entries = arena_allocate(arena, toc->count + 1, sizeof(const struct toc_entry *)),
        .is_listed =
            arena_allocate(arena, (size_t)toc->largest_dump_id + 1, sizeof(*list->is_listed)),
        .warnings = arena_allocate(arena, count_lines(text), sizeof(*list->warnings)),
    };
    while (*text) {
        const char *line = arena_copy_bytes(arena, text, strcspn(text, ";\n"));
        if (!read_line(list, arena, toc, line, error))
            return false;
        text += strcspn(text, "\n");
        text += *text == '\n';
    }
    return true;
}
