#include "engine/restore/load_begin.h"

#include "engine/base/arena.h"

#include <stdio.h>

void load_label(char label[LABEL_BYTES], const struct plan_step *step)
{
    char entry_label[LABEL_BYTES];

    label_entry(entry_label, step->entry);
    if (step->table != NULL && step->table->data_count > 1)
        snprintf(label, LABEL_BYTES, "%.200s (%.50s)", entry_label, step->entry->file_name);
    else
        snprintf(label, LABEL_BYTES, "%s", entry_label);
}

bool load_settings(struct target *target, const char *label, const struct toc_entry *entry,
                   struct error *error)
{
    struct statement_list list;

    if (!statement_before_data(&list, target->arena, entry, &target->settings->statements,
                               &target->state, error))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        if (!target_execute(target, label, list.items[i].sql, error)) {
            target->state = (struct statement_state){.user = NULL};
            return false;
        }
    }
    return true;
}

/* Both come in one string: a round trip saved, and there is one such for every table. */
bool load_begin(struct target *target, const struct toc_entry *entry, struct error *error)
{
    const char *begin = target->settings->is_one_transaction ? "" : "BEGIN; ";

    return copy_in_begin(target->session,
                         arena_print(target->arena, "%s%s", begin, entry->copy_statement), error);
}
