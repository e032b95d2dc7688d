#include "engine/base/event.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum { EMITTERS = 4, EVENTS_EACH = 2000, FLOOD = 30000 };

static void next_returns_events_in_the_order_of_their_emission(void **state)
{
    (void)state;
    struct event_stream *stream = event_stream_create();
    struct event event;
    bool is_open;

    event_emit(stream, EVENT_INFO, "first %d", 1);
    event_emit(stream, EVENT_WARNING, "second");

    assert_true(event_stream_next(stream, 0, &event, &is_open));
    assert_int_equal(event.kind, EVENT_INFO);
    assert_string_equal(event.message, "first 1");
    assert_true(event_stream_next(stream, 0, &event, &is_open));
    assert_int_equal(event.kind, EVENT_WARNING);
    assert_string_equal(event.message, "second");
    event_stream_free(stream);
}

static void next_times_out_on_an_empty_open_stream(void **state)
{
    (void)state;
    struct event_stream *stream = event_stream_create();
    struct event event;
    bool is_open = false;

    assert_false(event_stream_next(stream, 5, &event, &is_open));
    assert_true(is_open);
    event_stream_free(stream);
}

static void next_drains_a_closed_stream_and_then_tells_its_end(void **state)
{
    (void)state;
    struct event_stream *stream = event_stream_create();
    struct event event;
    bool is_open;

    event_emit(stream, EVENT_INFO, "before");
    event_stream_close(stream);
    event_emit(stream, EVENT_INFO, "after the end: nobody hears it");

    assert_true(event_stream_next(stream, 1000, &event, &is_open));
    assert_true(is_open);
    assert_string_equal(event.message, "before");
    assert_false(event_stream_next(stream, 1000, &event, &is_open));
    assert_false(is_open);
    event_stream_free(stream);
}

static void a_failure_carries_its_object_and_its_whole_error(void **state)
{
    (void)state;
    struct event_stream *stream = event_stream_create();
    struct error error;
    struct event event;
    bool is_open;

    error_set(&error, ERROR_SERVER, "relation \"x\" already exists");
    error_hint(&error, "Use --clean.");
    strcpy(error.sqlstate, "42P07");
    event_emit_failure(stream, "TABLE public.x", &error);
    memset(&error, 0, sizeof error);

    assert_true(event_stream_next(stream, 0, &event, &is_open));
    assert_int_equal(event.kind, EVENT_OBJECT_FAILED);
    assert_string_equal(event.object, "TABLE public.x");
    assert_int_equal(event.error.kind, ERROR_SERVER);
    assert_string_equal(event.error.sqlstate, "42P07");
    assert_string_equal(event.error.message, "relation \"x\" already exists");
    assert_string_equal(event.error.hint, "Use --clean.");
    event_stream_free(stream);
}

static void a_long_object_name_is_cut_and_not_more(void **state)
{
    (void)state;
    struct event_stream *stream = event_stream_create();
    struct error error;
    struct event event;
    bool is_open;
    char name[1000];

    memset(name, 'x', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    error_set(&error, ERROR_SERVER, "no");
    event_emit_failure(stream, name, &error);

    assert_true(event_stream_next(stream, 0, &event, &is_open));
    assert_int_equal(strlen(event.object), sizeof event.object - 1);
    assert_string_equal(event.error.message, "no");
    event_stream_free(stream);
}

static void unread_details_are_dropped_and_counted_but_never_failures(void **state)
{
    (void)state;
    struct event_stream *stream = event_stream_create();
    struct error error;
    struct event event;
    bool is_open;
    size_t failures = 0, warnings = 0, details = 0, missing = 0;

    error_set(&error, ERROR_SERVER, "no");
    for (int i = 0; i < FLOOD; i++) {
        event_emit(stream, EVENT_DETAIL, "detail");
        event_emit_failure(stream, "TABLE x", &error);
    }
    while (event_stream_next(stream, 0, &event, &is_open)) {
        failures += event.kind == EVENT_OBJECT_FAILED;
        details += event.kind == EVENT_DETAIL;
        if (event.kind == EVENT_WARNING) {
            warnings++;
            sscanf(event.message, "%zu", &missing);
        }
    }
    assert_int_equal(failures, FLOOD);
    assert_true(details < FLOOD);
    assert_int_equal(warnings, 1);
    assert_int_equal(missing + details, FLOOD);
    event_stream_free(stream);
}

static void *emit_many(void *argument)
{
    for (int i = 0; i < EVENTS_EACH; i++)
        event_emit(argument, EVENT_INFO, "%d", i);
    return NULL;
}

static void many_threads_may_emit_while_one_reads(void **state)
{
    (void)state;
    struct event_stream *stream = event_stream_create();
    pthread_t emitters[EMITTERS];
    struct event event;
    bool is_open;
    size_t seen = 0;

    for (int i = 0; i < EMITTERS; i++)
        assert_int_equal(pthread_create(&emitters[i], NULL, emit_many, stream), 0);
    while (seen < (size_t)EMITTERS * EVENTS_EACH)
        seen += event_stream_next(stream, 1000, &event, &is_open);
    for (int i = 0; i < EMITTERS; i++)
        pthread_join(emitters[i], NULL);
    event_stream_close(stream);
    assert_false(event_stream_next(stream, 1000, &event, &is_open));
    event_stream_free(stream);
}

static void free_releases_what_nobody_read(void **state)
{
    (void)state;
    struct event_stream *stream = event_stream_create();

    event_emit(stream, EVENT_INFO, "unread");
    event_stream_free(stream);
    event_stream_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(next_returns_events_in_the_order_of_their_emission),
        cmocka_unit_test(next_times_out_on_an_empty_open_stream),
        cmocka_unit_test(next_drains_a_closed_stream_and_then_tells_its_end),
        cmocka_unit_test(a_failure_carries_its_object_and_its_whole_error),
        cmocka_unit_test(a_long_object_name_is_cut_and_not_more),
        cmocka_unit_test(unread_details_are_dropped_and_counted_but_never_failures),
        cmocka_unit_test(many_threads_may_emit_while_one_reads),
        cmocka_unit_test(free_releases_what_nobody_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
