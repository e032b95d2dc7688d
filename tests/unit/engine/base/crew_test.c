#include "engine/base/crew.h"

#include "engine/base/queue.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#define SIZE 5

#if defined(PGFAST_SANITIZED)
enum { IS_SANITIZED = 1 };
#else
enum { IS_SANITIZED = 0 };
#endif

struct scene {
    struct queue *queue;
    atomic_uint runs[SIZE];
    char names[SIZE][16];
    bool is_deaf[SIZE]; /* to signals */
    atomic_uint ended;
    unsigned abandoned;
};

static void note_run(void *context, unsigned index)
{
    struct scene *scene = context;
    sigset_t blocked;

    /* The name comes from the starter: wait for it. */
    for (unsigned i = 0; i < 1000 && strncmp(scene->names[index], "pgf-", 4) != 0; i++) {
        pthread_getname_np(pthread_self(), scene->names[index], sizeof scene->names[index]);
        usleep(1000);
    }
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    scene->is_deaf[index] =
        sigismember(&blocked, SIGINT) == 1 && sigismember(&blocked, SIGTERM) == 1;
    atomic_fetch_add(&scene->runs[index], 1);
}

static void wait_for_the_end(void *context, unsigned index)
{
    struct scene *scene = context;
    void *item;

    (void)index;
    while (queue_pop(scene->queue, &item))
        ;
    atomic_fetch_add(&scene->ended, 1);
}

static void abandon(void *context)
{
    struct scene *scene = context;

    scene->abandoned++;
    queue_close(scene->queue);
}

static void crew_runs_once_per_index(void **state)
{
    struct scene scene = {0};
    struct crew *crew;
    struct error error;

    (void)state;
    assert_true(crew_start(&crew, "pgf-very-long-name", SIZE, note_run, abandon, &scene, &error));
    crew_join(crew);
    for (unsigned i = 0; i < SIZE; i++) {
        char expected[16];
        snprintf(expected, sizeof expected, "pgf-very-long-%u", i);
        assert_int_equal(atomic_load(&scene.runs[i]), 1);
        expected[15] = '\0';
        /* 15 bytes: the number stays, the name gives way. */
        assert_int_equal(strlen(scene.names[i]), 15);
        assert_int_equal(scene.names[i][14], '0' + (int)i);
        assert_true(scene.is_deaf[i]);
    }
    assert_int_equal(scene.abandoned, 0);
}

static void crew_of_one_has_a_bare_name(void **state)
{
    struct scene scene = {0};
    struct crew *crew;
    struct error error;

    (void)state;
    assert_true(crew_start(&crew, "pgf-io", 1, note_run, abandon, &scene, &error));
    crew_join(crew);
    assert_string_equal(scene.names[0], "pgf-io");
}

static void crew_leaves_the_signals_of_its_starter_alone(void **state)
{
    struct scene scene = {0};
    struct crew *crew;
    struct error error;
    sigset_t blocked;

    (void)state;
    assert_true(crew_start(&crew, "pgf-io", 1, note_run, abandon, &scene, &error));
    crew_join(crew);
    pthread_sigmask(SIG_SETMASK, NULL, &blocked);
    assert_int_equal(sigismember(&blocked, SIGINT), 0);
}

/* No thread can be started by a user who has used up his processes; root is not bound by that, but
 * by address space. */
static void crew_that_cannot_start_abandons_and_joins_the_rest(void **state)
{
    struct scene scene = {0};
    struct rlimit before, little;
    struct crew *crew;
    struct error error;

    if (IS_SANITIZED)
        skip(); /* sanitizers need all the address space there is */
    scene.queue = queue_create(1);
    (void)state;
    assert_int_equal(getrlimit(RLIMIT_AS, &before), 0);
    little = before;
    little.rlim_cur = (rlim_t)1 << 30;
    assert_int_equal(setrlimit(RLIMIT_AS, &little), 0);
    bool is_started =
        crew_start(&crew, "pgf-many", 10000, wait_for_the_end, abandon, &scene, &error);
    assert_int_equal(setrlimit(RLIMIT_AS, &before), 0);
    assert_false(is_started);
    assert_int_equal(error.kind, ERROR_RESOURCE);
    assert_non_null(strstr(error.message, "\"pgf-many\""));
    assert_int_equal(scene.abandoned, 1);
    assert_true(atomic_load(&scene.ended) > 0);
    queue_free(scene.queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crew_runs_once_per_index),
        cmocka_unit_test(crew_of_one_has_a_bare_name),
        cmocka_unit_test(crew_leaves_the_signals_of_its_starter_alone),
        cmocka_unit_test(crew_that_cannot_start_abandons_and_joins_the_rest),
    };

    crew_join(NULL);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
