"""Tables that are read while pg_dump still reads definitions: what is guessed must be what is dumped, whatever happens
between the guess and the table of contents, and what the user leaves out is never touched."""

import hashlib
import re

from harness import Database, assert_databases_equal, pgfast
from integration.case import OK, IntegrationTest

# pg_dump locks tables in the order of their oids and stops at the gate, a partitioned table, which nobody reads early.
GATE_AND_TABLES = """
CREATE TABLE gate (i integer) PARTITION BY LIST (i);
CREATE TABLE t AS SELECT i, 'v' || i AS v FROM generate_series(1, 1000) AS i;
CREATE TABLE u AS SELECT i, 'w' || i AS v FROM generate_series(1, 500) AS i;
CREATE TABLE big AS SELECT i, repeat(md5(i::text), 8) AS v FROM generate_series(1, 60000) AS i;
"""


class EarlyReads(IntegrationTest):
    def copy_of(self, cluster, archive):
        copy = self.database(cluster)
        pgfast("restore", "-j2", "-d", copy, archive, cluster=cluster)
        return copy

    def assert_same(self, cluster, source, copy):
        assert_databases_equal(Database(cluster, source), Database(cluster, copy))


class BetweenGuessAndContents(EarlyReads):
    """DDL that comes after rows were read and before pg_dump has seen the table."""

    def dump_while(self, ddl):
        cluster = self.cluster()
        source = self.database(cluster, GATE_AND_TABLES)
        archive = self.folder() / "archive"
        partial = archive.with_name("archive.partial")
        with cluster.session(source) as gate, cluster.session(source) as changer:
            gate.run("BEGIN; LOCK TABLE gate IN ACCESS EXCLUSIVE MODE;")
            process = self.start(
                "dump", "-v", "--no-sync", "-j2", "--split-size=4MB", "-f", archive, source, cluster=cluster
            )
            self.wait_until(lambda: len(list(partial.glob("early_*"))) >= 5, "rows of t, u and the pieces of big")
            changer.send(ddl)
            self.wait_for_blocked(cluster, source, 2)
            gate.run("ROLLBACK;")
            done = self.finish(process)
            changer.wait()
        self.assertEqual(done.returncode, OK, done.describe())
        self.assertIn("starting over", done.stderr)
        self.assert_only_usual_names(archive)
        return cluster, source, self.copy_of(cluster, archive)

    def assert_only_usual_names(self, archive):
        pgfast("verify", "--deep", archive)
        for file in archive.iterdir():
            self.assertRegex(file.name, r"^(toc\.dat|SHA256SUMS|pgfast\.manifest|\d+\.dat\.zst)$")

    def test_column_added(self):
        cluster, source, copy = self.dump_while("ALTER TABLE t ADD COLUMN w integer DEFAULT 1;")
        self.assert_same(cluster, source, copy)

    def test_truncated_and_refilled(self):
        cluster, source, copy = self.dump_while("BEGIN; TRUNCATE u; INSERT INTO u VALUES (1, 'new'); COMMIT;")
        self.assert_same(cluster, source, copy)

    def test_swapped(self):
        cluster, source, copy = self.dump_while(
            "BEGIN; ALTER TABLE t RENAME TO x; ALTER TABLE u RENAME TO t; ALTER TABLE x RENAME TO u; COMMIT;"
        )
        self.assert_same(cluster, source, copy)

    def test_dropped(self):
        cluster, source, copy = self.dump_while("DROP TABLE big;")
        self.assert_same(cluster, source, copy)


class OneTable(EarlyReads):
    def test_the_pieces_of_one_large_table_are_read_early(self):
        """They are as many as the workers, even if the tables are not."""
        cluster = self.cluster()
        source = self.database(cluster, GATE_AND_TABLES + "DROP TABLE t, u;")
        archive = self.folder() / "archive"
        partial = archive.with_name("archive.partial")
        with cluster.session(source) as gate:
            gate.run("BEGIN; LOCK TABLE gate IN ACCESS EXCLUSIVE MODE;")
            process = self.start("dump", "--no-sync", "-j2", "--split-size=4MB", "-f", archive, source, cluster=cluster)
            self.wait_until(lambda: len(list(partial.glob("early_*"))) >= 4, "the pieces of big")
            gate.run("ROLLBACK;")
            done = self.finish(process)
        self.assertEqual(done.returncode, OK, done.describe())
        self.assert_same(cluster, source, self.copy_of(cluster, archive))


class BetweenSnapshotAndLocks(EarlyReads):
    def test_a_table_emptied_meanwhile_is_noticed(self):
        """The snapshot still shows the table as it was, but its rows are gone."""
        cluster = self.cluster()
        source = self.database(cluster, GATE_AND_TABLES)
        archive = self.folder() / "archive"
        with cluster.session(source) as changer:
            # What the guess has to read as well, and can wait for.
            changer.run("BEGIN; LOCK TABLE pg_catalog.pg_depend IN ACCESS EXCLUSIVE MODE;")
            process = self.start("dump", "--no-sync", "-j2", "-f", archive, source, cluster=cluster)
            guess = (
                f"SELECT pid FROM pg_stat_activity WHERE datname = '{source}' AND wait_event_type = 'Lock'"
                " AND query LIKE '-- The ordinary tables%';"
            )
            with cluster.session("postgres") as watcher:
                self.wait_until(lambda: watcher.run(guess), "the guess to wait")
            changer.run("TRUNCATE t; INSERT INTO t SELECT i, 'new' FROM generate_series(1, 7) AS i; COMMIT;")
            done = self.finish(process)
        self.assertEqual(done.returncode, OK, done.describe())
        self.assert_same(cluster, source, self.copy_of(cluster, archive))


class LeftOut(IntegrationTest):
    """The server's own log tells which tables were locked and read."""

    SQL = """
    CREATE SCHEMA closed; CREATE TABLE closed.secret AS SELECT 1 AS i;
    CREATE TABLE secret AS SELECT 1 AS i; CREATE TABLE open_1 AS SELECT 1 AS i; CREATE TABLE open_2 AS SELECT 2 AS i;
    """

    def statements_of(self, *options):
        cluster = self.cluster()
        source = self.database(cluster, self.SQL)
        before = len(cluster.log_text())
        pgfast(
            "dump",
            "--no-sync",
            "-j2",
            *options,
            "-f",
            self.folder() / "archive",
            source,
            cluster=cluster,
            env={"PGOPTIONS": "-c log_statement=all"},
        )
        return "\n".join(
            line
            for line in re.split(r"\n(?=\S)", cluster.log_text()[before:])
            if re.search(r"statement: .*(LOCK|COPY) ", line, re.DOTALL)
        )

    def test_the_log_shows_what_is_read(self):
        """Or the other tests of this class would prove nothing."""
        self.assertRegex(self.statements_of(), r"COPY public\.secret ")

    def test_tables_that_options_exclude_are_not_touched(self):
        for options in (["-T", "*.secret"], ["-N", "closed", "-T", "public.secret"], ["-t", "open_*"]):
            with self.subTest(options=options):
                statements = self.statements_of(*options)
                self.assertRegex(statements, r"COPY public\.open_1 ")
                self.assertNotIn("secret", statements)

    def test_data_that_options_exclude_is_not_read(self):
        for options in (["--exclude-table-data=*.secret"], ["-s"], ["--section=pre-data"]):
            with self.subTest(options=options):
                self.assertNotRegex(self.statements_of(*options), r"COPY \S+\.secret")


class BothWays(IntegrationTest):
    def test_the_same_archive(self):
        """An option that chooses, even if it chooses all, makes pgfast wait for pg_dump."""
        cluster = self.cluster()
        source = self.database(
            cluster,
            GATE_AND_TABLES
            + """CREATE TABLE "odd, (name)" ("select" integer, "a, ""b"" c" text,
                g text GENERATED ALWAYS AS ('x') STORED);
            INSERT INTO "odd, (name)" VALUES (1, 'one'), (2, 'two');
            CREATE UNLOGGED TABLE unlogged AS SELECT 5 AS i; CREATE TABLE none (); CREATE TABLE child () INHERITS (u);
            INSERT INTO child VALUES (7, 'seven'); CREATE TABLE gate_1 PARTITION OF gate FOR VALUES IN (1);
            INSERT INTO gate VALUES (1); CREATE TABLE guarded AS SELECT 3 AS i;
            ALTER TABLE guarded ENABLE ROW LEVEL SECURITY;""",
        )
        contents = [self.contents(cluster, source, options) for options in ([], ["-T", "no_such_table"])]
        self.assertEqual(contents[0], contents[1])
        self.assertEqual(len(contents[0]), 9)

    def contents(self, cluster, source, options):
        """{table: digest of its file}"""
        archive = self.folder() / "archive"
        pgfast(
            "dump", "--no-sync", "--no-split", "-j2", "-Z", "none", *options, "-f", archive, source, cluster=cluster
        )
        listing = cluster.run_tool("pg_restore", "-l", archive).stdout
        return {
            table: hashlib.sha256((archive / f"{dump_id}.dat").read_bytes()).hexdigest()
            for dump_id, table in re.findall(r"^(\d+); 0 \d+ TABLE DATA (.*) \S+$", listing, re.MULTILINE)
        }
