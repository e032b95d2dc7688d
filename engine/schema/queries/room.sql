-- What decides how many sessions a dump is worth: connections that are still free (the number of backends of each
-- database is visible to everybody, pg_stat_activity is not), and bytes of tables. relpages is what the last VACUUM or
-- ANALYZE found; a table that neither has seen is measured.
SELECT least(current_setting('max_connections')::bigint
               - current_setting('superuser_reserved_connections')::bigint
               - coalesce(current_setting('reserved_connections', true), '0')::bigint
               - (SELECT coalesce(sum(numbackends), 0)::bigint FROM pg_stat_database),
             CASE WHEN d.datconnlimit >= 0 THEN d.datconnlimit - pg_stat_get_db_numbackends(d.oid) END),
       (SELECT coalesce(sum(CASE WHEN c.relpages > 0 THEN c.relpages * current_setting('block_size')::bigint
                                 WHEN c.relkind <> 't' AND c.reltuples <= 0 THEN pg_relation_size(c.oid)
                            END), 0)::bigint
          FROM pg_class c
         WHERE (c.relkind IN ('r', 't', 'm') AND c.oid >= 16384) OR c.oid = 'pg_largeobject'::regclass)
  FROM pg_database d
 WHERE d.datname = current_database()
