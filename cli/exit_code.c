#include "cli/exit_code.h"

#include <assert.h>
#include <signal.h>
#include <stddef.h>

struct meaning {
    enum error_kind kind;
    int code;
    const char *word; /* for programs; never changes either */
    const char *text;
};

/* In the order in which people read them. */
static const struct meaning meanings[] = {
    {ERROR_USAGE, 2, "usage", "the command line is wrong, or its options do not fit together"},
    {ERROR_PARTIAL, 3, "partial",
     "done, but something is missing, as an option allowed; it was named"},
    {ERROR_CONNECTION, 10, "connection", "the server could not be reached"},
    {ERROR_AUTHENTICATION, 11, "authentication", "the server refused the user or the password"},
    {ERROR_PERMISSION, 12, "permission", "the user lacks a privilege"},
    {ERROR_SERVER, 13, "server", "a statement failed, or the connection was lost"},
    {ERROR_TIMEOUT, 14, "timeout", "a lock or another wait took longer than allowed"},
    {ERROR_VERSION, 15, "version", "server or pg_dump of an unsuitable version, or no pg_dump"},
    {ERROR_IO, 20, "io", "a file could not be read or written"},
    {ERROR_NO_SPACE, 21, "no_space", "no space left for the archive"},
    {ERROR_RESOURCE, 22, "resource", "not enough memory, file descriptors or threads"},
    {ERROR_DAMAGED, 30, "damaged", "the archive is damaged"},
    {ERROR_INCOMPLETE, 31, "unfinished", "the archive was never finished"},
    {ERROR_UNSUPPORTED, 32, "unsupported",
     "the archive has a format or version that pgfast does not read"},
    {ERROR_HOSTILE, 34, "hostile",
     "the archive was refused: it reaches beyond itself, or does more than it may"},
    {ERROR_CONFLICT, 40, "conflict", "the target exists already, or cannot be written to"},
    {ERROR_OBJECTS, 41, "objects", "finished, but some objects failed; each was named"},
    {ERROR_DIFFERENT, 42, "different", "the database does not hold what the archive holds"},
    {ERROR_LOCKED, 50, "locked", "another run is at work on the same archive or database"},
    {ERROR_INTERNAL, 70, "internal", "a fault in pgfast itself; please report it"},
    {ERROR_CANCELLED, 130, "cancelled", "stopped by SIGINT (Ctrl-C)"},
};

static const size_t meaning_count = sizeof meanings / sizeof meanings[0];

static const struct meaning *find_meaning(enum error_kind kind)
{
    for (size_t i = 0; i < meaning_count; i++)
        if (meanings[i].kind == kind)
            return &meanings[i];
    /* A failure without a reason is a fault of ours. */
    assert(kind == ERROR_NONE);
    return find_meaning(ERROR_INTERNAL);
}

int exit_code_of(enum error_kind kind)
{
    return find_meaning(kind)->code;
}

const char *exit_code_word(enum error_kind kind)
{
    return find_meaning(kind)->word;
}

int exit_code_of_signal(int signal_number)
{
    return EXIT_CODE_SIGNAL_BASE + signal_number;
}

void exit_code_print_table(FILE *stream)
{
    fprintf(stream, "  %3d  %s\n", EXIT_CODE_OK, "all that was asked is done");
    for (size_t i = 0; i < meaning_count; i++)
        fprintf(stream, "  %3d  %s\n", meanings[i].code, meanings[i].text);
    fprintf(stream, "  %3d  stopped by SIGTERM\n", exit_code_of_signal(SIGTERM));
    fprintf(stream, "       (128 plus the signal's number for SIGHUP and SIGQUIT, too)\n");
}
