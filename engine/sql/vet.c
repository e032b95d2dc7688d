#include "engine/sql/vet.h"

#include "engine/archive/copy_statement.h"
#include "engine/base/text.h"
#include "engine/sql/lexer.h"

#include <string.h>
#include <strings.h>

enum { HEADS = 6, NAME_BYTES_SHOWN = 100 };

/* Which statements an entry may hold. A head is the words that a statement begins with, in lower
 * case; one that ends with ";" is the whole statement, in which ' stands for a string, # for a
 * number, and ! for true or false. */
struct form {
    bool runs_nothing;   /* its definition is no statement, or is never run */
    const char *refusal; /* such an entry is refused, whatever it holds */
    const char *heads[HEADS];
    /* Looks at one statement that has one of the heads; NULL: all are as good. */
    const char *(*look)(struct lexer lexer);
};

static const char reaches_out[] = "it lets the server connect to others";
static const char takes_trust[] = "it makes the server run code that it trusts";
static const char makes_databases[] = "it changes the database as a whole";

/* What stands at the top of a statement, and not in parentheses. Returns false at its end. */
static bool next_at_top(struct lexer *lexer, size_t *depth, struct token *token)
{
    for (;;) {
        *token = lexer_next(lexer);
        if (token->kind == TOKEN_END || token->kind == TOKEN_BROKEN)
            return false;
        if (token_is_symbol(token, '('))
            ++*depth;
        else if (token_is_symbol(token, ')') && *depth > 0)
            --*depth;
        else if (*depth == 0)
            return !token_is_symbol(token, ';');
    }
}

static bool has_word_at_top(struct lexer lexer, const char *word)
{
    size_t depth = 0;
    struct token token;

    while (next_at_top(&lexer, &depth, &token))
        if (token_is_word(&token, word))
            return true;
    return false;
}

/* CREATE TABLE … AS runs a query. */
static const char *look_at_table(struct lexer lexer)
{
    return has_word_at_top(lexer, "as") ? "it makes a table of what a query gives" : NULL;
}

/* Without ON it is a role that is granted. */
static const char *look_at_grant(struct lexer lexer)
{
    struct lexer at = lexer;
    struct token first = lexer_next(&at);

    if (!token_is_word(&first, "grant") && !token_is_word(&first, "revoke"))
        return NULL;
    return has_word_at_top(lexer, "on") ? NULL : "it grants or revokes a role";
}

static bool is_trusted_language(const struct token *token)
{
    static const char *const trusted[] = {"sql", "plpgsql", "plperl", "pltcl"};

    for (size_t i = 0; i < sizeof trusted / sizeof trusted[0]; i++)
        if (token_names(token, trusted[i]))
            return true;
    return false;
}

/* One that is not named is SQL. */
static const char *look_at_function(struct lexer lexer)
{
    size_t depth = 0;
    struct token token;

    while (next_at_top(&lexer, &depth, &token)) {
        if (!token_is_word(&token, "language"))
            continue;
        if (!next_at_top(&lexer, &depth, &token) || !is_trusted_language(&token))
            return "its language is none that servers trust everybody with";
    }
    return NULL;
}

#define CREATES(what) .heads = {"create " what}
static const struct form forms[ENTRY_TYPE_COUNT] = {
    [ENTRY_ACCESS_METHOD] = {.refusal = takes_trust},
    [ENTRY_ACL] = {.heads = {"grant", "revoke", "set session authorization",
                             "reset session authorization"},
                   .look = look_at_grant},
    [ENTRY_ACL_LANGUAGE] = {.heads = {"grant", "revoke"}, .look = look_at_grant},
    [ENTRY_AGGREGATE] = {CREATES("aggregate")},
    [ENTRY_BLOB] = {.heads = {"select pg_catalog . lo_create ( ' ) ;"}},
    [ENTRY_BLOB_COMMENTS] = {.heads = {"comment on large object"}},
    [ENTRY_BLOB_METADATA] = {.runs_nothing = true},
    [ENTRY_BLOBS] = {.runs_nothing = true},
    [ENTRY_CAST] = {CREATES("cast")},
    [ENTRY_CHECK_CONSTRAINT] = {.heads = {"alter table", "alter domain"}},
    [ENTRY_COLLATION] = {CREATES("collation")},
    [ENTRY_COMMENT] = {.heads = {"comment on"}},
    [ENTRY_CONSTRAINT] = {.heads = {"alter table", "alter index", "alter domain"}},
    [ENTRY_CONVERSION] = {.heads = {"create conversion", "create default conversion"}},
    [ENTRY_DATABASE] = {.refusal = makes_databases},
    [ENTRY_DATABASE_PROPERTIES] = {.refusal = makes_databases},
    [ENTRY_DEFAULT] = {.heads = {"alter table", "alter view"}},
    [ENTRY_DEFAULT_ACL] = {.heads = {"alter default privileges"}},
    [ENTRY_DOMAIN] = {CREATES("domain")},
    [ENTRY_ENCODING] = {.runs_nothing = true},
    [ENTRY_EVENT_TRIGGER] = {.refusal = "it runs code for whatever anybody does in the database"},
    [ENTRY_EXTENSION] = {CREATES("extension")},
    [ENTRY_FK_CONSTRAINT] = {.heads = {"alter table"}},
    [ENTRY_FOREIGN_DATA_WRAPPER] = {.refusal = reaches_out},
    [ENTRY_FOREIGN_TABLE] = {.refusal = reaches_out},
    [ENTRY_FUNCTION] = {.heads = {"create function", "create or replace function"},
                        .look = look_at_function},
    [ENTRY_INDEX] = {.heads = {"create index", "create unique index", "alter table",
                               "alter index"}},
    [ENTRY_INDEX_ATTACH] = {.heads = {"alter index"}},
    [ENTRY_MATERIALIZED_VIEW] = {.heads = {"create materialized view", "alter table",
                                           "alter materialized view"}},
    [ENTRY_MATERIALIZED_VIEW_DATA] = {.heads = {"refresh materialized view"}},
    [ENTRY_OPERATOR] = {CREATES("operator")},
    [ENTRY_OPERATOR_CLASS] = {CREATES("operator class")},
    [ENTRY_OPERATOR_FAMILY] = {.heads = {"create operator family", "alter operator family"}},
    [ENTRY_POLICY] = {CREATES("policy")},
    [ENTRY_PROCEDURAL_LANGUAGE] = {.refusal = takes_trust},
    [ENTRY_PROCEDURE] = {.heads = {"create procedure", "create or replace procedure"},
                         .look = look_at_function},
    [ENTRY_PUBLICATION] = {CREATES("publication")},
    [ENTRY_PUBLICATION_TABLE] = {.heads = {"alter publication"}},
    [ENTRY_PUBLICATION_TABLES_IN_SCHEMA] = {.heads = {"alter publication"}},
    [ENTRY_ROW_SECURITY] = {.heads = {"alter table"}},
    [ENTRY_RULE] = {.heads = {"create rule", "create or replace rule", "create or replace view",
                              "alter table"}},
    [ENTRY_SCHEMA] = {CREATES("schema")},
    [ENTRY_SEARCHPATH] = {.runs_nothing = true},
    [ENTRY_SECURITY_LABEL] = {.heads = {"security label"}},
    [ENTRY_SEQUENCE] = {.heads = {"create sequence", "create unlogged sequence", "alter sequence",
                                  "alter table"}},
    [ENTRY_SEQUENCE_OWNED_BY] = {.heads = {"alter sequence"}},
    [ENTRY_SEQUENCE_SET] = {.heads = {"select pg_catalog . setval ( ' , # , ! ) ;"}},
    [ENTRY_SERVER] = {.refusal = reaches_out},
    [ENTRY_SHELL_TYPE] = {CREATES("type")},
    [ENTRY_STATISTICS] = {.heads = {"create statistics", "alter statistics"}},
    [ENTRY_STATISTICS_DATA] = {.refusal = "the server would believe the statistics in it"},
    [ENTRY_STDSTRINGS] = {.runs_nothing = true},
    [ENTRY_SUBSCRIPTION] = {.refusal = reaches_out},
    [ENTRY_SUBSCRIPTION_TABLE] = {.refusal = reaches_out},
    [ENTRY_TABLE] = {.heads = {"create table", "create unlogged table", "alter table"},
                     .look = look_at_table},
    [ENTRY_TABLE_ATTACH] = {.heads = {"alter table"}},
    [ENTRY_TABLE_DATA] = {.runs_nothing = true},
    [ENTRY_TEXT_SEARCH_CONFIGURATION] = {.heads = {"create text search configuration",
                                                   "alter text search configuration"}},
    [ENTRY_TEXT_SEARCH_DICTIONARY] = {CREATES("text search dictionary")},
    [ENTRY_TEXT_SEARCH_PARSER] = {.refusal = takes_trust},
    [ENTRY_TEXT_SEARCH_TEMPLATE] = {.refusal = takes_trust},
    [ENTRY_TRANSFORM] = {.refusal = takes_trust},
    [ENTRY_TRIGGER] = {.heads = {"create trigger", "create constraint trigger", "alter table"}},
    [ENTRY_TYPE] = {.heads = {"create type", "alter type"}},
    [ENTRY_USER_MAPPING] = {.refusal = reaches_out},
    [ENTRY_VIEW] = {.heads = {"create view", "create or replace view", "alter view",
                              "alter table"}},
    [ENTRY_WARNING] = {.runs_nothing = true},
    [ENTRY_PG_LARGEOBJECT] = {.refusal = "it changes the server's own tables"},
};

/* One part of a head, which is no ";". */
static bool takes_part(struct lexer *lexer, const char *part, size_t length)
{
    struct token token = lexer_next(lexer);
    char word[32];

    if (*part == '#' && token_is_symbol(&token, '-'))
        token = lexer_next(lexer);
    switch (*part) {
    case '#':
        return token.kind == TOKEN_NUMBER;
    case '\'':
        return token.kind == TOKEN_STRING;
    case '!':
        return token_is_word(&token, "true") || token_is_word(&token, "false");
    case '.':
    case ',':
    case '(':
    case ')':
        return token_is_symbol(&token, *part);
    default:
        memcpy(word, part, length);
        word[length] = '\0';
        return token_is_word(&token, word);
    }
}

static bool ends_statement(struct lexer *lexer)
{
    struct token token = lexer_next(lexer);

    return token.kind == TOKEN_END || token_is_symbol(&token, ';');
}

static bool has_head(struct lexer lexer, const char *head)
{
    while (*head != '\0') {
        size_t length = strcspn(head, " ");

        if (*head == ';')
            return ends_statement(&lexer);
        if (!takes_part(&lexer, head, length))
            return false;
        head += length;
        head += strspn(head, " ");
    }
    return true;
}

static bool has_any_head(const struct lexer *lexer, const struct form *form)
{
    for (size_t i = 0; i < HEADS && form->heads[i] != NULL; i++)
        if (has_head(*lexer, form->heads[i]))
            return true;
    return false;
}

/* The body of an SQL function is a list of statements, whose end is the first that begins with END:
 * within one, END is never first. */
static bool pass_body(struct lexer *lexer)
{
    size_t depth = 0;
    struct token token = lexer_next(lexer);

    while (!token_is_word(&token, "end")) {
        while (next_at_top(lexer, &depth, &token))
            ;
        if (!token_is_symbol(&token, ';'))
            return false;
        token = lexer_next(lexer);
    }
    return ends_statement(lexer);
}

/* To behind the statement's semicolon. False: it has no end, or not one that can be told. */
static bool pass_statement(struct lexer *lexer, enum entry_type type)
{
    bool may_have_body = type == ENTRY_FUNCTION || type == ENTRY_PROCEDURE;
    bool is_behind_begin = false;
    size_t depth = 0;
    struct token token;

    while (next_at_top(lexer, &depth, &token)) {
        if (may_have_body && is_behind_begin && token_is_word(&token, "atomic"))
            return pass_body(lexer);
        is_behind_begin = token_is_word(&token, "begin");
    }
    return token.kind != TOKEN_BROKEN;
}

static bool refuse(struct error *error, const char *reason)
{
    return error_set(error, ERROR_HOSTILE, "%s", reason);
}

static bool refuse_statement(struct error *error, const struct lexer *lexer)
{
    struct text text;

    text_init(&text, NAME_BYTES_SHOWN);
    text_append_escaped_bytes(&text, lexer->rest, strnlen(lexer->rest, NAME_BYTES_SHOWN));
    error_set(error, ERROR_HOSTILE, "entries of its type have no statement \"%s%s\"", text.data,
              text.is_cut || strlen(lexer->rest) > NAME_BYTES_SHOWN ? "…" : "");
    text_clear(&text);
    return false;
}

static bool vet_statement(struct lexer *lexer, const struct form *form, enum entry_type type,
                          struct error *error)
{
    if (!has_any_head(lexer, form))
        return refuse_statement(error, lexer);
    const char *reason = form->look != NULL ? form->look(*lexer) : NULL;
    if (reason != NULL)
        return refuse(error, reason);
    return pass_statement(lexer, type) || refuse(error, "where its statement ends cannot be told");
}

/* Stands at the next statement; false: there is none. */
static bool find_statement(struct lexer *lexer)
{
    struct lexer ahead = *lexer;
    struct token token = lexer_next(&ahead);

    lexer->rest = token.start;
    return token.kind != TOKEN_END;
}

static bool vet_definition(const struct toc_entry *entry, const struct form *form,
                           bool conforming_strings, struct error *error)
{
    struct lexer lexer = {.rest = entry->definition, .conforming_strings = conforming_strings};

    while (find_statement(&lexer))
        if (!vet_statement(&lexer, form, entry->type, error))
            return false;
    return true;
}

static bool vet_rows(const struct toc_entry *entry, struct error *error)
{
    struct copy_statement parts;

    if (entry->copy_statement == NULL || entry->copy_statement[0] == '\0')
        return refuse(error, "its rows are statements");
    return copy_statement_parse(entry->copy_statement, &parts, error);
}

bool vet_entry(const struct toc_entry *entry, bool conforming_strings, struct error *error)
{
    const struct form *form = &forms[entry->type];

    if (form->refusal != NULL)
        return refuse(error, form->refusal);
    if (entry->type == ENTRY_UNKNOWN)
        return refuse(error, "entries of its type are not known");
    if (entry->type == ENTRY_TABLE_DATA)
        return vet_rows(entry, error);
    return form->runs_nothing || entry->definition == NULL ||
           vet_definition(entry, form, conforming_strings, error);
}

/* One statement, with these two words in front of the name. */
static bool is_about_database(const char *sql, const char *verb, const struct toc_entry *entry,
                              bool conforming_strings)
{
    struct lexer lexer = {.rest = sql, .conforming_strings = conforming_strings};
    struct token token = lexer_next(&lexer);

    if (!token_is_word(&token, verb))
        return false;
    token = lexer_next(&lexer);
    if (!token_is_word(&token, "database"))
        return false;
    token = lexer_next(&lexer);
    return token_is_identifier(&token, entry->tag) && pass_statement(&lexer, entry->type) &&
           !find_statement(&lexer);
}

static bool is_nothing(const char *sql)
{
    return sql == NULL || *sql == '\0';
}

bool vet_database(const struct toc_entry *entry, bool conforming_strings, struct error *error)
{
    bool is_right = (is_nothing(entry->definition) ||
                     is_about_database(entry->definition, "create", entry, conforming_strings)) &&
                    (is_nothing(entry->drop_statement) ||
                     is_about_database(entry->drop_statement, "drop", entry, conforming_strings));

    return is_right || refuse(error, "it is about another database, or more than one");
}

bool vet_encoding(const char *encoding, struct error *error)
{
    /* SJIS, BIG5, GBK and their like have backslashes within characters. */
    static const char *const plain[] = {"UTF8",   "SQL_ASCII", "LATIN", "WIN125", "WIN866",
                                        "WIN874", "ISO_8859_", "KOI8",  "EUC_",   "MULE_INTERNAL"};

    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        if (strncasecmp(encoding, plain[i], strlen(plain[i])) == 0)
            return true;
    error_set(error, ERROR_HOSTILE,
              "statements in the archive's encoding, \"%s\", cannot be told apart with certainty",
              encoding);
    error_hint(error, "Dump again with --encoding=UTF8.");
    return false;
}
