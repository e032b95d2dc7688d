#include "engine/dump/early_options.h"

#include <string.h>

/* pg_dump's options that change neither which tables it reads nor what it reads of them. */
static const char *const harmless[] = {
    "--blobs",
    "--clean",
    "--create",
    "--disable-dollar-quoting",
    "--disable-triggers",
    "--extra-float-digits",
    "--if-exists",
    "--load-via-partition-root",
    "--no-acl",
    "--no-blobs",
    "--no-comments",
    "--no-owner",
    "--no-policies",
    "--no-privileges",
    "--no-publications",
    "--no-security-labels",
    "--no-statistics",
    "--no-subscriptions",
    "--no-table-access-method",
    "--no-tablespaces",
    "--no-toast-compression",
    "--no-unlogged-table-data",
    "--quote-all-identifiers",
    "--role",
    "--serializable-deferrable",
    "--statistics",
    "--superuser",
    "--use-set-session-authorization",
};

static bool is_harmless(const char *argument)
{
    size_t length = strcspn(argument, "=");

    for (size_t i = 0; i < sizeof(harmless) / sizeof(harmless[0]); i++)
        if (strlen(harmless[i]) == length && strncmp(harmless[i], argument, length) == 0)
            return true;
    return false;
}

bool early_options_are_certain(const struct dump_options *options)
{
    /* A snapshot of somebody else's cannot be taken anew where DDL has come between. */
    if (options->snapshot || options->enable_row_security)
        return false;
    for (size_t i = 0; i < options->pg_dump_argument_count; i++)
        if (!is_harmless(options->pg_dump_arguments[i]))
            return false;
    return true;
}
