-- A column to cut a table by where its ctid is no good ($1: the table's oid): the first column of a complete, plain btree
-- index, of an exact number type; a primary key before a unique index before any other.
SELECT pg_catalog.quote_ident(a.attname), a.atttypid::pg_catalog.regtype
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_am am ON am.oid = ic.relam AND am.amname = 'btree'
JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
WHERE i.indrelid = $1::pg_catalog.oid
  AND i.indisvalid AND i.indpred IS NULL
  AND a.atttypid IN ('pg_catalog.int2'::pg_catalog.regtype, 'pg_catalog.int4'::pg_catalog.regtype,
                     'pg_catalog.int8'::pg_catalog.regtype, 'pg_catalog.numeric'::pg_catalog.regtype)
ORDER BY i.indisprimary DESC, i.indisunique DESC, i.indnkeyatts, i.indexrelid
LIMIT 1
