#include "cli/options_general.h"

#include <string.h>

const struct option general_options[] = {
    {.name = "verbose",
     .letter = 'v',
     .kind = OPTION_FLAG,
     .member = offsetof(struct general_arguments, is_verbose),
     .help = "tell what is done, object by object"},
    {.name = "version",
     .letter = 'V',
     .kind = OPTION_STOP,
     .member = offsetof(struct general_arguments, wants_version),
     .help = "show the version, then exit"},
    {.name = "help",
     .letter = '?',
     .kind = OPTION_STOP,
     .member = offsetof(struct general_arguments, wants_help),
     .help = "show this help, then exit"},
    {0},
};

const struct option report_options[] = {
    {.name = "report",
     .kind = OPTION_TEXT,
     .member = offsetof(struct general_arguments, report_path),
     .value_name = "FILE",
     .help = "write what became of it to FILE, as JSON"},
    {0},
};

const struct option stall_options[] = {
    {.name = "stall-timeout",
     .kind = OPTION_COUNT,
     .value_name = "SECONDS",
     .maximum = 1000000,
     .environment = "PGFAST_STALL_TIMEOUT",
     .help = "give up when a session is stuck for so long\n(default: 0, never; what it waits for "
             "is told\nafter a minute)"},
    {0},
};

struct format_spelling {
    const char *letter, *word;
};

bool general_check_format(const char *format, const char *way_out, struct error *error)
{
    static const struct format_spelling others[] = {{"c", "custom"}, {"t", "tar"}, {"p", "plain"}};

    if (format == NULL || strcmp(format, "d") == 0 || strcmp(format, "directory") == 0)
        return true;
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        if (strcmp(format, others[i].letter) != 0 && strcmp(format, others[i].word) != 0)
            continue;
        error_set(error, ERROR_USAGE, "-F%s/--format=%s is not supported, only directory is",
                  others[i].letter, others[i].word);
        error_hint(error, "%s", way_out);
        return false;
    }
    return error_set(error, ERROR_USAGE, "unknown archive format \"%s\"", format);
}
