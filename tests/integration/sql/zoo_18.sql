-- New in PostgreSQL 18.

CREATE SCHEMA new_in_18;
SET search_path = new_in_18, public;

-- OB2: virtual generated columns are never stored and never copied.
CREATE TABLE virtual_columns (a integer, v integer GENERATED ALWAYS AS (a * 2) VIRTUAL, b text);
INSERT INTO virtual_columns (a, b) SELECT i, 'b' || i FROM generate_series(1, 100) AS i;
CREATE TABLE only_virtual (v integer GENERATED ALWAYS AS (1) VIRTUAL);
INSERT INTO only_virtual SELECT FROM generate_series(1, 6);

-- OB9: named, not valid and inherited NOT NULL; constraints that are not enforced.
CREATE TABLE not_nulls (a integer CONSTRAINT "a must be there" NOT NULL, b integer, c integer CONSTRAINT mine NOT NULL NO INHERIT);
INSERT INTO not_nulls VALUES (1, NULL, 1);
ALTER TABLE not_nulls ADD CONSTRAINT b_later NOT NULL b NOT VALID;
COMMENT ON CONSTRAINT "a must be there" ON not_nulls IS 'a comment on a not null';
CREATE TABLE not_nulls_child () INHERITS (not_nulls);
INSERT INTO not_nulls_child VALUES (1, 2, 3);
CREATE TABLE not_enforced (id integer PRIMARY KEY, v integer, CONSTRAINT wrong CHECK (v > 100) NOT ENFORCED,
                           other integer CONSTRAINT orphan REFERENCES not_enforced NOT ENFORCED);
INSERT INTO not_enforced VALUES (1, 1, 99);

-- OB12: temporal keys.
CREATE TABLE bookings (room integer, during daterange, PRIMARY KEY (room, during WITHOUT OVERLAPS));
CREATE TABLE stays (room integer, during daterange,
                    FOREIGN KEY (room, PERIOD during) REFERENCES bookings (room, PERIOD during));
INSERT INTO bookings VALUES (1, '[2020-01-01,2020-02-01)'), (1, '[2020-02-01,2020-03-01)');
INSERT INTO stays VALUES (1, '[2020-01-10,2020-02-10)');

CREATE PUBLICATION with_generated FOR TABLE virtual_columns WITH (publish_generated_columns = stored);
ALTER DEFAULT PRIVILEGES FOR ROLE zoo_owner GRANT SELECT ON LARGE OBJECTS TO zoo_reader;
