/* The options of pgfast dump: pg_dump's, and a few of pgfast's own. */
#ifndef PGFAST_CLI_OPTIONS_DUMP_H
#define PGFAST_CLI_OPTIONS_DUMP_H

#include "cli/options_connection.h"
#include "cli/options_general.h"
#include "engine/pgfast.h"

struct dump_arguments {
    struct general_arguments general;
    struct connection_arguments connection;
    struct pgfast_dump_options dump; /* all but its connection and what goes to pg_dump */
    const char *format;
    unsigned reader_version, sections;
    bool explains_placement;
};

/* All fill struct dump_arguments. */
extern const struct option dump_output_options[];
extern const struct option dump_content_options[]; /* go to pg_dump */
extern const struct option dump_session_options[];
extern const struct option dump_refused_options[];

#endif
