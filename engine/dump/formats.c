#include "engine/dump/formats.h"

#include <string.h>

static const char *const words[] = {
    [DATA_FORMAT_TEXT] = "text",
    [DATA_FORMAT_BINARY] = "binary",
    [DATA_FORMAT_AUTO] = "auto",
};

bool formats_parse(const char *word, enum data_format *format, struct error *error)
{
    *format = DATA_FORMAT_TEXT;
    if (!word)
        return true;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(word, words[i]) == 0) {
            *format = (enum data_format)i;
            return true;
        }
    }
    return error_set(error, ERROR_USAGE, "unknown data format \"%s\" (text, binary or auto)", word);
}

static bool refuse(const struct relation *relation, struct error *error)
{
    error_set(
        error, ERROR_USAGE,
        "the rows of table %s cannot be dumped in binary format: column %s has no binary form "
        "that every server reads alike",
        relation->name, relation->unportable);
    error_hint(error, "Use --data-format=auto, which dumps such tables as text.");
    return false;
}

bool formats_decide(struct schema *schema, struct arena *arena, struct session *session,
                    enum data_format wanted, struct error *error)
{
    if (wanted == DATA_FORMAT_TEXT)
        return true;
    if (!schema_read_unportable(schema, arena, session, error))
        return false;
    for (size_t i = 0; i < schema->count; i++) {
        struct relation *relation = &schema->relations[i];

        if (relation->unportable != NULL && wanted == DATA_FORMAT_BINARY)
            return refuse(relation, error);
        relation->is_binary = relation->unportable == NULL;
    }
    return true;
}
