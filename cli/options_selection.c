#include "cli/options_selection.h"

#define LIST(name) offsetof(struct selection_arguments, name)
#define CHOICE(name) offsetof(struct selection_arguments, selection.name)

const struct option_choice section_choices[] = {
    {"pre-data", PGFAST_SECTION_PRE_DATA},
    {"data", PGFAST_SECTION_DATA},
    {"post-data", PGFAST_SECTION_POST_DATA},
    {0},
};

const struct option selection_options[] = {
    {.name = "data-only",
     .letter = 'a',
     .kind = OPTION_FLAG,
     .member = CHOICE(data_only),
     .help = "only the data, no schema"},
    {.name = "create",
     .letter = 'C',
     .kind = OPTION_FLAG,
     .member = CHOICE(create),
     .help = "create the target database, and connect to it"},
    {.name = "index",
     .letter = 'I',
     .kind = OPTION_LIST,
     .member = LIST(indexes),
     .value_name = "NAME",
     .help = "the named index"},
    {.name = "use-list",
     .letter = 'L',
     .kind = OPTION_TEXT,
     .member = CHOICE(use_list_path),
     .value_name = "FILE",
     .help = "what FILE lists, in its order (see pgfast list)"},
    {.name = "schema",
     .letter = 'n',
     .kind = OPTION_LIST,
     .member = LIST(schemas),
     .value_name = "NAME",
     .help = "only objects in this schema"},
    {.name = "exclude-schema",
     .letter = 'N',
     .kind = OPTION_LIST,
     .member = LIST(excluded_schemas),
     .value_name = "NAME",
     .help = "no objects in this schema"},
    {.name = "no-owner",
     .letter = 'O',
     .kind = OPTION_FLAG,
     .member = CHOICE(no_owner),
     .help = "no ownership of objects"},
    {.name = "function",
     .letter = 'P',
     .kind = OPTION_LIST,
     .member = LIST(functions),
     .value_name = "NAME(args)",
     .help = "the named function"},
    {.name = "schema-only",
     .letter = 's',
     .kind = OPTION_FLAG,
     .member = CHOICE(schema_only),
     .help = "only the schema, no data"},
    {.name = "table",
     .letter = 't',
     .kind = OPTION_LIST,
     .member = LIST(tables),
     .value_name = "NAME",
     .help = "the named relation (table, view, etc.)"},
    {.name = "trigger",
     .letter = 'T',
     .kind = OPTION_LIST,
     .member = LIST(triggers),
     .value_name = "NAME",
     .help = "the named trigger"},
    {.name = "no-privileges",
     .letter = 'x',
     .kind = OPTION_FLAG,
     .member = CHOICE(no_privileges),
     .help = "no access privileges (grant/revoke)"},
    {.name = "no-acl", .kind = OPTION_FLAG, .member = CHOICE(no_privileges)},
    {.name = "no-comments",
     .kind = OPTION_FLAG,
     .member = CHOICE(no_comments),
     .help = "no comments"},
    {.name = "no-data", .kind = OPTION_FLAG, .member = CHOICE(no_data), .help = "no data"},
    {.name = "no-policies",
     .kind = OPTION_FLAG,
     .member = CHOICE(no_policies),
     .help = "no row security policies"},
    {.name = "no-publications",
     .kind = OPTION_FLAG,
     .member = CHOICE(no_publications),
     .help = "no publications"},
    {.name = "no-schema", .kind = OPTION_FLAG, .member = CHOICE(no_schema), .help = "no schema"},
    {.name = "no-security-labels",
     .kind = OPTION_FLAG,
     .member = CHOICE(no_security_labels),
     .help = "no security labels"},
    {.name = "no-statistics",
     .kind = OPTION_FLAG,
     .member = CHOICE(no_statistics),
     .help = "no optimizer statistics"},
    {.name = "no-subscriptions",
     .kind = OPTION_FLAG,
     .member = CHOICE(no_subscriptions),
     .help = "no subscriptions"},
    {.name = "section",
     .kind = OPTION_BITS,
     .member = CHOICE(sections),
     .value_name = "SECTION",
     .choices = section_choices,
     .help = "the named section (pre-data, data, or post-data)"},
    {.name = "statistics", .help = "optimizer statistics, too (so it is by default)"},
    {.name = "statistics-only",
     .kind = OPTION_FLAG,
     .member = CHOICE(statistics_only),
     .help = "only the optimizer statistics"},
    {.name = "strict-names",
     .kind = OPTION_FLAG,
     .member = CHOICE(strict_names),
     .help = "every named table and schema must be in the archive"},
    {.name = "filter",
     .kind = OPTION_REFUSED,
     .value_name = "FILE",
     .way_out = "Name the objects with -n, -N, -t, -I, -P and -T, or list them in a file for -L."},
    {0},
};

struct pgfast_selection selection_lend(const struct selection_arguments *arguments)
{
    struct pgfast_selection selection = arguments->selection;

    selection.schemas = word_list_lend(&arguments->schemas);
    selection.excluded_schemas = word_list_lend(&arguments->excluded_schemas);
    selection.tables = word_list_lend(&arguments->tables);
    selection.indexes = word_list_lend(&arguments->indexes);
    selection.functions = word_list_lend(&arguments->functions);
    selection.triggers = word_list_lend(&arguments->triggers);
    return selection;
}

void selection_clear(struct selection_arguments *arguments)
{
    word_list_clear(&arguments->schemas);
    word_list_clear(&arguments->excluded_schemas);
    word_list_clear(&arguments->tables);
    word_list_clear(&arguments->indexes);
    word_list_clear(&arguments->functions);
    word_list_clear(&arguments->triggers);
}

bool selection_check(const struct command_line *line, struct error *error)
{
    static const struct option_rule rules[] = {
        {.first = "schema-only", .second = "data-only"},
        {.first = "schema-only", .second = "statistics-only"},
        {.first = "data-only", .second = "statistics-only"},
        {.first = "schema-only", .second = "no-schema"},
        {.first = "data-only", .second = "no-data"},
        {.first = "statistics-only", .second = "no-statistics"},
        {.first = "statistics", .second = "no-statistics"},
        {.first = "schema-only", .second = "statistics"},
        {.first = "data-only", .second = "statistics"},
    };

    return command_line_check(line, rules, sizeof rules / sizeof rules[0], error);
}
