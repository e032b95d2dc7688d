#include "engine/dump/find_pg_dump.h"

#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "engine/dump/child.h"

#include <glob.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* Where packages keep one folder a major version, newest wins wherever it is. */
static const char *const versioned_folders[] = {
    "/usr/lib/postgresql/*/bin/pg_dump", "/usr/pgsql-*/bin/pg_dump",
    "/usr/lib/postgresql*/bin/pg_dump",  "/usr/local/pgsql/bin/pg_dump",
    "/opt/postgresql*/bin/pg_dump",
};

struct search {
    int wanted_major;
    struct pg_dump_program best; /* major 0: none yet */
    struct text found;           /* for the error */
};

bool pg_dump_parse_version(const char *line, struct pg_dump_program *program)
{
    static const char lead[] = "pg_dump (PostgreSQL) ";
    char *end;

    if (strncmp(line, lead, strlen(lead)) != 0)
        return false;
    line += strlen(lead);

    long major = strtol(line, &end, 10);

    if (end == line || major < 1 || major > 999)
        return false;
    program->major = (int)major;
    snprintf(program->version, sizeof(program->version), "%.*s", (int)strcspn(line, "\r\n"), line);
    return true;
}

static bool is_ourselves(const char *path)
{
    struct stat it, us;

    return stat(path, &it) == 0 && stat("/proc/self/exe", &us) == 0 && it.st_dev == us.st_dev &&
           it.st_ino == us.st_ino;
}

/* A well-behaved pg_dump answers at once; one that does not is none we want. */
static size_t read_answer(struct child *child, char *line, size_t room)
{
    size_t length = 0;
    struct pollfd answer = {.fd = child->output, .events = POLLIN};

    while (length + 1 < room && poll(&answer, 1, 5000) > 0) {
        ssize_t got = read(child->output, line + length, room - 1 - length);

        if (got <= 0)
            break;
        length += (size_t)got;
    }
    line[length] = '\0';
    return length;
}

/* Whatever turns out to lie in PATH under this name is no one to show a password to. */
static char **environment_without_password(void)
{
    size_t count = 0, kept = 0;

    while (environ[count])
        count++;

    char **environment = memory_allocate(count + 1, sizeof(char *));

    for (size_t i = 0; i < count; i++)
        if (strncmp(environ[i], "PGPASSWORD=", strlen("PGPASSWORD=")) != 0)
            environment[kept++] = environ[i];
    return environment;
}

static bool ask_version(struct pg_dump_program *program)
{
    char *arguments[] = {program->path, (char[]){"--version"}, NULL};
    struct child child;
    struct error unused;
    char line[256];

    char **environment = environment_without_password();
    bool is_started =
        child_start(&child, program->path, arguments, environment, STDOUT_FILENO, &unused);

    free(environment);
    if (!is_started)
        return false;

    size_t length = read_answer(&child, line, sizeof(line));

    child_end(&child);
    return length > 0 && pg_dump_parse_version(line, program);
}

static void consider(struct search *search, const char *path)
{
    struct pg_dump_program program = {.major = 0};

    if (strlen(path) >= sizeof(program.path) || access(path, X_OK) != 0 || is_ourselves(path))
        return;
    snprintf(program.path, sizeof(program.path), "%s", path);
    if (!ask_version(&program))
        return;
    text_print(&search->found, "%s%s (%s)", search->found.length_bytes ? ", " : "", path,
               program.version);
    if (program.major > search->best.major)
        search->best = program;
}

static void consider_folder(struct search *search, const char *folder, size_t length)
{
    char path[PATH_MAX];

    if (length > 0 &&
        snprintf(path, sizeof(path), "%.*s/pg_dump", (int)length, folder) < (int)sizeof(path))
        consider(search, path);
}

static void consider_path(struct search *search)
{
    const char *path = getenv("PATH");

    while (path && *path) {
        size_t length = strcspn(path, ":");

        consider_folder(search, path, length);
        path += length + (path[length] == ':');
    }
}

static void consider_pattern(struct search *search, const char *pattern)
{
    glob_t matches;

    if (glob(pattern, 0, NULL, &matches) == 0)
        for (size_t i = 0; i < matches.gl_pathc; i++)
            consider(search, matches.gl_pathv[i]);
    globfree(&matches);
}

static bool explain(const struct search *search, const char *bindir, struct error *error)
{
    error_set(error, ERROR_VERSION, "no pg_dump of version %d or newer found%s%s; found: %s",
              search->wanted_major, bindir ? " in " : "", bindir ? bindir : "",
              search->found.length_bytes ? search->found.data : "none");
    error_hint(error,
               "Install the package postgresql-client-%d (Debian, Ubuntu) or postgresql%d (Red "
               "Hat), or point "
               "--pg-bindir at the folder of a newer pg_dump.",
               search->wanted_major, search->wanted_major);
    return false;
}

bool find_pg_dump(struct pg_dump_program *program, const char *bindir, int server_version,
                  struct error *error)
{
    struct search search = {.wanted_major = server_version / 10000};

    text_init(&search.found, 4096);
    if (bindir) {
        consider_folder(&search, bindir, strlen(bindir));
    } else {
        consider_path(&search);
        for (size_t i = 0; i < sizeof(versioned_folders) / sizeof(versioned_folders[0]); i++)
            consider_pattern(&search, versioned_folders[i]);
    }

    bool is_found = search.best.major >= search.wanted_major;

    if (is_found)
        *program = search.best;
    else
        explain(&search, bindir, error);
    text_clear(&search.found);
    return is_found;
}
