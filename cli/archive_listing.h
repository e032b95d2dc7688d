/* The contents of an archive, or what a restore would do with it, on standard output. */
#ifndef PGFAST_CLI_ARCHIVE_LISTING_H
#define PGFAST_CLI_ARCHIVE_LISTING_H

#include "cli/options_selection.h"
#include "engine/pgfast.h"

bool archive_listing_print(const char *path, const struct selection_arguments *arguments,
                           bool is_verbose, struct error *error) MUST_CHECK;
bool archive_listing_rehearse(const struct pgfast_restore_options *options,
                              struct error *error) MUST_CHECK;

#endif
