-- New in PostgreSQL 15.

CREATE SCHEMA new_in_15;
SET search_path = new_in_15, public;
CREATE TABLE nulls_not_distinct (a integer, b integer, CONSTRAINT one_null UNIQUE NULLS NOT DISTINCT (a, b));
CREATE UNIQUE INDEX one_null_index ON nulls_not_distinct (b) NULLS NOT DISTINCT;
INSERT INTO nulls_not_distinct VALUES (1, NULL), (NULL, 2);
CREATE VIEW by_invoker WITH (security_invoker = true) AS SELECT * FROM nulls_not_distinct;
CREATE TABLE tenants (tenant integer, id integer, PRIMARY KEY (tenant, id));
CREATE TABLE posts (tenant integer, author integer,
                    FOREIGN KEY (tenant, author) REFERENCES tenants ON DELETE SET NULL (author));
INSERT INTO tenants SELECT 1, i FROM generate_series(1, 30) AS i;
INSERT INTO posts SELECT 1, i FROM generate_series(1, 30) AS i;
CREATE PUBLICATION filtered FOR TABLE foreign_things.published (id, v) WHERE (id > 5 AND v <> 'it''s');
CREATE PUBLICATION whole_schema FOR TABLES IN SCHEMA new_in_15, tables;
SET client_min_messages = error;
CREATE SUBSCRIPTION two_phase CONNECTION 'host=192.0.2.1' PUBLICATION one
    WITH (connect = false, slot_name = NONE, two_phase = true, disable_on_error = true, binary = true, streaming = on);
RESET client_min_messages;
CREATE UNLOGGED SEQUENCE unlogged_sequence;
SELECT nextval('unlogged_sequence') FROM generate_series(1, 5);
CREATE TABLE numeric_scale (a numeric(3, -2), b numeric(3, 5));
INSERT INTO numeric_scale VALUES (12345, 0.00123);
GRANT SET ON PARAMETER work_mem TO zoo_reader;
