#include "engine/restore/prepare.h"

#include "engine/restore/announce.h"
#include "engine/restore/check_files.h"
#include "engine/restore/load_shared.h"
#include "engine/restore/measure.h"
#include "engine/restore/open_archive.h"
#include "engine/restore/read_list.h"
#include "engine/restore/target_settings.h"
#include "engine/restore/untrusted.h"

static bool select_entries(struct restore *restore, struct error *error)
{
    struct selection_options options = restore->options->selection;
    const char *list_path = restore->options->use_list_path;

    options.no_statistics = options.no_statistics || restore->options->untrusted;
    if (list_path != NULL && !read_list(&options.use_list, restore->arena, list_path, error))
        return false;
    if (!selection_make(&restore->selection, restore->arena, restore->archive->toc, &options,
                        error))
        return false;
    for (size_t i = 0; i < restore->selection.warning_count; i++)
        event_emit(restore->watch->events, EVENT_WARNING, "%s", restore->selection.warnings[i]);
    return true;
}

/* Of the data that the archive never had; the manifest names each. */
static void tell_losses(const struct restore *restore)
{
    const struct manifest *manifest = restore->archive->manifest;

    if (manifest == NULL || manifest->losses.count == 0)
        return;
    event_emit(restore->watch->events, EVENT_WARNING,
               "the archive lacks what could not be read when it was dumped, %zu %s; the first: %s",
               manifest->losses.count, manifest->losses.count == 1 ? "loss" : "losses",
               manifest->losses.items[0]);
}

/* Switching triggers off is for tables that are there; new ones get theirs when the data is in. */
static bool restores_definitions(const struct restore *restore)
{
    const struct selection_options *options = &restore->options->selection;

    if (options->data_only || options->no_schema || options->statistics_only)
        return false;
    for (size_t i = 0; i < restore->selection.count; i++) {
        if (restore->selection.entries[i].wanted & WANT_SCHEMA)
            return true;
    }
    return false;
}

void prepare_plan(struct restore *restore, bool keeps_order)
{
    const struct plan_options options = {
        .disables_triggers = restore->options->disable_triggers && !restores_definitions(restore),
        .keeps_order = keeps_order,
        .expansion = measure_expansion(restore->archive),
        .gathers_statistics = !restore->options->no_analyze,
        .sessions = restore->options->jobs,
    };

    load_shared_release(&restore->plan);
    plan_make(&restore->plan, restore->arena, restore->archive->toc, &restore->selection,
              restore->stored_bytes, &options);
    load_shared_prepare(&restore->plan, restore->archive, restore->watch);
    losses_free(restore->account.losses);
    restore->account.losses =
        losses_create(&restore->plan, restore->archive, restore->watch->events);
    announce_totals(restore);
}

bool prepare_without_server(struct restore *restore, struct error *error)
{
    atomic_store(&restore->watch->phase, "reading the archive");
    if (!open_archive(restore, error) || !target_settings_make(restore, error) ||
        !select_entries(restore, error))
        return false;
    if (!untrusted_vet_databases(&restore->selection,
                                 restore->settings.statements.conforming_strings, error))
        return false;
    if (restore->options->untrusted &&
        !untrusted_vet(restore->archive->toc, &restore->selection, restore->watch->events, error))
        return false;
    tell_losses(restore);
    restore->stored_bytes =
        measure_stored_bytes(&restore->selection, restore->archive, restore->arena);
    prepare_plan(restore, restore_keeps_order(restore));
    return check_files(restore, error);
}
