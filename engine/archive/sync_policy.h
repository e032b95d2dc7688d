/* How the files of an archive get to disk: each by a sync of its own, or many by one sync of their
 * file system at the end. Pure. Each small file's own sync is a commit of the file system's
 * journal, which for thousands of files costs far more than writing them; but a sync of everything
 * also waits for what other programs have written, so a few files are better synced by themselves.
 */
#ifndef PGFAST_ARCHIVE_SYNC_POLICY_H
#define PGFAST_ARCHIVE_SYNC_POLICY_H

#include <stdbool.h>
#include <stdint.h>

enum sync_method {
    SYNC_AUTO,
    SYNC_EACH_FILE,
    SYNC_FILE_SYSTEM, /* only at the end; each file where the file system is not up to it */
    SYNC_NOTHING
};

struct sync_policy {
    enum sync_method method;
    bool is_file_system_trusted; /* see io/file_system.h */
    unsigned small_files_synced;
    bool owes_file_system; /* a file was left to the sync at the end */
};

/* Does this file, complete now, get a sync of its own? Counts, and notes what is owed if not. */
bool sync_policy_wants_file(struct sync_policy *policy, uint64_t size_bytes);

#endif
