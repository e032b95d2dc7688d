-- Names that break quoting and values that break text formats (K1, K5, K7).

CREATE SCHEMA "nasty 'schema';
-- \connect ""x"" 😀";
SET search_path = "nasty 'schema';
-- \connect ""x"" 😀", public;

CREATE TABLE "FROM stdin;" ("FROM stdin;" integer, "a) FROM stdin; --" text, "select" text, "
\." text, " both ends " text, "%s%n$1" text, "'" text, """" text, "\" text);
INSERT INTO "FROM stdin;" SELECT i, E'\\.', E'\n\\.\n', 'x', ' ', '%s', '''', '"', E'\\' FROM generate_series(1, 30) AS i;
CREATE TABLE "-- load via partition root " (id integer);
INSERT INTO "-- load via partition root " VALUES (1), (2);
CREATE TABLE "Mixed Case" (id integer, "ID" integer, "Id" integer);
INSERT INTO "Mixed Case" VALUES (1, 2, 3);
CREATE TABLE "mixed case" (id integer);
INSERT INTO "mixed case" VALUES (4);
CREATE TABLE "mixed case " (id integer);
CREATE TABLE "line
break" (id integer CONSTRAINT "con
straint" CHECK (id > 0), "tab	inside" integer);
INSERT INTO "line
break" VALUES (1, 2);
CREATE INDEX "index; /* not" ON "line
break" ("tab	inside");
CREATE SEQUENCE "se""quen'ce";
SELECT nextval('"se""quen''ce"');
CREATE TABLE "ναι ‮rtl‬ e\u0301é" (id serial PRIMARY KEY, "ключ" text);
INSERT INTO "ναι ‮rtl‬ e\u0301é" ("ключ") VALUES ('значение'), ('値'), ('😀');
CREATE TABLE "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx" (id integer);
CREATE FUNCTION "fun'c(" ("argument one" integer, "VARIADIC" text) RETURNS integer LANGUAGE sql AS 'SELECT 1';
CREATE TYPE "ty;pe" AS ENUM ('$$', '$_$', '');
CREATE TABLE "types" (v "ty;pe" DEFAULT '$$', w "ty;pe"[]);
INSERT INTO "types" VALUES ('', ARRAY['$_$', '']::"ty;pe"[]);
CREATE VIEW "vi--ew" AS SELECT "ключ" AS "*/" FROM "ναι ‮rtl‬ e\u0301é";
GRANT SELECT ON "vi--ew" TO "Zoo ""Role""; with 'quotes'";
COMMENT ON TABLE "line
break" IS 'commented';

-- K7: one name in several schemas.
CREATE SCHEMA twin_a;
CREATE SCHEMA twin_b;
CREATE TABLE twin_a.twin (id integer PRIMARY KEY, v text);
CREATE TABLE twin_b.twin (id integer PRIMARY KEY, v text);
INSERT INTO twin_a.twin VALUES (1, 'a');
INSERT INTO twin_b.twin VALUES (1, 'b'), (2, 'b');

-- K5: values.
CREATE SCHEMA odd_values;
SET search_path = odd_values, public;
CREATE TABLE numbers (f8 double precision, f4 real, n numeric, i bigint);
INSERT INTO numbers VALUES
    ('NaN', 'NaN', 'NaN', 9223372036854775807), ('-0', '-0', 0, -9223372036854775808),
    ('Infinity', '-Infinity', 1e-300, 0), ('1e-307', '1e-37', 1e300, 1),
    (0.1 + 0.2::double precision, 0.3, 0.30000000000000000000000000000000000001, 2),
    (1.7976931348623157e308, 3.4028235e38, repeat('9', 2000)::numeric, 3),
    (5e-324, 1e-45, ('0.' || repeat('7', 9000))::numeric, 4), (NULL, NULL, NULL, NULL);
CREATE TABLE times (d date, ts timestamp, tstz timestamptz, t time, ttz timetz, i interval);
INSERT INTO times VALUES
    ('infinity', '-infinity', 'infinity', '24:00:00', '23:59:59.999999-15:59', '178000000 years'),
    ('4713-01-01 BC', '4713-01-01 00:00:00 BC', '0044-03-15 12:00:00+00 BC', '00:00', '00:00+00', '-1 mon +1 day -00:00:00.000001'),
    ('5874897-12-31', '294276-12-31 23:59:59.999999', '1900-01-01 00:00:00+00', '12:34:56.7', '12:00+05:30', 'P1Y2M3DT4H5M6S');
CREATE TABLE texts (id integer, t text);
INSERT INTO texts VALUES
    (1, E'\\N'), (2, NULL), (3, ''), (4, E'\\.'), (5, E'line\n\\.\nline'), (6, E'\t'), (7, E'\r\n'),
    (8, E'\b\f\v\x01\x1f\x7f'), (9, '\\\\'), (10, E'\\x41'), (11, '😀é ​'), (12, E'\\t\\n\\b'), (13, 'NULL'),
    (14, E'ends with a backslash\\'), (15, E'\n'), (16, repeat(E'\\', 3000)), (17, repeat(E'\n\\.\n', 1000));
CREATE TABLE binaries (id integer, b bytea);
INSERT INTO binaries VALUES (1, ''), (2, NULL), (3, '\x00'), (4, '\x5c2e0a'), (5, decode(repeat('00ff', 40000), 'hex'));
INSERT INTO binaries SELECT 100 + i, set_byte('\x00'::bytea, 0, i) FROM generate_series(0, 255) AS i;
CREATE TABLE documents (j json, jb jsonb);
INSERT INTO documents VALUES
    ('{"a":  1, "a": 2, "\u00e9": "\\u0000"}', '{"z": [1.50, null, {"a\"b": "\n"}], "n": 1e400}'), ('null', 'null'), (NULL, NULL);
CREATE TABLE arrays (a text[], b integer[], c text[][]);
INSERT INTO arrays VALUES
    (ARRAY['a,b', 'c"d', E'e\\f', 'NULL', NULL, '', '{}', ' '], '[0:2]={1,2,3}', '{{a,b},{c,d}}'), ('{}', '{}', NULL);

-- L1: one long line among short ones, longer than any buffer.
CREATE TABLE long_line (id integer, v text);
ALTER TABLE long_line ALTER COLUMN v SET STORAGE EXTENDED;
INSERT INTO long_line SELECT i, CASE WHEN i = 50 THEN repeat('0123456789abcdef', 300000) ELSE 'short' END
FROM generate_series(1, 100) AS i;
