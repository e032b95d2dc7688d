/* Definitions by way of pg_dump: it writes its whole table of contents, and closes it, before it
 * reads any data; there it is stopped. (In the custom format the last piece of the table of
 * contents stays in a buffer until data flows: hence the directory format.) */
#include "engine/archive/toc_codec.h"
#include "engine/base/clock.h"
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
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_FOR_BLOCKERS_MS = 200, PATIENCE_US = 2000000 };

struct helper {
    const struct ddl_request *request;
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

static bool watch_output(struct helper *helper, struct error *error)
{
    helper->notifier = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (helper->notifier < 0 ||
        inotify_add_watch(helper->notifier, helper->command.output_path, IN_CLOSE_WRITE) < 0)
        return error_set_os(error, errno, "could not watch \"%s\"", helper->command.output_path);
    return true;
}

static void read_notices(struct helper *helper)
{
    _Alignas(struct inotify_event) char notices[4096];
    ssize_t got = read(helper->notifier, notices, sizeof(notices));

    for (ssize_t at = 0; at < got;) {
        const struct inotify_event *notice = (const struct inotify_event *)(notices + at);

        if (notice->len > 0 && strcmp(notice->name, "toc.dat") == 0)
            helper->is_toc_closed = true;
        at += (ssize_t)(sizeof(*notice) + notice->len);
    }
}

static void read_messages(struct helper *helper)
{
    char piece[4096];
    ssize_t got = read(helper->child.output, piece, sizeof(piece));

    if (got > 0)
        text_append_bytes(&helper->messages, piece, (size_t)got);
    else if (got == 0 || errno != EINTR) {
        close(helper->child.output);
        helper->child.output = -1;
    }
}

static void look_for_blockers(struct helper *helper)
{
    if (blockers_find(&helper->blocker, helper->request->observer, helper->command.application_name,
                      helper->request->coordinator_pid))
        helper->blocked_at_us = clock_now_us();
}

/* Until its table of contents stands, or it has ended. */
static bool wait_for_contents(struct helper *helper, struct error *error)
{
    while (!helper->is_toc_closed && !helper->has_ended) {
        struct pollfd watched[3] = {
            {.fd = helper->notifier, .events = POLLIN},
            {.fd = cancel_descriptor(helper->request->watch->cancel), .events = POLLIN},
            {.fd = helper->child.output, .events = POLLIN},
        };
        int ready = poll(watched, 3, LOOK_FOR_BLOCKERS_MS);

        if (watched[1].revents)
            return error_set(error, ERROR_CANCELLED, "cancelled");
        if (watched[2].revents)
            read_messages(helper);
        if (ready == 0)
            look_for_blockers(helper);
        if (helper->blocker.waits_for_us)
            return error_set(error, ERROR_CONFLICT, "%s", helper->blocker.description);
        /* In this order: what it has closed before it ended must not be missed. */
        if (helper->child.output < 0 || ready == 0)
            helper->has_ended = child_has_ended(&helper->child, &helper->status);
        read_notices(helper);
        if (helper->child.output < 0 && !helper->has_ended)
            poll(NULL, 0, 2);
    }
    return true;
}

/* ---- what it said ---- */

static void pass_on_warnings(const struct helper *helper)
{
    const char *line = helper->messages.data;

    while (*line) {
        size_t length = strcspn(line, "\n");

        if (length > 0 && strncmp(line, "pg_dump: error:", 15) != 0)
            event_emit(helper->request->watch->events, EVENT_WARNING, "%.*s", (int)length, line);
        line += length + (line[length] == '\n');
    }
}

struct message_rule {
    const char *words;
    enum error_kind kind;
};

/* pg_dump's exit status is 1 whatever happened; its words tell more. */
static const struct message_rule message_rules[] = {
    {"permission denied", ERROR_PERMISSION},
    {"may lack SELECT privilege", ERROR_PERMISSION},
    {"no matching", ERROR_USAGE},
    {"unrecognized option", ERROR_USAGE},
    {"invalid option", ERROR_USAGE},
    {"cannot be used together", ERROR_USAGE},
    {"option ", ERROR_USAGE},
    {"row-level security", ERROR_PERMISSION},
    {"could not open filter file", ERROR_USAGE},
    {"invalid format in filter", ERROR_USAGE},
    {"No space left", ERROR_NO_SPACE},
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

static bool explain_failure(struct helper *helper, struct error *error)
{
    const struct ddl_request *request = helper->request;
    const char *said = helper->messages.data;
    const char *reason = strstr(said, "error: ");

    if (helper->blocked_at_us && clock_now_us() - helper->blocked_at_us < 2000000)
        return blockers_explain(&helper->blocker, request->lock_wait_timeout, error);
    if (WIFSIGNALED(helper->status))
        return error_set(error, ERROR_SERVER, "pg_dump was killed by signal %d (%s)",
                         WTERMSIG(helper->status), request->program->path);
    if (!said[0])
        return error_set(error, ERROR_SERVER, "pg_dump ended with status %d and said nothing (%s)",
                         WEXITSTATUS(helper->status), request->program->path);
    reason = reason ? reason + strlen("error: ") : said;
    error_set(error, ERROR_SERVER, "pg_dump: %.*s", (int)strcspn(reason, "\n"), reason);
    error->kind = kind_of_message(error->message);
    pass_on_hint(reason, error);
    return false;
}

/* ---- what it wrote ---- */

static bool read_contents(struct toc **toc, const char *output_path, struct error *error)
{
    char path[PATH_MAX];
    struct stat facts;
    size_t done = 0;

    snprintf(path, sizeof(path), "%s/toc.dat", output_path);

    int file = open(path, O_RDONLY | O_CLOEXEC);

    if (file < 0 || fstat(file, &facts) != 0) {
        error_set_os(error, errno, "could not read \"%s\"", path);
        if (file >= 0)
            close(file);
        return false;
    }

    unsigned char *bytes = malloc((size_t)facts.st_size + 1);

    while (bytes && done < (size_t)facts.st_size) {
        ssize_t got = read(file, bytes + done, (size_t)facts.st_size - done);

        if (got <= 0 && errno != EINTR)
            break;
        done += got > 0 ? (size_t)got : 0;
    }
    close(file);

    bool is_read = bytes && done == (size_t)facts.st_size;

    is_read = is_read ? toc_decode(toc, (struct span){bytes, done}, error)
                      : error_set(error, ERROR_IO, "could not read \"%s\"", path);
    free(bytes);
    return is_read;
}

static bool has_failed(const struct helper *helper)
{
    return helper->has_ended && !(WIFEXITED(helper->status) && WEXITSTATUS(helper->status) == 0);
}

/* Reads what it still says, for a while. */
static void hear_out(struct helper *helper)
{
    uint64_t patience = clock_now_us() + PATIENCE_US;

    while (helper->child.output >= 0 && clock_now_us() < patience) {
        struct pollfd said = {.fd = helper->child.output, .events = POLLIN};

        if (poll(&said, 1, LOOK_FOR_BLOCKERS_MS) > 0)
            read_messages(helper);
    }
    while (!helper->has_ended && clock_now_us() < patience) {
        helper->has_ended = child_has_ended(&helper->child, &helper->status);
        if (!helper->has_ended)
            poll(NULL, 0, 2);
    }
}

static bool run_helper(struct toc **toc, struct helper *helper, const char *scratch_path,
                       struct arena *arena, struct error *error)
{
    const struct ddl_request *request = helper->request;

    if (!pg_dump_command_make(&helper->command, arena, request, scratch_path, error) ||
        !watch_output(helper, error) ||
        !child_start(&helper->child, request->program->path, helper->command.arguments,
                     helper->command.environment, STDERR_FILENO, error))
        return false;

    bool is_there = wait_for_contents(helper, error);
    bool is_read =
        is_there && !has_failed(helper) && read_contents(toc, helper->command.output_path, error);

    /* A file that is closed, but cut, is that of a pg_dump about to say why. */
    if (is_there && (helper->has_ended || !is_read))
        hear_out(helper);
    child_end(&helper->child);
    if (is_there && has_failed(helper))
        return explain_failure(helper, error);
    if (is_read)
        pass_on_warnings(helper);
    return is_read;
}

static bool read_from_pg_dump(struct toc **toc, const struct ddl_request *request,
                              struct error *error)
{
    static const char scratch_name[] = "pgfast.definitions";
    struct helper helper = {.request = request, .notifier = -1, .child = {.output = -1}};
    char *scratch_path = NULL;

    if (!folder_create_scratch(request->folder, scratch_name, &scratch_path, error))
        return false;

    struct arena *arena = arena_create();

    text_init(&helper.messages, 1 << 20);

    bool is_read = run_helper(toc, &helper, scratch_path, arena, error);

    pg_dump_command_release(&helper.command);
    if (helper.notifier >= 0)
        close(helper.notifier);
    text_clear(&helper.messages);
    arena_free(arena);
    folder_remove_scratch(request->folder, scratch_name);
    free(scratch_path);
    return is_read;
}

const struct ddl_source ddl_from_pg_dump = {.name = "pg_dump", .read = read_from_pg_dump};
