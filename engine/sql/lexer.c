#include "engine/sql/lexer.h"

#include <string.h>
#include <strings.h>

static bool is_blank(char character)
{
    return character != '\0' && strchr(" \t\n\r\f\v", character) != NULL;
}

static bool is_line_end(char character)
{
    return character == '\n' || character == '\r';
}

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static bool begins_word(char character)
{
    unsigned char byte = (unsigned char)character;

    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_' ||
           byte >= 0x80;
}

static bool continues_word(char character)
{
    return begins_word(character) || is_digit(character) || character == '$';
}

static const char *pass_line_comment(const char *at)
{
    return at + strcspn(at, "\r\n");
}

/* They nest. NULL: there is no end. */
static const char *pass_comment(const char *at)
{
    size_t depth = 1;

    for (at += 2; depth > 0; at++) {
        if (*at == '\0')
            return NULL;
        if (at[0] == '/' && at[1] == '*')
            depth++;
        else if (at[0] == '*' && at[1] == '/')
            depth--;
        else
            continue;
        at++;
    }
    return at;
}

/* NULL: a comment has no end. */
static const char *pass_blanks(const char *at)
{
    while (at != NULL) {
        if (is_blank(*at))
            at++;
        else if (at[0] == '-' && at[1] == '-')
            at = pass_line_comment(at);
        else if (at[0] == '/' && at[1] == '*')
            at = pass_comment(at);
        else
            break;
    }
    return at;
}

enum quoting {
    QUOTES_DOUBLE, /* a doubled quote is one; a backslash is nothing special */
    QUOTES_ESCAPE, /* a doubled quote is one, and a backslash takes the next character with it */
    QUOTES_BARE    /* the first quote is the end: bits */
};

/* From the opening quote past the closing one; NULL: there is none. */
static const char *pass_quoted(const char *at, enum quoting quoting)
{
    const char quote = *at;

    for (at++; *at != '\0'; at++) {
        if (*at == '\\' && quoting == QUOTES_ESCAPE) {
            at++;
            if (*at == '\0')
                return NULL;
        } else if (*at == quote) {
            if (at[1] != quote || quoting == QUOTES_BARE)
                return at + 1;
            at++;
        }
    }
    return NULL;
}

/* A string goes on, with the same escapes, behind a line break: where, or NULL. */
static const char *find_continuation(const char *at)
{
    bool has_line_end = false;

    for (;;) {
        if (at[0] == '-' && at[1] == '-')
            at = pass_line_comment(at);
        else if (!is_blank(*at))
            break;
        has_line_end = has_line_end || is_line_end(*at);
        if (*at != '\0')
            at++;
    }
    return has_line_end && *at == '\'' ? at : NULL;
}

static const char *pass_string(const char *at, enum quoting quoting)
{
    const char *next = at;

    while (next != NULL) {
        at = pass_quoted(next, quoting);
        if (at == NULL)
            return NULL;
        next = find_continuation(at);
    }
    return at;
}

/* $tag$ … $tag$; NULL: no end. *is_quote false: the dollar is something else. */
static const char *pass_dollar_quoted(const char *at, bool *is_quote)
{
    const char *end = at + 1;

    if (begins_word(*end))
        while (continues_word(*end) && *end != '$')
            end++;
    *is_quote = *end == '$';
    if (!*is_quote)
        return NULL;
    size_t length = (size_t)(end - at) + 1;
    for (const char *close = strchr(end + 1, '$'); close != NULL; close = strchr(close + 1, '$'))
        if (strncmp(close, at, length) == 0)
            return close + length;
    return NULL;
}

/* What a letter right before a quote makes of the string behind it. */
static bool is_string_prefix(const char *at, enum quoting *quoting)
{
    if (at[0] == '\0' || at[1] != '\'' || strchr("eEbBxX", at[0]) == NULL)
        return false;
    *quoting = at[0] == 'e' || at[0] == 'E' ? QUOTES_ESCAPE : QUOTES_BARE;
    return true;
}

static const char *pass_word(const char *at)
{
    while (continues_word(*at))
        at++;
    return at;
}

/* Digits alone: what else belongs to a number are words and symbols here, as no string or comment
 * can begin within one. */
static const char *pass_digits(const char *at)
{
    while (is_digit(*at))
        at++;
    return at;
}

/* The end of the token that begins here; NULL: it has none. */
static const char *pass_token(const struct lexer *lexer, const char *at, enum token_kind *kind)
{
    enum quoting quoting = lexer->conforming_strings ? QUOTES_DOUBLE : QUOTES_ESCAPE;
    bool is_quote = false;

    *kind = TOKEN_STRING;
    if (*at == '\'')
        return pass_string(at, quoting);
    if (is_string_prefix(at, &quoting))
        return pass_string(at + 1, quoting);
    if (*at == '$') {
        const char *end = pass_dollar_quoted(at, &is_quote);
        if (is_quote)
            return end;
    }
    *kind = TOKEN_NAME;
    if (*at == '"')
        return pass_quoted(at, QUOTES_DOUBLE);
    *kind = TOKEN_WORD;
    if (begins_word(*at))
        return pass_word(at);
    *kind = TOKEN_NUMBER;
    if (is_digit(*at))
        return pass_digits(at);
    *kind = TOKEN_SYMBOL;
    return at + 1;
}

struct token lexer_next(struct lexer *lexer)
{
    struct token token = {.kind = TOKEN_BROKEN, .start = lexer->rest};
    const char *start = pass_blanks(lexer->rest);

    if (start == NULL)
        return token;
    token.start = start;
    lexer->rest = start;
    if (*start == '\0') {
        token.kind = TOKEN_END;
        return token;
    }
    enum token_kind kind;
    const char *end = pass_token(lexer, start, &kind);
    if (end == NULL)
        return token;
    token.kind = kind;
    token.length = (size_t)(end - start);
    lexer->rest = end;
    return token;
}

bool token_is_word(const struct token *token, const char *word)
{
    return token->kind == TOKEN_WORD && token->length == strlen(word) &&
           strncasecmp(token->start, word, token->length) == 0;
}

bool token_is_symbol(const struct token *token, char symbol)
{
    return token->kind == TOKEN_SYMBOL && *token->start == symbol;
}

/* Unquoted, capitals stand for small letters. */
static bool is_folded(const char *written, size_t length, const char *name)
{
    for (size_t i = 0; i < length; i++) {
        char letter = written[i];
        if (letter >= 'A' && letter <= 'Z')
            letter = (char)(letter - 'A' + 'a');
        if (letter != name[i])
            return false;
    }
    return name[length] == '\0';
}

static bool is_unquoted(const char *written, size_t length, const char *name)
{
    for (size_t i = 1; i + 1 < length; i++, name++) {
        if (written[i] != *name)
            return false;
        i += written[i] == '"';
    }
    return *name == '\0';
}

bool token_is_identifier(const struct token *token, const char *name)
{
    if (token->kind == TOKEN_NAME)
        return is_unquoted(token->start, token->length, name);
    return token->kind == TOKEN_WORD && is_folded(token->start, token->length, name);
}

bool token_names(const struct token *token, const char *name)
{
    bool is_quoted =
        token->kind == TOKEN_NAME || (token->kind == TOKEN_STRING && *token->start == '\'');

    if (!is_quoted)
        return token_is_word(token, name);
    return token->length == strlen(name) + 2 &&
           strncmp(token->start + 1, name, token->length - 2) == 0;
}
