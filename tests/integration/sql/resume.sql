-- What a restore does in every way it has: rows that several sessions share, rows of one, groups of small tables, keys
-- in halves, large objects, switches, and what comes after everything else.
DO $$BEGIN
  CREATE ROLE resume_reader;
  CREATE ROLE resume_owner;
EXCEPTION WHEN duplicate_object THEN NULL;
END$$;
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.v := NEW.v || '!'; RETURN NEW; END$$;
CREATE SEQUENCE counter;
SELECT setval('counter', 4711);
CREATE TABLE big (i integer, v text, m mood DEFAULT 'sad');
INSERT INTO big SELECT i, repeat(md5(i::text), 4), 'glad' FROM generate_series(1, 20000) i;
ALTER TABLE big ADD CONSTRAINT big_key PRIMARY KEY (i);
CREATE INDEX big_v ON big (v);
CREATE TABLE child (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, i integer REFERENCES big, v text);
INSERT INTO child (i, v) SELECT 1 + i % 20000, md5(i::text) FROM generate_series(1, 5000) i;
CREATE TABLE own (i integer PRIMARY KEY, r integer REFERENCES own);
INSERT INTO own SELECT i, nullif(i - 1, 0) FROM generate_series(1, 200) i;
CREATE TRIGGER stamp BEFORE INSERT ON big FOR EACH ROW EXECUTE FUNCTION stamp();
CREATE TRIGGER stamp BEFORE INSERT ON child FOR EACH ROW EXECUTE FUNCTION stamp();
ALTER TABLE child DISABLE TRIGGER stamp;
DO $$BEGIN
  FOR n IN 1..12 LOOP
    EXECUTE format('CREATE TABLE small_%s (i integer PRIMARY KEY, v text);'
      ' INSERT INTO small_%1$s SELECT i, %1$s FROM generate_series(1, 20) i;'
      ' COMMENT ON TABLE small_%1$s IS ''number %1$s''; GRANT SELECT ON small_%1$s TO resume_reader;', n);
  END LOOP;
END$$;
ALTER TABLE small_1 OWNER TO resume_owner;
CREATE TABLE parted (i integer PRIMARY KEY, v text) PARTITION BY RANGE (i);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES FROM (0) TO (500);
CREATE TABLE parted_2 PARTITION OF parted FOR VALUES FROM (500) TO (2000);
INSERT INTO parted SELECT i, i::text FROM generate_series(1, 900) i;
CREATE VIEW seen AS SELECT count(*) FROM big;
CREATE MATERIALIZED VIEW counted AS SELECT m, count(*) FROM big GROUP BY m;
CREATE INDEX counted_m ON counted (m);
CREATE STATISTICS both_columns ON i, v FROM big;
-- The journal's own end must not meet it.
CREATE FUNCTION guard() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'nothing is dropped here'; END$$;
CREATE EVENT TRIGGER guard ON sql_drop EXECUTE FUNCTION guard();
CREATE PUBLICATION everything FOR ALL TABLES;
SELECT count(lo_from_bytea(0, decode(repeat('ab', 3000), 'hex'))) FROM generate_series(1, 1100);
