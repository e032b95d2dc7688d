/* argv, taken apart by option rows: what is given, what is left over, what goes to pg_dump. */
#ifndef PGFAST_CLI_COMMAND_LINE_H
#define PGFAST_CLI_COMMAND_LINE_H

#include "cli/option.h"
#include "engine/pgfast.h"

struct command_line {
    char **words; /* arguments that belong to no option; lent from argv */
    size_t word_count;
    char **passed; /* options for pg_dump, in their order; owned, word by word */
    size_t passed_count;
    const struct option **given;
    size_t given_count;
};

/* Fills the structs of the groups within `arguments`, the environment first. argv[0] is not looked
 * at. Options and other words may be mixed, as getopt_long allows; "--" ends the options. On
 * failure the line is cleared. */
bool command_line_parse(struct command_line *line, const struct option_group *groups,
                        void *arguments, int argc, char **argv, struct error *error) MUST_CHECK;
void command_line_clear(struct command_line *line);

bool command_line_has(const struct command_line *line, const char *option_name);
struct pgfast_string_list command_line_lend_passed(const struct command_line *line);

/* Two options that exclude each other, or (needs) of which the first makes no sense alone. */
struct option_rule {
    const char *first, *second;
    bool needs;
};

bool command_line_check(const struct command_line *line, const struct option_rule *rules,
                        size_t count, struct error *error) MUST_CHECK;

#endif
