/* How pg_dump is called: arguments, environment and private files, so that it reaches the same
 * server in the same way, on our snapshot, without a password in a place where others could see it.
 */
#ifndef PGFAST_DUMP_PG_DUMP_COMMAND_H
#define PGFAST_DUMP_PG_DUMP_COMMAND_H

#include "engine/base/arena.h"
#include "engine/dump/ddl_source.h"
#include "engine/dump/secret_file.h"

struct pg_dump_command {
    char **arguments;   /* NULL-terminated, in the arena */
    char **environment; /* NULL-terminated, in the arena */
    const char *application_name;
    const char *output_path;              /* the folder it writes to; made empty */
    struct secret_file password, service; /* zeroed: not needed */
};

/* Into a zeroed command. scratch_path: a private folder, removed by the caller. */
bool pg_dump_command_make(struct pg_dump_command *command, struct arena *arena,
                          const struct ddl_request *request, const char *scratch_path,
                          struct error *error) MUST_CHECK;

/* Once the child has been started or given up. */
void pg_dump_command_release(struct pg_dump_command *command);

/* The user's filter from standard input lies beside the scratch folder, for as many calls as it
 * takes; after the last one it goes. */
void pg_dump_command_forget_input(const struct folder *folder);

#endif
