-- What the table of contents does not say about the relations whose data it lists ($1: their oids).
-- Sizes are measured, because relpages is as old as the last VACUUM or ANALYZE; a foreign table has none.
SELECT c.oid,
       c.relkind,
       pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname),
       coalesce(am.amname, ''),
       CASE WHEN c.relkind IN ('r', 'm') THEN coalesce(pg_catalog.pg_relation_size(c.oid), 0) ELSE 0 END,
       CASE WHEN c.reltoastrelid <> 0 THEN coalesce(pg_catalog.pg_relation_size(c.reltoastrelid), 0) ELSE 0 END,
       configuration.condition,
       NULL
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam
LEFT JOIN (SELECT u.relation, u.condition
           FROM pg_catalog.pg_extension e,
                LATERAL ROWS FROM (pg_catalog.unnest(e.extconfig), pg_catalog.unnest(e.extcondition))
                    AS u (relation, condition)) configuration ON configuration.relation = c.oid
WHERE c.oid = ANY ($1::pg_catalog.oid[])
