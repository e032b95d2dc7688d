/* Options as rows of tables: the parser, the environment, --help and the tests all read the same
 * row. A group of rows fills one struct; a command accepts groups, whose structs are members of the
 * command's own. */
#ifndef PGFAST_CLI_OPTION_H
#define PGFAST_CLI_OPTION_H

#include "engine/base/error.h"

#include <stdbool.h>
#include <stddef.h>

enum option_kind {
    OPTION_NONE,   /* fills nothing: passed on, or without effect today */
    OPTION_FLAG,   /* bool, becomes true */
    OPTION_STOP,   /* as FLAG, and nothing behind it is looked at: --help */
    OPTION_TEXT,   /* const char *, lent from argv or the environment; one of `choices` if any */
    OPTION_SECRET, /* char *, a copy that its owner wipes; hidden in argv (see secrets.h) */
    OPTION_LIST,   /* struct word_list, one more word each time */
    OPTION_COUNT,  /* unsigned, minimum … maximum */
    OPTION_SIZE,   /* uint64_t, bytes */
    OPTION_BITS,   /* unsigned, `choices` added up each time */
    OPTION_REFUSED /* known, but not done here: `way_out` says what to do instead */
};

struct option_choice {
    const char *word;
    unsigned value;
};

struct option {
    const char *name;       /* without its dashes */
    size_t member;          /* offset in the struct that the group fills */
    const char *value_name; /* as help shows it; NULL: takes no value */
    const char *help;       /* lines; NULL: understood, but not shown (old spellings) */
    const struct option_choice *choices; /* what the value may be; COUNT: words besides numbers */
    const char *environment; /* a variable that stands in for the option where it is not given */
    const char *passed_as;   /* to pg_dump, in place of "--name" */
    const char *way_out;
    unsigned minimum, maximum; /* COUNT */
    enum option_kind kind;
    char letter;             /* 0: none */
    bool is_passed_on;       /* goes to pg_dump, too */
    bool has_optional_value; /* only "--name=VALUE" gives it one */
};

/* Rows end with one that has no name, groups with one that has no options. A group without a title
 * goes on with the one before. */
struct option_group {
    const char *title;
    const struct option *options;
    size_t target; /* offset of the group's struct in the command's */
};

/* The row and the struct it fills. */
struct option_match {
    const struct option *option;
    const struct option_group *group;
};

/* A long name may be cut short as long as only one option begins so. ERROR_USAGE names the
 * candidates otherwise. */
bool option_find_name(const struct option_group *groups, const char *name, size_t length,
                      struct option_match *match, struct error *error) MUST_CHECK;
bool option_find_letter(const struct option_group *groups, char letter, struct option_match *match,
                        struct error *error) MUST_CHECK;

/* `arguments` is the command's struct. `value` is NULL where the option takes none. */
bool option_apply(const struct option_match *match, void *arguments, char *value,
                  struct error *error) MUST_CHECK;

/* "-j/--jobs", as PostgreSQL's tools name an option in messages. */
#define OPTION_LABEL_BYTES 64
void option_label(const struct option *option, char label[OPTION_LABEL_BYTES]);

#endif
