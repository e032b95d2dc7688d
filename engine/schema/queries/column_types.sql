-- The types of the columns of these relations ($1: oids), and the types that those are made of.
-- An array is the type that its elements' type calls so: others have elements and are none (int2vector).
-- On servers that lack attgenerated (11) or rngmultitypid (13), the names find the columns of "unknown".
WITH RECURSIVE used (oid) AS (
    SELECT a.atttypid
    FROM (SELECT ''::"char" AS attgenerated) AS unknown,
         LATERAL (SELECT atttypid
                  FROM pg_catalog.pg_attribute
                  WHERE attrelid = ANY ($1::pg_catalog.oid[]) AND attnum > 0 AND NOT attisdropped AND attgenerated = '') AS a
    UNION
    SELECT part.oid
    FROM used
    JOIN pg_catalog.pg_type t ON t.oid = used.oid
    CROSS JOIN LATERAL (
        SELECT t.typbasetype WHERE t.typtype = 'd'
        UNION ALL
        SELECT e.oid FROM pg_catalog.pg_type e WHERE e.oid = t.typelem AND e.typarray = t.oid
        UNION ALL
        SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE t.typtype = 'r' AND r.rngtypid = t.oid
        UNION ALL
        SELECT r.rngtypid
        FROM (SELECT 0::pg_catalog.oid AS rngmultitypid) AS unknown,
             LATERAL (SELECT rngtypid FROM pg_catalog.pg_range WHERE t.typtype = 'm' AND rngmultitypid = t.oid) AS r
    ) AS part (oid)
)
SELECT t.oid,
       CASE WHEN element.oid IS NOT NULL THEN 'a' ELSE t.typtype END,
       CASE t.typtype
           WHEN 'd' THEN t.typbasetype
           WHEN 'b' THEN element.oid
           WHEN 'r' THEN (SELECT r.rngsubtype FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid)
           WHEN 'm' THEN (SELECT r.rngtypid
                          FROM (SELECT 0::pg_catalog.oid AS rngmultitypid) AS unknown,
                               LATERAL (SELECT rngtypid FROM pg_catalog.pg_range WHERE rngmultitypid = t.oid) AS r)
       END
FROM used
JOIN pg_catalog.pg_type t ON t.oid = used.oid
LEFT JOIN pg_catalog.pg_type element ON element.oid = t.typelem AND element.typarray = t.oid
ORDER BY t.oid
