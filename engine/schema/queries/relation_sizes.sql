-- What there is of these tables ($1: their oids), which are locked: measuring takes a lock.
SELECT c.oid,
       pg_catalog.pg_relation_size(c.oid),
       CASE WHEN c.reltoastrelid <> 0 THEN coalesce(pg_catalog.pg_relation_size(c.reltoastrelid), 0) ELSE 0 END
FROM pg_catalog.pg_class c
WHERE c.oid = ANY ($1::pg_catalog.oid[])
ORDER BY c.oid
