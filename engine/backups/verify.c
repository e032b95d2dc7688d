#include "engine/backups/verify.h"

#include "engine/archive/archive.h"
#include "engine/archive/line_ends.h"
#include "engine/backups/check_file.h"
#include "engine/backups/faults.h"
#include "engine/backups/inventory.h"
#include "engine/backups/strays.h"
#include "engine/base/arena.h"
#include "engine/base/crew.h"
#include "engine/base/memory.h"
#include "engine/base/queue.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

/* Starting threads for less takes longer than they save. More decoders than that give more than one
 * thread can hash. */
enum { DECODED_TOGETHER_BYTES = 4 << 20, MOST_DECODERS = 6 };

/* What a thread has seen. */
struct share {
    struct faults faults;
    uint64_t rows;
};

struct verification {
    const struct verify_options *options;
    struct watch *watch;
    struct arena *arena;
    struct archive *archive;
    struct inventory inventory;
    struct queue *queue;  /* of struct archive_file, the largest first */
    struct share *shares; /* one a thread */
    unsigned size;        /* threads */
    struct share whole;   /* the coordinator's own, and in the end the sum */
};

/* The work */

static void tell_checked(const struct verification *verification, const char *label,
                         const struct archive_file *file, uint64_t rows)
{
    struct event_stream *events = verification->watch->events;

    if (rows > 0)
        event_emit(events, EVENT_DETAIL, "%s: %" PRIu64 " bytes, %" PRIu64 " rows", label,
                   file->size_bytes, rows);
    else
        event_emit(events, EVENT_DETAIL, "%s: %" PRIu64 " bytes", label, file->size_bytes);
}

static void check_next(struct verification *verification, const struct checker *checker,
                       const struct archive_file *file, struct share *share)
{
    struct counters *counters = &verification->watch->counters;
    char label[LABEL_BYTES];
    struct error error;
    uint64_t rows;

    inventory_label(label, file);
    if (check_file(checker, file, &rows, &error)) {
        tell_checked(verification, label, file, rows);
        counter_add(&counters->rows_done, rows);
        share->rows += rows;
    } else if (error.kind != ERROR_CANCELLED) {
        (void)line_ends_explain(checker->archive->folder, file->name, &error);
        faults_tell(&share->faults, label, file->name, &error);
        counter_add(&counters->errors, 1);
    }
    counter_add(&counters->entries_done, 1);
}

/* A file that is more than one thread's share of all would keep one busy while the others have
 * nothing left to do. */
static unsigned count_decoders(const struct verification *verification, uint64_t file_bytes)
{
    uint64_t all_bytes = verification->inventory.size_bytes;
    uint64_t shares = all_bytes > 0 ? file_bytes * verification->options->jobs / all_bytes : 0;

    if (file_bytes < DECODED_TOGETHER_BYTES || shares < 2)
        return 0;
    return shares - 1 < MOST_DECODERS ? (unsigned)shares - 1 : MOST_DECODERS;
}

static void work(void *context, unsigned index)
{
    struct verification *verification = context;
    struct checker checker = {
        .archive = verification->archive,
        .inventory = &verification->inventory,
        .watch = verification->watch,
        .buffer = memory_allocate(CHECK_BUFFER_BYTES, 1),
        .is_deep = verification->options->is_deep,
    };
    void *item;

    while (!cancel_is_set(verification->watch->cancel) &&
           queue_try_pop(verification->queue, &item)) {
        const struct archive_file *file = item;

        checker.decoders = count_decoders(verification, file->size_bytes);
        check_next(verification, &checker, file, &verification->shares[index]);
    }
    free(checker.buffer);
}

/* Nobody waits for anything: the queue was filled before. */
static void abandon_nothing(void *context)
{
    (void)context;
}

/* The largest files first, so that no thread is left alone with one at the end. */
static int compare_sizes(const void *one, const void *other)
{
    const struct archive_file *left = *(const struct archive_file *const *)one;
    const struct archive_file *right = *(const struct archive_file *const *)other;

    return (left->size_bytes < right->size_bytes) - (left->size_bytes > right->size_bytes);
}

static void fill_queue(struct verification *verification)
{
    struct inventory *inventory = &verification->inventory;
    struct archive_file **files =
        memory_allocate(inventory->count + 1, sizeof(struct archive_file *));

    for (size_t i = 0; i < inventory->count; i++)
        files[i] = &inventory->files[i];
    qsort(files, inventory->count, sizeof(struct archive_file *), compare_sizes);
    verification->queue = queue_create(inventory->count + 1);
    for (size_t i = 0; i < inventory->count; i++) {
        bool is_pushed = queue_push(verification->queue, files[i]);
        assert(is_pushed);
        (void)is_pushed;
    }
    free(files);
}

static void share_out(struct verification *verification)
{
    size_t count = verification->inventory.count;

    verification->size = verification->options->jobs;
    if (verification->size > count)
        verification->size = (unsigned)count;
    verification->shares = memory_allocate(verification->size, sizeof verification->shares[0]);
    for (unsigned i = 0; i < verification->size; i++)
        verification->shares[i].faults.events = verification->watch->events;
    fill_queue(verification);
}

static void sum_up(struct verification *verification)
{
    struct share *whole = &verification->whole;

    for (unsigned i = 0; i < verification->size; i++) {
        faults_add(&whole->faults, &verification->shares[i].faults);
        whole->rows += verification->shares[i].rows;
    }
}

static bool check_files(struct verification *verification, struct error *error)
{
    struct crew *crew;

    atomic_store(&verification->watch->phase, "checking files");
    share_out(verification);
    if (!crew_start(&crew, "pgf-verify", verification->size, work, abandon_nothing, verification,
                    error))
        return false;
    crew_join(crew);
    sum_up(verification);
    return !cancel_is_set(verification->watch->cancel) ||
           error_set(error, ERROR_CANCELLED, "verifying was cancelled");
}

/* The answer */

static bool judge(const struct verification *verification, struct error *error)
{
    const struct faults *faults = &verification->whole.faults;
    const char *path = verification->options->input_path;
    size_t files = verification->inventory.count;

    if (faults->count == 0)
        return true;
    if (faults->gravest.kind == ERROR_DAMAGED)
        return error_set(error, ERROR_DAMAGED,
                         "archive \"%s\" is damaged: %" PRIu64 " %s in %zu files", path,
                         faults->count, faults->count == 1 ? "fault" : "faults", files);
    *error = faults->gravest;
    error_prefix(error,
                 error->kind == ERROR_HOSTILE ? "archive \"%s\" is refused"
                                              : "archive \"%s\" could not be read whole",
                 path);
    return false;
}

/* The archive is what was written; it was not all that there was to write. */
static bool tell_losses(const struct verification *verification, struct error *error)
{
    const struct manifest *manifest = verification->archive->manifest;
    size_t count = manifest ? manifest->losses.count : 0;

    if (count == 0)
        return true;
    for (size_t i = 0; i < count; i++) {
        error_set(error, ERROR_OBJECTS, "%s", manifest->losses.items[i]);
        event_emit_failure(verification->watch->events, "lost when it was dumped", error);
    }
    return error_set(error, ERROR_OBJECTS,
                     "archive \"%s\" is whole, but was dumped without %zu %s that the server could "
                     "not read",
                     verification->options->input_path, count, count == 1 ? "thing" : "things");
}

static void announce_totals(const struct verification *verification)
{
    struct counters *counters = &verification->watch->counters;

    counter_set(&counters->entries_total, verification->inventory.count);
    counter_set(&counters->raw_bytes_total, verification->inventory.size_bytes);
    counter_add(&counters->errors, verification->whole.faults.count);
}

static bool perform(struct verification *verification, struct error *error)
{
    atomic_store(&verification->watch->phase, "reading the archive");
    if (!archive_open(&verification->archive, verification->options->input_path, error))
        return false;
    inventory_take(&verification->inventory, verification->arena, verification->archive,
                   &verification->whole.faults);
    if (archive_has_lost_manifest(verification->archive))
        event_emit(verification->watch->events, EVENT_WARNING,
                   "the archive has lost its manifest: damage that a file does not show by itself "
                   "is not noticed");
    strays_tell(verification->archive, &verification->inventory, verification->watch->events);
    announce_totals(verification);
    return check_files(verification, error) && judge(verification, error) &&
           tell_losses(verification, error);
}

static struct verify_totals total(const struct verification *verification)
{
    bool has_manifest = verification->archive != NULL && verification->archive->manifest != NULL;

    return (struct verify_totals){
        .files = verification->inventory.count,
        .stored_bytes = verification->inventory.size_bytes,
        .rows = verification->whole.rows,
        .faults = verification->whole.faults.count,
        .has_manifest = has_manifest,
        .has_counted_rows = verification->options->is_deep || !has_manifest,
    };
}

bool verify_run(const struct verify_options *options, struct watch *watch,
                struct verify_totals *totals, struct error *error)
{
    struct verification verification = {
        .options = options,
        .watch = watch,
        .arena = arena_create(),
        .whole.faults.events = watch->events,
    };

    bool is_whole = perform(&verification, error);
    *totals = total(&verification);
    queue_free(verification.queue);
    free(verification.shares);
    inventory_clear(&verification.inventory);
    archive_close(verification.archive);
    arena_free(verification.arena);
    return is_whole;
}
