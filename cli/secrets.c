#include "cli/secrets.h"

#include "engine/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <termios.h>
#include <unistd.h>

#define TERMINAL "/dev/tty"
#define PASSWORD_ROOM_BYTES 4096

void secrets_protect_memory(void)
{
    const struct rlimit nothing = {0, 0};

    /* Where a container forbids it, the run is no worse than without. */
    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)setrlimit(RLIMIT_CORE, &nothing);
}

static bool is_uri(const char *text)
{
    return strncmp(text, "postgresql://", 13) == 0 || strncmp(text, "postgres://", 11) == 0;
}

/* user:password@ stands before the first slash; parameters, whose names may be percent-encoded,
 * stand behind a question mark. */
static bool names_password(const char *authority)
{
    const char *colon = strchr(authority, ':');

    return colon != NULL && strchr(colon, '@') != NULL;
}

static bool uri_may_hold_password(const char *text)
{
    const char *authority = strstr(text, "://") + 3;

    return strchr(authority, '?') != NULL || names_password(authority);
}

bool secrets_shows_password(const char *text)
{
    if (strstr(text, "password") != NULL && strchr(text, '=') != NULL)
        return true;
    return is_uri(text) && names_password(strstr(text, "://") + 3);
}

bool secrets_may_hold_password(const char *text)
{
    /* Parameters of libpq whose values are secret have one of these in their names. */
    static const char *const signs[] = {"password", "secret", "scram_"};

    if (is_uri(text))
        return uri_may_hold_password(text);
    if (strchr(text, '=') == NULL)
        return false;
    for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++)
        if (strstr(text, signs[i]) != NULL)
            return true;
    return false;
}

char *secrets_take_text(char *word)
{
    char *copy = memory_copy_text(word);

    if (!secrets_may_hold_password(word))
        return copy;
    memset(word, '*', strlen(word));
    secrets_protect_memory();
    return copy;
}

char *secrets_take_variable(const char *name)
{
    char *value = getenv(name);

    if (value == NULL || value[0] == '\0')
        return NULL;
    char *copy = memory_copy_text(value);
    explicit_bzero(value, strlen(value));
    unsetenv(name);
    secrets_protect_memory();
    return copy;
}

void secrets_free_text(char *text)
{
    if (text == NULL)
        return;
    explicit_bzero(text, strlen(text));
    free(text);
}

bool secrets_can_ask(void)
{
    int terminal = open(TERMINAL, O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (terminal < 0)
        return false;
    close(terminal);
    return true;
}

/* One line, without its end. A line longer than the room is an error, not a shorter password. */
static bool read_line(int terminal, char *line, size_t room_bytes, struct error *error)
{
    for (size_t length = 0; length < room_bytes; length++) {
        ssize_t got = read(terminal, &line[length], 1);
        if (got < 0 && errno == EINTR)
            return error_set(error, ERROR_CANCELLED, "interrupted while asking for the password");
        if (got < 0)
            return error_set_os(error, errno, "could not read the password from \"%s\"", TERMINAL);
        if (got == 0 || line[length] == '\n' || line[length] == '\r') {
            line[length] = '\0';
            return true;
        }
    }
    return error_set(error, ERROR_USAGE, "the password is longer than %zu bytes", room_bytes - 1);
}

/* A prompt that cannot be shown does not keep anyone from typing. */
static void show(int terminal, const char *text)
{
    ssize_t shown = write(terminal, text, strlen(text));

    (void)shown;
}

static bool ask_at(int terminal, char *line, size_t room_bytes, struct error *error)
{
    struct termios before, silent;

    if (tcgetattr(terminal, &before) != 0)
        return error_set_os(error, errno, "could not switch off the echo of \"%s\"", TERMINAL);
    silent = before;
    silent.c_lflag &= ~(tcflag_t)ECHO;
    if (tcsetattr(terminal, TCSAFLUSH, &silent) != 0)
        return error_set_os(error, errno, "could not switch off the echo of \"%s\"", TERMINAL);

    show(terminal, "Password: ");
    bool is_read = read_line(terminal, line, room_bytes, error);
    (void)tcsetattr(terminal, TCSAFLUSH, &before);
    show(terminal, "\n");
    return is_read;
}

bool secrets_ask_password(char **password, struct error *error)
{
    char line[PASSWORD_ROOM_BYTES];
    int terminal = open(TERMINAL, O_RDWR | O_NOCTTY | O_CLOEXEC);

    if (terminal < 0) {
        error_set_os(error, errno, "could not ask for the password at \"%s\"", TERMINAL);
        error_hint(error, "Put the password into ~/.pgpass, or set PGPASSFILE.");
        return false;
    }
    secrets_protect_memory();
    bool is_read = ask_at(terminal, line, sizeof line, error);
    if (is_read)
        *password = memory_copy_text(line);
    explicit_bzero(line, sizeof line);
    close(terminal);
    return is_read;
}
