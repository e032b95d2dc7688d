#include "engine/restore/execute_in_order.h"

#include "engine/base/memory.h"
#include "engine/restore/endure.h"

#include <stdlib.h>

static bool conclude_all(struct restore *restore, conclude_entry *conclude,
                         const struct toc_entry *const *entries, const struct outcome *outcomes,
                         size_t count, struct error *error)
{
    for (size_t i = 0; i < count; i++)
        if (!conclude(restore, entries[i], &outcomes[i], error))
            return false;
    return true;
}

bool execute_in_order(struct restore *restore, enum execute_action action, conclude_entry *conclude,
                      const struct toc_entry *const *entries, size_t count, struct error *error)
{
    bool is_well = true;

    for (size_t next = 0; is_well && next < count;) {
        struct outcome *outcomes =
            memory_allocate(restore->target->batch_size.most, sizeof outcomes[0]);
        size_t done =
            endure_entries(restore->target, action, entries + next, count - next, outcomes);

        is_well = conclude_all(restore, conclude, entries + next, outcomes, done, error);
        free(outcomes);
        next += done;
    }
    return is_well;
}
