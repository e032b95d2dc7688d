#include "engine/sql/mentions.h"

#include "engine/sql/lexer.h"

#include <string.h>

struct reading {
    struct lexer lexer;
    struct name_set *names;
    struct arena *arena;
};

static bool is_name(const struct token *token)
{
    return token->kind == TOKEN_WORD || token->kind == TOKEN_NAME;
}

static bool is_one_of(const struct token *token, const char *const *words)
{
    for (; *words != NULL; words++)
        if (token_is_word(token, *words))
            return true;
    return false;
}

static char lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? (char)(letter - 'A' + 'a') : letter;
}

/* As the server takes it: doubled quotes are one, and unquoted capitals stand for small letters. */
static const char *read_name(struct arena *arena, const struct token *token)
{
    char *name = arena_copy_bytes(arena, token->start, token->length);
    size_t length = 0;

    if (token->kind == TOKEN_WORD) {
        for (char *letter = name; *letter != '\0'; letter++)
            *letter = lower(*letter);
        return name;
    }
    for (size_t i = 1; i + 1 < token->length; i++) {
        name[length++] = token->start[i];
        i += token->start[i] == '"';
    }
    name[length] = '\0';
    return name;
}

static void add_role(struct reading *reading, const struct token *token)
{
    static const char *const no_roles[] = {"public",       "current_user", "current_role",
                                           "session_user", "default",      NULL};

    if (is_name(token) && !is_one_of(token, no_roles))
        name_set_add(reading->names, read_name(reading->arena, token));
}

/* One, or several with commas between them. What comes behind is left to be read. */
static void read_roles(struct reading *reading)
{
    struct token token;

    do {
        token = lexer_next(&reading->lexer);
        if (token_is_word(&token, "group"))
            token = lexer_next(&reading->lexer);
        add_role(reading, &token);

        struct lexer ahead = reading->lexer;
        token = lexer_next(&ahead);
        if (token_is_symbol(&token, ','))
            reading->lexer = ahead;
    } while (token_is_symbol(&token, ','));
}

/* Does the next token stand for what roles are named behind? All these words are reserved, so that
 * none of them is an object's name. */
static bool leads_to_roles(struct reading *reading, const struct token *token,
                           const char *const *words)
{
    static const char *const role[] = {"role", "user", NULL};
    struct lexer ahead = reading->lexer;
    struct token next;

    if (!is_one_of(token, words))
        return false;
    if (!token_is_word(token, "for"))
        return true;
    next = lexer_next(&ahead);
    if (!is_one_of(&next, role))
        return false;
    reading->lexer = ahead;
    return true;
}

static int depth_change(const struct token *token)
{
    return token_is_symbol(token, '(') ? 1 : token_is_symbol(token, ')') ? -1 : 0;
}

/* GRANT … TO, REVOKE … FROM, SET SESSION AUTHORIZATION, ALTER DEFAULT PRIVILEGES FOR ROLE. Between
 * parentheses are columns and arguments. */
static void read_privileges(struct reading *reading)
{
    static const char *const words[] = {"to", "from", "authorization", "for", NULL};
    struct token token;
    int depth = 0;

    do {
        token = lexer_next(&reading->lexer);
        depth += depth_change(&token);
        if (depth == 0 && leads_to_roles(reading, &token, words))
            read_roles(reading);
    } while (token.kind != TOKEN_END && token.kind != TOKEN_BROKEN);
}

/* CREATE POLICY … TO, before the expressions, or CREATE USER MAPPING FOR. */
static void read_behind(struct reading *reading, const char *word)
{
    struct token token;

    do {
        token = lexer_next(&reading->lexer);
        if (token_is_word(&token, word)) {
            read_roles(reading);
            return;
        }
    } while (token.kind != TOKEN_END && token.kind != TOKEN_BROKEN &&
             !token_is_symbol(&token, '('));
}

void mentions_add_roles(struct name_set *roles, struct arena *arena, const struct toc_entry *entry,
                        bool conforming_strings)
{
    struct reading reading = {
        .lexer = {.rest = entry->definition, .conforming_strings = conforming_strings},
        .names = roles,
        .arena = arena,
    };

    if (entry->definition == NULL)
        return;
    switch (entry->type) {
    case ENTRY_ACL:
    case ENTRY_ACL_LANGUAGE:
    case ENTRY_DEFAULT_ACL:
        read_privileges(&reading);
        return;
    case ENTRY_POLICY:
        read_behind(&reading, "to");
        return;
    case ENTRY_USER_MAPPING:
        read_behind(&reading, "for");
        return;
    default:
        return;
    }
}

/* pg_dump writes it first of all that follows the result's type. A name can be "language" too, but
 * then a schema is in front of it, or it stands among the arguments. */
const char *mentions_language(struct arena *arena, const char *definition, bool conforming_strings)
{
    struct lexer lexer = {.rest = definition, .conforming_strings = conforming_strings};
    struct token before = {.kind = TOKEN_END}, token;
    int depth = 0;

    if (definition == NULL)
        return NULL;
    for (;; before = token) {
        token = lexer_next(&lexer);
        if (token.kind == TOKEN_END || token.kind == TOKEN_BROKEN)
            return NULL;
        depth += depth_change(&token);
        if (depth == 0 && token_is_word(&token, "language") && !token_is_symbol(&before, '.'))
            break;
    }
    token = lexer_next(&lexer);
    return is_name(&token) ? read_name(arena, &token) : NULL;
}
