#include "engine/server/cancel_request.h"

#include "engine/base/memory.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

enum { PATIENCE_S = 2 };

/* Shared by who waits and who sends; whoever leaves last frees it. */
struct cancel_request {
    PGcancel *address;
    sem_t is_answered;
    atomic_uint users;
};

static void leave(struct cancel_request *request)
{
    if (atomic_fetch_sub(&request->users, 1) > 1)
        return;
    PQfreeCancel(request->address);
    sem_destroy(&request->is_answered);
    free(request);
}

static void *send_request(void *argument)
{
    struct cancel_request *request = argument;
    char unused[256];

    PQcancel(request->address, unused, sizeof(unused));
    sem_post(&request->is_answered);
    leave(request);
    return NULL;
}

/* Detached, because nobody can end a wait inside libpq; at worst the thread ends with the program.
 * Signals belong to the main thread. */
static bool start_sender(struct cancel_request *request)
{
    pthread_t thread;
    sigset_t everything, before;

    sigfillset(&everything);
    pthread_sigmask(SIG_SETMASK, &everything, &before);

    bool is_started = pthread_create(&thread, NULL, send_request, request) == 0;

    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (is_started)
        pthread_detach(thread);
    return is_started;
}

static void wait_for_answer(struct cancel_request *request)
{
    struct timespec deadline;

    clock_gettime(CLOCK_MONOTONIC, &deadline);
    deadline.tv_sec += PATIENCE_S;
    while (sem_clockwait(&request->is_answered, CLOCK_MONOTONIC, &deadline) != 0 && errno == EINTR)
        continue;
}

void cancel_request_send(PGconn *link)
{
    PGcancel *address = PQgetCancel(link);

    if (!address)
        return;

    struct cancel_request *request = memory_allocate(1, sizeof(*request));

    request->address = address;
    sem_init(&request->is_answered, 0, 0);
    atomic_init(&request->users, 2);
    if (start_sender(request))
        wait_for_answer(request);
    else
        atomic_store(&request->users, 1);
    leave(request);
}
