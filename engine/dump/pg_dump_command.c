#include "engine/dump/pg_dump_command.h"

#include "engine/base/fault.h"
#include "engine/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

/* ---- private files ---- */

static bool write_private_file(const char *path, const struct text *content, struct error *error)
{
    int file = FAULT_CALL("scratch.create_file",
                          open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600));
    size_t done = 0;

    if (file < 0)
        return error_set_os(error, errno, "could not create \"%s\"", path);
    while (done < content->length_bytes) {
        ssize_t wrote = write(file, content->data + done, content->length_bytes - done);

        if (wrote < 0 && errno != EINTR) {
            error_set_os(error, errno, "could not write \"%s\"", path);
            close(file);
            return false;
        }
        done += wrote > 0 ? (size_t)wrote : 0;
    }
    close(file);
    return true;
}

/* A password file whose one line fits every server: colons and backslashes are escaped, as libpq
 * reads it. */
static bool make_password_file(struct secret_file *file, const char *password, struct error *error)
{
    struct text line;

    text_init(&line, TEXT_MAXIMUM);
    text_append(&line, "*:*:*:*:");
    for (const char *c = password; *c; c++) {
        if (*c == ':' || *c == '\\')
            text_append_char(&line, '\\');
        text_append_char(&line, *c);
    }
    text_append_char(&line, '\n');

    bool is_made = secret_file_open(file, &line, error);

    text_clear(&line);
    return is_made;
}

/* The passphrase of a client key has no file of its own in libpq: a service file carries it. */
static bool make_service_file(struct secret_file *file, const char *passphrase, struct error *error)
{
    struct text lines;

    text_init(&lines, TEXT_MAXIMUM);
    text_print(&lines, "[pgfast]\nsslpassword=%s\n", passphrase);

    bool is_made = secret_file_open(file, &lines, error);

    text_clear(&lines);
    return is_made;
}

static bool make_secrets(struct pg_dump_command *command, const struct connection *connection,
                         struct error *error)
{
    const char *password = connection_value(connection, "password");
    const char *passphrase = connection_value(connection, "sslpassword");

    return (!password || make_password_file(&command->password, password, error)) &&
           (!passphrase || make_service_file(&command->service, passphrase, error));
}

void pg_dump_command_release(struct pg_dump_command *command)
{
    secret_file_close(&command->password);
    secret_file_close(&command->service);
}

/* ---- connection ---- */

static bool is_secret(const char *keyword)
{
    return strcmp(keyword, "password") == 0 || strcmp(keyword, "sslpassword") == 0 ||
           strcmp(keyword, "oauth_client_secret") == 0;
}

/* Its name in pg_stat_activity is ours to give: blockers are found by it. */
static bool is_left_out(const char *keyword, bool has_password)
{
    return is_secret(keyword) || strcmp(keyword, "application_name") == 0 ||
           (has_password && strcmp(keyword, "passfile") == 0);
}

static void append_parameter(struct text *conninfo, const char *keyword, const char *value)
{
    text_print(conninfo, "%s%s='", conninfo->length_bytes ? " " : "", keyword);
    for (const char *c = value; *c; c++) {
        if (*c == '\'' || *c == '\\')
            text_append_char(conninfo, '\\');
        text_append_char(conninfo, *c);
    }
    text_append_char(conninfo, '\'');
}

/* All parameters but the secrets; those come by files that only we and the child can read. */
static void make_conninfo(struct text *conninfo, const struct pg_dump_command *command,
                          const struct connection *connection)
{
    bool has_password = command->password.path[0] != '\0';

    for (size_t i = 0; i < connection->count; i++)
        if (!is_left_out(connection->keywords[i], has_password))
            append_parameter(conninfo, connection->keywords[i], connection->values[i]);
    if (has_password)
        append_parameter(conninfo, "passfile", command->password.path);
    if (command->service.path[0] != '\0')
        append_parameter(conninfo, "service", "pgfast");
}

/* ---- arguments ---- */

static const char spooled_name[] = "pgfast.filter";

/* Somebody may be typing, who must be able to change their mind. */
static bool wait_for_input(const struct cancel *cancel, struct error *error)
{
    struct pollfd watched[2] = {
        {.fd = STDIN_FILENO, .events = POLLIN},
        {.fd = cancel_descriptor(cancel), .events = POLLIN},
    };

    while (poll(watched, 2, -1) < 0 && errno == EINTR)
        continue;
    return !watched[1].revents || error_set(error, ERROR_CANCELLED, "cancelled");
}

static bool read_input(struct text *input, const struct cancel *cancel, struct error *error)
{
    char piece[4096];
    ssize_t got = 1;

    while (got > 0) {
        if (!wait_for_input(cancel, error))
            return false;
        got = read(STDIN_FILENO, piece, sizeof(piece));
        if (got > 0)
            text_append_bytes(input, piece, (size_t)got);
    }
    return got == 0 || error_set_os(error, errno, "could not read the filter from standard input");
}

/* `--filter=-` reads standard input, once; pg_dump may run more than once: so the input goes to a
 * file first. */
static bool spool_input(const char *path, const struct cancel *cancel, struct error *error)
{
    struct text input;

    text_init(&input, TEXT_MAXIMUM);

    bool is_written = read_input(&input, cancel, error) && write_private_file(path, &input, error);

    text_clear(&input);
    return is_written;
}

void pg_dump_command_forget_input(const struct folder *folder)
{
    (void)unlinkat(folder_descriptor(folder), spooled_name, 0);
}

struct argument_list {
    char **items;
    size_t count;
    struct arena *arena;
};

static void add_argument(struct argument_list *list, const char *argument)
{
    list->items[list->count++] = arena_copy_text(list->arena, argument);
}

static bool is_input_filter(const char *const *arguments, size_t index)
{
    return strcmp(arguments[index], "--filter=-") == 0 ||
           (index > 0 && strcmp(arguments[index], "-") == 0 &&
            strcmp(arguments[index - 1], "--filter") == 0);
}

static bool add_user_arguments(struct argument_list *list, const struct ddl_request *request,
                               struct error *error)
{
    const struct dump_options *options = request->options;
    /* Beside the scratch folder, so that it outlives a second attempt. */
    const char *spooled =
        arena_print(list->arena, "%s/%s", folder_path(request->folder), spooled_name);

    for (size_t i = 0; i < options->pg_dump_argument_count; i++) {
        const char *argument = options->pg_dump_arguments[i];

        if (!is_input_filter(options->pg_dump_arguments, i)) {
            add_argument(list, argument);
            continue;
        }
        if (access(spooled, F_OK) != 0 && !spool_input(spooled, request->watch->cancel, error))
            return false;
        add_argument(list, argument[0] == '-' && argument[1] == '\0'
                               ? spooled
                               : arena_print(list->arena, "--filter=%s", spooled));
    }
    return true;
}

static bool make_arguments(struct pg_dump_command *command, struct arena *arena,
                           const struct ddl_request *request, struct error *error)
{
    const struct dump_options *options = request->options;
    struct argument_list list = {
        .items = arena_allocate(arena, options->pg_dump_argument_count + 16, sizeof(char *)),
        .arena = arena};
    struct text conninfo;

    text_init(&conninfo, TEXT_MAXIMUM);
    add_argument(&list, request->program->path);
    add_argument(&list, "--format=directory");
    add_argument(&list, arena_print(arena, "--file=%s", command->output_path));
    add_argument(&list, arena_print(arena, "--snapshot=%s", request->snapshot));
    /* What little data it writes before it is stopped is thrown away. */
    add_argument(&list, "--compress=0");
    add_argument(&list, "--no-sync");
    add_argument(&list, "--no-password");
    if (request->encoding)
        add_argument(&list, arena_print(arena, "--encoding=%s", request->encoding));
    if (strcmp(request->lock_wait_timeout, "0") != 0)
        add_argument(&list,
                     arena_print(arena, "--lock-wait-timeout=%s", request->lock_wait_timeout));

    bool is_made = add_user_arguments(&list, request, error);

    make_conninfo(&conninfo, command, request->connection);
    add_argument(&list, arena_print(arena, "--dbname=%s", conninfo.data));
    text_clear(&conninfo);
    command->arguments = list.items;
    return is_made;
}

/* ---- environment ---- */

/* What the conninfo says already, must not be said again in another way; a password is not needed
 * there at all. */
static bool is_inherited(const char *variable)
{
    static const char *const dropped[] = {
        "PGPASSWORD=",
        "PGPASSFILE=",
        "PGSERVICE=",
        "PGSERVICEFILE=",
        "PGHOST=",
        "PGHOSTADDR=",
        "PGPORT=",
        "PGUSER=",
        "PGDATABASE=",
        "PGAPPNAME=",
        "PGTARGETSESSIONATTRS=",
        "PGLOADBALANCEHOSTS=",
        "LC_ALL=",
        "LC_MESSAGES=",
        "LANGUAGE=",
        "PG_COLOR=",
        "PGFAST_CHILD=",
    };

    for (size_t i = 0; i < sizeof(dropped) / sizeof(dropped[0]); i++)
        if (strncmp(variable, dropped[i], strlen(dropped[i])) == 0)
            return false;
    return true;
}

static void make_environment(struct pg_dump_command *command, struct arena *arena)
{
    size_t count = 0;

    while (environ[count])
        count++;

    char **kept = arena_allocate(arena, count + 5, sizeof(char *));

    count = 0;
    for (size_t i = 0; environ[i]; i++)
        if (is_inherited(environ[i]))
            kept[count++] = environ[i];
    kept[count++] = arena_print(arena, "PGAPPNAME=%s", command->application_name);
    if (command->service.path[0] != '\0')
        kept[count++] = arena_print(arena, "PGSERVICEFILE=%s", command->service.path);
    kept[count++] = arena_copy_text(arena, "LC_MESSAGES=C"); /* we read its warnings and errors */
    kept[count++] = arena_copy_text(arena, "PGFAST_CHILD=1");
    command->environment = kept;
}

bool pg_dump_command_make(struct pg_dump_command *command, struct arena *arena,
                          const struct ddl_request *request, const char *scratch_path,
                          struct error *error)
{
    command->application_name = arena_print(arena, "pgfast definitions %d", (int)getpid());
    command->output_path = arena_print(arena, "%s/out", scratch_path);
    if (mkdir(command->output_path, 0700) != 0)
        return error_set_os(error, errno, "could not create \"%s\"", command->output_path);
    if (!make_secrets(command, request->connection, error)) {
        pg_dump_command_release(command);
        return false;
    }
    make_environment(command, arena);
    return make_arguments(command, arena, request, error);
}
