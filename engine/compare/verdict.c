#include "engine/compare/verdict.h"

#include <inttypes.h>
#include <string.h>

static const char *rows_word(uint64_t rows)
{
    return rows == 1 ? "row" : "rows";
}

static bool tell_counts(const struct row_digest *archived, const struct row_digest *live,
                        struct error *error)
{
    bool has_more = live->rows > archived->rows;
    uint64_t between = has_more ? live->rows - archived->rows : archived->rows - live->rows;

    return error_set(
        error, ERROR_DIFFERENT,
        "the database has %" PRIu64 " %s %s: %" PRIu64 ", where the archive has %" PRIu64, between,
        rows_word(between), has_more ? "more" : "less", live->rows, archived->rows);
}

bool verdict_of_subject(const struct subject *subject, struct error *error)
{
    const struct row_digest *archived = &subject->archived, *live = &subject->live;

    if (subject->error.kind != ERROR_NONE) {
        *error = subject->error;
        return false;
    }
    if (subject->difference != NULL)
        return error_set(error, ERROR_DIFFERENT, "%s", subject->difference);
    if (archived->rows != live->rows)
        return tell_counts(archived, live, error);
    return subject->counts_only || row_digest_is_equal(archived, live) ||
           error_set(error, ERROR_DIFFERENT, "both have %" PRIu64 " %s, but not the same%s",
                     live->rows, rows_word(live->rows),
                     subject->has_orders ? ", unless they have moved between partitions whose "
                                           "columns are in another order"
                                         : "");
}

bool verdict_of_sequence(const struct sequence *sequence, struct error *error)
{
    if (sequence->relation == NULL)
        return error_set(error, ERROR_DIFFERENT, "the database has no such sequence");
    if (sequence->error.kind != ERROR_NONE) {
        *error = sequence->error;
        return false;
    }
    return strcmp(sequence->archived, sequence->live) == 0 ||
           error_set(error, ERROR_DIFFERENT,
                     "the database has it at (%s), where the archive has (%s)", sequence->live,
                     sequence->archived);
}

static bool compare_contents(const struct compared_object *object, struct error *error)
{
    uint64_t archived = atomic_load(&object->archived.length);
    uint64_t live = atomic_load(&object->live.length);

    if (archived != live)
        return error_set(error, ERROR_DIFFERENT,
                         "the database has it with %" PRIu64
                         " bytes, where the archive has %" PRIu64,
                         live, archived);
    return object_digest_is_equal(&object->archived, &object->live) ||
           error_set(error, ERROR_DIFFERENT, "both have %" PRIu64 " bytes, but not the same", live);
}

bool verdict_of_object(const struct compared_object *object, bool knows_objects,
                       struct error *error)
{
    bool is_archived = object->is_archived || (!knows_objects && object->is_live);

    if (!object->is_live)
        return error_set(error, ERROR_DIFFERENT, "the database has no such object");
    if (!is_archived)
        return error_set(error, ERROR_DIFFERENT, "the archive has no such object");
    return compare_contents(object, error);
}
