-- Foreign data, publications, subscriptions (OB41 to OB43, OB7). Nothing here ever connects anywhere.

CREATE SCHEMA foreign_things;
SET search_path = foreign_things, public;
CREATE EXTENSION file_fdw SCHEMA public;
CREATE EXTENSION postgres_fdw SCHEMA public;
CREATE FOREIGN DATA WRAPPER no_handler OPTIONS ("Option one" 'it''s');
COMMENT ON FOREIGN DATA WRAPPER no_handler IS 'does nothing';
CREATE SERVER files FOREIGN DATA WRAPPER file_fdw;
CREATE SERVER "far away; yes" TYPE 'kind' VERSION '1.0' FOREIGN DATA WRAPPER postgres_fdw
    OPTIONS (host '192.0.2.1', dbname 'it''s far', port '5432');
COMMENT ON SERVER "far away; yes" IS 'never asked';
CREATE USER MAPPING FOR zoo_reader SERVER "far away; yes" OPTIONS (user 'someone', password 'p''w');
CREATE USER MAPPING FOR PUBLIC SERVER "far away; yes";
CREATE FOREIGN TABLE far_table (id integer OPTIONS (column_name 'ID') NOT NULL, v text DEFAULT 'x',
    CONSTRAINT far_check CHECK (id > 0)) SERVER "far away; yes" OPTIONS (schema_name 'a', table_name 'b');
CREATE FOREIGN TABLE file_table (line text COLLATE "C") SERVER files OPTIONS (filename '/nowhere/at/all', format 'text');
COMMENT ON FOREIGN TABLE far_table IS 'far';
COMMENT ON COLUMN far_table.v IS 'also far';
CREATE FUNCTION do_nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE TRIGGER far_trigger BEFORE INSERT ON far_table FOR EACH ROW EXECUTE FUNCTION do_nothing();
CREATE TABLE near_and_far (id integer, v text) PARTITION BY LIST (id);
CREATE TABLE near PARTITION OF near_and_far FOR VALUES IN (1);
CREATE FOREIGN TABLE far PARTITION OF near_and_far FOR VALUES IN (2) SERVER "far away; yes";
INSERT INTO near VALUES (1, 'near'), (1, 'nearer');
GRANT USAGE ON FOREIGN SERVER "far away; yes" TO zoo_reader WITH GRANT OPTION;
GRANT USAGE ON FOREIGN DATA WRAPPER no_handler TO zoo_reader;
GRANT SELECT ON far_table TO zoo_reader;
ALTER SERVER files OWNER TO CURRENT_USER;

CREATE TABLE published (id integer PRIMARY KEY, v text, w text);
CREATE TABLE published_too (id integer PRIMARY KEY);
INSERT INTO published SELECT i, 'v', 'w' FROM generate_series(1, 20) AS i;
CREATE PUBLICATION "some; tables" FOR TABLE published, ONLY published_too WITH (publish = 'insert, delete');
CREATE PUBLICATION everything FOR ALL TABLES;
CREATE PUBLICATION via_root FOR TABLE partitions.events WITH (publish_via_partition_root = true);
CREATE PUBLICATION of_nothing;
COMMENT ON PUBLICATION of_nothing IS 'of nothing';
SET client_min_messages = error;
CREATE SUBSCRIPTION zoo_subscription CONNECTION 'host=192.0.2.1 password=secret dbname=''a b'''
    PUBLICATION one, "two; three" WITH (connect = false, slot_name = NONE, synchronous_commit = 'off');
COMMENT ON SUBSCRIPTION zoo_subscription IS 'never started';
RESET client_min_messages;
