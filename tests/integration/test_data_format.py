"""--data-format: rows in COPY's binary format mean the same on every server, and what could not does not travel so."""

import re
from pathlib import Path

from harness import Database, assert_databases_equal, pgfast
from integration.case import DAMAGED, OBJECTS_FAILED, OK, USAGE, IntegrationTest

LIST = Path(__file__).parents[2] / "engine/schema/binary_form.c"

# Of every built-in type that may travel in binary format: its values at the edges, and one in the middle.
VALUES = {
    "boolean": ("true", "false"),
    "bytea": ("", r"\x00", r"\x5c2e0a", r"\xffffffff", r"\x" + "ab" * 5000),
    '"char"': ("", "a", "\\"),
    "name": ("", "x", "ä" * 31, 'n"ame'),
    "bigint": ("-9223372036854775808", "9223372036854775807", "0", "-1"),
    "smallint": ("-32768", "32767", "0"),
    "integer": ("-2147483648", "2147483647", "-1"),
    "text": ("", "\\.", "\\N", "a\tb\nc\rd", "ä€😀", "x" * 9000),
    "oid": ("0", "4294967295"),
    "tid": ("(0,0)", "(4294967295,65535)"),
    "xid": ("0", "4294967295"),
    "cid": ("0", "4294967295"),
    "json": ('{"b": 1,  "a": [null, "\\u00e4"], "a": 2}', "null", '"x"'),
    "point": ("(0,-0)", "(1e-300,-1e300)", "(NaN,Infinity)", "(0.1,0.30000000000000004)"),
    "lseg": ("[(1,2),(3,4)]", "[(0.1,0.2),(-1e100,1e-100)]"),
    "path": ("((0,0),(1,1),(2,0))", "[(0,0),(1,1)]", "((1,1))"),
    "box": ("(3,4),(1,2)", "(0.1,0.2),(-0.1,-0.2)"),
    "polygon": ("((0,0),(1,1),(2,0))", "((0.1,0.1))"),
    "line": ("{1,-1,0}", "{0,1,-0.1}"),
    "cidr": ("10.0.0.0/8", "0.0.0.0/0", "::/0", "2001:db8::/32"),
    "real": ("3.4028235e38", "1e-45", "-0", "NaN", "Infinity", "-Infinity", "0.1"),
    "double precision": ("1.7976931348623157e308", "5e-324", "-0", "NaN", "-Infinity", "0.1"),
    "circle": ("<(0,0),0>", "<(1.5,-2.5),1e10>"),
    "macaddr8": ("08:00:2b:01:02:03:04:05", "ff:ff:ff:ff:ff:ff:ff:ff"),
    "macaddr": ("08:00:2b:01:02:03", "00:00:00:00:00:00"),
    "inet": ("192.168.0.1", "192.168.0.1/24", "::1", "fe80::1/64"),
    "character(5)": ("", "abc", "äöüß€"),
    "character": ("", "x"),
    "character varying(12)": ("", "twelve bytes", "ä"),
    "date": ("infinity", "-infinity", "4713-01-01 BC", "5874897-12-31", "2000-02-29"),
    "time": ("00:00", "24:00:00", "23:59:59.999999"),
    "timestamp": ("infinity", "-infinity", "4713-01-01 00:00:00 BC", "294276-12-31 23:59:59.999999", "1999-12-31 23:59:59"),
    "timestamp with time zone": ("infinity", "-infinity", "4713-01-02 00:00:00+00 BC", "294276-12-31 23:59:59.999999+00"),
    "interval": ("178000000 years", "-178000000 years", "1 mon -1 day +00:00:00.000001", "00:00"),
    "time with time zone": ("00:00:00+15:59:59", "24:00:00-15:59:59", "12:00:00+00"),
    "bit(3)": ("101", "000"),
    "bit varying": ("", "1", "1" * 1001),
    "numeric": ("NaN", "0", "-0.000", "1e-16383", "9" * 1000 + "." + "9" * 1000, "1e131071", "-10000", "1.10"),
    "numeric(10,2)": ("12345678.90", "-0.01", "NaN"),
    "refcursor": ("", "a cursor"),
    "uuid": ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    "txid_snapshot": ("10:20:10,14,15", "1:1:"),
    "pg_lsn": ("0/0", "FFFFFFFF/FFFFFFFF"),
    "tsvector": ("", "'a':1A 'b':2B,3C,16383 'ä ''b':4", "'z' 'a' 'yy'"),
    "jsonb": ('{"b": 1, "a": [null, {}, 1e1000, 0.10]}', "[]", "null", '"\\u00e4"'),
    "jsonpath": ("$", 'strict $.a[*] ? (@ > 1.50 && @ like_regex "x" flag "i").size()', "lax $.**{2 to last}"),
    "pg_snapshot": ("10:20:10,14,15", "1:1:"),
    "xid8": ("0", "18446744073709551615"),
    # Made of those above.
    "int4range": ("empty", "[1,5)", "(,)", "[5,)"),
    "numrange": ("[NaN,]", "(1.10,2.20]", "empty"),
    "tstzrange": ("[-infinity,infinity]", "[2000-01-01 00:00+00,)"),
    "label": ("second", "ren amed", "first", "it's\n\\."),
    "positive": ("1", "2147483647"),
    "word_list": ("{}", '{a,NULL,"b c"}'),
    "labels_of": ("first", "second"),
    "label_range": ("[first,second]", "empty", "(,)"),
    "float_range": ("[-0,Infinity)", "[0.1,0.30000000000000004]"),
}

# Since which major.
NEWER_VALUES = {
    14: {
        "numeric": ("Infinity", "-Infinity"),
        "int4multirange": ("{}", "{[1,5),[7,)}"),
        "tsmultirange": ("{(-infinity,infinity)}",),
        "float_multirange": ("{[1,2),[3,4)}",),
    },
    17: {"interval": ("infinity", "-infinity")},
}

# Renamed and put in another order than they were made in, so that neither OIDs nor order would do.
OWN_TYPES = """
CREATE TYPE label AS ENUM ('old name', 'second', 'it''s
\\.');
ALTER TYPE label ADD VALUE 'first' BEFORE 'old name';
ALTER TYPE label RENAME VALUE 'old name' TO 'ren amed';
CREATE DOMAIN positive AS integer CHECK (VALUE > 0);
CREATE DOMAIN word_list AS text[];
CREATE DOMAIN labels_of AS label;
CREATE TYPE label_range AS RANGE (SUBTYPE = label);
CREATE TYPE float_range AS RANGE (SUBTYPE = double precision, SUBTYPE_DIFF = float8mi);
"""

# Arrays of these begin with an OID that the server has chosen.
OWN = ("label", "positive", "word_list", "labels_of", "label_range", "float_range", "float_multirange")


def quote(value):
    return "E'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def tables_of_values(major):
    """A table for each type: every value, a null, and arrays of them: empty, in two dimensions, of odd bounds."""
    values = {type_name: list(items) for type_name, items in VALUES.items()}
    for since, newer in NEWER_VALUES.items():
        for type_name, items in newer.items() if major >= since else ():
            values.setdefault(type_name, []).extend(items)
    sql = [OWN_TYPES]
    for number, (type_name, items) in enumerate(values.items()):
        table = f"t{number}"
        listed = ", ".join(f"({quote(item)})" for item in items)
        sql.append(f"CREATE TABLE {table} (id serial, v {type_name});")
        sql.append(f"INSERT INTO {table} (v) SELECT x::{type_name} FROM (VALUES {listed}, (NULL)) AS given (x);")
        if type_name in OWN:
            continue
        sql.append(f"CREATE TABLE {table}_arrays (id serial, v {type_name}[]);")
        sql.append(
            f"""INSERT INTO {table}_arrays (v)
                VALUES ('{{}}'), (NULL), ((SELECT array_agg(v) FROM {table})),
                       (ARRAY[(SELECT array_agg(v) FROM {table}), (SELECT array_agg(v) FROM {table})]),
                       (array_fill((SELECT v FROM {table} WHERE id = 1), ARRAY[2, 2], ARRAY[-1, 7]));"""
        )
    return "\n".join(sql)


# name: (definition of the column, what a refusal says of it)
UNPORTABLE = {
    "enums": ("label[] DEFAULT '{first}'", r"label\[\]"),
    "domains": ("positive[] DEFAULT '{1}'", r"positive\[\]"),
    "composite": ("pair DEFAULT '(1,2)'", "pair"),
    "composites": ("pair[] DEFAULT '{\"(1,2)\"}'", r"pair\[\]"),
    "domain_of_composite": ("pair_domain DEFAULT '(1,2)'", "pair_domain"),
    "ranges": ("float_range[] DEFAULT '{\"[1,2)\"}'", r"float_range\[\]"),
    "range_of_composite": ("pair_range DEFAULT '[\"(1,2)\",\"(3,4)\")'", "pair_range"),
    "amount": ("money DEFAULT 12.34", "money"),
    "document": ("xml DEFAULT '<a/>'", "xml"),
    "class": ("regclass DEFAULT 'pg_class'", "regclass"),
    "role": ("regrole[] DEFAULT '{postgres}'", r"regrole\[\]"),
    "queries": ("tsquery DEFAULT ''", "tsquery"),
    "numbers": ("int2vector DEFAULT ''", "int2vector"),
    "oids": ("oidvector DEFAULT ''", "oidvector"),
    "acl": ("aclitem DEFAULT 'postgres=r/postgres'", "aclitem"),
}

PAIR = """
CREATE TYPE pair AS (a integer, b integer);
CREATE DOMAIN pair_domain AS pair;
CREATE TYPE pair_range AS RANGE (SUBTYPE = pair);
"""


def formats_of(archive):
    """{table: whether its rows are in binary format}, by what stands in its files, which must agree."""
    formats = {}
    listing = pgfast("list", archive).stdout
    for dump_id, table in re.findall(r"^(\d+); \d+ \d+ TABLE DATA \S+ (\S+) ", listing, re.MULTILINE):
        is_binary = (archive / f"{dump_id}.dat").read_bytes().startswith(b"PGCOPY\n\xff\r\n\0")
        assert formats.setdefault(table, is_binary) == is_binary, f"{table} is half binary"
    return formats


class DataFormat(IntegrationTest):
    def dump(self, cluster, database, *options, data_format="binary"):
        archive = self.folder() / "archive"
        pgfast(
            "dump", "--no-sync", "-Z", "none", f"--data-format={data_format}", *options, "-f", archive, database,
            cluster=cluster,
        )
        return archive

    def restore(self, cluster, archive, reader="pgfast", jobs=4):
        copy = Database(cluster, self.database(cluster))
        if reader == "pgfast":
            pgfast("restore", f"-j{jobs}", "-d", copy.name, archive, cluster=cluster)
        else:
            cluster.run_tool("pg_restore", f"-j{jobs}", "-d", copy.name, archive)
        return copy

    def assert_verified(self, archive):
        self.assertEqual(pgfast("verify", "--deep", archive).returncode, OK)


class EveryType(DataFormat):
    def check(self, old, new, *readers):
        source = Database(old, self.database(old, tables_of_values(old.server.major)))
        archive = self.dump(old, source.name, "-j2")
        formats = formats_of(archive)
        self.assertTrue(formats and all(formats.values()), formats)
        self.assert_verified(archive)
        for reader in readers:
            assert_databases_equal(source, self.restore(new, archive, reader), judges=("rows",))

    def test_13_to_18(self):
        self.check(self.cluster(13), self.cluster(18), "pgfast", "pg_restore")

    def test_15_to_17(self):
        self.check(self.cluster(15), self.cluster(17), "pgfast")

    def test_18_to_18(self):
        self.check(self.cluster(18), self.cluster(18), "pgfast", "pg_restore")

    def test_the_list_is_what_is_tested(self):
        cluster = self.cluster()
        listed = set(re.findall(r"^    (\d+),", LIST.read_text(), re.MULTILINE))
        names = ", ".join(f"({quote(name)})" for name in VALUES if name not in OWN and "range" not in name)
        oids = cluster.query("postgres", f"SELECT DISTINCT name::regtype::oid FROM (VALUES {names}) AS t (name);")
        self.assertEqual(listed, {row[0] for row in oids})


class Choice(DataFormat):
    def unportable_database(self):
        tables = "\n".join(
            f"CREATE TABLE {name} (id integer, v {column}); INSERT INTO {name} (id) VALUES (1), (2);"
            for name, (column, _) in UNPORTABLE.items()
        )
        cluster = self.cluster()
        return Database(cluster, self.database(cluster, OWN_TYPES + PAIR + tables))

    def test_auto_leaves_as_text_what_binary_could_not_carry(self):
        source = self.unportable_database()
        source.cluster.psql(
            source.name,
            """CREATE TABLE portable (id integer, v text, gone money, made pair GENERATED ALWAYS AS (ROW(1, 2)::pair) STORED);
               ALTER TABLE portable DROP COLUMN gone;
               INSERT INTO portable VALUES (1, 'x'), (2, NULL);
               CREATE TABLE no_columns (); INSERT INTO no_columns DEFAULT VALUES;""",
        )
        archive = self.dump(source.cluster, source.name, data_format="auto")
        formats = formats_of(archive)
        self.assertEqual({table for table, is_binary in formats.items() if is_binary}, {"portable", "no_columns"})
        self.assertEqual(len(formats), 2 + len(UNPORTABLE))
        self.assert_verified(archive)
        for reader in ("pgfast", "pg_restore"):
            assert_databases_equal(source, self.restore(source.cluster, archive, reader), judges=("rows",))

    def test_binary_refuses_by_table_column_and_type(self):
        source = self.unportable_database()
        for table, (_, type_name) in UNPORTABLE.items():
            with self.subTest(table):
                archive = self.folder() / "archive"
                options = ("--data-format=binary", "-t", table, "-f", archive)
                done = pgfast("dump", *options, source.name, cluster=source.cluster, check=False)
                self.assert_fails(done, USAGE, rf'table public\.{table} .*"v" of type (public\.)?{type_name} ', "hint: .*auto")
                self.assertFalse(archive.exists())
        self.assertEqual(formats_of(self.dump(source.cluster, source.name, "-s")), {})

    def test_text_is_the_default(self):
        cluster = self.cluster()
        archive = self.folder() / "archive"
        database = self.database(cluster, "CREATE TABLE t (v integer); INSERT INTO t VALUES (1);")
        pgfast("dump", "--no-sync", "-Z", "none", "-f", archive, database, cluster=cluster)
        self.assertEqual(formats_of(archive), {"t": False})


class EveryWayToCopy(DataFormat):
    SQL = """
        CREATE TABLE big (id integer PRIMARY KEY, v text);
        INSERT INTO big SELECT i, repeat('value ' || i, 20) FROM generate_series(1, 20000) AS i;
        CREATE TABLE parent (k integer, v text) PARTITION BY HASH (k);
        CREATE TABLE part_0 PARTITION OF parent FOR VALUES WITH (MODULUS 2, REMAINDER 0);
        CREATE TABLE part_1 (v text, k integer);
        ALTER TABLE parent ATTACH PARTITION part_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
        INSERT INTO parent SELECT i, 'v' || i FROM generate_series(1, 2000) AS i;
        CREATE TABLE no_columns ();
        INSERT INTO no_columns DEFAULT VALUES; INSERT INTO no_columns DEFAULT VALUES;
        CREATE TABLE empty (v text);
        CREATE EXTENSION pgfast_shop;
        INSERT INTO shop_settings.setting VALUES ('own', 'x', false);
    """

    def check(self, major, *options):
        cluster = self.cluster(major)
        source = Database(cluster, self.database(cluster, "CREATE SCHEMA shop_settings;" + self.SQL))
        archive = self.dump(cluster, source.name, "-j3", *options)
        self.assertTrue(all(formats_of(archive).values()))
        self.assert_verified(archive)
        for reader in ("pgfast", "pg_restore"):
            assert_databases_equal(source, self.restore(cluster, archive, reader), judges=("rows",))

    def test_13_in_pieces_by_key(self):
        self.check(13, "--split-size=64kB")

    def test_18_in_pieces_by_ctid(self):
        self.check(18, "--split-size=64kB")

    def test_18_through_the_root_of_partitions(self):
        self.check(18, "--no-split", "--load-via-partition-root")

    def test_text_in_another_encoding(self):
        cluster = self.cluster()
        source = Database(cluster, self.database(cluster, "CREATE TABLE t (v text, c varchar(3)[], j jsonb, e label);".join((
            "CREATE TYPE label AS ENUM ('grün');",
            """INSERT INTO t VALUES ('Müller', '{ä,é,ß}', '{"ö": "ü"}', 'grün');""",
        ))))
        archive = self.dump(cluster, source.name, "-E", "LATIN1")
        self.assertIn("Müller".encode("latin-1"), b"".join(path.read_bytes() for path in archive.glob("*.dat")))
        for reader in ("pgfast", "pg_restore"):
            assert_databases_equal(source, self.restore(cluster, archive, reader))


class TooLargeForText(DataFormat):
    """A bytea of half a gigabyte has more digits than a server can make at once: stock pg_dump gives up."""

    SQL = """
        CREATE TABLE t (id integer, v bytea);
        INSERT INTO t SELECT i, convert_to(repeat('filler', 100), 'UTF8') FROM generate_series(1, 3000) AS i;
        INSERT INTO t VALUES (0, convert_to(repeat('x', 540000000), 'UTF8'));
        CREATE TABLE other AS SELECT generate_series(1, 100) AS v;
    """

    def test_its_piece_is_dumped_in_binary_format_if_it_has_one(self):
        cluster = self.cluster(18)
        source = self.database(cluster, self.SQL)
        archive = self.folder() / "archive"
        options = ("--no-sync", "-j2", "-Z", "zstd:1", "--split-size=1MB")
        done = pgfast("dump", *options, "-v", "-f", archive, source, cluster=cluster)
        self.assertRegex(done.stderr, r"too large for text.*\.binary\.dat.*table public\.t")
        files = [path.name for path in archive.glob("*.dat*") if path.name != "toc.dat"]
        self.assertEqual(len([name for name in files if ".binary." in name]), 1, files)
        self.assertGreater(len(files), 3, files)
        copy = self.restore(cluster, archive, jobs=2)
        differing = "SELECT count(*), sum(length(v)), bool_and(length(v) = 600 OR md5(v) = md5(repeat('x', 540000000))) FROM t;"
        self.assertEqual(cluster.query(copy.name, differing), [["3001", "541800000", "t"]])
        self.assertEqual(cluster.value(copy.name, "SELECT sum(v) FROM other;"), "5050")


class DamagedRows(DataFormat):
    """The server takes missing rows for the end, if they are cut between two; who reads along does not."""

    def test_rows_without_their_end_are_not_committed(self):
        cluster = self.cluster()
        source = self.database(cluster, "CREATE TABLE t (v integer); INSERT INTO t SELECT generate_series(1, 1000);")
        archive = self.dump(cluster, source)
        (archive / "pgfast.manifest").unlink()
        rows = next(path for path in archive.glob("*.dat") if path.name != "toc.dat")
        whole = rows.read_bytes()
        for damaged, words in (
            (whole[:-2], "ends before"),
            (whole[: 19 + 500 * 10], "ends before"),
            (whole + b"\n", "behind its end"),
            (whole[:29] + b"\0\2" + whole[31:], "impossible"),
        ):
            rows.write_bytes(damaged)
            copy = self.database(cluster)
            done = pgfast("restore", "-d", copy, archive, cluster=cluster, check=False)
            self.assertIn(done.returncode, (DAMAGED, OBJECTS_FAILED), done.describe())
            self.assertRegex(done.stderr, words)
            self.assertEqual(cluster.value(copy, "SELECT count(*) FROM t;"), "0")
            self.assert_fails(pgfast("verify", archive, check=False), DAMAGED, words)
