/* What the selected entries need a server to have that the archive does not bring: names, by class.
 * A comparison of that with what the server has is what a restore can say beforehand. Pure. */
#ifndef PGFAST_RESTORE_NEEDS_H
#define PGFAST_RESTORE_NEEDS_H

#include "engine/base/arena.h"
#include "engine/base/name_set.h"
#include "engine/restore/selection.h"
#include "engine/sql/statement.h"

#include <stdbool.h>

enum need {
    NEED_ROLE,
    NEED_EXTENSION, /* of the server: its files */
    NEED_TABLESPACE,
    NEED_TABLE_AM, /* of the database, as are languages */
    NEED_LANGUAGE,
    NEED_COUNT
};

/* What is needed, or what is there. Owned by whoever fills it; the names are lent. */
struct needs {
    struct name_set names[NEED_COUNT];
};
void needs_seal(struct needs *needs);
void needs_clear(struct needs *needs);

/* The names live in the arena or in the table of contents. */
void needs_find(struct needs *needs, struct arena *arena, const struct toc *toc,
                const struct selection *selection, const struct statement_options *options);

/* What a database holds that was made from template0. */
void needs_of_new_database(struct needs *has);

/* A line for people about what is missing of that class, which names as many as there is room for.
 * False: nothing is. */
enum { NEEDS_LINE_BYTES = 1000 };
bool needs_describe_missing(char line[NEEDS_LINE_BYTES], enum need need, const struct needs *needs,
                            const struct needs *has);

/* May rows in the archive's encoding be refused by a database of the other? Both as PostgreSQL
 * spells them. */
bool needs_encoding_may_refuse(const char *archive, const char *database);

#endif
