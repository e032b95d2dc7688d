-- Is there room for a session that holds a second lock on every table? Connections that this role could still open (see
-- room.sql), and locks that the server has room for in all.
SELECT least(current_setting('max_connections')::bigint
               - current_setting('superuser_reserved_connections')::bigint
               - coalesce(current_setting('reserved_connections', true), '0')::bigint
               - (SELECT coalesce(sum(numbackends), 0)::bigint FROM pg_stat_database),
             CASE WHEN d.datconnlimit >= 0 THEN d.datconnlimit - pg_stat_get_db_numbackends(d.oid) END),
       current_setting('max_locks_per_transaction')::bigint
         * (current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint)
  FROM pg_database d
 WHERE d.datname = current_database()
