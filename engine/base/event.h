/* What a run has to say: emitted by any of its threads, one per entry and never per chunk, read by
 * whoever watches the run. The stream never blocks its emitters; what nobody reads is bounded: past
 * the limit details are dropped first, and failures never. */
#ifndef PGFAST_BASE_EVENT_H
#define PGFAST_BASE_EVENT_H

#include "engine/base/error.h"

#include <stddef.h>

enum event_kind { EVENT_DETAIL, EVENT_INFO, EVENT_WARNING, EVENT_OBJECT_FAILED };

struct event {
    enum event_kind kind;
    char object[256];
    char message[1024];
    struct error error; /* EVENT_OBJECT_FAILED only */
};

struct event_stream;

struct event_stream *event_stream_create(void);
/* Before anyone emits: details will not be asked for, so they are dropped where they arise and wake
 * nobody. */
void event_stream_drop_details(struct event_stream *stream);
void event_stream_free(struct event_stream *stream); /* accepts NULL */
void event_emit(struct event_stream *stream, enum event_kind kind, const char *format, ...)
    PRINTF_LIKE(3, 4);
void event_emit_failure(struct event_stream *stream, const char *object, const struct error *error);
void event_stream_close(struct event_stream *stream);
/* The warnings so far, of which the first 100 are kept for those who write a record of the run: the
 * index-th, NULL past the last. Lent by the stream. */
const char *event_stream_warning(struct event_stream *stream, size_t index);
/* False: none within timeout_ms; *is_open false: none will come any more. */
bool event_stream_next(struct event_stream *stream, int timeout_ms, struct event *event,
                       bool *is_open);

#endif
