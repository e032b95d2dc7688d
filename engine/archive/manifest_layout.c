#include "engine/archive/manifest_layout.h"

const char *const manifest_capabilities[] = {
    "files.size", "files.sha256", "files.raw", "files.rows", "files.row_sum", "files.frames", NULL};

const struct head_member manifest_head_texts[] = {
    {"pgfast_version", offsetof(struct manifest, pgfast_version)},
    {"pg_dump_version", offsetof(struct manifest, pg_dump_version)},
    {"server_version", offsetof(struct manifest, server_version)},
    {"system_identifier", offsetof(struct manifest, system_identifier)},
    {"timeline", offsetof(struct manifest, timeline)},
    {"database", offsetof(struct manifest, database)},
    {"database_oid", offsetof(struct manifest, database_oid)},
    {"snapshot_lsn", offsetof(struct manifest, snapshot_lsn)},
    {"snapshot_time", offsetof(struct manifest, snapshot_time)},
    {"started_at", offsetof(struct manifest, started_at)},
    {"finished_at", offsetof(struct manifest, finished_at)},
    {"codec", offsetof(struct manifest, codec)},
    {"time_zone", offsetof(struct manifest, time_zone)},
    {"lc_monetary", offsetof(struct manifest, lc_monetary)},
    {0},
};

const struct head_member manifest_head_lists[] = {
    {"options", offsetof(struct manifest, options)},
    {"warnings", offsetof(struct manifest, warnings)},
    {"losses", offsetof(struct manifest, losses)},
    {0},
};
