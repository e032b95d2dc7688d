-- New in PostgreSQL 16.

CREATE SCHEMA new_in_16;
SET search_path = new_in_16, public;
CREATE COLLATION with_rules (PROVIDER = icu, LOCALE = 'und', RULES = '&V << w <<< W');
CREATE TABLE defaults (a text STORAGE MAIN DEFAULT system_user, b text COLLATE with_rules);
INSERT INTO defaults VALUES ('x', 'W');
CREATE TABLE inherited_generated_parent (a integer, b integer GENERATED ALWAYS AS (a * 2) STORED);
CREATE TABLE inherited_generated (b integer GENERATED ALWAYS AS (a * 3) STORED) INHERITS (inherited_generated_parent);
INSERT INTO inherited_generated_parent VALUES (1);
INSERT INTO inherited_generated VALUES (1), (2);
