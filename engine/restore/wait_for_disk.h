/* A statement, after which a session's commits wait for the disk again, and for standbys if the
 * user's own would: with synchronous_commit = local, or with none of it, no standby that is down
 * holds up a restore. What was set for role, database or connection is what the session began
 * with. */
#ifndef PGFAST_RESTORE_WAIT_FOR_DISK_H
#define PGFAST_RESTORE_WAIT_FOR_DISK_H

#define WAIT_FOR_DISK                                                                              \
    "SELECT pg_catalog.set_config('synchronous_commit',"                                           \
    " CASE reset_val WHEN 'off' THEN 'local' ELSE reset_val END, false)"                           \
    " FROM pg_catalog.pg_settings WHERE name = 'synchronous_commit';\n"

#endif
