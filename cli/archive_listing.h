/* The contents of an archive on standard output. */
#ifndef PGFAST_CLI_ARCHIVE_LISTING_H
#define PGFAST_CLI_ARCHIVE_LISTING_H

#include "cli/options_selection.h"

bool archive_listing_print(const char *path, const struct selection_arguments *arguments,
                           bool is_verbose, struct error *error) MUST_CHECK;

#endif
