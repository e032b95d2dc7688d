#include "cli/report_file.h"

#include "cli/exit_code.h"
#include "engine/base/clock.h"
#include "engine/base/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SCHEMA_VERSION = 1, MOST_KEPT = 5000, TIME_BYTES = 32 };

struct report_file {
    const char *path;
    char *new_path; /* becomes `path` when it is whole */
    struct report_file_subject subject;
    char started_at[TIME_BYTES];
    json_t *warnings, *failures;
    uint64_t warning_count, failure_count;
};

/* ---- values ---- */

/* Names and messages may come in any encoding, JSON knows one: what is not UTF-8 becomes question
 * marks. */
static json_t *text_value(const char *text)
{
    json_t *value = text == NULL ? json_null() : json_string(text);

    if (value != NULL)
        return value;
    char *readable = memory_copy_text(text);
    for (char *c = readable; *c != '\0'; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    value = json_string(readable);
    free(readable);
    return value;
}

static json_t *text_or_null(const char *text)
{
    return text_value(text[0] == '\0' ? NULL : text);
}

static void set(json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0)
        memory_end_program();
}

static void set_number(json_t *object, const char *key, uint64_t number)
{
    set(object, key, json_integer((json_int_t)number));
}

static void set_error(json_t *object, const struct error *error)
{
    set(object, "message", text_value(error->message));
    set(object, "sqlstate", text_or_null(error->sqlstate));
    set(object, "hint", text_or_null(error->hint));
}

static json_t *error_value(const struct error *failure)
{
    if (failure == NULL)
        return json_null();
    json_t *object = json_object();
    set(object, "kind", text_value(exit_code_word(failure->kind)));
    set_error(object, failure);
    return object;
}

static json_t *counts_value(const struct pgfast_report *report)
{
    if (report == NULL)
        return json_null();
    json_t *counts = json_object();
    set_number(counts, "entries", report->entries);
    set_number(counts, "tables", report->tables);
    set_number(counts, "files", report->files > 0 ? report->files : report->chunks);
    set_number(counts, "rows", report->rows);
    set_number(counts, "large_objects", report->large_objects);
    set_number(counts, "raw_bytes", report->raw_bytes);
    set_number(counts, "stored_bytes", report->stored_bytes);
    set_number(counts, "errors", report->errors);
    return counts;
}

static const char *outcome_word(const struct error *failure)
{
    if (failure == NULL)
        return "done";
    switch (failure->kind) {
    case ERROR_OBJECTS:
    case ERROR_PARTIAL:
        return "incomplete";
    case ERROR_DIFFERENT:
        return "different";
    case ERROR_CANCELLED:
        return "cancelled";
    default:
        return "failed";
    }
}

/* ---- the whole ---- */

static json_t *begin_whole(const struct report_file *file)
{
    json_t *whole = json_object();

    set_number(whole, "format", SCHEMA_VERSION);
    set(whole, "command", text_value(file->subject.command));
    set(whole, "pgfast", text_value(PGFAST_VERSION));
    set_number(whole, "pid", (uint64_t)getpid());
    set(whole, "archive", text_value(file->subject.archive));
    set(whole, "started_at", text_value(file->started_at));
    return whole;
}

static void set_end(json_t *whole, const struct report_file *file, int exit_code,
                    const struct pgfast_report *report, const struct error *failure)
{
    char finished_at[TIME_BYTES];

    clock_format_utc(finished_at, sizeof finished_at, time(NULL));
    set(whole, "finished_at", text_value(finished_at));
    set(whole, "elapsed_s",
        report == NULL ? json_null() : json_real((double)report->elapsed_us / 1e6));
    set(whole, "outcome", text_value(outcome_word(failure)));
    set(whole, "exit_code", json_integer(exit_code));
    set(whole, "error", error_value(failure));
    set(whole, "counts", counts_value(report));
    set_number(whole, "warning_count", file->warning_count);
    set(whole, "warnings", json_incref(file->warnings));
    set_number(whole, "failure_count", file->failure_count);
    set(whole, "failures", json_incref(file->failures));
}

/* ---- writing ---- */

static bool write_all(int descriptor, const char *bytes, size_t length)
{
    while (length > 0) {
        ssize_t written = write(descriptor, bytes, length);

        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        bytes += written;
        length -= (size_t)written;
    }
    return true;
}

static bool write_new(const struct report_file *file, const char *json)
{
    int descriptor =
        open(file->new_path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (descriptor < 0)
        return false;
    bool is_written = write_all(descriptor, json, strlen(json)) && write_all(descriptor, "\n", 1) &&
                      fsync(descriptor) == 0;
    return close(descriptor) == 0 && is_written;
}

static bool replace(const struct report_file *file, json_t *whole, struct error *error)
{
    char *json = json_dumps(whole, JSON_INDENT(2) | JSON_REAL_PRECISION(9));

    json_decref(whole);
    if (json == NULL)
        memory_end_program();
    bool is_replaced = write_new(file, json) && rename(file->new_path, file->path) == 0;
    int reason = errno;
    free(json);
    if (is_replaced)
        return true;
    (void)unlink(file->new_path);
    return error_set_os(error, reason, "could not write report \"%s\"", file->path);
}

static void report_file_free(struct report_file *file)
{
    json_decref(file->warnings);
    json_decref(file->failures);
    free(file->new_path);
    free(file);
}

/* ---- its life ---- */

bool report_file_begin(struct report_file **file, const char *path,
                       struct report_file_subject subject, struct error *error)
{
    *file = NULL;
    if (path == NULL)
        return true;
    struct report_file *made = memory_allocate(1, sizeof *made);

    made->path = path;
    made->new_path = memory_print("%s.new", path);
    made->subject = subject;
    made->warnings = json_array();
    made->failures = json_array();
    clock_format_utc(made->started_at, sizeof made->started_at, time(NULL));

    json_t *whole = begin_whole(made);
    set(whole, "outcome", text_value("running"));
    if (!replace(made, whole, error)) {
        report_file_free(made);
        return false;
    }
    *file = made;
    return true;
}

static void keep(json_t *list, json_t *value)
{
    if (json_array_append_new(list, value) != 0)
        memory_end_program();
}

void report_file_take_event(struct report_file *file, const struct pgfast_event *event)
{
    if (file == NULL)
        return;
    if (event->kind == PGFAST_EVENT_WARNING && file->warning_count++ < MOST_KEPT)
        keep(file->warnings, text_value(event->message));
    if (event->kind != PGFAST_EVENT_OBJECT_FAILED || file->failure_count++ >= MOST_KEPT)
        return;
    json_t *failure = json_object();
    set(failure, "object", text_value(event->object));
    set_error(failure, &event->error);
    keep(file->failures, failure);
}

bool report_file_end(struct report_file *file, int exit_code, const struct pgfast_report *report,
                     const struct error *failure, struct error *error)
{
    if (file == NULL)
        return true;
    json_t *whole = begin_whole(file);

    set_end(whole, file, exit_code, report, failure);
    bool is_written = replace(file, whole, error);
    report_file_free(file);
    return is_written;
}
