#include "engine/restore/options_check.h"

static bool check_salvage(const struct restore_options *options, struct error *error)
{
    if (options->salvages && options->single_transaction)
        return error_set(error, ERROR_USAGE,
                         "what is damaged cannot be left out of a single transaction");
    if (options->salvages && options->exit_on_error)
        return error_set(error, ERROR_USAGE, "a salvage does not stop at an error");
    return true;
}

bool options_check(const struct restore_options *options, struct error *error)
{
    if (options->untrusted && (options->clean || options->selection.create))
        return error_set(error, ERROR_USAGE,
                         "an untrusted archive may neither drop objects nor create a database");
    if (!check_salvage(options, error))
        return false;
    if (options->resume && options->no_journal)
        return error_set(error, ERROR_USAGE, "without a journal nothing can be resumed");
    if (!options->single_transaction)
        return true;
    if (options->resume)
        return error_set(error, ERROR_USAGE,
                         "a restore in one transaction leaves nothing to be resumed");
    if (options->jobs > 1)
        return error_set(error, ERROR_USAGE, "one transaction cannot hold several jobs");
    if (options->selection.create)
        return error_set(error, ERROR_USAGE, "a database cannot be created in a transaction");
    return true;
}
