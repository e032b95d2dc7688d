-- Functions, triggers, rules, views, materialized views, languages (OB18 to OB22, OB40).

CREATE SCHEMA code;
SET search_path = code, public;

-- OB22: bodies and signatures that a careless text writer breaks.
CREATE FUNCTION odd_body() RETURNS text LANGUAGE plpgsql AS
$outer$
DECLARE
    "quoted name" text := $$dollars $inner$ and 'quotes' and \backslashes\$$;
BEGIN
    -- COPY x FROM stdin;
    RETURN "quoted name" || '
\.
' || E'\t''';
END
$outer$;
CREATE FUNCTION body_no_longer_valid() RETURNS integer LANGUAGE sql AS 'SELECT 1';
SET check_function_bodies = off;
CREATE OR REPLACE FUNCTION body_no_longer_valid() RETURNS integer LANGUAGE sql AS 'SELECT nothing FROM nowhere';
RESET check_function_bodies;
CREATE FUNCTION all_options(a integer, INOUT b text, c numeric DEFAULT 1.5, VARIADIC d integer[] DEFAULT '{1,2}')
    LANGUAGE sql STABLE STRICT SECURITY DEFINER LEAKPROOF PARALLEL RESTRICTED COST 17
    SET search_path = pg_catalog, "$user", public SET work_mem = '1MB' AS 'SELECT $2';
CREATE FUNCTION returns_set() RETURNS SETOF record LANGUAGE sql ROWS 55 AS 'SELECT 1, 2';
CREATE FUNCTION returns_table(n integer) RETURNS TABLE (a integer, "B c" text)
    LANGUAGE sql IMMUTABLE AS $$SELECT i, 'x' || i FROM generate_series(1, n) AS i$$;
CREATE FUNCTION polymorphic(anyelement, anyarray) RETURNS anyelement LANGUAGE sql AS 'SELECT $1';
CREATE FUNCTION same_name(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION same_name(text) RETURNS integer LANGUAGE sql AS 'SELECT 2';
CREATE FUNCTION many_arguments(
    integer, integer, integer, integer, integer, integer, integer, integer, integer, integer,
    integer, integer, integer, integer, integer, integer, integer, integer, integer, integer,
    integer, integer, integer, integer, integer, integer, integer, integer, integer, integer,
    integer, integer, integer, integer, integer, integer, integer, integer, integer, integer)
    RETURNS integer LANGUAGE sql AS 'SELECT $40';
CREATE FUNCTION own_window() RETURNS bigint LANGUAGE internal WINDOW IMMUTABLE AS 'window_row_number';
CREATE FUNCTION with_support(integer) RETURNS integer LANGUAGE internal IMMUTABLE STRICT
    SUPPORT generate_series_int4_support AS 'int4abs';
CREATE FUNCTION with_transform(integer) RETURNS integer TRANSFORM FOR TYPE integer LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE do_it(INOUT done boolean) LANGUAGE plpgsql AS 'BEGIN done := true; COMMIT; END';
COMMENT ON FUNCTION same_name(text) IS 'the one for texts';
COMMENT ON PROCEDURE do_it(boolean) IS 'does it';
ALTER FUNCTION all_options OWNER TO zoo_owner;
ALTER PROCEDURE do_it OWNER TO zoo_owner;
REVOKE ALL ON FUNCTION odd_body() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION odd_body() TO zoo_reader WITH GRANT OPTION;
GRANT EXECUTE ON PROCEDURE do_it TO zoo_reader;

-- OB40: languages and event triggers; the trigger would spoil a restore that created it early.
CREATE FUNCTION own_call_handler() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
CREATE FUNCTION own_validator(oid) RETURNS void LANGUAGE c STRICT AS '$libdir/plpgsql', 'plpgsql_validator';
CREATE TRUSTED LANGUAGE plpgsql_again HANDLER own_call_handler VALIDATOR own_validator;
CREATE FUNCTION in_that_language() RETURNS integer LANGUAGE plpgsql_again AS 'BEGIN RETURN 1; END';
COMMENT ON LANGUAGE plpgsql_again IS 'twice is safer';
CREATE FUNCTION refuse_ddl() RETURNS event_trigger LANGUAGE plpgsql AS
    $$BEGIN RAISE EXCEPTION 'no ddl here (%)', tg_tag; END$$;
CREATE FUNCTION ignore_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';

-- OB18: triggers in every state. None of them may fire while rows are loaded.
CREATE TABLE triggered (id integer PRIMARY KEY, v text, changes integer DEFAULT 0);
CREATE TABLE trigger_log (at integer GENERATED ALWAYS AS IDENTITY, what text);
INSERT INTO triggered SELECT i, 'v' || i FROM generate_series(1, 50) AS i;
CREATE FUNCTION log_it() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN INSERT INTO code.trigger_log (what) VALUES (tg_name || ' ' || tg_op); RETURN new; END$$;
CREATE TRIGGER plain BEFORE INSERT OR UPDATE ON triggered FOR EACH ROW EXECUTE FUNCTION log_it();
CREATE TRIGGER "for all; statements" AFTER INSERT ON triggered REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION log_it('an argument', E'back\\slash');
CREATE TRIGGER some_columns AFTER UPDATE OF v ON triggered FOR EACH ROW
    WHEN (old.v IS DISTINCT FROM new.v) EXECUTE FUNCTION log_it();
CREATE CONSTRAINT TRIGGER deferred AFTER INSERT ON triggered DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION log_it();
CREATE TRIGGER disabled AFTER DELETE ON triggered FOR EACH ROW EXECUTE FUNCTION log_it();
CREATE TRIGGER replica AFTER DELETE ON triggered FOR EACH ROW EXECUTE FUNCTION log_it();
CREATE TRIGGER always AFTER INSERT ON triggered FOR EACH ROW EXECUTE FUNCTION log_it();
CREATE TRIGGER on_truncate AFTER TRUNCATE ON triggered FOR EACH STATEMENT EXECUTE FUNCTION log_it();
ALTER TABLE triggered DISABLE TRIGGER disabled, ENABLE REPLICA TRIGGER replica, ENABLE ALWAYS TRIGGER always;
COMMENT ON TRIGGER plain ON triggered IS 'a trigger''s comment';
CREATE TABLE triggered_parts (id integer, v text) PARTITION BY LIST (id);
CREATE TABLE triggered_parts_1 PARTITION OF triggered_parts FOR VALUES IN (1);
CREATE TABLE triggered_parts_2 PARTITION OF triggered_parts FOR VALUES IN (2);
INSERT INTO triggered_parts SELECT 1 + i % 2, 'v' FROM generate_series(1, 20) AS i;
CREATE TRIGGER from_the_parent AFTER INSERT ON triggered_parts FOR EACH ROW EXECUTE FUNCTION log_it();
ALTER TABLE triggered_parts_2 DISABLE TRIGGER from_the_parent;
CREATE TRIGGER on_one_part AFTER INSERT ON triggered_parts_1 FOR EACH ROW EXECUTE FUNCTION log_it();

-- OB19: rules.
CREATE TABLE ruled (id integer, v text);
INSERT INTO ruled SELECT i, 'r' || i FROM generate_series(1, 10) AS i;
CREATE RULE "also; this" AS ON INSERT TO ruled DO ALSO INSERT INTO code.trigger_log (what) VALUES ('rule');
CREATE RULE instead AS ON DELETE TO ruled WHERE old.id = 5 DO INSTEAD NOTHING;
CREATE RULE switched_off AS ON UPDATE TO ruled DO INSTEAD NOTHING;
ALTER TABLE ruled DISABLE RULE switched_off;
COMMENT ON RULE instead ON ruled IS 'number five stays';

-- OB20: views with options, without columns, recursive, of functions, by the power of a primary key.
CREATE VIEW barrier WITH (security_barrier) AS SELECT id, v FROM triggered WHERE id < 10 WITH CASCADED CHECK OPTION;
ALTER VIEW barrier ALTER COLUMN v SET DEFAULT 'from the view';
CREATE RECURSIVE VIEW counting (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM counting WHERE n < 10;
CREATE VIEW no_columns AS SELECT;
CREATE VIEW odd_columns AS SELECT 1, 2 AS "?column? 2", 3 AS "a ""b"" c", 4 AS "select";
CREATE VIEW of_function AS SELECT * FROM returns_table(5) WITH ORDINALITY AS t (a, b, nth);
CREATE VIEW needs_key AS SELECT t.id, t.v, count(*) AS n FROM triggered t JOIN ruled r USING (id) GROUP BY t.id;
CREATE VIEW everything AS SELECT * FROM triggered;
ALTER TABLE triggered ADD COLUMN added_after_the_view integer DEFAULT 3;
CREATE TRIGGER instead_of INSTEAD OF INSERT ON everything FOR EACH ROW EXECUTE FUNCTION log_it();
COMMENT ON VIEW barrier IS 'a view''s comment';
COMMENT ON COLUMN barrier.v IS 'a view column''s comment';
ALTER VIEW everything OWNER TO zoo_owner;
GRANT SELECT (id), UPDATE (v) ON everything TO zoo_reader;

-- OB19: two views that need each other.
CREATE VIEW chicken AS SELECT 1 AS id, 'x'::text AS v;
CREATE VIEW egg AS SELECT id, v FROM chicken;
CREATE RULE lay AS ON INSERT TO chicken DO INSTEAD SELECT * FROM egg;

-- OB21: materialized views upon each other, not in the order of their names; one never filled.
CREATE MATERIALIZED VIEW z_first AS SELECT id, v FROM triggered WHERE id % 2 = 0;
CREATE MATERIALIZED VIEW m_second AS SELECT count(*) AS n FROM z_first;
CREATE FUNCTION reads_second() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT n FROM code.m_second';
CREATE MATERIALIZED VIEW a_third USING heap2 AS
    SELECT z.id, m.n, reads_second() AS again FROM z_first z, m_second m;
CREATE UNIQUE INDEX a_third_key ON a_third (id);
CREATE INDEX a_third_expression ON a_third ((id + n));
CREATE MATERIALIZED VIEW never_filled AS SELECT id FROM triggered WITH NO DATA;
CREATE VIEW upon_matview AS SELECT * FROM a_third WHERE id < 20;
COMMENT ON MATERIALIZED VIEW z_first IS 'the first of three';
ALTER MATERIALIZED VIEW z_first OWNER TO zoo_owner;
ALTER TABLE triggered OWNER TO zoo_owner;
