-- Versions of catalog rows that the server's functions read as they are now, whatever the snapshot, when pg_dump asks them for
-- definitions: arguments of functions, names of types and indexes. $1 null: of those that somebody has changed, deleted or
-- locked although they can be seen here; otherwise of these oids. A relation's other facts change in peace (GRANT, REFRESH).
SELECT tableoid, oid, xmin::pg_catalog.text FROM pg_catalog.pg_proc
WHERE ($1::pg_catalog.oid[] IS NULL AND oid >= 16384 AND xmax <> '0') OR oid = ANY ($1)
UNION ALL
SELECT tableoid, oid, xmin::pg_catalog.text FROM pg_catalog.pg_type
WHERE ($1::pg_catalog.oid[] IS NULL AND oid >= 16384 AND xmax <> '0') OR oid = ANY ($1)
UNION ALL
SELECT tableoid, oid, pg_catalog.concat_ws('|', relnamespace, relname) FROM pg_catalog.pg_class
WHERE ($1::pg_catalog.oid[] IS NULL AND oid >= 16384 AND xmax <> '0') OR oid = ANY ($1)
UNION ALL
SELECT tableoid, oid, xmin::pg_catalog.text FROM pg_catalog.pg_namespace
WHERE ($1::pg_catalog.oid[] IS NULL AND oid >= 16384 AND xmax <> '0') OR oid = ANY ($1)
UNION ALL
SELECT tableoid, oid, xmin::pg_catalog.text FROM pg_catalog.pg_operator
WHERE ($1::pg_catalog.oid[] IS NULL AND oid >= 16384 AND xmax <> '0') OR oid = ANY ($1)
UNION ALL
SELECT tableoid, oid, xmin::pg_catalog.text FROM pg_catalog.pg_collation
WHERE ($1::pg_catalog.oid[] IS NULL AND oid >= 16384 AND xmax <> '0') OR oid = ANY ($1)
UNION ALL
SELECT tableoid, oid, xmin::pg_catalog.text FROM pg_catalog.pg_statistic_ext
WHERE ($1::pg_catalog.oid[] IS NULL AND oid >= 16384 AND xmax <> '0') OR oid = ANY ($1)
ORDER BY 2, 1
