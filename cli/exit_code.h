/* What the program's exit code tells. Scripts branch on it: the numbers never change. */
#ifndef PGFAST_CLI_EXIT_CODE_H
#define PGFAST_CLI_EXIT_CODE_H

#include "engine/base/error.h"

#include <stdio.h>

enum { EXIT_CODE_OK = 0, EXIT_CODE_SIGNAL_BASE = 128 };

int exit_code_of(enum error_kind kind);
const char *exit_code_word(enum error_kind kind); /* "no_space" */
int exit_code_of_signal(int signal_number);
void exit_code_print_table(FILE *stream);

#endif
