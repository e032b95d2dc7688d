#include "cli/failures.h"

#include "cli/log.h"
#include "cli/word_list.h"
#include "engine/base/memory.h"

#include <stdlib.h>
#include <string.h>

static char *describe(const struct pgfast_event *event)
{
    const struct error *error = &event->error;

    if (error->sqlstate[0] == '\0')
        return memory_print("%s: %s", event->object, error->message);
    return memory_print("%s: %s (%s)", event->object, error->message, error->sqlstate);
}

static const char *choose_label(const struct failures *failures, enum error_kind kind)
{
    if (kind == ERROR_HOSTILE)
        return "refused";
    if (kind == ERROR_DIFFERENT)
        return "differs";
    return failures->tells_damage && kind == ERROR_DAMAGED ? "damaged" : "failed";
}

void failures_add(struct failures *failures, const struct pgfast_event *event)
{
    if (failures->count == failures->capacity) {
        failures->capacity = failures->capacity == 0 ? 16 : 2 * failures->capacity;
        failures->items =
            memory_resize(failures->items, failures->capacity, sizeof failures->items[0]);
    }
    failures->items[failures->count++] = (struct failure){
        .line = describe(event),
        .hint = memory_copy_text(event->error.hint),
        .label = choose_label(failures, event->error.kind),
    };
}

static bool has_word(const struct word_list *list, const char *word)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], word) == 0)
            return true;
    return false;
}

void failures_print(const struct failures *failures)
{
    struct word_list told = {0};

    for (size_t i = 0; i < failures->count; i++) {
        const struct failure *failure = &failures->items[i];
        log_failure(failure->label, failure->line);
        if (has_word(&told, failure->hint))
            continue;
        log_hint(failure->hint);
        word_list_add(&told, failure->hint);
    }
    word_list_clear(&told);
}

void failures_clear(struct failures *failures)
{
    for (size_t i = 0; i < failures->count; i++) {
        free(failures->items[i].line);
        free(failures->items[i].hint);
    }
    free(failures->items);
    *failures = (struct failures){0};
}
