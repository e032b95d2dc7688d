/* Cuts SQL into tokens exactly where PostgreSQL's own lexer would (13 to 18), whoever wrote it: so
 * that what is judged by its tokens is what the server will run. It needs text in an encoding whose
 * characters hold no ASCII bytes but themselves. Comments and blanks are passed over. Pure; nothing
 * recurses. */
#ifndef PGFAST_SQL_LEXER_H
#define PGFAST_SQL_LEXER_H

#include <stdbool.h>
#include <stddef.h>

struct lexer {
    const char *rest;
    bool conforming_strings; /* standard_conforming_strings: a backslash is nothing special */
};

enum token_kind {
    TOKEN_END,
    TOKEN_WORD,   /* a key word or an unquoted name */
    TOKEN_NAME,   /* "quoted" */
    TOKEN_STRING, /* of any kind, with its prefix */
    TOKEN_NUMBER,
    TOKEN_SYMBOL, /* one character */
    TOKEN_BROKEN  /* a string, name or comment without an end: there is no next token */
};

struct token {
    enum token_kind kind;
    const char *start;
    size_t length;
};

struct token lexer_next(struct lexer *lexer);

/* `word` in lower case. */
bool token_is_word(const struct token *token, const char *word);
bool token_is_symbol(const struct token *token, char symbol);
/* Is it this object's name, quoted or not? */
bool token_is_identifier(const struct token *token, const char *name);
/* Is it this name, in lower case: as a word, quoted, or as a plain string? */
bool token_names(const struct token *token, const char *name);

#endif
