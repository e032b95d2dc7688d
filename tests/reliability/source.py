"""The databases that are dumped: small, so that thousands of runs fit, and with one of each thing that flows differently."""

MAKE_SOURCE = """
CREATE TABLE pieces (id int PRIMARY KEY, a text, b numeric);
INSERT INTO pieces SELECT g, md5(g::text) || repeat(chr(97 + g % 26), g % 40), g / 7.0 FROM generate_series(1, 4000) g;
CREATE TABLE whole (id int PRIMARY KEY, piece int REFERENCES pieces, t timestamptz DEFAULT '2020-01-01');
INSERT INTO whole SELECT g, 1 + g * 7 % 4000 FROM generate_series(1, 1500) g;
CREATE TABLE twin (LIKE whole INCLUDING ALL);
INSERT INTO twin SELECT g, 1 + g * 11 % 4000 FROM generate_series(1, 1500) g;
CREATE TABLE nothing (id int);
CREATE INDEX whole_piece ON whole (piece);
CREATE SEQUENCE counter START 77;
CREATE VIEW seen AS SELECT id, a FROM pieces WHERE b > 100;
CREATE MATERIALIZED VIEW summed AS SELECT id % 10 AS ten, sum(b) FROM pieces GROUP BY 1;
CREATE FUNCTION double(int) RETURNS int LANGUAGE sql AS 'SELECT 2 * $1';
SELECT lo_from_bytea(g, convert_to(repeat(md5(g::text), 1 + g % 50), 'UTF8')) FROM generate_series(900001, 900006) g;
COMMENT ON TABLE whole IS 'a comment';
ANALYZE;
"""

# Of all its tables.
ROWS = 4000 + 1500 + 1500

MAKE_TINY_SOURCE = """
CREATE TABLE lone (id int PRIMARY KEY, t text);
INSERT INTO lone SELECT g, md5(g::text) FROM generate_series(1, 50) g;
SELECT lo_from_bytea(900001, 'content');
"""
