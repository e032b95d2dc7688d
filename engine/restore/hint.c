#include "engine/restore/hint.h"

#include <stddef.h>
#include <string.h>

struct advice {
    const char *sqlstate;
    const char *word;     /* of the English message, or NULL: other languages go without the hint */
    enum entry_type type; /* ENTRY_UNKNOWN: any */
    const char *text;
};

static const char exists_advice[] =
    "The target has it already: restore into an empty database, or use --clean --if-exists.";
static const char kept_advice[] =
    "--clean could not drop what is there: drop it yourself, or restore into an empty database.";
static const char extension_advice[] =
    "The server lacks the extension's files: install its package on the server's machine.";
static const char tablespace_advice[] = "Create the tablespace, or use --no-tablespaces.";
static const char access_method_advice[] =
    "Install the access method, or use --no-table-access-method.";
static const char encoding_advice[] =
    "The target database has another encoding than the data needs: create it with the encoding "
    "of the source.";

/* The first row that fits. */
static const struct advice advices[] = {
    {"42704", "role", ENTRY_POLICY,
     "Create the role, or use --no-policies to do without the policy."},
    {"42704", "role", ENTRY_UNKNOWN,
     "Create the role, or use --no-owner and --no-privileges to do without it."},
    {"42704", "tablespace", ENTRY_UNKNOWN, tablespace_advice},
    {"22023", "default_tablespace", ENTRY_UNKNOWN, tablespace_advice},
    {"42704", "access method", ENTRY_UNKNOWN, access_method_advice},
    {"22023", "default_table_access_method", ENTRY_UNKNOWN, access_method_advice},
    {"42P04", NULL, ENTRY_UNKNOWN,
     "The database exists: use --clean with --create to replace it, or restore into it without "
     "--create."},
    {"42P06", NULL, ENTRY_UNKNOWN, exists_advice},
    {"42P07", NULL, ENTRY_UNKNOWN, exists_advice},
    {"42710", NULL, ENTRY_UNKNOWN, exists_advice},
    {"42723", NULL, ENTRY_UNKNOWN, exists_advice},
    {"42P16", "multiple primary keys", ENTRY_UNKNOWN, exists_advice},
    {"58P01", NULL, ENTRY_EXTENSION, extension_advice},
    {"0A000", NULL, ENTRY_EXTENSION, extension_advice},
    {"42883", NULL, ENTRY_STATISTICS_DATA,
     "The server cannot import statistics: use --no-statistics and run ANALYZE."},
    {"42501", NULL, ENTRY_UNKNOWN,
     "Restore as a superuser or as the owner, or use --no-owner and --no-privileges."},
    {"23503", NULL, ENTRY_TABLE_DATA,
     "Rows refer to rows that are not there: restore those too, or load without looking with "
     "--disable-triggers."},
    {"23505", NULL, ENTRY_TABLE_DATA,
     "The table has some of these rows already: empty it first, or use --clean."},
    {"53100", NULL, ENTRY_UNKNOWN, "Free space on the server's disk and restore again."},
    {"53200", "shared memory", ENTRY_UNKNOWN,
     "Raise max_locks_per_transaction on the server, or restore without --single-transaction."},
    {"22021", NULL, ENTRY_UNKNOWN, encoding_advice},
    {"22P05", NULL, ENTRY_UNKNOWN, encoding_advice},
};

/* Before those, where --clean has been tried: it is no way out. */
static const struct advice after_clean[] = {
    {"42P04", NULL, ENTRY_UNKNOWN,
     "--clean could not drop the database: end the sessions in it, or restore into it without "
     "--create."},
    {"42P06", NULL, ENTRY_UNKNOWN, kept_advice},
    {"42P07", NULL, ENTRY_UNKNOWN, kept_advice},
    {"42710", NULL, ENTRY_UNKNOWN, kept_advice},
    {"42723", NULL, ENTRY_UNKNOWN, kept_advice},
    {"42P16", "multiple primary keys", ENTRY_UNKNOWN, kept_advice},
    {"23505", NULL, ENTRY_TABLE_DATA, "The table has some of these rows already: empty it first."},
};

static bool fits(const struct advice *advice, const struct error *error,
                 const struct toc_entry *entry)
{
    if (strcmp(advice->sqlstate, error->sqlstate) != 0)
        return false;
    if (advice->word != NULL && strstr(error->message, advice->word) == NULL)
        return false;
    return advice->type == ENTRY_UNKNOWN || (entry != NULL && entry->type == advice->type);
}

static bool add_from(const struct advice *rows, size_t count, struct error *error,
                     const struct toc_entry *entry)
{
    for (size_t i = 0; i < count; i++) {
        if (fits(&rows[i], error, entry)) {
            error_hint(error, "%s", rows[i].text);
            return true;
        }
    }
    return false;
}

void hint_add(struct error *error, const struct toc_entry *entry, enum hint_course course)
{
    if (error->hint[0] != '\0')
        return;
    if (course == HINT_AFTER_CLEAN &&
        add_from(after_clean, sizeof after_clean / sizeof after_clean[0], error, entry))
        return;
    (void)add_from(advices, sizeof advices / sizeof advices[0], error, entry);
}
