-- New in PostgreSQL 14.

CREATE SCHEMA new_in_14;
SET search_path = new_in_14, public;
CREATE TABLE compressed (a text COMPRESSION pglz, b text COMPRESSION lz4);
INSERT INTO compressed SELECT repeat('abc', 3000), repeat('def', 3000) FROM generate_series(1, 50);
CREATE STATISTICS on_expressions ON (a || 'x'), (length(b)) FROM compressed;
CREATE TYPE spans AS RANGE (subtype = double precision, subtype_diff = float8mi, multirange_type_name = "many spans");
CREATE TABLE multiranges (m int4multirange, n "many spans");
INSERT INTO multiranges VALUES ('{[1,3), [5,9)}', '{[1.5,2]}'), ('{}', NULL);
CREATE TABLE keyed (id integer PRIMARY KEY, v text);
INSERT INTO keyed VALUES (1, 'x');
CREATE FUNCTION standard_body(a integer, OUT b integer, OUT c text) LANGUAGE sql
    BEGIN ATOMIC SELECT k.id, k.v FROM keyed k WHERE k.id = a GROUP BY k.id; END;
CREATE PROCEDURE out_argument(IN a integer, OUT b integer) LANGUAGE plpgsql AS 'BEGIN b := a; END';
CREATE FUNCTION polymorphic(anycompatiblemultirange) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE INDEX brin_multi ON keyed USING brin (id int4_minmax_multi_ops (values_per_range = 16));
CREATE TYPE subscripted;
CREATE FUNCTION subscripted_in(cstring) RETURNS subscripted LANGUAGE internal IMMUTABLE STRICT AS 'textin';
CREATE FUNCTION subscripted_out(subscripted) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout';
CREATE TYPE subscripted (INPUT = subscripted_in, OUTPUT = subscripted_out, INTERNALLENGTH = VARIABLE, STORAGE = extended);
