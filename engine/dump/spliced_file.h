/* One file of rows from several COPYs, any of which may fail: the rows that come before the failure
 * have come whole, and stay. It has one beginning, one end and one digest, as if one COPY had made
 * it. Of one session, in its thread. */
#ifndef PGFAST_DUMP_SPLICED_FILE_H
#define PGFAST_DUMP_SPLICED_FILE_H

#include "engine/archive/row_digest.h"
#include "engine/dump/copy_place.h"
#include "engine/dump/plan.h"

struct spliced_file {
    struct session *session;
    bool is_binary; /* what the COPYs send */
    unsigned char *scratch;
    struct stream stream; /* without a file until it begins */
    struct row_digester digester;
};

void spliced_file_init(struct spliced_file *file, struct session *session, bool is_binary);
void spliced_file_clear(
    struct spliced_file *file); /* after it was ended, abandoned or never begun */

bool spliced_file_begin(struct spliced_file *file, const struct copy_place *place,
                        const struct copy_task *task, struct error *error) MUST_CHECK;

/* *rows: how many came, also where it fails. */
bool spliced_file_copy(struct spliced_file *file, const char *sql, uint64_t *rows,
                       struct error *error) MUST_CHECK;
bool spliced_file_end(struct spliced_file *file, struct error *error) MUST_CHECK;

/* So that nobody waits for more; nothing, where it has not begun. */
void spliced_file_abandon(struct spliced_file *file);

#endif
