#include "engine/restore/preflight.h"

#include "engine/restore/needs.h"
#include "engine/restore/preflight_queries.h"

static void tell_unknown(const struct restore *restore, const struct error *why)
{
    event_emit(restore->watch->events, EVENT_DETAIL,
               "what the target lacks cannot be told beforehand: %s", why->message);
}

static void tell_needs(const struct restore *restore, const struct needs *needs,
                       const struct needs *has)
{
    char line[NEEDS_LINE_BYTES];

    for (int need = 0; need < NEED_COUNT; need++)
        if (needs_describe_missing(line, (enum need)need, needs, has))
            event_emit(restore->watch->events, EVENT_WARNING, "%s", line);
}

/* The database that --create makes is another than that of the session. */
static void compare_needs(struct restore *restore)
{
    struct session *session = restore->target->session;
    struct needs needs, has;
    struct error error;

    needs_find(&needs, restore->arena, restore->archive->toc, &restore->selection,
               &restore->settings.statements);
    if (preflight_read_stock(session, restore->arena, &has, &error)) {
        if (restore->options->selection.create)
            needs_of_new_database(&has);
        tell_needs(restore, &needs, &has);
    } else {
        tell_unknown(restore, &error);
    }
    needs_clear(&has);
    needs_clear(&needs);
}

static bool read_encodings(const struct restore *restore, struct encodings *encodings,
                           struct error *error)
{
    bool conforming_strings, has_search_path;
    const char *archive;

    return statement_archive_settings(restore->archive->toc, &conforming_strings, &has_search_path,
                                      &archive, restore->arena, error) &&
           preflight_read_encodings(restore->target->session, restore->arena, archive, encodings,
                                    error);
}

/* With --create the database has the encoding that the archive says. */
static void compare_encodings(const struct restore *restore)
{
    struct encodings encodings;
    struct error error;

    if (restore->options->selection.create || restore->plan.wanted_count == 0)
        return;
    if (!read_encodings(restore, &encodings, &error))
        tell_unknown(restore, &error);
    else if (needs_encoding_may_refuse(encodings.archive, encodings.database))
        event_emit(restore->watch->events, EVENT_WARNING,
                   "the archive is in encoding %s, the database in %s: rows that cannot be "
                   "converted will be refused",
                   encodings.archive, encodings.database);
}

void preflight_tell_missing(struct restore *restore)
{
    compare_needs(restore);
    compare_encodings(restore);
}
