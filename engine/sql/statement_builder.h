/* A statement list while it grows. What the list asks for and what the session has stand beside it,
 * so that the parts of a statement need one argument. Errors wait for the end. */
#ifndef PGFAST_SQL_STATEMENT_BUILDER_H
#define PGFAST_SQL_STATEMENT_BUILDER_H

#include "engine/base/text.h"
#include "engine/sql/statement.h"

struct statement_builder {
    struct statement_list *list;
    struct arena *arena;
    const struct statement_options *options;
    struct statement_state *state;
    size_t capacity;
    bool is_cut; /* some text outgrew what one query may hold */
};

void builder_begin(struct statement_builder *builder, struct statement_list *list,
                   struct arena *arena, const struct statement_options *options,
                   struct statement_state *state);
bool builder_end(const struct statement_builder *builder, struct error *error) MUST_CHECK;

/* The text must live as long as the list. */
struct statement *builder_add(struct statement_builder *builder, enum statement_purpose purpose,
                              const char *sql);
/* Copies and clears the text. */
struct statement *builder_add_text(struct statement_builder *builder,
                                   enum statement_purpose purpose, struct text *sql);

#endif
