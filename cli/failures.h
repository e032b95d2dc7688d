/* The objects that failed in a run, kept to be told together at its end. */
#ifndef PGFAST_CLI_FAILURES_H
#define PGFAST_CLI_FAILURES_H

#include "engine/pgfast.h"

struct failure {
    char *line;        /* "TABLE public.x: relation "x" already exists (42P07)" */
    char *hint;        /* "": none */
    const char *label; /* "failed", "damaged", "refused" or "differs" */
};

struct failures {
    struct failure *items;
    size_t count;
    size_t capacity;
    bool tells_damage; /* what the archive is to blame for is called damaged, and not failed */
};

void failures_add(struct failures *failures, const struct pgfast_event *event);
/* Each failure, in the order they happened; each hint once, behind the first failure that it is
 * for. */
void failures_print(const struct failures *failures);
void failures_clear(struct failures *failures);

#endif
