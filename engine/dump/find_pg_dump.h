/* Which of the installed pg_dump programs to take definitions from: the newest, which must be at
 * least as new as the server. */
#ifndef PGFAST_DUMP_FIND_PG_DUMP_H
#define PGFAST_DUMP_FIND_PG_DUMP_H

#include "engine/base/error.h"

#include <limits.h>

struct pg_dump_program {
    char path[PATH_MAX];
    int major;
    char version[64]; /* "18.6 (Debian 18.6-1)" */
};

/* bindir: only there; NULL: PATH and the folders where distributions keep their versions. Never
 * pgfast itself, under whatever name. ERROR_VERSION tells the version needed, those found, and the
 * package to install. */
bool find_pg_dump(struct pg_dump_program *program, const char *bindir, int server_version,
                  struct error *error) MUST_CHECK;

/* "pg_dump (PostgreSQL) 18.6 (Debian …)": false when that is not what the line says. Pure. */
bool pg_dump_parse_version(const char *line, struct pg_dump_program *program);

#endif
