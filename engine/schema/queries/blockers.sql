-- Who stands in the way of the sessions of one application ($1: its application_name), on what, and whether that one waits for
-- us ($2: the process id of a session of ours): a deadlock that the server does not see, because we wait outside of it.
SELECT blocker.pid,
       coalesce(blocker.usename, ''),
       coalesce(blocker.application_name, ''),
       coalesce(blocker.state, ''),
       pg_catalog.left(pg_catalog.regexp_replace(coalesce(blocker.query, ''), '\s+', ' ', 'g'), 120),
       coalesce(pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), ''),
       $2::pg_catalog.int4 = ANY (pg_catalog.pg_blocking_pids(blocker.pid))
FROM pg_catalog.pg_stat_activity waiter
CROSS JOIN LATERAL pg_catalog.unnest(pg_catalog.pg_blocking_pids(waiter.pid)) AS b (pid)
JOIN pg_catalog.pg_stat_activity blocker ON blocker.pid = b.pid
LEFT JOIN pg_catalog.pg_locks l ON l.pid = waiter.pid AND NOT l.granted AND l.locktype = 'relation'
    AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation
LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE waiter.application_name = $1
LIMIT 1
