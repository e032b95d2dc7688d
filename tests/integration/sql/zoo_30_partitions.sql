-- Partitioned tables (OB5 to OB7).

CREATE SCHEMA partitions;
SET search_path = partitions, public;

-- OB7: three levels, a default partition at two of them, an expression key.
CREATE TABLE events (id integer NOT NULL, kind text, at date NOT NULL, note text) PARTITION BY RANGE (at);
CREATE TABLE events_2019 PARTITION OF events FOR VALUES FROM ('2019-01-01') TO ('2020-01-01');
CREATE TABLE events_2020 PARTITION OF events FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')
    PARTITION BY LIST (upper(kind));
CREATE TABLE events_2020_a PARTITION OF events_2020 FOR VALUES IN ('A', NULL);
CREATE TABLE events_2020_rest PARTITION OF events_2020 DEFAULT PARTITION BY HASH (id);
CREATE TABLE events_2020_rest_0 PARTITION OF events_2020_rest FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE events_2020_rest_1 PARTITION OF events_2020_rest FOR VALUES WITH (MODULUS 2, REMAINDER 1)
    TABLESPACE zoo_space;
CREATE TABLE events_default PARTITION OF events DEFAULT;
CREATE TABLE nothing_attached (id integer) PARTITION BY LIST (id);

-- OB5: a partition with its columns in another order, a dropped one, its own default, index and ACL.
CREATE TABLE events_2021 (note text DEFAULT 'own', gone integer, at date NOT NULL, id integer NOT NULL, kind text);
ALTER TABLE events_2021 DROP COLUMN gone;
ALTER TABLE events ATTACH PARTITION events_2021 FOR VALUES FROM ('2021-01-01') TO (MAXVALUE);
CREATE INDEX events_2021_note ON events_2021 (note);
GRANT SELECT ON events_2021 TO zoo_reader;
ALTER TABLE events_2021 OWNER TO zoo_owner;

INSERT INTO events
SELECT i, (ARRAY['a', 'b', 'c', NULL])[1 + i % 4], date '2018-06-01' + i, 'note ' || i
FROM generate_series(1, 1500) AS i;

-- OB13: indexes on the parent, one of them attached by hand.
CREATE INDEX events_kind ON events (kind);
CREATE INDEX events_by_hand ON ONLY events (note);
CREATE INDEX events_2019_by_hand ON events_2019 (note);
ALTER INDEX events_by_hand ATTACH PARTITION events_2019_by_hand;

-- OB11: keys from and to partitioned tables.
CREATE TABLE readings (sensor integer, taken integer, v numeric, PRIMARY KEY (sensor, taken))
    PARTITION BY LIST (sensor);
CREATE TABLE readings_1 PARTITION OF readings FOR VALUES IN (1);
CREATE TABLE readings_2 PARTITION OF readings FOR VALUES IN (2);
CREATE TABLE alarms (id integer PRIMARY KEY, sensor integer, taken integer,
                     FOREIGN KEY (sensor, taken) REFERENCES readings);
CREATE TABLE replies (alarm integer REFERENCES alarms, part integer, PRIMARY KEY (alarm, part)) PARTITION BY LIST (part);
CREATE TABLE replies_1 PARTITION OF replies FOR VALUES IN (1);
CREATE TABLE replies_2 PARTITION OF replies FOR VALUES IN (2);
INSERT INTO readings SELECT 1 + i % 2, i, i / 7.0 FROM generate_series(1, 600) AS i;
INSERT INTO alarms SELECT i, 1 + i % 2, i FROM generate_series(1, 600) AS i;
INSERT INTO replies SELECT i, 1 + i % 2 FROM generate_series(1, 600) AS i;

-- OB6: hash by enum. The hash of a label follows its oid, so rows must go in through the root.
CREATE TABLE by_mood (feeling types.mood, n integer) PARTITION BY HASH (feeling);
CREATE TABLE by_mood_0 PARTITION OF by_mood FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE by_mood_1 PARTITION OF by_mood FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE by_mood_2 PARTITION OF by_mood FOR VALUES WITH (MODULUS 3, REMAINDER 2);
INSERT INTO by_mood SELECT label, i FROM unnest(enum_range(NULL::types.mood)) AS label, generate_series(1, 700) AS i;

-- OB27: an enum in the bounds; OB6: a partition key of a class of the user's own.
CREATE TABLE by_label (feeling types.mood, n integer) PARTITION BY LIST (feeling);
CREATE TABLE by_label_sad PARTITION OF by_label FOR VALUES IN ('it''s "sad"', E'two\nlines');
CREATE TABLE by_label_rest PARTITION OF by_label DEFAULT;
INSERT INTO by_label SELECT label, i FROM unnest(enum_range(NULL::types.mood)) AS label, generate_series(1, 20) AS i;
CREATE TABLE by_own_class (feeling types.mood, n integer) PARTITION BY HASH (feeling types.mood_text_ops);
CREATE TABLE by_own_class_0 PARTITION OF by_own_class FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE by_own_class_1 PARTITION OF by_own_class FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO by_own_class SELECT label, i FROM unnest(enum_range(NULL::types.mood)) AS label, generate_series(1, 20) AS i;

-- OB2: a generated column in a partitioned table.
CREATE TABLE partly_made (id integer, twice integer GENERATED ALWAYS AS (id * 2) STORED) PARTITION BY RANGE (id);
CREATE TABLE partly_made_1 PARTITION OF partly_made FOR VALUES FROM (0) TO (100);
INSERT INTO partly_made SELECT i FROM generate_series(0, 99) AS i;
