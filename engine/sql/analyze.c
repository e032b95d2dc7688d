#include "engine/sql/analyze.h"

#include "engine/sql/quote.h"
#include "engine/sql/session_state.h"

bool statement_analyze(struct statement_list *list, struct arena *arena,
                       const struct analyze_relation *relations, size_t count,
                       const struct statement_options *options, struct statement_state *state,
                       struct error *error)
{
    struct statement_builder builder;
    struct text sql;

    builder_begin(&builder, list, arena, options, state);
    /* Of tables of many owners, whoever connected is the one who may look at all. */
    if (options->use_session_authorization && !options->no_owner)
        session_state_become(&builder, NULL);
    text_init(&sql, TEXT_MAXIMUM);
    for (size_t i = 0; i < count; i++) {
        text_append(&sql, i == 0 ? "ANALYZE " : ", ");
        if (relations[i].is_only)
            text_append(&sql, "ONLY ");
        quote_qualified(&sql, relations[i].schema, relations[i].name);
    }
    builder_add_text(&builder, STATEMENT_BODY, &sql);
    return builder_end(&builder, error);
}
