/* ANALYZE, as text. */
#ifndef PGFAST_SQL_ANALYZE_H
#define PGFAST_SQL_ANALYZE_H

#include "engine/sql/statement.h"

struct analyze_relation {
    const char *schema, *name;
    bool is_only; /* a partitioned table without its partitions: from server 18 on */
};

/* The settings that it needs, and one statement for all of the relations. */
bool statement_analyze(struct statement_list *list, struct arena *arena,
                       const struct analyze_relation *relations, size_t count,
                       const struct statement_options *options, struct statement_state *state,
                       struct error *error) MUST_CHECK;

#endif
