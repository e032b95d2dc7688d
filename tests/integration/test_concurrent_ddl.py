"""Other people's DDL while a dump runs: no row is lost to it, no lock is waited for without end (faults.md 2.10)."""

import os
import re
import signal
import threading
import time

from harness import CommandFailed, pgfast
from integration.case import DEFAULT_MAJOR, MAJORS, OK, TIME_LIMIT, IntegrationTest

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
            self.assert_fails(done, TIME_LIMIT, "locked table", rf"\b{blocker.pid}\b")
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
            process = self.start(
                "dump", "--no-sync", "-j2", "--no-split", "-Z", "none", "-f", archive, source, cluster=cluster
            )
            pid = self.wait_until(
                lambda: watcher.run(
                    f"SELECT pid FROM pg_stat_activity WHERE datname = '{source}' AND query LIKE '%COPY%big%'"
                    " AND application_name = 'pgfast' LIMIT 1;"
                ),
                "the copy of the big table",
            )
            os.kill(int(pid), signal.SIGSTOP)
            try:
                changer.send("ALTER TABLE big ADD COLUMN w integer;")
                self.wait_for_blocked(cluster, source)
            finally:
                os.kill(int(pid), signal.SIGCONT)
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
