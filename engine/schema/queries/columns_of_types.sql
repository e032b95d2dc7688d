-- Of each of these relations ($1: oids) the first column whose type is one of $2. Generated columns do not travel.
SELECT DISTINCT ON (a.attrelid) a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, NULL)
FROM (SELECT ''::"char" AS attgenerated) AS unknown,
     LATERAL (SELECT attrelid, attnum, attname, atttypid
              FROM pg_catalog.pg_attribute
              WHERE attrelid = ANY ($1::pg_catalog.oid[]) AND atttypid = ANY ($2::pg_catalog.oid[])
                AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS a
ORDER BY a.attrelid, a.attnum
