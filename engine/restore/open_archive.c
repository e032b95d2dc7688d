#include "engine/restore/open_archive.h"

static void tell_damage(struct restore *restore, const struct archive_damage *damage)
{
    struct event_stream *events = restore->watch->events;

    if (damage->is_unfinished)
        event_emit(events, EVENT_WARNING, "the dump was never finished");
    if (damage->manifest.kind != ERROR_NONE)
        event_emit(events, EVENT_WARNING, "the manifest cannot be used: %s",
                   damage->manifest.message);
    if (damage->toc.kind != ERROR_NONE)
        event_emit(events, EVENT_WARNING, "the table of contents may tell wrong things: %s",
                   damage->toc.message);
    restore->account.is_unproven = damage->is_unfinished || damage->manifest.kind != ERROR_NONE ||
                                   damage->toc.kind != ERROR_NONE;
}

/* Without a table of contents that can be read there is nothing to promise. */
static bool can_be_salvaged(const char *path)
{
    struct archive_damage damage;
    struct archive *archive;
    struct error unused;
    bool is_readable = archive_open_for_salvage(&archive, path, &damage, &unused);

    archive_close(archive);
    return is_readable;
}

static bool suggest_salvage(const struct restore_options *options, struct error *error)
{
    if (!options->salvages && error->kind == ERROR_DAMAGED && error->hint[0] == '\0' &&
        can_be_salvaged(options->input_path))
        error_hint(error, "What is intact can be restored with --salvage.");
    return false;
}

static void warn_of_lost_manifest(const struct restore *restore)
{
    if (archive_has_lost_manifest(restore->archive))
        event_emit(restore->watch->events, EVENT_WARNING,
                   "the archive has lost its manifest: damage that a file does not show by itself "
                   "will not be noticed");
}

bool open_archive(struct restore *restore, struct error *error)
{
    const struct restore_options *options = restore->options;
    struct archive_damage damage = {.is_unfinished = false};

    if (options->salvages
            ? !archive_open_for_salvage(&restore->archive, options->input_path, &damage, error)
            : !archive_open(&restore->archive, options->input_path, error))
        return suggest_salvage(options, error);
    if (options->untrusted)
        folder_distrust(restore->archive->folder);
    if (options->salvages)
        tell_damage(restore, &damage);
    else if (!archive_check_sizes(restore->archive, error))
        return suggest_salvage(options, error);
    warn_of_lost_manifest(restore);
    return true;
}
