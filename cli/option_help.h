/* The part of --help that lists options, made of their rows. */
#ifndef PGFAST_CLI_OPTION_HELP_H
#define PGFAST_CLI_OPTION_HELP_H

#include "cli/option.h"

#include <stdio.h>

void option_help_print(FILE *stream, const struct option_group *groups);

#endif
