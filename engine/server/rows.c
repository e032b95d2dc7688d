/* The answer of a query: a PGresult under a name that does not bring libpq along. */
#include "engine/server/session.h"

#include <libpq-fe.h>
#include <stdlib.h>

static const PGresult *result_of(const struct rows *rows)
{
    return (const PGresult *)rows;
}

int rows_count(const struct rows *rows)
{
    return PQntuples(result_of(rows));
}

bool rows_is_null(const struct rows *rows, int row, int column)
{
    return PQgetisnull(result_of(rows), row, column);
}

const char *rows_text(const struct rows *rows, int row, int column)
{
    return PQgetvalue(result_of(rows), row, column);
}

const void *rows_bytes(const struct rows *rows, int row, int column, size_t *length)
{
    *length = (size_t)PQgetlength(result_of(rows), row, column);
    return PQgetvalue(result_of(rows), row, column);
}

uint64_t rows_number(const struct rows *rows, int row, int column)
{
    return strtoull(rows_text(rows, row, column), NULL, 10);
}

void rows_free(struct rows *rows)
{
    PQclear((PGresult *)rows);
}
