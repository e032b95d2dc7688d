#include "cli/command.h"
#include "cli/exit_code.h"
#include "cli/log.h"
#include "cli/signals.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Set for the pg_dump that a dump runs. When that one turns out to be pgfast under another name,
 * the two would start each other without end. */
#define CHILD_VARIABLE "PGFAST_CHILD"

/* The numbers 0 to 2 must not go to files or sockets of the run, where a stray message would be
 * written into an archive. */
static bool open_missing_streams(void)
{
    int descriptor;

    do
        descriptor = open("/dev/null", O_RDWR);
    while (descriptor >= 0 && descriptor <= STDERR_FILENO);
    return descriptor >= 0 && close(descriptor) == 0;
}

static int fail(enum error_kind kind, const char *message, const char *hint)
{
    struct error error;

    error_set(&error, kind, "%s", message);
    error_hint(&error, "%s", hint);
    log_error(&error);
    return exit_code_of(kind);
}

static int fail_unknown(const char *word)
{
    struct error error;

    error_set(&error, ERROR_USAGE, "unknown command \"%s\"", word);
    error_hint(&error, "Try \"pgfast help\" for the commands.");
    log_error(&error);
    return exit_code_of(error.kind);
}

static const char *find_command_name(const char *word)
{
    if (strcmp(word, "--help") == 0 || strcmp(word, "-?") == 0)
        return command_help.name;
    return word;
}

int main(int argc, char **argv)
{
    if (!open_missing_streams())
        return exit_code_of(ERROR_IO);
    signals_ignore_failed_writes();
    if (getenv(CHILD_VARIABLE) != NULL)
        return fail(ERROR_VERSION, "pgfast was started by pgfast in place of pg_dump",
                    "Name the folder of the real pg_dump with --pg-bindir.");
    if (argc < 2)
        return fail(ERROR_USAGE, "no command given", "Try \"pgfast help\" for the commands.");
    if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
        puts("pgfast " PGFAST_VERSION);
        return EXIT_CODE_OK;
    }

    const struct command *command = command_find(find_command_name(argv[1]));
    if (command == NULL)
        return fail_unknown(argv[1]);
    return command->run(command, argc - 1, argv + 1);
}
