-- New in PostgreSQL 17.

CREATE SCHEMA new_in_17;
SET search_path = new_in_17, public;
CREATE TABLE identity_parts (id bigint GENERATED ALWAYS AS IDENTITY, k integer) PARTITION BY LIST (k);
CREATE TABLE identity_parts_1 PARTITION OF identity_parts FOR VALUES IN (1);
CREATE TABLE identity_parts_2 PARTITION OF identity_parts FOR VALUES IN (2);
INSERT INTO identity_parts (k) SELECT 1 + i % 2 FROM generate_series(1, 50) AS i;
CREATE COLLATION built_in (PROVIDER = builtin, LOCALE = 'C.UTF-8');
CREATE TABLE infinite (i interval);
INSERT INTO infinite VALUES ('infinity'), ('-infinity');
CREATE TABLE excluded_parts (k integer, during int4range, EXCLUDE USING gist (k WITH =, during WITH &&)) PARTITION BY LIST (k);
CREATE TABLE excluded_parts_1 PARTITION OF excluded_parts FOR VALUES IN (1);
INSERT INTO excluded_parts VALUES (1, '[1,3)');
CREATE TABLE heap2_parts (k integer) PARTITION BY LIST (k) USING heap2;
CREATE TABLE heap2_parts_1 PARTITION OF heap2_parts FOR VALUES IN (1);
INSERT INTO heap2_parts VALUES (1);
GRANT MAINTAIN ON infinite TO zoo_reader;
SET client_min_messages = error;
CREATE SUBSCRIPTION failover_subscription CONNECTION 'host=192.0.2.1' PUBLICATION one
    WITH (connect = false, slot_name = NONE, failover = true, run_as_owner = true, origin = none, password_required = false);
RESET client_min_messages;
