/* Definitions by way of pg_dump: it writes its whole table of contents, and closes it, before it
 * reads any data; there it is stopped. (In the custom format the last piece of the table of
 * contents stays in a buffer until data flows: hence the directory format.) */
#include "engine/archive/toc_codec.h"
#include "engine/base/arena.h"
#include "engine/base/clock.h"
#include "engine/base/fault.h"
#include "engine/base/memory.h"
#include "engine/base/text.h"
#include "engine/dump/blockers.h"
#include "engine/dump/child.h"
#include "engine/dump/ddl_source.h"
#include "engine/dump/pg_dump_command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_FOR_BLOCKERS_MS = 200, LOOK_FOR_CONNECTION_MS = 2, PATIENCE_US = 2000000 };

struct ddl_reading {
    const struct ddl_request *request;
    struct arena *arena;
    char *scratch_path;
    struct pg_dump_command command;
    struct child child;
    int notifier; /* tells when toc.dat has been closed */
    bool is_toc_closed;
    bool has_ended;
    int status;           /* of waitpid, once it has ended */
    struct text messages; /* what it wrote to standard error */
    struct blocker blocker;
    uint64_t blocked_at_us; /* when a blocker was last seen; 0: never */
};

static bool watch_output(struct ddl_reading *reading, struct error *error)
{
    reading->notifier = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (reading->notifier < 0 ||
        inotify_add_watch(reading->notifier, reading->command.output_path, IN_CLOSE_WRITE) < 0)
        return error_set_os(error, errno, "could not watch \"%s\"", reading->command.output_path);
    return true;
}

static void read_notices(struct ddl_reading *reading)
{
    _Alignas(struct inotify_event) char notices[4096];
    ssize_t got = read(reading->notifier, notices, sizeof(notices));

    for (ssize_t at = 0; at < got;) {
        const struct inotify_event *notice = (const struct inotify_event *)(notices + at);

        if (notice->len > 0 && strcmp(notice->name, "toc.dat") == 0)
            reading->is_toc_closed = true;
        at += (ssize_t)(sizeof(*notice) + notice->len);
    }
}

static void read_messages(struct ddl_reading *reading)
{
    char piece[4096];
    ssize_t got = read(reading->child.output, piece, sizeof(piece));

    if (got > 0)
        text_append_bytes(&reading->messages, piece, (size_t)got);
    else if (got == 0 || errno != EINTR) {
        close(reading->child.output);
        reading->child.output = -1;
    }
}

static void look_for_blockers(struct ddl_reading *reading)
{
    if (blockers_find(&reading->blocker, reading->request->observer,
                      reading->command.application_name, reading->request->coordinator_pid))
        reading->blocked_at_us = clock_now_us();
}

/* Until its table of contents stands, or it has ended. */
static bool wait_for_contents(struct ddl_reading *reading, struct error *error)
{
    while (!reading->is_toc_closed && !reading->has_ended) {
        struct pollfd watched[3] = {
            {.fd = reading->notifier, .events = POLLIN},
            {.fd = cancel_descriptor(reading->request->watch->cancel), .events = POLLIN},
            {.fd = reading->child.output, .events = POLLIN},
        };
        int ready = poll(watched, 3, LOOK_FOR_BLOCKERS_MS);

        if (watched[1].revents)
            return error_set(error, ERROR_CANCELLED, "cancelled");
        if (watched[2].revents)
            read_messages(reading);
        if (ready == 0)
            look_for_blockers(reading);
        if (reading->blocker.waits_for_us)
            return error_set(error, ERROR_CONFLICT, "%s", reading->blocker.description);
        /* In this order: what it has closed before it ended must not be missed. */
        if (reading->child.output < 0 || ready == 0)
            reading->has_ended = child_has_ended(&reading->child, &reading->status);
        read_notices(reading);
        if (reading->child.output < 0 && !reading->has_ended)
            poll(NULL, 0, 2);
    }
    return true;
}

/* ---- what it said ---- */

static void pass_on_warnings(const struct ddl_reading *reading)
{
    const char *line = reading->messages.data;

    while (*line) {
        size_t length = strcspn(line, "\n");

        if (length > 0 && strncmp(line, "pg_dump: error:", 15) != 0)
            event_emit(reading->request->watch->events, EVENT_WARNING, "%.*s", (int)length, line);
        line += length + (line[length] == '\n');
    }
}

struct message_rule {
    const char *words;
    enum error_kind kind;
};

/* pg_dump's exit status is 1 whatever happened; its words tell more. */
static const struct message_rule message_rules[] = {
    {"connection to server at ", ERROR_CONNECTION},
    {"connection to server on socket ", ERROR_CONNECTION},
    {"permission denied", ERROR_PERMISSION},
    {"may lack SELECT privilege", ERROR_PERMISSION},
    {"pg_dump: no matching", ERROR_USAGE},
    {"unrecognized option", ERROR_USAGE},
    {"invalid option", ERROR_USAGE},
    {"cannot be used together", ERROR_USAGE},
    {"pg_dump: option", ERROR_USAGE},
    {"row-level security", ERROR_PERMISSION},
    {"could not open filter file", ERROR_USAGE},
    {"invalid format in filter", ERROR_USAGE},
    {"No space left", ERROR_NO_SPACE},
    {"conflict with recovery", ERROR_TIMEOUT},
};

static enum error_kind kind_of_message(const char *message)
{
    for (size_t i = 0; i < sizeof(message_rules) / sizeof(message_rules[0]); i++)
        if (strstr(message, message_rules[i].words))
            return message_rules[i].kind;
    return ERROR_SERVER;
}

/* The server's advice, which names the setting that is too small. */
static void pass_on_hint(const char *said, struct error *error)
{
    static const char lead[] = "\nHINT:  ";
    const char *hint = strstr(said, lead);

    if (!hint)
        return;
    hint += strlen(lead);
    error_hint(error, "%.*s", (int)strcspn(hint, "\n"), hint);
}

static bool explain_failure(struct ddl_reading *reading, struct error *error)
{
    const struct ddl_request *request = reading->request;
    const char *said = reading->messages.data;
    const char *reason = strstr(said, "error: ");

    if (reading->blocked_at_us && clock_now_us() - reading->blocked_at_us < 2000000)
        return blockers_explain(&reading->blocker, request->lock_wait_timeout, error);
    if (WIFSIGNALED(reading->status))
        return error_set(error, ERROR_SERVER, "pg_dump was killed by signal %d (%s)",
                         WTERMSIG(reading->status), request->program->path);
    if (!said[0])
        return error_set(error, ERROR_SERVER, "pg_dump ended with status %d and said nothing (%s)",
                         WEXITSTATUS(reading->status), request->program->path);
    reason = reason ? reason + strlen("error: ") : said;
    error_set(error, ERROR_SERVER, "pg_dump: %.*s", (int)strcspn(reason, "\n"), reason);
    error->kind = kind_of_message(error->message);
    pass_on_hint(reason, error);
    return false;
}

/* ---- what it wrote ---- */

struct contents {
    int file;
    const char *path;
};

static bool read_some(void *context, unsigned char *bytes, size_t room, size_t *got,
                      struct error *error)
{
    const struct contents *contents = context;
    ssize_t result;

    do
        result = FAULT_CALL("definitions.read", read(contents->file, bytes, room));
    while (result < 0 && errno == EINTR);
    *got = result < 0 ? 0 : (size_t)result;
    return result >= 0 || error_set_os(error, errno, "could not read \"%s\"", contents->path);
}

static bool read_contents(struct toc **toc, const char *output_path, struct error *error)
{
    char path[PATH_MAX];
    struct contents contents = {.path = path};
    const struct toc_source source = {read_some, &contents};

    snprintf(path, sizeof(path), "%s/toc.dat", output_path);
    contents.file = FAULT_CALL("definitions.open", open(path, O_RDONLY | O_CLOEXEC));
    if (contents.file < 0)
        return error_set_os(error, errno, "could not read \"%s\"", path);

    bool is_read = toc_decode_from(toc, &source, error);

    close(contents.file);
    return is_read;
}

static bool has_failed(const struct ddl_reading *reading)
{
    return reading->has_ended && !(WIFEXITED(reading->status) && WEXITSTATUS(reading->status) == 0);
}

/* Reads what it still says, for a while. */
static void hear_out(struct ddl_reading *reading)
{
    uint64_t patience = clock_now_us() + PATIENCE_US;

    while (reading->child.output >= 0 && clock_now_us() < patience) {
        struct pollfd said = {.fd = reading->child.output, .events = POLLIN};

        if (poll(&said, 1, LOOK_FOR_BLOCKERS_MS) > 0)
            read_messages(reading);
    }
    while (!reading->has_ended && clock_now_us() < patience) {
        reading->has_ended = child_has_ended(&reading->child, &reading->status);
        if (!reading->has_ended)
            poll(NULL, 0, 2);
    }
}

/* Its files, from here on, are ours to read: what it would write next, data, only costs the file
 * system the work of removing it. */
static void hold_still(struct ddl_reading *reading)
{
    if (!reading->has_ended)
        child_pause(&reading->child);
}

static bool await_contents(struct ddl_reading *reading, struct toc **toc, struct error *error)
{
    if (!wait_for_contents(reading, error))
        return false;
    hold_still(reading);

    bool is_read = !has_failed(reading) && read_contents(toc, reading->command.output_path, error);

    /* A file that is closed, but cut, is that of a pg_dump about to say why. */
    if (!is_read)
        child_resume(&reading->child);
    if (reading->has_ended || !is_read)
        hear_out(reading);
    child_end(&reading->child);
    if (has_failed(reading))
        return explain_failure(reading, error);
    if (is_read)
        pass_on_warnings(reading);
    return is_read;
}

/* ---- the source ---- */

static const char scratch_name[] = "pgfast.definitions";

static void abandon(struct ddl_reading *reading)
{
    child_end(&reading->child);
    pg_dump_command_release(&reading->command);
    if (reading->notifier >= 0)
        close(reading->notifier);
    text_clear(&reading->messages);
    arena_free(reading->arena);
    folder_remove_scratch(reading->request->folder, scratch_name);
    free(reading->scratch_path);
    free(reading);
}

static bool start(struct ddl_reading *reading, struct error *error)
{
    return pg_dump_command_make(&reading->command, reading->arena, reading->request,
                                reading->scratch_path, error) &&
           watch_output(reading, error) &&
           child_start(&reading->child, reading->request->program->path, reading->command.arguments,
                       reading->command.environment, STDERR_FILENO, error);
}

static bool begin(struct ddl_reading **reading, const struct ddl_request *request,
                  struct error *error)
{
    char *scratch_path = NULL;

    if (!folder_create_scratch(request->folder, scratch_name, &scratch_path, error))
        return false;

    struct ddl_reading *begun = memory_allocate(1, sizeof(*begun));

    *begun = (struct ddl_reading){.request = request,
                                  .arena = arena_create(),
                                  .scratch_path = scratch_path,
                                  .notifier = -1,
                                  .child = {.output = -1}};
    text_init(&begun->messages, 1 << 20);
    if (start(begun, error)) {
        *reading = begun;
        return true;
    }
    abandon(begun);
    return false;
}

static bool is_connected(const struct ddl_reading *reading)
{
    struct rows *rows = NULL;
    struct error unused;
    bool is_there = session_query_parameters(
                        reading->request->observer,
                        "SELECT FROM pg_catalog.pg_stat_activity WHERE application_name = $1", 1,
                        &reading->command.application_name, &rows, &unused) &&
                    rows_count(rows) > 0;

    rows_free(rows);
    return is_there;
}

static bool await_connection(struct ddl_reading *reading, struct error *error)
{
    uint64_t patience = clock_now_us() + PATIENCE_US;

    while (!reading->has_ended && clock_now_us() < patience && !is_connected(reading)) {
        struct pollfd cancel = {.fd = cancel_descriptor(reading->request->watch->cancel),
                                .events = POLLIN};

        if (poll(&cancel, 1, LOOK_FOR_CONNECTION_MS) > 0)
            return error_set(error, ERROR_CANCELLED, "cancelled");
        reading->has_ended = child_has_ended(&reading->child, &reading->status);
    }
    return true;
}

static bool finish(struct ddl_reading *reading, struct toc **toc, struct error *error)
{
    bool is_read = await_contents(reading, toc, error);

    abandon(reading);
    return is_read;
}

const struct ddl_source ddl_from_pg_dump = {.name = "pg_dump",
                                            .begin = begin,
                                            .await_connection = await_connection,
                                            .finish = finish,
                                            .abandon = abandon};
