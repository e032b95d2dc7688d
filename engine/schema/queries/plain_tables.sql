-- The ordinary tables whose rows every whole dump holds, row by row as they are, and the columns that a COPY of them names.
-- First the columns of relations.sql. Nothing is measured here, which would wait for locks, and cost more than reading a small
-- table does: sizes are what fresh statistics know, or null.
WITH plain AS (
    SELECT c.oid, c.relkind, n.nspname, c.relname, am.amname, c.relpages, c.reltuples, c.reltoastrelid,
           coalesce(t.relpages, 0) AS toast_pages,
           pg_catalog.pg_stat_get_tuples_inserted(c.oid) AS inserted,
           coalesce(pg_catalog.pg_stat_get_tuples_inserted(t.oid), 0) AS toast_inserted,
           c.relpages > 0 AND pg_catalog.pg_stat_get_mod_since_analyze(c.oid) <= c.reltuples AS is_measured
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_am am ON am.oid = c.relam
    LEFT JOIN pg_catalog.pg_class t ON t.oid = c.reltoastrelid
    WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND NOT c.relrowsecurity
      AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.objsubid = 0
                        AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.deptype = 'e')),
columns AS (
    SELECT a.attrelid, '(' || pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum) || ')' AS list
    FROM pg_catalog.pg_attribute a
    WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    GROUP BY a.attrelid)
SELECT p.oid,
       p.relkind,
       pg_catalog.quote_ident(p.nspname) || '.' || pg_catalog.quote_ident(p.relname),
       p.amname,
       CASE WHEN p.is_measured THEN p.relpages * block.bytes
            WHEN p.inserted BETWEEN 1 AND 1000 THEN block.bytes
            END,
       CASE WHEN p.reltoastrelid = 0 THEN 0
            WHEN p.is_measured AND p.toast_pages > 0 THEN p.toast_pages * block.bytes
            WHEN p.inserted > 0 AND p.toast_inserted <= 500 THEN p.toast_inserted * 2000
            END,
       NULL,
       c.list
FROM plain p
JOIN columns c ON c.attrelid = p.oid
CROSS JOIN (SELECT pg_catalog.current_setting('block_size')::pg_catalog.int8 AS bytes) block
