#include "cli/option_help.h"

#include <string.h>

/* pg_dump's layout: the texts stand in one column; a longer option has its text below. */
#define TEXT_COLUMN 31

static int print_spelling(FILE *stream, const struct option *option)
{
    int width = option->letter != '\0'
                    ? fprintf(stream, "  -%c, --%s", option->letter, option->name)
                    : fprintf(stream, "  --%s", option->name);

    if (option->value_name != NULL)
        width += fprintf(stream, option->has_optional_value ? "[=%s]" : "=%s", option->value_name);
    return width;
}

static void print_option(FILE *stream, const struct option *option)
{
    int width = print_spelling(stream, option);

    if (width >= TEXT_COLUMN) {
        fputc('\n', stream);
        width = 0;
    }
    for (const char *line = option->help; *line != '\0';) {
        size_t length = strcspn(line, "\n");
        fprintf(stream, "%*s%.*s\n", TEXT_COLUMN - width, "", (int)length, line);
        line += length + (line[length] == '\n');
        width = 0;
    }
}

static void print_variables(FILE *stream, const struct option_group *groups)
{
    const char *title = "\nEnvironment variables, used where the option is not given:\n";

    for (const struct option_group *group = groups; group->options != NULL; group++) {
        for (const struct option *option = group->options; option->name != NULL; option++) {
            if (option->environment == NULL)
                continue;
            int width = fprintf(stream, "%s  %s", title, option->environment) - (int)strlen(title);
            fprintf(stream, "%*s--%s\n", TEXT_COLUMN - width, "", option->name);
            title = "";
        }
    }
}

void option_help_print(FILE *stream, const struct option_group *groups)
{
    for (const struct option_group *group = groups; group->options != NULL; group++) {
        if (group->title != NULL)
            fprintf(stream, "\n%s:\n", group->title);
        for (const struct option *option = group->options; option->name != NULL; option++)
            if (option->help != NULL)
                print_option(stream, option);
    }
    print_variables(stream, groups);
}
