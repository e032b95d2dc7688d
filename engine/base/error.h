/* The error value: filled once, by the function that knows the cause, then copied by value, also
 * between threads. A function that can fail returns bool and takes `struct error *` last; false
 * means it is filled. Messages follow PostgreSQL's habit: lower case, no full stop, the thing and
 * the cause. A hint is a sentence. */
#ifndef PGFAST_BASE_ERROR_H
#define PGFAST_BASE_ERROR_H

#include <stdbool.h>

#define MUST_CHECK __attribute__((warn_unused_result))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

/* A kind exists where someone branches on it: the coordinator on CANCELLED, the command line on all
 * the others, since each is an exit code (cli/exit_code.c). */
enum error_kind {
    ERROR_NONE,
    ERROR_CANCELLED,      /* by the user, or because another part failed first; never shown */
    ERROR_USAGE,          /* options that do not fit */
    ERROR_CONNECTION,     /* no connection could be made */
    ERROR_AUTHENTICATION, /* the server knows us, but does not let us in */
    ERROR_PERMISSION,     /* connected, but not allowed */
    ERROR_SERVER,         /* connection lost, or a statement failed */
    ERROR_TIMEOUT,        /* a lock or another bounded wait */
    ERROR_VERSION,        /* server or pg_dump of an unsuitable version */
    ERROR_IO,             /* a local file */
    ERROR_NO_SPACE,       /* disk full, quota, inodes */
    ERROR_RESOURCE,       /* memory, descriptors, threads */
    ERROR_DAMAGED,        /* the archive is not what was written */
    ERROR_INCOMPLETE,     /* the archive was never finished */
    ERROR_UNSUPPORTED,    /* a format or version that we do not read */
    ERROR_HOSTILE,        /* the archive reaches for what is none of its business */
    ERROR_CONFLICT,       /* the target is there already */
    ERROR_LOCKED,         /* another run is at work on it */
    ERROR_OBJECTS,        /* done, but some objects failed */
    ERROR_PARTIAL,        /* done but for what an option allows to be missing */
    ERROR_DIFFERENT,      /* the archive and the database do not hold the same */
    ERROR_INTERNAL
};

struct error {
    enum error_kind kind;
    int os_errno;
    char sqlstate[6];
    char message[1024];
    char hint[512];
};

/* All setters return false, so that `return error_set(...)` reads as what it does. */
bool error_set(struct error *error, enum error_kind kind, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* Appends ": <strerror>" and takes the kind from the code: no space, lack of resources, or plain
 * I/O. */
bool error_set_os(struct error *error, int os_errno, const char *format, ...) PRINTF_LIKE(3, 4);

/* Puts what only the caller knows ("table public.orders") and ": " in front of the message. */
void error_prefix(struct error *error, const char *format, ...) PRINTF_LIKE(2, 3);

void error_hint(struct error *error, const char *format, ...) PRINTF_LIKE(2, 3);

#endif
