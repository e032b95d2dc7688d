/* The options of pgfast restore: pg_restore's. */
#ifndef PGFAST_CLI_OPTIONS_RESTORE_H
#define PGFAST_CLI_OPTIONS_RESTORE_H

#include "cli/options_connection.h"
#include "cli/options_general.h"
#include "cli/options_selection.h"
#include "engine/pgfast.h"

struct restore_arguments {
    struct general_arguments general;
    struct connection_arguments connection;
    struct selection_arguments selection;
    struct pgfast_restore_options restore; /* all but its connection and selection */
    const char *format;
    bool wants_list, is_dry_run;
};

/* Both fill struct restore_arguments. */
extern const struct option restore_run_options[];
extern const struct option restore_session_options[];

#endif
