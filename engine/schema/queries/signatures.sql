-- One digest of everything about a relation that a COPY of it relies on ($1: oids): its file (a rewrite or TRUNCATE makes a
-- new one), name, kind and columns. Run on the snapshot and beside it, the answers differ where DDL has come between.
SELECT c.oid,
       pg_catalog.md5(pg_catalog.concat_ws('|', c.relfilenode, c.relname, c.relnamespace, c.relkind, n.nspname,
           (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(',', a.attnum, a.attname, a.atttypid, a.attisdropped),
                                         ';' ORDER BY a.attnum)
            FROM pg_catalog.pg_attribute a
            WHERE a.attrelid = c.oid AND a.attnum > 0)))
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.oid = ANY ($1::pg_catalog.oid[])
ORDER BY c.oid
