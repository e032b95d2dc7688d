#include "engine/compare/read_sequences.h"

#include <assert.h>
#include <stdio.h>

static bool read_some(struct place *place, const char *sql, struct sequence *sequences,
                      size_t count, struct error *error)
{
    struct rows *rows = NULL;

    if (!place_prepare(place, error) || !session_query(place->session, sql, &rows, error))
        return false;
    for (int i = 0; i < rows_count(rows); i++) {
        uint64_t number = rows_number(rows, i, 0);

        assert(number < count);
        snprintf(sequences[number].live, sizeof sequences[number].live, "%s",
                 rows_text(rows, i, 1));
    }
    rows_free(rows);
    return true;
}

static bool may_go_on(struct place *place, const struct error *error)
{
    return error->kind != ERROR_CANCELLED && place_recover(place);
}

static bool read_singly(struct place *place, struct sequence *sequence, struct error *error)
{
    const char *sql = sequences_query(place->arena, sequence, 1);

    if (sql == NULL || read_some(place, sql, sequence, 1, &sequence->error))
        return true;
    if (may_go_on(place, &sequence->error))
        return true;
    *error = sequence->error;
    return false;
}

bool read_sequences(struct place *place, const struct compare_task *task, struct error *error)
{
    if (read_some(place, task->sql, task->sequences, task->count, error))
        return true;
    if (!may_go_on(place, error))
        return false;
    for (size_t i = 0; i < task->count; i++)
        if (!read_singly(place, &task->sequences[i], error))
            return false;
    return true;
}
