#include "engine/restore/preflight.h"

#include "engine/restore/fresh_tables.h"
#include "engine/restore/journal.h"
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

/* ---- tables that are there already ---- */

enum { MOST_TABLES = 1000, NAMES_BYTES = 600 };

/* To look into a table takes locks on it and on its indexes. */
static size_t most_tables(const struct restore *restore)
{
    size_t fair = restore->settings.lock_slots / 16;

    return fair == 0 ? 1 : fair < MOST_TABLES ? fair : MOST_TABLES;
}

/* Otherwise it is said what is to become of them, or they are of an interrupted run. */
static bool may_come_twice(const struct restore_options *options)
{
    return !options->clean && !options->selection.create && !options->resume &&
           !options->no_data_for_failed_tables;
}

static bool refuse_filled(const struct name_set *filled, struct error *error)
{
    struct text names;

    text_init(&names, sizeof error->message - 1);
    name_set_print(filled, &names, "", NAMES_BYTES);
    if (filled->count == 1)
        error_set(error, ERROR_CONFLICT, "table %s is there already, and holds rows", names.data);
    else
        error_set(error, ERROR_CONFLICT, "%zu tables are there already, and hold rows: %s",
                  filled->count, names.data);
    error_hint(error,
               "Nothing has been changed. Restore into an empty database, replace what is there "
               "with --clean --if-exists, or add the archive's rows to it with --data-only.");
    text_clear(&names);
    return false;
}

/* It has its own say: there is an interrupted restore to go on with. */
static bool is_interrupted(struct session *session)
{
    struct error unknown;
    bool has_journal;

    return journal_is_there(session, &has_journal, &unknown) && has_journal;
}

static void tell_unlooked(const struct restore *restore, const struct error *why)
{
    if (why->kind != ERROR_CANCELLED)
        event_emit(restore->watch->events, EVENT_WARNING,
                   "whether tables are there already, with rows, cannot be told beforehand: %s",
                   why->message);
}

bool preflight_check_tables(struct restore *restore, struct error *error)
{
    struct name_set tables, filled = {.items = NULL};
    struct error unknown;
    bool is_free = true;

    if (!may_come_twice(restore->options) || is_interrupted(restore->target->session))
        return true;
    fresh_tables_find(&tables, restore->arena, &restore->selection, &restore->plan);
    if (tables.count > 0 && !preflight_find_filled(restore->target->session, &tables,
                                                   most_tables(restore), &filled, &unknown))
        tell_unlooked(restore, &unknown);
    else if (filled.count > 0)
        is_free = refuse_filled(&filled, error);
    name_set_clear(&filled);
    name_set_clear(&tables);
    return is_free;
}
