#include "engine/server/session_internal.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

struct kind_rule {
    const char *sqlstate; /* or its leading characters */
    enum error_kind kind;
};

static const struct kind_rule kind_rules[] = {
    {"28", ERROR_AUTHENTICATION},
    {"42501", ERROR_PERMISSION},
    {"55P03", ERROR_TIMEOUT},
    {"57014", ERROR_TIMEOUT},
};

static enum error_kind kind_of(const char *sqlstate, enum error_kind otherwise)
{
    for (size_t i = 0; i < sizeof(kind_rules) / sizeof(kind_rules[0]); i++)
        if (strncmp(sqlstate, kind_rules[i].sqlstate, strlen(kind_rules[i].sqlstate)) == 0)
            return kind_rules[i].kind;
    return otherwise;
}

static void trim_end(char *text)
{
    size_t length = strlen(text);

    while (length > 0 && isspace((unsigned char)text[length - 1]))
        text[--length] = '\0';
}

/* The first line says what happened; those that follow guess why. */
bool server_error_from_link(struct session *session, const char *what, struct error *error)
{
    const char *said = PQerrorMessage(session->link);

    error_set(error, ERROR_SERVER, "%s: %.*s", what, (int)strcspn(said, "\n"), said);
    trim_end(error->message);
    if (PQstatus(session->link) != CONNECTION_OK)
        session->is_lost = true;
    return false;
}

/* FATAL is the last word of a session, though the connection may not know yet. */
static bool is_fatal(const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);

    return severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

bool server_error_from_result(struct session *session, const PGresult *result, struct error *error)
{
    const char *sqlstate = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    const char *context = PQresultErrorField(result, PG_DIAG_CONTEXT);
    const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);

    /* Without a message of its own the result tells of a broken connection. */
    if (!primary || !sqlstate)
        return server_error_from_link(session, "connection to server was lost", error);

    error_set(error, kind_of(sqlstate, ERROR_SERVER), "%s", primary);
    if (detail)
        error_set(error, error->kind, "%s (%s)", primary, detail);
    if (context && strncmp(context, "COPY ", 5) == 0)
        error_prefix(error, "%.200s", context);
    snprintf(error->sqlstate, sizeof(error->sqlstate), "%s", sqlstate);
    if (hint)
        error_hint(error, "%s", hint);
    if (PQstatus(session->link) != CONNECTION_OK || is_fatal(result))
        session->is_lost = true;
    return false;
}

/* Finds "FATAL:  28P01: " in libpq's verbose text: the level's name is translated, the form is not.
 * Connections are tried host by host, so the last code is the one that decided. */
static const char *find_sqlstate(const char *message)
{
    const char *found = NULL;

    for (const char *at = strstr(message, ":  "); at; at = strstr(at + 3, ":  ")) {
        const char *code = at + 3;
        size_t length = strspn(code, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ");

        if (length == 5 && code[5] == ':')
            found = code;
    }
    return found;
}

/* "FATAL:  28P01: text" becomes "FATAL: text", and the lines that only name the server's source go.
 */
static void strip_verbosity(char *message, const char *sqlstate)
{
    char *code = strstr(message, sqlstate);

    while (code && strncmp(code + 5, ": ", 2) == 0) {
        memmove(code - 1, code + 7, strlen(code + 7) + 1);
        code = strstr(code, sqlstate);
    }

    char *location = strstr(message, "\nLOCATION:");

    if (location)
        *location = '\0';
}

bool server_error_from_connect(const char *message, struct error *error)
{
    const char *code = find_sqlstate(message);
    char sqlstate[6] = "";

    if (code)
        memcpy(sqlstate, code, 5);
    error_set(error, kind_of(sqlstate, ERROR_CONNECTION), "%s", message);
    if (sqlstate[0] == '\0' && strstr(message, "fe_sendauth: no password supplied"))
        error->kind = ERROR_AUTHENTICATION;
    memcpy(error->sqlstate, sqlstate, sizeof(sqlstate));
    if (sqlstate[0] != '\0')
        strip_verbosity(error->message, sqlstate);
    trim_end(error->message);
    return false;
}
