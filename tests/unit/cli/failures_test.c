#include "cli/failures.h"

#include "cli/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* What is printed to stderr between begin and end. */
struct capture {
    FILE *file;
    int saved;
};

static void capture_begin(struct capture *capture)
{
    fflush(stderr);
    capture->file = tmpfile();
    assert_non_null(capture->file);
    capture->saved = dup(STDERR_FILENO);
    dup2(fileno(capture->file), STDERR_FILENO);
}

static void capture_end(struct capture *capture, char *text, size_t room_bytes)
{
    fflush(stderr);
    dup2(capture->saved, STDERR_FILENO);
    close(capture->saved);
    rewind(capture->file);
    text[fread(text, 1, room_bytes - 1, capture->file)] = '\0';
    fclose(capture->file);
}

static struct pgfast_event make_event(const char *object, const char *message, const char *sqlstate,
                                      const char *hint)
{
    struct pgfast_event event = {.kind = PGFAST_EVENT_OBJECT_FAILED};

    snprintf(event.object, sizeof event.object, "%s", object);
    error_set(&event.error, ERROR_SERVER, "%s", message);
    snprintf(event.error.sqlstate, sizeof event.error.sqlstate, "%s", sqlstate);
    snprintf(event.error.hint, sizeof event.error.hint, "%s", hint);
    return event;
}

static void every_failure_is_told_and_every_hint_once(void **state)
{
    (void)state;
    const struct pgfast_event events[] = {
        make_event("TABLE public.a", "relation \"a\" already exists", "42P07", "Use --clean."),
        make_event("TABLE public.b", "relation \"b\" already exists", "42P07", "Use --clean."),
        make_event("TABLE DATA public.c", "the data ends too early", "", ""),
    };
    struct failures failures = {0};
    struct capture capture;
    char printed[2048];

    for (size_t i = 0; i < sizeof events / sizeof events[0]; i++)
        failures_add(&failures, &events[i]);
    capture_begin(&capture);
    failures_print(&failures);
    capture_end(&capture, printed, sizeof printed);
    failures_clear(&failures);

    assert_string_equal(printed,
                        "pgfast: failed: TABLE public.a: relation \"a\" already exists (42P07)\n"
                        "pgfast: hint: Use --clean.\n"
                        "pgfast: failed: TABLE public.b: relation \"b\" already exists (42P07)\n"
                        "pgfast: failed: TABLE DATA public.c: the data ends too early\n");
}

static void damage_is_called_by_its_name_where_an_archive_is_judged(void **state)
{
    (void)state;
    struct pgfast_event damage =
        make_event("1.dat (TABLE public.a)", "it has been cut off", "", "");
    struct pgfast_event other = make_event("2.dat", "could not open \"2.dat\"", "", "");
    struct failures failures = {.tells_damage = true};
    struct capture capture;
    char printed[2048];

    damage.error.kind = ERROR_DAMAGED;
    failures_add(&failures, &damage);
    failures_add(&failures, &other);
    capture_begin(&capture);
    failures_print(&failures);
    capture_end(&capture, printed, sizeof printed);
    failures_clear(&failures);

    assert_string_equal(printed, "pgfast: damaged: 1.dat (TABLE public.a): it has been cut off\n"
                                 "pgfast: failed: 2.dat: could not open \"2.dat\"\n");
}

static void a_name_cannot_steer_the_terminal_or_fake_a_line(void **state)
{
    (void)state;
    const struct pgfast_event event =
        make_event("TABLE public.a\npgfast: error: none\033[2J", "no\n\tDETAIL: none\n", "", "");
    struct failures failures = {0};
    struct capture capture;
    char printed[2048];

    failures_add(&failures, &event);
    capture_begin(&capture);
    failures_print(&failures);
    capture_end(&capture, printed, sizeof printed);
    failures_clear(&failures);

    assert_string_equal(
        printed, "pgfast: failed: TABLE public.a pgfast: error: none\\x1b[2J: no DETAIL: none\n");
}

static void an_error_is_followed_by_its_hint(void **state)
{
    (void)state;
    struct capture capture;
    struct error error;
    char printed[512];

    error_set(&error, ERROR_SERVER, "no such database");
    error_hint(&error, "Make it.");
    snprintf(error.sqlstate, sizeof error.sqlstate, "3D000");
    capture_begin(&capture);
    log_error(&error);
    capture_end(&capture, printed, sizeof printed);
    assert_string_equal(printed,
                        "pgfast: error: no such database (3D000)\npgfast: hint: Make it.\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_failure_is_told_and_every_hint_once),
        cmocka_unit_test(damage_is_called_by_its_name_where_an_archive_is_judged),
        cmocka_unit_test(a_name_cannot_steer_the_terminal_or_fake_a_line),
        cmocka_unit_test(an_error_is_followed_by_its_hint),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
