#include "engine/base/event.h"

#include "engine/base/clock.h"
#include "engine/base/memory.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* How many events may wait to be read before details, and then infos and warnings, are dropped. A
 * reader that draws a screen looks several times a second; only one that has stopped gets here. */
#define DETAIL_LIMIT 10000
#define MESSAGE_LIMIT 20000
#define WARNINGS_KEPT 100

/* A waiting event takes what its texts need, not the fixed sizes that it is copied out into. */
struct waiting {
    struct waiting *next;
    enum event_kind kind;
    enum error_kind error_kind;
    int os_errno;
    char sqlstate[6];
    char *message; /* of the event, or of its error; lies in `texts`, as do the others */
    char *object;
    char *hint;
    char texts[];
};

/* The mutex guards everything below it, and is held for a few pointer moves only: no emitter ever
 * waits for the reader. A bounded queue could not promise that, because its push waits for room. */
struct event_stream {
    pthread_mutex_t mutex;
    pthread_cond_t has_event;
    struct waiting *first, *last;
    size_t count;
    size_t dropped;
    char *warnings[WARNINGS_KEPT];
    size_t warning_count;
    bool is_closed;
    bool drops_details; /* set before the emitters start, so read without the mutex */
};

struct event_stream *event_stream_create(void)
{
    struct event_stream *stream = memory_allocate(1, sizeof *stream);
    pthread_condattr_t attributes;

    pthread_mutex_init(&stream->mutex, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&stream->has_event, &attributes);
    pthread_condattr_destroy(&attributes);
    return stream;
}

void event_stream_drop_details(struct event_stream *stream)
{
    stream->drops_details = true;
}

void event_stream_free(struct event_stream *stream)
{
    if (stream == NULL)
        return;
    while (stream->first != NULL) {
        struct waiting *next = stream->first->next;
        free(stream->first);
        stream->first = next;
    }
    for (size_t i = 0; i < stream->warning_count; i++)
        free(stream->warnings[i]);
    pthread_cond_destroy(&stream->has_event);
    pthread_mutex_destroy(&stream->mutex);
    free(stream);
}

static char *place_text(char **free_room, const char *text)
{
    char *placed = *free_room;
    size_t size = strlen(text) + 1;

    memcpy(placed, text, size);
    *free_room += size;
    return placed;
}

static struct waiting *make_waiting(enum event_kind kind, const char *object, const char *message,
                                    const char *hint)
{
    size_t room = strlen(object) + strlen(message) + strlen(hint) + 3;
    struct waiting *event = memory_allocate(1, sizeof *event + room);
    char *free_room = event->texts;

    event->kind = kind;
    event->object = place_text(&free_room, object);
    event->message = place_text(&free_room, message);
    event->hint = place_text(&free_room, hint);
    return event;
}

/* With the mutex held. */
static bool has_room_for(const struct event_stream *stream, enum event_kind kind)
{
    switch (kind) {
    case EVENT_DETAIL:
        return stream->count < DETAIL_LIMIT;
    case EVENT_INFO:
    case EVENT_WARNING:
        return stream->count < MESSAGE_LIMIT;
    case EVENT_OBJECT_FAILED:
        break;
    }
    return true;
}

/* With the mutex held. */
static void append(struct event_stream *stream, struct waiting *event)
{
    if (stream->last == NULL)
        stream->first = event;
    else
        stream->last->next = event;
    stream->last = event;
    stream->count++;
    pthread_cond_signal(&stream->has_event);
}

/* With the mutex held. */
static void keep_warning(struct event_stream *stream, const struct waiting *event)
{
    if (event->kind == EVENT_WARNING && stream->warning_count < WARNINGS_KEPT)
        stream->warnings[stream->warning_count++] = memory_copy_text(event->message);
}

static void hand_over(struct event_stream *stream, struct waiting *event)
{
    pthread_mutex_lock(&stream->mutex);
    bool is_open = !stream->is_closed;
    keep_warning(stream, event);
    bool is_taken = is_open && has_room_for(stream, event->kind);
    if (is_taken)
        append(stream, event);
    else if (is_open)
        stream->dropped++;
    pthread_mutex_unlock(&stream->mutex);
    if (!is_taken)
        free(event);
}

void event_emit(struct event_stream *stream, enum event_kind kind, const char *format, ...)
{
    char message[sizeof((struct event *)NULL)->message];
    va_list arguments;

    if (kind == EVENT_DETAIL && stream->drops_details)
        return;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    hand_over(stream, make_waiting(kind, "", message, ""));
}

void event_emit_failure(struct event_stream *stream, const char *object, const struct error *error)
{
    struct waiting *event = make_waiting(EVENT_OBJECT_FAILED, object, error->message, error->hint);

    event->error_kind = error->kind;
    event->os_errno = error->os_errno;
    memcpy(event->sqlstate, error->sqlstate, sizeof event->sqlstate);
    hand_over(stream, event);
}

void event_stream_close(struct event_stream *stream)
{
    pthread_mutex_lock(&stream->mutex);
    stream->is_closed = true;
    pthread_cond_broadcast(&stream->has_event);
    pthread_mutex_unlock(&stream->mutex);
}

const char *event_stream_warning(struct event_stream *stream, size_t index)
{
    pthread_mutex_lock(&stream->mutex);
    const char *warning = index < stream->warning_count ? stream->warnings[index] : NULL;
    pthread_mutex_unlock(&stream->mutex);
    return warning;
}

/* With the mutex held; NULL when nothing waits. */
static struct waiting *take_oldest(struct event_stream *stream)
{
    struct waiting *event = stream->first;

    if (event == NULL)
        return NULL;
    stream->first = event->next;
    if (stream->first == NULL)
        stream->last = NULL;
    stream->count--;
    return event;
}

/* The texts may be longer than the room for them: then they are cut. */
static void copy_out(struct event *event, const struct waiting *waiting)
{
    *event = (struct event){.kind = waiting->kind};
    snprintf(event->object, sizeof event->object, "%s", waiting->object);
    if (waiting->kind != EVENT_OBJECT_FAILED) {
        snprintf(event->message, sizeof event->message, "%s", waiting->message);
        return;
    }
    event->error.kind = waiting->error_kind;
    event->error.os_errno = waiting->os_errno;
    memcpy(event->error.sqlstate, waiting->sqlstate, sizeof event->error.sqlstate);
    snprintf(event->error.message, sizeof event->error.message, "%s", waiting->message);
    snprintf(event->error.hint, sizeof event->error.hint, "%s", waiting->hint);
}

static void tell_dropped(struct event *event, size_t dropped)
{
    *event = (struct event){.kind = EVENT_WARNING};
    snprintf(event->message, sizeof event->message,
             "%zu messages are missing here: they came faster than they were read", dropped);
}

bool event_stream_next(struct event_stream *stream, int timeout_ms, struct event *event,
                       bool *is_open)
{
    struct timespec deadline = clock_deadline(timeout_ms);
    int waited = 0;

    pthread_mutex_lock(&stream->mutex);
    while (stream->first == NULL && !stream->is_closed && waited != ETIMEDOUT)
        waited = pthread_cond_timedwait(&stream->has_event, &stream->mutex, &deadline);
    struct waiting *taken = take_oldest(stream);
    /* Those dropped would have stood behind all that waited when there was no more room. */
    size_t dropped = taken == NULL ? stream->dropped : 0;
    stream->dropped -= dropped;
    *is_open = taken != NULL || dropped > 0 || !stream->is_closed;
    pthread_mutex_unlock(&stream->mutex);

    if (dropped > 0)
        tell_dropped(event, dropped);
    if (taken == NULL)
        return dropped > 0;
    copy_out(event, taken);
    free(taken);
    return true;
}
