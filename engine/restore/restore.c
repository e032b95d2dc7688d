#include "engine/restore/restore.h"

#include "engine/restore/load_shared.h"

void restore_init(struct restore *restore, const struct restore_options *options,
                  struct watch *watch, struct restore_totals *totals)
{
    *totals = (struct restore_totals){.entries = 0};
    *restore = (struct restore){
        .options = options,
        .watch = watch,
        .arena = arena_create(),
        .account = {.totals = totals, .watch = watch, .salvages = options->salvages},
    };
}

void restore_clear(struct restore *restore)
{
    target_close(restore->target);
    journal_keys_clear(&restore->journal.done);
    connection_free(restore->connection);
    name_set_clear(&restore->kept_tables);
    losses_free(restore->account.losses);
    load_shared_release(&restore->plan);
    archive_close(restore->archive);
    arena_free(restore->arena);
}

bool restore_keeps_order(const struct restore *restore)
{
    return restore->options->jobs <= 1;
}

bool restore_goes_on(const struct restore *restore)
{
    return restore->options->resume || restore->crashes > 0;
}
