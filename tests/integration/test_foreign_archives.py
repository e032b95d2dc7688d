"""Archives that stock tools and people made: other row formats, files compressed by hand, other options of pg_dump."""

import gzip

from harness import Database, assert_databases_equal, pgfast
from integration.case import OBJECTS_FAILED, IntegrationTest, SmallSourceTest
from integration.zoo import small_in


class ForeignArchives(SmallSourceTest):
    def assert_restores(self, archive, *options):
        copy = Database(self.server, self.database(self.server))
        pgfast("restore", "-j3", *options, "-d", copy.name, archive, cluster=self.server)
        assert_databases_equal(self.source, copy)

    def test_inserts(self):
        self.assert_restores(self.stock_archive("--inserts"))

    def test_column_inserts_of_many_rows(self):
        self.assert_restores(
            self.stock_archive("--column-inserts", "--rows-per-insert=100", "--on-conflict-do-nothing")
        )

    def test_inserts_of_odd_values(self):
        """Semicolons and quotes in values: the statements must be told apart."""
        source = Database(
            self.server,
            self.database(
                self.server,
                "CREATE TABLE odd (i integer, v text, b bytea);"
                "INSERT INTO odd VALUES (1, 'a;b', '\\x3b'), (2, E'it''s;\\n--', NULL);"
                "INSERT INTO odd VALUES (3, E'\\\\'';', ''), (4, '\";\"', NULL);"
                'CREATE TABLE "a;""b" ("c;\'d" text); INSERT INTO "a;""b" VALUES (\';\'), (\'\'\'\');',
            ),
        )
        for options in (("--inserts",), ("--column-inserts",)):
            archive = self.folder() / "archive"
            self.server.run_tool("pg_dump", "-Fd", "--no-sync", *options, "-f", archive, source.name)
            copy = Database(self.server, self.database(self.server))
            pgfast("restore", "-j2", "-d", copy.name, archive, cluster=self.server)
            assert_databases_equal(source, copy)

    def test_via_the_partition_root(self):
        self.assert_restores(self.stock_archive("--load-via-partition-root"))

    def test_quoted_identifiers(self):
        self.assert_restores(self.stock_archive("--quote-all-identifiers"))

    def test_some_files_compressed_by_hand(self):
        """A file is found by its name with or without a suffix, whatever the table of contents says."""
        archive = self.stock_archive("-Z0")
        for number, file in enumerate(sorted(archive.glob("*.dat"))):
            if file.name == "toc.dat" or number % 2:
                continue
            content = file.read_bytes()
            half = len(content) // 2
            # Two members one after the other, as tools that compress in parallel write them.
            file.with_name(file.name + ".gz").write_bytes(gzip.compress(content[:half]) + gzip.compress(content[half:]))
            file.unlink()
        self.assert_restores(archive)

    def test_table_of_contents_compressed_by_hand(self):
        archive = self.stock_archive()
        toc = archive / "toc.dat"
        (archive / "toc.dat.gz").write_bytes(gzip.compress(toc.read_bytes()))
        toc.unlink()
        self.assert_restores(archive)

    def test_of_a_newer_pg_dump(self):
        """Large objects in groups with one ACL for all (archive version 1.16), restored into 15."""
        self.assert_restores(self.stock_archive(major=18), "--no-subscriptions")

    def test_files_that_belong_to_nobody(self):
        archive = self.stock_archive()
        (archive / "README").write_text("a note")
        (archive / "folder").mkdir()
        self.assert_restores(archive)

    def test_one_transaction(self):
        archive = self.stock_archive()
        copy = Database(self.server, self.database(self.server))
        pgfast("restore", "-1", "-d", copy.name, archive, cluster=self.server)
        assert_databases_equal(self.source, copy)

    def test_one_transaction_that_fails_leaves_nothing(self):
        archive = self.stock_archive()
        target = self.database(self.server, "CREATE SCHEMA stock;")
        done = pgfast("restore", "-1", "-d", target, archive, cluster=self.server, check=False)
        self.assertNotIn(done.returncode, (0, 70), done.describe())
        self.assert_one_error(done, "stock")
        self.assertEqual(self.server.value(target, "SELECT count(*) FROM pg_class WHERE relname = 'orders';"), "0")

    def test_no_data_for_failed_tables(self):
        archive = self.stock_archive()
        target = self.database(self.server, "CREATE SCHEMA stock; CREATE TABLE stock.items (id integer, name text);")
        done = pgfast("restore", "--no-data-for-failed-tables", "-d", target, archive, cluster=self.server, check=False)
        self.assert_fails(done, OBJECTS_FAILED, "items")
        self.assertEqual(self.server.value(target, "SELECT count(*) FROM stock.items;"), "0")


class Statistics(IntegrationTest):
    """Optimizer statistics: new in 18, and only when asked for."""

    def test_they_come_back(self):
        cluster = self.cluster(18)
        source = self.database(
            cluster,
            "CREATE TABLE t AS SELECT i, i % 7 AS j, md5(i::text) AS v FROM generate_series(1, 5000) AS i;"
            "CREATE INDEX t_v ON t (lower(v)); CREATE MATERIALIZED VIEW m AS SELECT * FROM t; ANALYZE;",
        )
        for writer in ("pgfast", "pg_dump"):
            with self.subTest(writer=writer):
                archive = self.folder() / "archive"
                if writer == "pgfast":
                    options = ("--for-pg-restore=18", "--split-size=64kB")
                    pgfast("dump", "--no-sync", "--statistics", *options, "-f", archive, source, cluster=cluster)
                else:
                    cluster.run_tool("pg_dump", "-Fd", "--no-sync", "--statistics", "-f", archive, source)
                copy = self.database(cluster)
                pgfast("restore", "-j4", "-d", copy, archive, cluster=cluster)
                self.assertEqual(self.statistics(cluster, copy), self.statistics(cluster, source))

    def statistics(self, cluster, database):
        return cluster.query(
            database,
            "SELECT tablename, attname, n_distinct, most_common_vals, histogram_bounds, correlation FROM pg_stats"
            " WHERE schemaname = 'public' ORDER BY 1, 2;",
        ) + cluster.query(
            database, "SELECT relname, reltuples FROM pg_class WHERE relname IN ('t', 'm', 't_v') ORDER BY 1;"
        )


class Snapshots(IntegrationTest):
    def test_a_snapshot_of_somebody_else(self):
        cluster = self.cluster()
        source = self.database(cluster, "CREATE TABLE t AS SELECT i FROM generate_series(1, 10) AS i;")
        archive = self.folder() / "archive"
        with cluster.session(source) as owner:
            snapshot = owner.run("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT pg_export_snapshot();")
            cluster.psql(source, "INSERT INTO t VALUES (11);")
            pgfast("dump", "--no-sync", "-j2", f"--snapshot={snapshot}", "-f", archive, source, cluster=cluster)
        target = self.database(cluster)
        pgfast("restore", "-d", target, archive, cluster=cluster)
        self.assertEqual(cluster.value(target, "SELECT count(*) FROM t;"), "10")

    def test_a_snapshot_that_is_not_there(self):
        cluster = self.cluster()
        archive = self.folder() / "archive"
        done = pgfast(
            "dump",
            "--snapshot=00000003-0000001B-1",
            "-f",
            archive,
            small_in(cluster).name,
            cluster=cluster,
            check=False,
        )
        self.assertNotIn(done.returncode, (0, 70), done.describe())
        self.assert_one_error(done, "snapshot")

    def test_serializable_deferrable(self):
        cluster = self.cluster()
        archive = self.folder() / "archive"
        source = small_in(cluster)
        pgfast("dump", "--no-sync", "-j2", "--serializable-deferrable", "-f", archive, source.name, cluster=cluster)
        copy = Database(cluster, self.database(cluster))
        pgfast("restore", "-j2", "-d", copy.name, archive, cluster=cluster)
        assert_databases_equal(source, copy)
