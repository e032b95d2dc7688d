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

/* More than anybody has installed; what comes later is not looked at. */
enum { MOST_CANDIDATES = 64 };

struct candidate {
    struct pg_dump_program program; /* major 0: not known (yet) */
    dev_t device;
    ino_t inode;
    bool is_wrapper; /* picks one of the others, and takes its time for it */
    struct child child;
};

struct search {
    struct candidate candidates[MOST_CANDIDATES];
    size_t count;
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

/* ---- who might do ---- */

static bool is_ourselves(const struct stat *it)
{
    struct stat us;

    return stat("/proc/self/exe", &us) == 0 && it->st_dev == us.st_dev && it->st_ino == us.st_ino;
}

static bool is_known(const struct search *search, const struct stat *it)
{
    for (size_t i = 0; i < search->count; i++)
        if (search->candidates[i].device == it->st_dev && search->candidates[i].inode == it->st_ino)
            return true;
    return false;
}

/* Debian's /usr/bin/pg_dump is a link to a script of another name. */
static bool leads_elsewhere(const char *path)
{
    char target[PATH_MAX];

    if (!realpath(path, target))
        return false;

    const char *name = strrchr(target, '/');

    return name && strcmp(name, "/pg_dump") != 0;
}

static void consider(struct search *search, const char *path)
{
    struct candidate *candidate = &search->candidates[search->count];
    struct stat it;

    if (search->count == MOST_CANDIDATES || strlen(path) >= sizeof(candidate->program.path) ||
        access(path, X_OK) != 0 || stat(path, &it) != 0 || is_ourselves(&it) ||
        is_known(search, &it))
        return;
    *candidate = (struct candidate){
        .device = it.st_dev, .inode = it.st_ino, .is_wrapper = leads_elsewhere(path)};
    snprintf(candidate->program.path, sizeof(candidate->program.path), "%s", path);
    search->count++;
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

static void consider_all(struct search *search, const char *bindir)
{
    if (bindir) {
        consider_folder(search, bindir, strlen(bindir));
        return;
    }
    consider_path(search);
    for (size_t i = 0; i < sizeof(versioned_folders) / sizeof(versioned_folders[0]); i++)
        consider_pattern(search, versioned_folders[i]);
}

/* ---- what they say ---- */

static void start_asking(struct candidate *candidate, char **environment)
{
    char *arguments[] = {candidate->program.path, (char[]){"--version"}, NULL};
    struct error unused;

    if (!child_start(&candidate->child, candidate->program.path, arguments, environment,
                     STDOUT_FILENO, &unused))
        candidate->child.pid = 0;
}

static void hear_answer(struct candidate *candidate)
{
    char line[256];

    if (candidate->child.pid == 0)
        return;
    if (read_answer(&candidate->child, line, sizeof(line)) == 0 ||
        !pg_dump_parse_version(line, &candidate->program))
        candidate->program.major = 0;
    child_end(&candidate->child);
}

/* All at the same time: each takes a few milliseconds to start, and a dump can be short. */
static void ask_versions(struct search *search, bool of_wrappers)
{
    char **environment = environment_without_password();

    for (size_t i = 0; i < search->count; i++)
        if (search->candidates[i].is_wrapper == of_wrappers)
            start_asking(&search->candidates[i], environment);
    for (size_t i = 0; i < search->count; i++)
        if (search->candidates[i].is_wrapper == of_wrappers)
            hear_answer(&search->candidates[i]);
    free(environment);
}

static const struct pg_dump_program *newest(const struct search *search)
{
    const struct pg_dump_program *best = NULL;

    for (size_t i = 0; i < search->count; i++) {
        const struct pg_dump_program *program = &search->candidates[i].program;

        if (program->major > (best ? best->major : 0))
            best = program;
    }
    return best;
}

static void list_found(const struct search *search, struct text *list)
{
    for (size_t i = 0; i < search->count; i++) {
        const struct pg_dump_program *program = &search->candidates[i].program;

        if (program->major > 0)
            text_print(list, "%s%s (%s)", list->length_bytes ? ", " : "", program->path,
                       program->version);
    }
}

static bool explain(const struct search *search, int wanted_major, const char *bindir,
                    struct error *error)
{
    struct text found;

    text_init(&found, 4096);
    list_found(search, &found);
    error_set(error, ERROR_VERSION, "no pg_dump of version %d or newer found%s%s; found: %s",
              wanted_major, bindir ? " in " : "", bindir ? bindir : "",
              found.length_bytes ? found.data : "none");
    error_hint(error,
               "Install the package postgresql-client-%d (Debian, Ubuntu) or postgresql%d (Red "
               "Hat), or point "
               "--pg-bindir at the folder of a newer pg_dump.",
               wanted_major, wanted_major);
    text_clear(&found);
    return false;
}

bool find_pg_dump(struct pg_dump_program *program, const char *bindir, int server_version,
                  struct error *error)
{
    struct search *search = memory_allocate(1, sizeof(*search));
    int wanted_major = server_version / 10000;
    const struct pg_dump_program *best;

    consider_all(search, bindir);
    ask_versions(search, false);
    best = newest(search);
    if (!best || best->major < wanted_major) {
        ask_versions(search, true);
        best = newest(search);
    }

    bool is_found = best && best->major >= wanted_major;

    if (is_found)
        *program = *best;
    else
        explain(search, wanted_major, bindir, error);
    free(search);
    return is_found;
}
