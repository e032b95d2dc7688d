"""A dump that loses sessions on its way goes on, on the same snapshot, or says that it cannot."""

import contextlib
import os
import signal
import time

from harness import Database, assert_databases_equal, pgfast
from harness.process import CommandFailed
from integration.case import CONNECTION_LOST, OK, SLOW_COPY, TIME_LIMIT, IntegrationTest

BIG = """
CREATE TABLE big AS SELECT i, repeat(md5(i::text), 10) AS v FROM generate_series(1, 100000) AS i;
CREATE TABLE other AS SELECT i FROM generate_series(1, 1000) AS i;
"""


class Survival(IntegrationTest):
    def setUp(self):
        self.server = self.cluster()
        self.source = self.database(self.server, BIG)
        self.archive = self.folder() / "archive"
        self.watcher = self.server.session("postgres")
        self.addCleanup(self.watcher.close)

    def begin(self, *options):
        return self.start("dump", "-j2", *SLOW_COPY, *options, "-f", self.archive, self.source, cluster=self.server)

    def sessions(self, condition):
        sql = f"SELECT pid FROM pg_stat_activity WHERE datname = '{self.source}' AND {condition} LIMIT 1;"
        return self.watcher.run(sql)

    def disturb(self, function="pg_terminate_backend", *statements):
        pid = self.stop_copy(self.watcher, self.source)
        statement = "SELECT format('pid = %s AND query_start = %L', pid, query_start) FROM pg_stat_activity"
        this_one = self.watcher.run(f"{statement} WHERE pid = {pid};")
        try:
            for statement in (*statements, f"SELECT {function}({pid});"):
                self.watcher.run(statement)
        finally:
            os.kill(pid, signal.SIGCONT)
        self.wait_until(lambda: not self.sessions(f"{this_one} AND state = 'active'"), "the end of the statement")

    def assert_whole(self, process, *words):
        done = self.finish(process)
        self.assertEqual(done.returncode, OK, done.describe())
        for word in words:
            self.assertRegex(done.stderr, word)
        files = sorted(path.name for path in self.archive.iterdir())
        self.assertFalse([name for name in files if "again" in name], files)
        self.assertEqual(pgfast("verify", "--deep", self.archive, check=False).returncode, OK)
        target = self.database(self.server)
        pgfast("restore", "-j2", "-d", target, self.archive, cluster=self.server)
        assert_databases_equal(Database(self.server, self.source), Database(self.server, target), judges=("rows",))
        self.assert_no_sessions(self.server, self.source)


class LostWorker(Survival):
    def test_its_table_is_read_again(self):
        process = self.begin()
        self.disturb()
        self.assert_whole(process, "warning: reading again, after: table public.big: .*(terminat|closed the connection)")

    def test_timeouts_of_role_and_database(self):
        """No session has them, nor does the one that takes another's place (faults.md A14)."""
        names = ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout")
        timeouts = [f"SET {name} = '200ms';" for name in names]
        self.watcher.run("CREATE ROLE hurried SUPERUSER LOGIN;" + "".join(f"ALTER ROLE hurried {set}" for set in timeouts))
        self.addCleanup(self.server.psql, "postgres", "DROP ROLE hurried;")
        self.watcher.run("".join(f"ALTER DATABASE {self.source} {set}" for set in timeouts))
        process = self.begin("-U", "hurried", "--max-rate=2MB")
        began = time.monotonic()
        self.disturb()
        process.wait()
        self.assertGreater(time.monotonic() - began, 1)
        self.watcher.run(f"ALTER DATABASE {self.source} RESET ALL;")
        self.assert_whole(process, "warning: reading again, after: table public.big")

    def test_a_cancelled_copy_is_made_again(self):
        process = self.begin()
        self.disturb("pg_cancel_backend")
        self.assert_whole(process, "warning: reading again, after: table public.big: .*cancel")

    def test_three_times_is_too_often(self):
        for function, exit_code in (("pg_terminate_backend", CONNECTION_LOST), ("pg_cancel_backend", TIME_LIMIT)):
            process = self.begin()
            for _ in range(3):
                self.disturb(function)
            self.assert_fails(self.finish(process), exit_code, "3 attempts failed, the last: table public.big")
            self.assert_no_archive(self.archive)

    def test_no_room_for_another_session(self):
        """Without a new session for its worker, the coordinator reads the table."""
        self.watcher.run("CREATE ROLE few LOGIN; GRANT pg_read_all_data TO few;")
        self.addCleanup(self.server.psql, "postgres", "DROP ROLE few;")
        process = self.begin("-U", "few")
        self.disturb("pg_terminate_backend", "ALTER ROLE few CONNECTION LIMIT 1;")
        self.assert_whole(process, "going on with fewer: .*too many connections for role")

    def test_large_objects(self):
        """Those that were read already are not read again."""
        objects = "SELECT lo_from_bytea(i, decode(repeat(md5(i::text), 1000), 'hex')) FROM generate_series(1, 1500) AS i;"
        self.server.psql(self.source, objects)
        process = self.begin()
        reads = "query LIKE '%ORDINALITY%pg_largeobject%' AND application_name = 'pgfast' AND state = 'active'"
        pid = self.wait_until(lambda: self.sessions(reads), "large objects being read")
        self.watcher.run(f"SELECT pg_terminate_backend({pid});")
        self.assert_whole(process, "warning: reading again, after: large object")


class LostCoordinator(Survival):
    """Once a dump has lasted a while, a second session holds snapshot and locks as well."""

    KEEPER = "application_name = 'pgfast keeper' AND state = 'idle in transaction' AND query LIKE '%pg_export_snapshot%'"
    # The proof that it still holds what the keeper holds is the last that it was asked for.
    COORDINATOR = "application_name = 'pgfast' AND state = 'idle in transaction' AND query = 'SELECT 1'"

    def begin_with_keeper(self):
        process = self.begin()
        self.frozen = self.stop_copy(self.watcher, self.source)
        self.addCleanup(self.thaw)
        self.wait_until(lambda: self.sessions(self.KEEPER) and self.sessions(self.COORDINATOR), "the keeper")
        return process

    def thaw(self):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.frozen, signal.SIGCONT)

    def end(self, condition):
        ours = f"FROM pg_stat_activity WHERE datname = '{self.source}' AND {condition}"
        pid = self.watcher.run(f"SELECT pid {ours};")
        self.watcher.run(f"SELECT pg_terminate_backend({pid});")
        self.wait_until(lambda: not self.sessions(f"pid = {pid}"), "its end")

    def test_the_keeper_takes_its_place(self):
        process = self.begin_with_keeper()
        self.end(self.COORDINATOR)
        with self.assertRaisesRegex(CommandFailed, "lock timeout"):
            self.server.psql(self.source, "SET lock_timeout = '50ms'; TRUNCATE other;")
        self.server.psql(self.source, "INSERT INTO other VALUES (0); DELETE FROM big WHERE i = 1;")
        self.watcher.run(f"SELECT pg_terminate_backend({self.frozen});")
        self.thaw()
        done = self.finish(process)
        self.assertEqual(done.returncode, OK, done.describe())
        self.assertRegex(done.stderr, "warning: another session holds them as well, going on, after: .*was lost")
        self.assertRegex(done.stderr, "warning: reading again, after: table public.big")
        target = self.database(self.server)
        pgfast("restore", "-j2", "-d", target, self.archive, cluster=self.server)
        for table, rows, lowest in (("big", "100000", "1"), ("other", "1000", "1")):
            self.assertEqual(self.server.query(target, f"SELECT count(*), min(i) FROM {table};"), [[rows, lowest]])
        self.assert_no_sessions(self.server, self.source)

    def test_without_a_keeper_it_is_the_end(self):
        process = self.begin_with_keeper()
        self.end(self.KEEPER)
        self.end(self.COORDINATOR)
        process.wait(timeout=10)  # while the reader still stands
        self.assert_fails(self.finish(process), CONNECTION_LOST, "the session that held the locks was lost")
        self.assert_no_archive(self.archive)
