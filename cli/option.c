#include "cli/option.h"

#include "cli/secrets.h"
#include "cli/word_list.h"
#include "engine/base/size_text.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool find_exact_name(const struct option_group *groups, const char *name, size_t length,
                            struct option_match *match)
{
    for (const struct option_group *group = groups; group->options != NULL; group++) {
        for (const struct option *option = group->options; option->name != NULL; option++) {
            if (strlen(option->name) != length || memcmp(option->name, name, length) != 0)
                continue;
            *match = (struct option_match){.option = option, .group = group};
            return true;
        }
    }
    return false;
}

/* How many options begin with the name; *match is the last of them, *other the one before. */
static size_t count_beginnings(const struct option_group *groups, const char *name, size_t length,
                               struct option_match *match, const struct option **other)
{
    size_t found = 0;

    for (const struct option_group *group = groups; group->options != NULL; group++) {
        for (const struct option *option = group->options; option->name != NULL; option++) {
            if (strncmp(option->name, name, length) != 0)
                continue;
            if (found++ > 0)
                *other = match->option;
            *match = (struct option_match){.option = option, .group = group};
        }
    }
    return found;
}

bool option_find_name(const struct option_group *groups, const char *name, size_t length,
                      struct option_match *match, struct error *error)
{
    const struct option *other = NULL;

    if (find_exact_name(groups, name, length, match))
        return true;
    size_t found = count_beginnings(groups, name, length, match, &other);
    if (found == 1)
        return true;
    if (found == 0)
        return error_set(error, ERROR_USAGE, "unknown option \"--%.*s\"", (int)length, name);
    return error_set(
        error, ERROR_USAGE, "option \"--%.*s\" is ambiguous: it could be \"--%s\" or \"--%s\"%s",
        (int)length, name, other->name, match->option->name, found > 2 ? " or others" : "");
}

bool option_find_letter(const struct option_group *groups, char letter, struct option_match *match,
                        struct error *error)
{
    for (const struct option_group *group = groups; group->options != NULL; group++) {
        for (const struct option *option = group->options; option->name != NULL; option++) {
            if (option->letter != letter)
                continue;
            *match = (struct option_match){.option = option, .group = group};
            return true;
        }
    }
    return error_set(error, ERROR_USAGE, "unknown option \"-%c\"", letter);
}

void option_label(const struct option *option, char label[OPTION_LABEL_BYTES])
{
    if (option->letter != '\0')
        snprintf(label, OPTION_LABEL_BYTES, "-%c/--%s", option->letter, option->name);
    else
        snprintf(label, OPTION_LABEL_BYTES, "--%s", option->name);
}

static bool refuse_value(const struct option *option, const char *value, const char *wanted,
                         struct error *error)
{
    char label[OPTION_LABEL_BYTES];

    option_label(option, label);
    return error_set(error, ERROR_USAGE, "invalid value \"%s\" for option %s: %s", value, label,
                     wanted);
}

static const struct option_choice *find_choice(const struct option *option, const char *word)
{
    for (const struct option_choice *choice = option->choices; choice && choice->word; choice++)
        if (strcmp(choice->word, word) == 0)
            return choice;
    return NULL;
}

static bool read_choice(const struct option *option, const char *value, unsigned *number,
                        struct error *error)
{
    const struct option_choice *choice = find_choice(option, value);

    if (choice != NULL) {
        *number = choice->value;
        return true;
    }
    char wanted[256] = "it must be one of";
    for (choice = option->choices; choice->word != NULL; choice++) {
        size_t length = strlen(wanted);
        snprintf(wanted + length, sizeof wanted - length, "%s \"%s\"",
                 choice == option->choices ? "" : ",", choice->word);
    }
    return refuse_value(option, value, wanted, error);
}

static bool read_count(const struct option *option, const char *value, unsigned *number,
                       struct error *error)
{
    const struct option_choice *choice = find_choice(option, value);
    char *end;

    if (choice != NULL) {
        *number = choice->value;
        return true;
    }
    errno = 0;
    unsigned long long read = strtoull(value, &end, 10);
    bool is_number = value[0] >= '0' && value[0] <= '9' && *end == '\0' && errno == 0;
    if (is_number && read >= option->minimum && read <= option->maximum) {
        *number = (unsigned)read;
        return true;
    }
    char wanted[128];
    snprintf(wanted, sizeof wanted, "it must be a number from %u to %u%s%s", option->minimum,
             option->maximum, option->choices == NULL ? "" : ", or ",
             option->choices == NULL ? "" : option->choices->word);
    return refuse_value(option, value, wanted, error);
}

static bool read_size(const struct option *option, const char *value, uint64_t *bytes,
                      struct error *error)
{
    if (size_text_parse(value, bytes) && *bytes > 0)
        return true;
    return refuse_value(option, value, "it must be a size like \"64MB\" or \"1.5 GB\"", error);
}

static bool apply_value(const struct option *option, void *member, char *value, struct error *error)
{
    unsigned number = 0;

    switch (option->kind) {
    case OPTION_TEXT:
        if (option->choices != NULL && !read_choice(option, value, &number, error))
            return false;
        *(const char **)member = value;
        return true;
    case OPTION_SECRET:
        secrets_free_text(*(char **)member);
        *(char **)member = secrets_take_text(value);
        return true;
    case OPTION_LIST:
        word_list_add(member, value);
        return true;
    case OPTION_COUNT:
        return read_count(option, value, member, error);
    case OPTION_SIZE:
        return read_size(option, value, member, error);
    case OPTION_BITS:
        if (!read_choice(option, value, &number, error))
            return false;
        *(unsigned *)member |= number;
        return true;
    default:
        assert(!"an option of unknown kind");
        return false;
    }
}

bool option_apply(const struct option_match *match, void *arguments, char *value,
                  struct error *error)
{
    const struct option *option = match->option;
    void *member = (char *)arguments + match->group->target + option->member;

    switch (option->kind) {
    case OPTION_NONE:
        return true;
    case OPTION_FLAG:
    case OPTION_STOP:
        *(bool *)member = true;
        return true;
    case OPTION_REFUSED:
        error_set(error, ERROR_USAGE, "option --%s is not supported", option->name);
        error_hint(error, "%s", option->way_out);
        return false;
    default:
        break;
    }
    if (value == NULL && option->has_optional_value)
        return true;
    assert(value != NULL);
    return apply_value(option, member, value, error);
}
