#include "engine/sql/definition_halves.h"

#include "engine/archive/scanner.h"

#include <string.h>

/* A constraint's definition, taken apart. */
struct definition {
    const char *only; /* "ONLY ", but of a partitioned table */
    struct span relation, name, columns, referred;
    struct span kind; /* PRIMARY KEY or UNIQUE */
    struct span included, storage, actions, timing;
    bool has_equal_nulls; /* NULLS NOT DISTINCT */
    const char *rest;     /* statements that follow */
};

static struct span since(const char *start, const struct scanner *scanner)
{
    return (struct span){(const unsigned char *)start, (size_t)(scanner->rest - start)};
}

/* For "%.*s". */
#define SPAN(span) (int)(span).length, (const char *)(span).data

static bool take_constraint(struct scanner *scanner, struct definition *definition)
{
    if (!scanner_take_words(scanner, "ALTER TABLE "))
        return false;
    definition->only = scanner_take_words(scanner, "ONLY ") ? "ONLY " : "";
    if (!scanner_take_relation(scanner, &definition->relation) ||
        !scanner_take_words(scanner, "\n    ADD CONSTRAINT "))
        return false;
    const char *start = scanner->rest;
    if (!scanner_take_name(scanner))
        return false;
    definition->name = since(start, scanner);
    return scanner_take_words(scanner, " ");
}

static bool take_needed_columns(struct scanner *scanner, struct span *columns)
{
    columns->length = 0;
    return scanner_take_columns(scanner, columns) && columns->length > 0;
}

static bool take_included(struct scanner *scanner, struct definition *definition)
{
    const char *start = scanner->rest;
    struct span columns;

    if (!scanner_take_words(scanner, " INCLUDE "))
        return true;
    if (!take_needed_columns(scanner, &columns))
        return false;
    definition->included = since(start, scanner);
    return true;
}

/* name=value or name='value', one after the other. */
static bool take_storage(struct scanner *scanner, struct definition *definition)
{
    const char *start = scanner->rest;

    if (!scanner_take_words(scanner, " WITH ("))
        return true;
    do {
        scanner_skip_blanks(scanner);
        if (!scanner_take_name(scanner) || !scanner_take_words(scanner, "="))
            return false;
        bool is_quoted = scanner_take_words(scanner, "'");
        if (!scanner_take_name(scanner) || (is_quoted && !scanner_take_words(scanner, "'")))
            return false;
    } while (scanner_take_words(scanner, ","));
    if (!scanner_take_words(scanner, ")"))
        return false;
    definition->storage = since(start, scanner);
    return true;
}

static void take_timing(struct scanner *scanner, struct definition *definition)
{
    const char *start = scanner->rest;

    if (scanner_take_words(scanner, " DEFERRABLE"))
        scanner_take_words(scanner, " INITIALLY DEFERRED");
    definition->timing = since(start, scanner);
}

static bool take_key(struct scanner *scanner, struct definition *definition)
{
    const char *start = scanner->rest;

    if (!scanner_take_words(scanner, "PRIMARY KEY") && !scanner_take_words(scanner, "UNIQUE"))
        return false;
    definition->kind = since(start, scanner);
    definition->has_equal_nulls = scanner_take_words(scanner, " NULLS NOT DISTINCT");
    if (!scanner_take_words(scanner, " ") || !take_needed_columns(scanner, &definition->columns) ||
        !take_included(scanner, definition) || !take_storage(scanner, definition))
        return false;
    take_timing(scanner, definition);
    return scanner_take_words(scanner, ";");
}

/* Up to the dot before the last name, with it; empty where there is none. The name of a constraint
 * stands alone, that of an index to be dropped has a schema. */
static struct span schema_of(struct span relation)
{
    struct scanner scanner = {(const char *)relation.data};
    const char *start = scanner.rest;
    struct span schema = {relation.data, 0};

    while (scanner_take_name(&scanner) && scanner_take_words(&scanner, "."))
        schema = since(start, &scanner);
    return schema;
}

bool definition_halves_of_key(struct definition_halves *halves, struct arena *arena,
                              const char *text)
{
    static const unsigned char nothing[] = "";
    struct scanner scanner = {text};
    struct definition definition = {.included = {nothing, 0}, .storage = {nothing, 0}};

    if (!take_constraint(&scanner, &definition) || definition.only[0] == '\0' ||
        !take_key(&scanner, &definition))
        return false;
    const struct span schema = schema_of(definition.relation);
    *halves = (struct definition_halves){
        .relation = definition.relation,
        .is_primary_key = definition.kind.length == strlen("PRIMARY KEY"),
        .first = arena_print(arena, "CREATE UNIQUE INDEX %.*s ON %.*s USING btree %.*s%.*s%s%.*s;",
                             SPAN(definition.name), SPAN(definition.relation),
                             SPAN(definition.columns), SPAN(definition.included),
                             definition.has_equal_nulls ? " NULLS NOT DISTINCT" : "",
                             SPAN(definition.storage)),
        .second = arena_print(
            arena, "ALTER TABLE ONLY %.*s\n    ADD CONSTRAINT %.*s %.*s USING INDEX %.*s%.*s;%s",
            SPAN(definition.relation), SPAN(definition.name), SPAN(definition.kind),
            SPAN(definition.name), SPAN(definition.timing), scanner.rest),
        .undo = arena_print(arena, "DROP INDEX %.*s%.*s", SPAN(schema), SPAN(definition.name)),
    };
    return true;
}

static bool take_action(struct scanner *scanner)
{
    struct span columns;

    if (scanner_take_words(scanner, "NO ACTION") || scanner_take_words(scanner, "RESTRICT") ||
        scanner_take_words(scanner, "CASCADE"))
        return true;
    if (!scanner_take_words(scanner, "SET NULL") && !scanner_take_words(scanner, "SET DEFAULT"))
        return false;
    if (strncmp(scanner->rest, " (", 2) != 0)
        return true;
    scanner_skip_blanks(scanner);
    return take_needed_columns(scanner, &columns);
}

static bool take_actions(struct scanner *scanner, struct definition *definition)
{
    const char *start = scanner->rest;

    scanner_take_words(scanner, " MATCH FULL");
    if (scanner_take_words(scanner, " ON UPDATE ") && !take_action(scanner))
        return false;
    if (scanner_take_words(scanner, " ON DELETE ") && !take_action(scanner))
        return false;
    definition->actions = since(start, scanner);
    take_timing(scanner, definition);
    return true;
}

/* Nothing may follow: whatever it is, it is not known here. */
static bool take_foreign_key(struct scanner *scanner, struct definition *definition)
{
    struct span referred_columns;

    if (!scanner_take_words(scanner, "FOREIGN KEY ") ||
        !take_needed_columns(scanner, &definition->columns) ||
        !scanner_take_words(scanner, " REFERENCES ") ||
        !scanner_take_relation(scanner, &definition->referred) ||
        !take_needed_columns(scanner, &referred_columns) || !take_actions(scanner, definition) ||
        !scanner_take_words(scanner, ";"))
        return false;
    scanner_skip_blanks(scanner);
    return *scanner->rest == '\0';
}

bool definition_halves_of_foreign_key(struct definition_halves *halves, struct arena *arena,
                                      const char *text)
{
    struct scanner scanner = {text};
    struct definition definition = {.has_equal_nulls = false};

    if (!take_constraint(&scanner, &definition) || !take_foreign_key(&scanner, &definition))
        return false;
    const size_t length = (size_t)(strrchr(text, ';') - text);
    *halves = (struct definition_halves){
        .relation = definition.relation,
        .referred = definition.referred,
        .first = arena_print(arena, "%.*s NOT VALID;", (int)length, text),
        .second = arena_print(arena, "ALTER TABLE %s%.*s\n    VALIDATE CONSTRAINT %.*s;",
                              definition.only, SPAN(definition.relation), SPAN(definition.name)),
        .undo = arena_print(arena, "ALTER TABLE %s%.*s DROP CONSTRAINT %.*s", definition.only,
                            SPAN(definition.relation), SPAN(definition.name)),
    };
    return true;
}
