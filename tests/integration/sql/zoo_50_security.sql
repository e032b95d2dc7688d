-- Row security, privileges, default privileges, comments (OB17, OB34 to OB37).

CREATE SCHEMA security;
COMMENT ON SCHEMA security IS E'line one\nline two ''quoted'' \\ "double" 😀';
SET search_path = security, public;

-- OB17: row security. The zoo is dumped by a superuser, whom no policy stops.
CREATE TABLE secrets (id integer, owner name, body text);
INSERT INTO secrets SELECT i, CASE WHEN i % 2 = 0 THEN 'zoo_reader' ELSE 'somebody' END, 's' || i
FROM generate_series(1, 40) AS i;
ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
ALTER TABLE secrets FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON secrets FOR SELECT TO zoo_reader, zoo_writer USING (owner = current_user);
CREATE POLICY "write; own" ON secrets AS RESTRICTIVE FOR INSERT TO PUBLIC WITH CHECK (owner = current_user);
CREATE POLICY for_all ON secrets USING (id > 0) WITH CHECK (id < 1000);
COMMENT ON POLICY own_rows ON secrets IS 'each their own';
CREATE TABLE enabled_without_policy (id integer);
ALTER TABLE enabled_without_policy ENABLE ROW LEVEL SECURITY;
INSERT INTO enabled_without_policy VALUES (1), (2);

-- OB35: grants in a chain, by column, revoked from their owner, to a role with a nasty name.  The chain is in a
-- schema that everybody may use: stock pg_restore -j may try a grantor's GRANT before the one on its schema.
CREATE TABLE public.granted (id integer, secret text, open text);
GRANT SELECT, INSERT ON public.granted TO zoo_grantor WITH GRANT OPTION;
SET ROLE zoo_grantor;
GRANT SELECT ON public.granted TO zoo_reader;
RESET ROLE;
GRANT SELECT (id, open), UPDATE (open) ON public.granted TO zoo_writer;
GRANT ALL ON public.granted TO "Zoo ""Role""; with 'quotes'";
REVOKE ALL ON public.granted FROM CURRENT_USER;
GRANT USAGE ON SCHEMA security TO zoo_reader, zoo_grantor;
GRANT USAGE, CREATE ON SCHEMA security TO zoo_owner WITH GRANT OPTION;
CREATE TABLE owned_by_nasty (id integer);
ALTER TABLE owned_by_nasty OWNER TO "Zoo ""Role""; with 'quotes'";
GRANT USAGE ON LANGUAGE plpgsql_again TO zoo_reader;

-- OB35: changed privileges of the system's own objects.
REVOKE EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_waldir() TO zoo_reader;
GRANT SELECT ON TABLE pg_catalog.pg_authid TO zoo_grantor;

-- OB34: public belongs to somebody else, an empty schema, a schema with the look of another's.
ALTER SCHEMA public OWNER TO zoo_public_owner;
GRANT CREATE ON SCHEMA public TO zoo_writer;
COMMENT ON SCHEMA public IS 'not the usual comment';
CREATE SCHEMA empty_schema;
CREATE SCHEMA "pgtemp_1" AUTHORIZATION zoo_owner;

-- OB37: comments that a script would trip over.
CREATE TABLE commented ("a column" integer, b text);
COMMENT ON TABLE commented IS E'\\.\n\\connect nowhere\n; DROP TABLE security.commented; --';
COMMENT ON COLUMN commented."a column" IS E'tab\there';
COMMENT ON COLUMN commented.b IS NULL;
SELECT format('COMMENT ON TABLE public.granted IS %L', repeat('long ', 20000))
\gexec
