#include "engine/sql/statement_builder.h"

#include <string.h>

void builder_begin(struct statement_builder *builder, struct statement_list *list,
                   struct arena *arena, const struct statement_options *options,
                   struct statement_state *state)
{
    *list = (struct statement_list){0};
    *builder = (struct statement_builder){
        .list = list, .arena = arena, .options = options, .state = state};
}

bool builder_end(const struct statement_builder *builder, struct error *error)
{
    if (builder->is_cut)
        return error_set(error, ERROR_RESOURCE, "a statement is longer than one query may be");
    return true;
}

static void grow(struct statement_builder *builder)
{
    struct statement_list *list = builder->list;
    size_t capacity = builder->capacity ? builder->capacity * 2 : 8;
    struct statement *items = arena_allocate(builder->arena, capacity, sizeof(*items));
    if (list->count > 0)
        memcpy(items, list->items, list->count * sizeof(*items));
    list->items = items;
    builder->capacity = capacity;
}

struct statement *builder_add(struct statement_builder *builder, enum statement_purpose purpose,
                              const char *sql)
{
    struct statement_list *list = builder->list;
    if (list->count == builder->capacity)
        grow(builder);
    list->items[list->count] = (struct statement){.purpose = purpose, .sql = sql};
    return &list->items[list->count++];
}

struct statement *builder_add_text(struct statement_builder *builder,
                                   enum statement_purpose purpose, struct text *sql)
{
    builder->is_cut |= sql->is_cut;
    const char *copy = arena_copy_bytes(builder->arena, sql->data, sql->length_bytes);
    text_clear(sql);
    return builder_add(builder, purpose, copy);
}
