/* What of an archive is meant: options of restore and list. */
#ifndef PGFAST_CLI_OPTIONS_SELECTION_H
#define PGFAST_CLI_OPTIONS_SELECTION_H

#include "cli/command_line.h"
#include "cli/option.h"
#include "cli/word_list.h"
#include "engine/pgfast.h"

struct selection_arguments {
    struct word_list schemas, excluded_schemas, tables, indexes, functions, triggers;
    struct pgfast_selection selection; /* all but its lists */
};

extern const struct option selection_options[];

/* What the library takes; its lists are lent by `arguments`. */
struct pgfast_selection selection_lend(const struct selection_arguments *arguments);
void selection_clear(struct selection_arguments *arguments);

/* Options about content that exclude each other; the same for dump, restore and list. */
bool selection_check(const struct command_line *line, struct error *error) MUST_CHECK;

extern const struct option_choice section_choices[];

#endif
