"""Other people's DDL while a dump runs: no row is lost to it, no lock is waited for without end (faults.md 2.10)."""

import os
import re
import signal
import threading
import time

from harness import CommandFailed, Database, assert_databases_equal, pgfast
from integration.case import DEFAULT_MAJOR, MAJORS, OK, SLOW_COPY, TIME_LIMIT, IntegrationTest

THOUSAND_ROWS = "CREATE TABLE t AS SELECT i, 'v' || i AS v FROM generate_series(1, 1000) AS i;"


class ConcurrentDdl(IntegrationTest):
    def rows_after_restore(self, cluster, archive, table):
        target = self.database(cluster)
        pgfast("restore", "-j2", "-d", target, archive, cluster=cluster)
        return cluster.value(target, f"SELECT count(*) FROM {table};")

    def dump_while(self, sql_before_commit, create=THOUSAND_ROWS, major=DEFAULT_MAJOR):
        """Start a dump while a transaction with this DDL is open, and commit it while the dump waits for its lock."""
        cluster = self.cluster(major)
        source = self.database(cluster, create)
        archive = self.folder() / "archive"
        with cluster.session(source) as session:
            session.run(f"BEGIN; {sql_before_commit}")
            process = self.start("dump", "--no-sync", "-j2", "-f", archive, source, cluster=cluster)
            self.wait_for_blocked(cluster, source)
            session.run("COMMIT;")
        done = self.finish(process)
        self.assertEqual(done.returncode, OK, done.describe())
        return cluster, archive

    def test_rewriting_alter_table(self):
        """pg_dump loses the whole table here and says nothing."""
        for major in MAJORS:
            with self.subTest(major=major):
                cluster, archive = self.dump_while("ALTER TABLE t ALTER COLUMN i TYPE bigint;", major=major)
                self.assertEqual(self.rows_after_restore(cluster, archive, "t"), "1000")

    def test_truncate_and_refill(self):
        cluster, archive = self.dump_while("TRUNCATE t; INSERT INTO t SELECT i FROM generate_series(1, 7) AS i;")
        self.assertEqual(self.rows_after_restore(cluster, archive, "t"), "7")

    def test_cluster(self):
        cluster, archive = self.dump_while("CREATE INDEX t_i ON t (i); CLUSTER t USING t_i;")
        self.assertEqual(self.rows_after_restore(cluster, archive, "t"), "1000")

    def test_partition_rewritten(self):
        cluster, archive = self.dump_while(
            "TRUNCATE p1; INSERT INTO p SELECT 1 FROM generate_series(1, 300);",
            "CREATE TABLE p (i integer) PARTITION BY LIST (i); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);"
            "INSERT INTO p SELECT 1 FROM generate_series(1, 500);",
        )
        self.assertEqual(self.rows_after_restore(cluster, archive, "p"), "300")

    def test_column_with_a_volatile_default(self):
        cluster, archive = self.dump_while("ALTER TABLE t ADD COLUMN w float DEFAULT random();")
        self.assertEqual(self.rows_after_restore(cluster, archive, "t"), "1000")

    def test_drop_table(self):
        cluster, archive = self.dump_while(
            "DROP TABLE t;",
            "CREATE TABLE t (i integer); CREATE TABLE other AS SELECT i FROM generate_series(1, 50) AS i;",
        )
        self.assertEqual(self.rows_after_restore(cluster, archive, "other"), "50")
        self.assertNotIn(" t ", pgfast("list", archive).stdout)

    def test_rename(self):
        cluster, archive = self.dump_while("ALTER TABLE t RENAME TO renamed;")
        self.assertEqual(self.rows_after_restore(cluster, archive, "renamed"), "1000")

    def test_new_table_in_the_same_transaction(self):
        cluster, archive = self.dump_while(
            "ALTER TABLE t ALTER COLUMN i TYPE bigint; CREATE TABLE u AS SELECT * FROM t;"
        )
        self.assertEqual(self.rows_after_restore(cluster, archive, "u"), "1000")


class LockWaits(IntegrationTest):
    def test_the_blocking_session_is_named(self):
        cluster = self.cluster()
        source = self.database(cluster, 'CREATE SCHEMA s; CREATE TABLE s."locked table" (i integer);')
        archive = self.folder() / "archive"
        with cluster.session(source) as blocker:
            blocker.run(
                "SET application_name = 'the blocker'; BEGIN; LOCK TABLE s.\"locked table\" IN ACCESS EXCLUSIVE MODE;"
            )
            started_s = time.monotonic()
            done = pgfast("dump", "-j2", "--lock-wait-timeout=2s", "-f", archive, source, cluster=cluster, check=False)
            took_s = time.monotonic() - started_s
            self.assert_fails(done, TIME_LIMIT, "locked table", rf"\b{blocker.pid}\b", "user postgres", "query: .*LOCK TABLE")
        self.assertGreater(took_s, 1.5)
        self.assertLess(took_s, 15)
        self.assertFalse(archive.exists())
        self.assert_no_sessions(cluster, source)

    def test_a_lock_that_is_given_back_in_time_does_no_harm(self):
        cluster = self.cluster()
        source = self.database(cluster, "CREATE TABLE t AS SELECT i FROM generate_series(1, 10) AS i;")
        archive = self.folder() / "archive"
        with cluster.session(source) as blocker:
            blocker.run("BEGIN; LOCK TABLE t IN ACCESS EXCLUSIVE MODE;")
            process = self.start("dump", "--no-sync", "--lock-wait-timeout=30s", "-f", archive, source, cluster=cluster)
            self.wait_for_blocked(cluster, source)
            blocker.run("ROLLBACK;")
        self.assertEqual(self.finish(process).returncode, OK)

    def test_a_queued_exclusive_lock_does_not_end_the_dump(self):
        """pg_dump -j ends here: its worker finds somebody queued behind the leader's lock (faults.md M14)."""
        cluster = self.cluster()
        tables = "".join(f"CREATE TABLE small_{i} AS SELECT i FROM generate_series(1, 10) AS i;" for i in range(20))
        source = self.database(
            cluster,
            tables + "CREATE TABLE big AS SELECT i, repeat(md5(i::text), 8) AS v FROM generate_series(1, 200000) AS i;",
        )
        archive = self.folder() / "archive"
        with cluster.session("postgres") as watcher, cluster.session(source) as changer:
            process = self.start("dump", "-j2", *SLOW_COPY, "-f", archive, source, cluster=cluster)
            pid = self.stop_copy(watcher, source)
            try:
                changer.send("ALTER TABLE big ADD COLUMN w integer;")
                self.wait_for_blocked(cluster, source)
            finally:
                os.kill(pid, signal.SIGCONT)
            done = self.finish(process)
            self.assertEqual(done.returncode, OK, done.describe())
            changer.wait()
        target = self.database(cluster)
        pgfast("restore", "-j2", "-d", target, archive, cluster=cluster)
        self.assertEqual(cluster.value(target, "SELECT count(*) FROM big;"), "200000")

    def test_a_lock_queued_before_the_workers_begin(self):
        """The coordinator has its lock on one table and waits for the next, when somebody queues for the first."""
        cluster = self.cluster()
        source = self.database(
            cluster,
            "CREATE TABLE a AS SELECT i FROM generate_series(1, 500) AS i; CREATE TABLE b AS SELECT * FROM a;",
        )
        archive = self.folder() / "archive"
        with cluster.session(source) as blocker, cluster.session(source) as changer:
            blocker.run("BEGIN; LOCK TABLE b IN ACCESS EXCLUSIVE MODE;")
            process = self.start(
                "dump", "--no-sync", "-j2", "--lock-wait-timeout=20s", "-f", archive, source, cluster=cluster
            )
            self.wait_for_blocked(cluster, source)
            changer.send("ALTER TABLE a ADD COLUMN w integer DEFAULT 1;")
            time.sleep(0.3)
            blocker.run("ROLLBACK;")
            done = self.finish(process, 90)
            self.assertEqual(done.returncode, OK, done.describe())
            changer.wait()
        target = self.database(cluster)
        pgfast("restore", "-j2", "-d", target, archive, cluster=cluster)
        self.assertEqual(
            cluster.query(target, "SELECT (SELECT count(*) FROM a), (SELECT count(*) FROM b);"), [["500", "500"]]
        )


class Definitions(IntegrationTest):
    """pg_dump reads catalogs on the snapshot, but has the server deparse what is there now (faults.md H7)."""

    OBJECTS = """
        CREATE TYPE mood AS ENUM ('low', 'high');
        CREATE TABLE t AS SELECT i, 'low'::mood AS m FROM generate_series(1, 1000) AS i;
        CREATE FUNCTION twice(x integer, y integer DEFAULT 2) RETURNS integer LANGUAGE sql AS 'SELECT x * y';
        CREATE VIEW v AS SELECT i FROM t;
        CREATE INDEX by_i ON t (i);
        CREATE SEQUENCE q;
    """

    def dump_with_ddl(self, sql, *options, calls=1, major=DEFAULT_MAJOR):
        """A dump in which this DDL comes between the snapshot and pg_dump's first question, on its first calls."""
        self.server = self.cluster(major)
        self.source = self.database(self.server, self.OBJECTS)
        self.archive = self.folder() / "archive"
        folder = self.folder()
        (folder / "ddl.sql").write_text(sql)
        fake, psql, real = folder / "pg_dump", self.server.tool("psql"), self.server.tool("pg_dump")
        change = f"env -u PGOPTIONS {psql} -Xq -f {folder}/ddl.sql '{self.server.conninfo(self.source).replace(chr(39), '')}'"
        fake.write_text(
            f'#!/bin/sh\n[ "$1" = --version ] && exec {real} --version\necho >> {folder}/calls\n'
            f"[ $(wc -l < {folder}/calls) -gt {calls} ] || {change} || exit 9\n"
            f'exec {real} "$@"\n'
        )
        fake.chmod(0o755)
        options = ("--no-sync", "-j2", f"--pg-bindir={folder}", *options, "-f", self.archive, self.source)
        done = pgfast("dump", *options, cluster=self.server, check=False)
        self.calls = len((folder / "calls").read_text().splitlines())
        self.assertEqual(done.returncode, OK, done.describe())
        return done

    def assert_as_the_source(self):
        target = self.database(self.server)
        pgfast("restore", "-j2", "-d", target, self.archive, cluster=self.server)
        assert_databases_equal(Database(self.server, self.source), Database(self.server, target))

    def test_a_renamed_type(self):
        """Created as mood, and used as humour, the column of t would fail."""
        for major in MAJORS:
            with self.subTest(major=major):
                done = self.dump_with_ddl("ALTER TYPE mood RENAME TO humour;", major=major)
                self.assertEqual(self.calls, 2)
                self.assertNotIn("warning", done.stderr)
                self.assert_as_the_source()

    def test_a_dropped_function(self):
        """It would lose its arguments and what it returns."""
        self.dump_with_ddl("DROP FUNCTION twice;")
        self.assertEqual(self.calls, 2)
        self.assert_as_the_source()

    def test_other_arguments(self):
        self.dump_with_ddl(
            "CREATE OR REPLACE FUNCTION twice(x integer, y integer DEFAULT 3) RETURNS integer LANGUAGE sql AS 'SELECT x * y * 1';"
        )
        self.assertEqual(self.calls, 2)
        self.assert_as_the_source()

    def test_a_dropped_view_and_a_renamed_index(self):
        self.dump_with_ddl("DROP VIEW v; ALTER INDEX by_i RENAME TO by_number;")
        self.assertGreater(self.calls, 1)
        self.assert_as_the_source()

    def test_what_does_not_touch_definitions(self):
        self.dump_with_ddl(
            "GRANT SELECT ON t, v TO public; SELECT nextval('q'); CREATE TYPE other AS ENUM (); DROP TYPE other;"
            "UPDATE t SET i = 0; ANALYZE; REINDEX INDEX by_i; CREATE TEMPORARY TABLE u (i integer); CREATE TABLE w (i integer);"
        )
        self.assertEqual(self.calls, 1)

    def test_what_never_settles_is_named(self):
        change = "CREATE OR REPLACE FUNCTION twice(x integer, y integer DEFAULT 3) RETURNS integer LANGUAGE sql AS 'SELECT 1';"
        done = self.dump_with_ddl(change, calls=100)
        self.assertEqual(self.calls, 3)
        warning = r"changed or dropped since the snapshot was taken.*: FUNCTION public\.twice\(integer, integer\)"
        self.assertRegex(done.stderr, f"pgfast: warning: {warning}")
        self.assertRegex((self.archive / "pgfast.manifest").read_text(), warning)


class SteadyDdl(IntegrationTest):
    DUMPS = 3

    def test_every_dump_succeeds_or_names_what_kept_changing(self):
        cluster = self.cluster()
        source = self.database(
            cluster,
            "CREATE SCHEMA s; CREATE TABLE steady AS SELECT i FROM generate_series(1, 1000) AS i;"
            + "".join(f"CREATE TABLE s.t{i} AS SELECT g FROM generate_series(1, 100) AS g;" for i in range(6)),
        )
        stopped = threading.Event()
        changer = threading.Thread(target=self.change_for_ever, args=(cluster, source, stopped))
        changer.start()
        try:
            archives = [self.dump_once(cluster, source) for _ in range(self.DUMPS)]
        finally:
            stopped.set()
            changer.join()
        self.assertTrue(any(archives), "not one dump succeeded")
        for archive in filter(None, archives):
            target = self.database(cluster)
            pgfast("restore", "-j2", "-d", target, archive, cluster=cluster)
            self.assertEqual(cluster.value(target, "SELECT count(*) FROM steady;"), "1000")
            for (table,) in cluster.query(
                target, "SELECT oid::regclass FROM pg_class WHERE relname ~ '^[tr][0-9]' AND relkind = 'r';"
            ):
                self.assertEqual(cluster.value(target, f"SELECT count(*) FROM {table};"), "100", table)

    def dump_once(self, cluster, source):
        archive = self.folder() / "archive"
        done = pgfast("dump", "--no-sync", "-j2", "-f", archive, source, cluster=cluster, check=False, timeout_s=120)
        if done.returncode == OK:
            return archive
        self.assert_fails(done, TIME_LIMIT, r"\b(s|t\d|r\d)\b")
        return None

    def change_for_ever(self, cluster, source, stopped):
        turn = 0
        with cluster.session(source) as session:
            while not stopped.is_set():
                turn += 1
                table = f"s.t{turn % 6}"
                for sql in (
                    f"BEGIN; DROP TABLE IF EXISTS {table};"
                    f" CREATE TABLE {table} AS SELECT g FROM generate_series(1, 100) AS g; COMMIT;",
                    f"BEGIN; TRUNCATE {table}; INSERT INTO {table} SELECT g FROM generate_series(1, 100) AS g; COMMIT;",
                    f"ALTER TABLE {table} RENAME TO r{turn % 6};",
                    f"ALTER TABLE s.r{turn % 6} RENAME TO t{turn % 6};",
                    f"ALTER TABLE {table} ALTER COLUMN g TYPE bigint;",
                ):
                    try:
                        session.run(sql)
                    except CommandFailed as failure:
                        if not re.search("does not exist|already exists", str(failure)):
                            raise
                time.sleep(0.3)
