/* A command is a row: its words for --help, its options, and what it does. */
#ifndef PGFAST_CLI_COMMAND_H
#define PGFAST_CLI_COMMAND_H

#include "cli/command_line.h"
#include "cli/option.h"
#include "cli/options_general.h"

#include <stdio.h>

struct command {
    const char *name;
    const char *summary;  /* one line */
    const char *synopsis; /* what stands behind "pgfast NAME" */
    const char *notes;    /* below the options; "" for none */
    const struct option_group *groups;
    int (*run)(const struct command *command, int argc, char **argv); /* the exit code */
};

extern const struct command *const commands[];        /* ends with NULL */
const struct command *command_find(const char *name); /* NULL: there is none */
void command_print_help(FILE *stream, const struct command *command);

/* Parses, and answers --help and --version. True: go on, the line is the caller's to clear. False:
 * all is said, with *exit_code. `general` lies within `arguments`. */
bool command_begin(const struct command *command, struct command_line *line, void *arguments,
                   const struct general_arguments *general, int argc, char **argv, int *exit_code);

/* Prints the error, with the way to the help of the command where it is one of usage. */
int command_fail(const struct command *command, struct error *error);

/* No more words than the command takes. */
bool command_check_words(const struct command_line *line, size_t at_most,
                         struct error *error) MUST_CHECK;

extern const struct command command_dump, command_restore, command_list, command_verify,
    command_help;

#endif
