-- Who holds, or waits first for, the one lock that keeps us from reading these tables ($1: oids). Same columns as blockers.sql.
SELECT l.pid,
       coalesce(a.usename, ''),
       coalesce(a.application_name, ''),
       coalesce(a.state, ''),
       pg_catalog.left(pg_catalog.regexp_replace(coalesce(a.query, ''), '\s+', ' ', 'g'), 120),
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
       false
FROM pg_catalog.pg_locks l
JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
JOIN pg_catalog.pg_class c ON c.oid = l.relation
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE l.mode = 'AccessExclusiveLock'
  AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
  AND l.relation = ANY ($1::pg_catalog.oid[])
ORDER BY l.granted DESC, l.pid
LIMIT 1
