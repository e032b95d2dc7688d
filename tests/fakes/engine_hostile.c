#include "tests/fakes/engine_hostile.h"

#include "engine/base/memory.h"
#include "io/io_perform.h"

#include <assert.h>
#include <fcntl.h>
#include <stdlib.h>

#define POLLS_IN_VAIN 8

struct io_engine {
    struct hostile_plan plan;
    unsigned depth;
    unsigned count;
    unsigned polls_in_vain;
    int lent[HOSTILE_FILES_MAXIMUM]; /* descriptors; -1: free */
    struct io_request *waiting[];    /* in order of submission */
};

static struct hostile_plan next_plan;
static struct hostile_record record;

void engine_hostile_plan(const struct hostile_plan *plan)
{
    next_plan = *plan;
    record = (struct hostile_record){0};
}

struct hostile_record engine_hostile_record(void)
{
    return record;
}

static bool hostile_open(struct io_engine **engine, unsigned depth, struct error *error)
{
    (void)error;
    *engine = memory_allocate(1, sizeof **engine + depth * sizeof(struct io_request *));
    (*engine)->plan = next_plan;
    (*engine)->depth = depth;
    for (unsigned i = 0; i < HOSTILE_FILES_MAXIMUM; i++)
        (*engine)->lent[i] = -1;
    return true;
}

static unsigned hostile_lend_file(struct io_engine *engine, int fd)
{
    for (unsigned i = 0; i < HOSTILE_FILES_MAXIMUM; i++) {
        if (engine->lent[i] >= 0)
            continue;
        engine->lent[i] = fd;
        record.files_lent++;
        record.files_kept++;
        return i + 1;
    }
    record.files_refused++;
    return 0;
}

static void hostile_take_back_file(struct io_engine *engine, unsigned lent_file)
{
    assert(lent_file > 0 && lent_file <= HOSTILE_FILES_MAXIMUM);
    assert(fcntl(engine->lent[lent_file - 1], F_GETFD) >= 0); /* not closed yet */
    for (unsigned i = 0; i < engine->count; i++)
        assert(engine->waiting[i]->lent_file != lent_file);
    engine->lent[lent_file - 1] = -1;
    record.files_kept--;
}

static void check(const struct io_engine *engine, const struct io_request *request)
{
    assert(request->lent_file <= HOSTILE_FILES_MAXIMUM);
    assert(request->lent_file == 0 || engine->lent[request->lent_file - 1] == request->fd);
    for (unsigned i = 0; i < engine->count && request->operation == IO_SYNC; i++)
        if (engine->waiting[i]->fd == request->fd)
            record.syncs_too_early++;
}

static bool hostile_submit(struct io_engine *engine, struct io_request **requests, unsigned count,
                           struct error *error)
{
    (void)error;
    for (unsigned i = 0; i < count; i++) {
        assert(engine->count < engine->depth);
        check(engine, requests[i]);
        engine->waiting[engine->count++] = requests[i];
        record.requests++;
    }
    record.in_flight = engine->count;
    if (record.in_flight > record.in_flight_maximum)
        record.in_flight_maximum = record.in_flight;
    return true;
}

/* A request with fewer bytes, as the plan wants it: up to the byte that fails, then the failure. */
static void move_bytes(const struct hostile_plan *plan, struct io_request *request, int os_errno,
                       uint64_t errno_at, uint64_t *moved)
{
    struct io_request shortened = *request;
    size_t maximum = plan->count_maximum_bytes;

    if (maximum != 0 && shortened.length_bytes > maximum)
        shortened.length_bytes = maximum;
    if (os_errno != 0 && *moved + shortened.length_bytes > errno_at) {
        if (*moved >= errno_at) {
            request->result = -os_errno;
            return;
        }
        shortened.length_bytes = errno_at - *moved;
    }
    io_perform(&shortened);
    request->result = shortened.result;
    if (request->result > 0)
        *moved += (uint64_t)request->result;
}

static void perform(const struct hostile_plan *plan, struct io_request *request)
{
    switch (request->operation) {
    case IO_READ:
        move_bytes(plan, request, plan->read_errno, plan->read_errno_at, &record.bytes_read);
        break;
    case IO_WRITE:
        move_bytes(plan, request, plan->write_errno, plan->write_errno_at, &record.bytes_written);
        break;
    case IO_SYNC:
        record.syncs++;
        request->result = -plan->sync_errno;
        break;
    }
}

static unsigned choose(struct io_engine *engine)
{
    switch (engine->plan.order) {
    case HOSTILE_OLDEST_FIRST:
        return 0;
    case HOSTILE_NEWEST_FIRST:
        return engine->count - 1;
    case HOSTILE_SHUFFLED:
        engine->plan.seed = engine->plan.seed * 1664525 + 1013904223;
        return (engine->plan.seed >> 8) % engine->count;
    }
    return 0;
}

static struct io_request *take_one(struct io_engine *engine)
{
    unsigned chosen = choose(engine);
    struct io_request *request = engine->waiting[chosen];

    for (unsigned i = chosen; i + 1 < engine->count; i++)
        engine->waiting[i] = engine->waiting[i + 1];
    record.in_flight = --engine->count;
    return request;
}

static bool hostile_reap(struct io_engine *engine, unsigned at_least, struct io_request **done,
                         unsigned room, unsigned *count, struct error *error)
{
    assert(at_least <= engine->count && at_least <= room);
    *count = 0;
    if (engine->plan.is_breaking)
        return error_set(error, ERROR_IO, "the hostile engine broke");
    /* Late, but not never: who only polls is served in the end. */
    if (at_least == 0 && engine->count > 0 && room > 0 &&
        ++engine->polls_in_vain % POLLS_IN_VAIN == 0)
        at_least = 1;
    while (*count < at_least) {
        struct io_request *request = take_one(engine);
        perform(&engine->plan, request);
        done[(*count)++] = request;
    }
    return true;
}

static void hostile_close(struct io_engine *engine)
{
    if (engine == NULL)
        return;
    while (engine->count > 0)
        perform(&engine->plan, take_one(engine));
    free(engine);
}

const struct io_engine_ops io_engine_hostile = {
    .name = "hostile",
    .lend_file = hostile_lend_file,
    .take_back_file = hostile_take_back_file,
    .open = hostile_open,
    .submit = hostile_submit,
    .reap = hostile_reap,
    .close = hostile_close,
};
