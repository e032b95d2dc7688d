"""The databases that are dumped: SQL that builds them, by size."""

from dataclasses import dataclass


@dataclass(frozen=True, eq=False)
class Source:
    """A database to build.  `sizes` are the full numbers; a scaled bench multiplies them."""

    name: str
    sql: str
    sizes: dict
    what: str

    def scaled_sizes(self, scale):
        # A small remainder of everything, or a workload would measure nothing at all.
        return {name: max(10, round(count * scale)) for name, count in self.sizes.items()}

    def script(self, scale):
        """One commit for all: with fsync on, each statement's own would be what we wait for. VACUUM makes pages all-visible
        only when that commit is on disk."""
        return "BEGIN;\n" + self.sql.format(**self.scaled_sizes(scale)) + "\nCOMMIT; CHECKPOINT; VACUUM ANALYZE;"


_BIG_COLUMNS = "id bigint, customer integer, amount numeric(12,2), at timestamptz, state text, note text"


def _big_rows(rows):
    return f"""SELECT g, g % 100000, (g % 1000000) / 7.0, timestamptz '2024-01-01 00:00+00' + g * interval '1 second',
       (ARRAY['new', 'paid', 'sent'])[1 + g % 3], md5(g::text) || repeat(' and more', (g % 7)::int)
  FROM generate_series(1, {rows}) g"""


def _big_table(rows):
    return f"""
CREATE TABLE big ({_BIG_COLUMNS});
INSERT INTO big {_big_rows(rows)};
ALTER TABLE big ADD PRIMARY KEY (id);
CREATE INDEX ON big (customer);
"""


_SMALL_TABLES = """
SELECT format('CREATE TABLE small_%s (id integer PRIMARY KEY, body text)', g),
       format('INSERT INTO small_%s SELECT i, md5(i::text) FROM generate_series(1, 20) i', g),
       format('CREATE INDEX ON small_%s (body)', g)
  FROM generate_series(1, {tables}) g
\\gexec
"""

BIG = Source(
    "big", _big_table("{rows}"), {"rows": 6_000_000}, "one table of 6 million rows (650 MB of text), key and index"
)

BIG_AND_SMALLER = Source(
    "beside",
    _big_table("{rows}")
    + f"""
SELECT format('CREATE TABLE middle_%s ({_BIG_COLUMNS})', g),
       format('INSERT INTO middle_%s SELECT * FROM big WHERE id %% 40 = %s', g, g),
       format('ALTER TABLE middle_%s ADD PRIMARY KEY (id)', g)
  FROM generate_series(0, 19) g
\\gexec
"""
    + _SMALL_TABLES,
    {"rows": 4_000_000, "tables": 200},
    "one table of 4 million rows beside 20 of 100,000 and 200 small ones",
)

SMALL_TABLES = Source("small", _SMALL_TABLES, {"tables": 10_000}, "10,000 tables of 20 rows, a key and an index each")

LARGE_OBJECTS = Source(
    "blobs",
    "SELECT count(lo_from_bytea(0, decode(repeat(md5(g::text), 40), 'hex'))) FROM generate_series(1, {blobs}) g;",
    {"blobs": 100_000},
    "100,000 large objects of 640 bytes",
)

JSON = Source(
    "json",
    """
CREATE TABLE event (id bigint PRIMARY KEY, body jsonb);
INSERT INTO event SELECT g, jsonb_build_object(
       'id', g, 'kind', (ARRAY['click', 'view', 'buy', 'leave'])[1 + g % 4], 'user', jsonb_build_object(
       'name', md5((g % 50000)::text), 'tags', jsonb_build_array(g % 7, g % 11, 'tag ' || g % 13), 'active', g % 2 = 0),
       'price', (g % 100000) / 100.0, 'note', repeat('lorem ipsum ', (g % 5)::int))
  FROM generate_series(1, {rows}) g;
""",
    {"rows": 1_500_000},
    "1.5 million jsonb documents of about 200 bytes",
)

BYTES = Source(
    "bytea",
    """
CREATE TABLE picture (id bigint PRIMARY KEY, body bytea);
ALTER TABLE picture ALTER body SET STORAGE EXTERNAL;
INSERT INTO picture SELECT g, (SELECT string_agg(sha512(format('%s %s', g, part)::bytea), '')
                                 FROM generate_series(1, 128) part)
  FROM generate_series(1, {rows}) g;
""",
    {"rows": 40_000},
    "40,000 bytea values of 8 kB that nothing compresses",
)

WIDE = Source(
    "wide",
    """
SELECT 'CREATE TABLE wide (id bigint PRIMARY KEY, '
       || string_agg(format('n%s integer, t%s text, f%s double precision', c, c, c), ', ') || ')'
  FROM generate_series(1, 30) c
\\gexec
SELECT 'INSERT INTO wide SELECT g, '
       || string_agg(format('(g * %s) %% 100000, ''value '' || g %% %s, g / %s.0', c, c + 100, c), ', ')
       || ' FROM generate_series(1, {rows}) g'
  FROM generate_series(1, 30) c
\\gexec
""",
    {"rows": 400_000},
    "400,000 rows of 91 columns",
)

PARTITIONED = Source(
    "parts",
    f"""
CREATE TABLE part ({_BIG_COLUMNS}, PRIMARY KEY (id)) PARTITION BY HASH (id);
SELECT format('CREATE TABLE part_%s PARTITION OF part FOR VALUES WITH (MODULUS 16, REMAINDER %s)', g, g)
  FROM generate_series(0, 15) g
\\gexec
INSERT INTO part {_big_rows('{rows}')};
CREATE INDEX ON part (customer);
""",
    {"rows": 4_000_000},
    "4 million rows in 16 hash partitions",
)

# What a restore has to build: a key, two indexes and a foreign key.
ORDERS = Source(
    "orders",
    f"""
CREATE TABLE customer (id integer PRIMARY KEY, name text);
INSERT INTO customer SELECT g, md5(g::text) FROM generate_series(0, 99999) g;
{_big_table('{rows}')}
CREATE INDEX ON big (at);
ALTER TABLE big ADD FOREIGN KEY (customer) REFERENCES customer;
""",
    {"rows": 6_000_000},
    "one table of 6 million rows (650 MB of text) with a key, two indexes and a foreign key",
)

STAR = Source(
    "star",
    """
CREATE TABLE dimension (id integer PRIMARY KEY, name text);
INSERT INTO dimension SELECT g, md5(g::text) FROM generate_series(0, 99999) g;
SELECT format('CREATE TABLE fact_%s (id bigint, first integer, second integer, amount numeric(12,2), note text)', t),
       format('INSERT INTO fact_%s SELECT g, g %% 100000, (g * 7) %% 100000, g / 7.0, md5(g::text)'
              ' FROM generate_series(1, {rows}) g', t),
       format('ALTER TABLE fact_%s ADD PRIMARY KEY (id)', t),
       format('ALTER TABLE fact_%s ADD FOREIGN KEY (first) REFERENCES dimension', t),
       format('ALTER TABLE fact_%s ADD FOREIGN KEY (second) REFERENCES dimension', t)
  FROM generate_series(1, 12) t
\\gexec
""",
    {"rows": 250_000},
    "12 fact tables of 250,000 rows with 24 foreign keys into one dimension",
)

MILLION = Source(
    "million",
    _big_table("{rows}") + "CREATE INDEX ON big (at);",
    {"rows": 1_000_000},
    "one table of a million rows, key and two indexes",
)
