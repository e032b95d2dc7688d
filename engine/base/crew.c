#include "engine/base/crew.h"

#include "engine/base/fault.h"
#include "engine/base/memory.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#define KERNEL_NAME_BYTES 16 /* with the final NUL */

struct member {
    struct crew *crew;
    pthread_t thread;
    unsigned index;
};

struct crew {
    void (*work)(void *context, unsigned index);
    void *context;
    unsigned size; /* threads that run */
    struct member members[];
};

static void *run_member(void *argument)
{
    struct member *member = argument;

    member->crew->work(member->crew->context, member->index);
    return NULL;
}

static void name_member(const struct member *member, const char *name, unsigned size)
{
    char label[KERNEL_NAME_BYTES];

    if (size > 1) {
        char number[12];
        int digits = snprintf(number, sizeof number, "-%u", member->index);
        int room = (int)sizeof label - 1 - digits;
        snprintf(label, sizeof label, "%.*s%s", room, name, number);
    } else {
        snprintf(label, sizeof label, "%.*s", (int)sizeof label - 1, name);
    }
    /* A thread without a name works as well as one with a name. */
    (void)pthread_setname_np(member->thread, label);
}

/* Signals belong to the program's main thread: a worker that caught one would interrupt a system
 * call of the flow. */
static int start_member(struct member *member)
{
    sigset_t everything, before;

    sigfillset(&everything);
    pthread_sigmask(SIG_SETMASK, &everything, &before);
    int result =
        FAULT_OR("thread.start", errno, pthread_create(&member->thread, NULL, run_member, member));
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return result;
}

bool crew_start(struct crew **crew, const char *name, unsigned size,
                void (*work)(void *context, unsigned index), void (*abandon)(void *context),
                void *context, struct error *error)
{
    struct crew *made = memory_allocate(1, sizeof *made + size * sizeof made->members[0]);

    made->work = work;
    made->context = context;
    for (unsigned i = 0; i < size; i++) {
        struct member *member = &made->members[i];
        member->crew = made;
        member->index = i;
        int result = start_member(member);
        if (result != 0) {
            error_set_os(error, result, "could not start thread %u of %u of \"%s\"", i + 1, size,
                         name);
            error->kind = ERROR_RESOURCE;
            abandon(context);
            crew_join(made);
            return false;
        }
        name_member(member, name, size);
        made->size = i + 1;
    }
    *crew = made;
    return true;
}

void crew_join(struct crew *crew)
{
    if (crew == NULL)
        return;
    for (unsigned i = 0; i < crew->size; i++)
        pthread_join(crew->members[i].thread, NULL);
    free(crew);
}
