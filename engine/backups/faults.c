#include "engine/backups/faults.h"

#include <stdio.h>
#include <string.h>

/* `file "1.dat.zst" is damaged: it has been cut off` says twice what stands before it already. */
static const char *bare_reason(const char *message, const char *file_name)
{
    static const char *const joints[] = {"\" is damaged: ", "\": ", "\" "};
    const char *name = file_name[0] != '\0' ? strstr(message, file_name) : NULL;

    if (name == NULL || (message[0] != '"' && strncmp(message, "file \"", 6) != 0))
        return message;
    const char *behind = name + strlen(file_name);
    for (size_t i = 0; i < sizeof joints / sizeof joints[0]; i++) {
        if (strncmp(behind, joints[i], strlen(joints[i])) == 0)
            return behind + strlen(joints[i]);
    }
    return message;
}

/* Whoever is told of one thing only should be told of what was done on purpose. */
static int gravity(enum error_kind kind)
{
    return kind == ERROR_HOSTILE ? 2 : kind == ERROR_DAMAGED;
}

static void count(struct faults *faults, uint64_t count, const struct error *error)
{
    if (faults->count == 0 || gravity(error->kind) > gravity(faults->gravest.kind))
        faults->gravest = *error;
    faults->count += count;
}

void faults_tell(struct faults *faults, const char *object, const char *file_name,
                 const struct error *error)
{
    struct error told = *error;

    snprintf(told.message, sizeof told.message, "%s", bare_reason(error->message, file_name));
    event_emit_failure(faults->events, object, &told);
    count(faults, 1, error);
}

void faults_add(struct faults *faults, const struct faults *others)
{
    if (others->count > 0)
        count(faults, others->count, &others->gravest);
}
