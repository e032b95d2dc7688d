"""`pgfast verify --against`: a database that holds what the archive holds is called so, and no difference is missed."""

import re

from harness import pgfast
from integration.case import (
    CANNOT_CONNECT,
    DAMAGED,
    DIFFERENT,
    OK,
    PERMISSION,
    UNSUPPORTED_FORMAT,
    USAGE,
    IntegrationTest,
)
from integration.zoo import make_globals, small_in, zoo_in


class Against(IntegrationTest):
    def verify(self, archive, database, *options, cluster=None):
        return pgfast(
            "verify", "-j3", *options, "--against", database, archive, cluster=cluster or self.cluster(), check=False
        )

    def assert_same(self, archive, database, *options, cluster=None):
        done = self.verify(archive, database, *options, cluster=cluster)
        self.assertEqual(done.returncode, OK, done.describe())
        self.assertRegex(
            done.stderr,
            r"is whole.*; the database holds the same \d+ tables?, \d+ rows?, \d+ large objects?, \d+ sequences?, in ",
        )
        return done

    def assert_differs(self, archive, database, *words, cluster=None):
        """These are told, and nothing else."""
        done = self.verify(archive, database, cluster=cluster)
        self.assert_fails(done, DIFFERENT, f"{len(words)} differences?$")
        told = re.findall(r"(?m)^pgfast: differs: (.*)$", done.stderr)
        self.assertEqual(len(told), len(words), done.describe())
        for line, word in zip(told, words):
            self.assertRegex(line, word)
        return done


class TheSame(Against):
    def test_all_that_the_zoo_holds(self):
        """Also where the rows have come to a newer server."""
        target = self.cluster(18)
        archive = self.archive_of(zoo_in(self.cluster(13)), "--large-objects=packed", "--split-size=64kB")
        make_globals(target)
        restored = self.database(target)
        pgfast("restore", "-j4", "-d", restored, archive, cluster=target, check=False)
        self.assert_same(archive, restored, cluster=target)
        source = zoo_in(target)
        archive = self.archive_of(source, "-Z", "lz4", "--data-format=auto", "--no-split")
        self.assert_same(archive, source.name, cluster=target)

    def test_archives_of_pg_dump(self):
        for major, compression in ((15, "6"), (18, "zstd")):
            source = zoo_in(self.cluster(major))
            with self.subTest(major=major, compression=compression):
                archive = self.stock_archive_of(source, "-Z", compression)
                self.assert_same(archive, source.name, cluster=source.cluster)

    def test_rows_that_went_through_the_root(self):
        """Which partition they lie in is no difference."""
        cluster = self.cluster()
        source = zoo_in(cluster)
        archive = self.stock_archive_of(source, "-Z0", "--load-via-partition-root", "-n", "partitions")
        self.assert_same(archive, source.name, cluster=cluster)

    def test_a_partitioned_table_in_place_of_a_plain_one(self):
        cluster = self.cluster()
        name = self.database(cluster, "CREATE TABLE t AS SELECT g AS a FROM generate_series(1, 1000) g;")
        archive = self.archive_of(Source(cluster, name))
        cluster.psql(
            name,
            "ALTER TABLE t RENAME TO o; CREATE TABLE t (a integer) PARTITION BY RANGE (a);"
            "CREATE TABLE t1 PARTITION OF t FOR VALUES FROM (0) TO (500); CREATE TABLE t2 PARTITION OF t DEFAULT;"
            "INSERT INTO t SELECT a FROM o; DROP TABLE o;",
        )
        self.assert_same(archive, name)
        cluster.psql(name, "UPDATE t2 SET a = 2000 WHERE a = 999;")
        self.assert_differs(archive, name, "TABLE public.t: both have 1000 rows, but not the same")

    def test_rows_in_another_order(self):
        cluster = self.cluster()
        name = self.database(cluster, "CREATE TABLE t AS SELECT g, g::text AS t FROM generate_series(1, 50000) g;")
        archive = self.archive_of(Source(cluster, name), "--split-size=256kB")
        cluster.psql(name, "CREATE TABLE u AS SELECT * FROM t ORDER BY g DESC; DROP TABLE t;")
        cluster.psql(name, "ALTER TABLE u RENAME TO t;")
        self.assert_same(archive, name)

    def test_settings_of_the_sessions_that_dumped(self):
        cluster = self.cluster()
        name = self.database(
            cluster,
            "CREATE TABLE t AS SELECT timestamptz 'epoch' + g * interval '1 h', g / 3.0::float AS f,"
            " 'pg_class'::regclass AS c FROM generate_series(1, 9) g;",
        )
        archive = self.folder() / "archive"
        options = ("--extra-float-digits=-3", "--quote-all-identifiers")
        pgfast("dump", *options, "-f", archive, name, cluster=cluster, env={"PGTZ": "Asia/Tokyo"})
        self.assert_same(archive, name)

    def test_an_archive_of_a_part(self):
        """What it lacks is told, and is no fault."""
        source = small_in(self.cluster())
        done = self.assert_same(self.archive_of(source, "-t", "sales.orders"), source.name)
        self.assertRegex(done.stderr, "warning: the archive has no rows of [0-9]+ tables of the database")
        self.assertRegex(done.stderr, "warning: the archive has none of the database's 5 large objects")
        self.assert_same(self.archive_of(source, "-s"), source.name)


class Differences(Against):
    def setUp(self):
        self.server = self.cluster()
        self.source = small_in(self.server)
        self.copy = self.database(self.server, template=self.source.name)

    def assert_all_differ(self, archive, changes):
        """Each change and the line that tells of it, all at once: by name as the lines are."""
        self.server.psql(self.copy, "".join(sql for sql, _ in changes))
        self.assert_differs(archive, self.copy, *(word for _, word in changes))

    def test_of_rows(self):
        archive = self.archive_of(self.source, "--split-size=64kB")
        self.assert_same(archive, self.copy)
        self.assert_all_differ(
            archive,
            (
                ("ALTER TABLE public.guarded ADD more integer;", 'guarded: the archive\'s table lacks column "more"'),
                ('ALTER TABLE sales.customers RENAME name TO """N";', 'the database\'s table lacks column "name"'),
                (
                    "UPDATE sales.orders SET amount = 3 WHERE id = 4711;",
                    "TABLE sales.orders: both have 5000 rows, but not the same",
                ),
                (
                    "UPDATE shop_settings.setting SET value = 'w' WHERE name = 'own';",
                    "TABLE shop_settings.setting: both have 1 row, but not the same",
                ),
                ("DELETE FROM stock.child;", "TABLE stock.child: .* 1 row less: 0, where the archive has 1"),
                ("INSERT INTO stock.items SELECT 1000, 'x';", "TABLE stock.items: the database has 1 row more: 301"),
                (
                    "INSERT INTO stock.orders SELECT * FROM stock.orders WHERE id = 7;"
                    "DELETE FROM stock.orders WHERE id = 8;",
                    "TABLE stock.orders: both have 300 rows, but not the same",
                ),
                ("INSERT INTO stock.parent VALUES (1, 'v');", "TABLE stock.parent: the database has 1 row more: 1"),
                ("DROP TABLE stock.scratch;", "TABLE stock.scratch: the database has no such table"),
            ),
        )

    def test_of_binary_rows_and_sequences(self):
        archive = self.archive_of(self.source, "--data-format=auto")
        self.assert_same(archive, self.copy)
        self.assert_all_differ(
            archive,
            (
                (
                    "UPDATE stock.items SET name = 'other' WHERE id = 5;",
                    "TABLE stock.items: both have 300 rows, but not the same",
                ),
                (
                    "DROP SEQUENCE sales.customers_id_seq CASCADE;",
                    "SEQUENCE SET sales.customers_id_seq: the database has no such sequence",
                ),
                (
                    "SELECT setval('stock.numbers', 15, false);",
                    r"SEQUENCE SET stock.numbers: .* \(15, false\), .* \(14, true\)",
                ),
            ),
        )

    def test_of_rows_in_an_archive_of_pg_dump(self):
        archive = self.stock_archive_of(self.source)
        self.server.psql(self.copy, "UPDATE sales.orders SET note = note || '.' WHERE id = 5;")
        self.assert_differs(archive, self.copy, "TABLE sales.orders: both have 5000 rows, but not the same")

    def test_of_large_objects(self):
        archives = [self.archive_of(self.source, *options) for options in ((), ("--large-objects=packed",))]
        self.assert_same(archives[1], self.copy)
        changes = (
            ("SELECT lo_create(999);", "LARGE OBJECT 999: the archive has no such object"),
            ("SELECT lo_unlink(1001);", "LARGE OBJECT 1001: the database has no such object"),
            ("SELECT lo_put(1003, 3, 'X');", "LARGE OBJECT 1003: both have 14 bytes, but not the same"),
            ("SELECT lo_put(1004, 14, 'X');", "LARGE OBJECT 1004: the database has it with 15 bytes, .* has 14"),
        )
        self.assert_all_differ(archives[0], changes)
        self.assert_differs(archives[1], self.copy, *(word for _, word in changes))

    def test_of_a_large_object_of_many_pages(self):
        """With holes, which are zeros, whichever way they came about."""
        self.server.psql(
            self.copy,
            "SELECT lo_from_bytea(2000, decode(repeat('00ff', 100000), 'hex')), lo_put(2000, 6000000, 'end'),"
            " lo_from_bytea(2001, decode(repeat('00', 500000), 'hex'));",
        )
        other = self.database(self.server, template=self.copy)
        self.server.psql(other, "SELECT lo_put(2000, 5000000, decode(repeat('00', 100000), 'hex'));")
        for options in ((), ("--large-objects=packed", "-Z", "none")):
            archive = self.archive_of(Source(self.server, self.copy), *options)
            self.assert_same(archive, other)
        self.server.psql(other, "SELECT lo_put(2000, 5000000, 'x');")
        self.assert_differs(archive, other, "LARGE OBJECT 2000: both have 6000003 bytes, but not the same")


class WhatCannotBeCompared(Against):
    def test_a_damaged_archive_is_not_compared(self):
        source = small_in(self.cluster())
        archive = self.archive_of(source)
        file = max(archive.glob("[0-9]*.dat*"), key=lambda path: path.stat().st_size)
        file.write_bytes(file.read_bytes()[:-1])
        self.assert_fails(self.verify(archive, source.name), DAMAGED, file.name)

    def test_no_server_no_database_no_right(self):
        cluster = self.cluster()
        source = small_in(cluster)
        archive = self.archive_of(source)
        self.assert_fails(self.verify(archive, "no_such_database"), CANNOT_CONNECT, "no_such_database")
        self.assert_fails(self.verify(archive, source.name, "-h", "/nowhere"), CANNOT_CONNECT)
        cluster.psql("postgres", "CREATE ROLE reads_nothing LOGIN;")
        self.addCleanup(cluster.psql, "postgres", "DROP ROLE reads_nothing;")
        done = self.verify(archive, source.name, "-U", "reads_nothing")
        self.assert_fails(done, PERMISSION, "failed: TABLE stock.items: permission denied", "not all of archive")
        self.assertRegex(done.stderr, "failed: SEQUENCE SET stock.numbers: permission denied for schema stock")

    def test_rows_in_insert_statements(self):
        source = small_in(self.cluster())
        archive = self.stock_archive_of(source, "--inserts", "-t", "stock.items")
        self.assert_fails(self.verify(archive, source.name), UNSUPPORTED_FORMAT, "stock.items.*INSERT")

    def test_options_that_say_nothing_alone(self):
        done = pgfast("verify", "-h", "localhost", "/nowhere", check=False)
        self.assert_fails(done, USAGE, "--host needs --against")

    def test_no_session_is_left(self):
        cluster = self.cluster()
        source = small_in(cluster)
        self.assert_same(self.archive_of(source), source.name)
        self.assert_no_sessions(cluster, source.name)


class Source:
    """A database as archive_of() takes it."""

    def __init__(self, cluster, name):
        self.cluster, self.name = cluster, name
