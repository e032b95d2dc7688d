"""A run that is ended half way: no session, no child and nothing that any tool takes for a finished archive stays."""

import os
import signal
import time
from pathlib import Path

from harness import Cluster, Database, assert_databases_equal, pgfast, pgfast_binary
from integration.case import CONNECTION_LOST, INCOMPLETE, INTERRUPTED, OK, TERMINATED, IntegrationTest
from integration.zoo import zoo_in

BIG = """
CREATE TABLE big AS SELECT i, repeat(md5(i::text), 10) AS v FROM generate_series(1, 100000) AS i;
CREATE TABLE other AS SELECT i FROM generate_series(1, 1000) AS i;
"""


class Interruption(IntegrationTest):
    def setUp(self):
        self.server = self.cluster()

    def dump_stopped_in_copy(self, *options):
        """A dump whose copy of the table `big` stands still, as long as this test runs."""
        source = self.database(self.server, BIG)
        archive = self.folder() / "archive"
        # Who runs the tests in the background has some signals ignored, and programs inherit that.
        command = ("--default-signal", pgfast_binary(), "dump", "-j2", "--no-split", *options, "-f", archive, source)
        process = self.start(*command, binary="env", cluster=self.server)
        pid = self.freeze(source, "%COPY%big%")
        return source, archive, process, pid

    def freeze(self, database, query):
        """Stop a backend while it runs such a query; it goes on when the test ends at the latest."""
        sql = (
            f"SELECT pid FROM pg_stat_activity WHERE datname = '{database}' AND state = 'active'"
            f" AND query LIKE '{query}' AND application_name NOT LIKE 'pgfast definitions%' LIMIT 1;"
        )
        with self.server.session("postgres") as watcher:
            pid = int(self.wait_until(lambda: watcher.run(sql), f"a session with {query}"))
            os.kill(pid, signal.SIGSTOP)
        self.addCleanup(self.thaw, pid)
        return pid

    @staticmethod
    def thaw(pid):
        try:
            os.kill(pid, signal.SIGCONT)
        except ProcessLookupError:
            pass

    def assert_unfinished(self, archive):
        self.assertFalse(archive.exists(), "the archive has its final name")
        self.assert_no_archive(archive)
        partial = archive.with_name(archive.name + ".partial")
        if partial.exists():
            stock = self.server.run_tool("pg_restore", "-l", partial, check=False)
            self.assertNotEqual(stock.returncode, OK, "pg_restore takes the partial for an archive")
            self.assertEqual(pgfast("list", partial, check=False).returncode, INCOMPLETE)

    def assert_no_children(self, archive):
        words = [str(archive), str(archive) + ".partial"]
        for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
            try:
                text = cmdline.read_bytes().decode(errors="replace")
            except OSError:
                continue
            self.assertFalse(any(word in text for word in words), text)

    def check_signal(self, number, exit_code):
        source, archive, process, frozen = self.dump_stopped_in_copy()
        process.send_signal(number)
        time.sleep(0.2)
        self.thaw(frozen)
        done = self.finish(process, 20)
        self.assert_fails(done, exit_code)
        self.assert_no_sessions(self.server, source)
        self.assert_unfinished(archive)
        self.assert_no_children(archive)

    def test_sigint(self):
        self.check_signal(signal.SIGINT, INTERRUPTED)

    def test_sigterm(self):
        self.check_signal(signal.SIGTERM, TERMINATED)

    def test_sighup(self):
        self.check_signal(signal.SIGHUP, 129)

    def test_sigquit(self):
        self.check_signal(signal.SIGQUIT, 131)

    def test_a_second_sigint_ends_at_once(self):
        _, archive, process, _ = self.dump_stopped_in_copy()
        process.send_signal(signal.SIGINT)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        process.wait(timeout=3)
        self.assertNotEqual(process.returncode, OK)
        self.assert_unfinished(archive)

    def test_kill(self):
        source, archive, process, frozen = self.dump_stopped_in_copy()
        process.kill()
        process.wait()
        self.thaw(frozen)
        self.assert_no_sessions(self.server, source)
        self.assert_unfinished(archive)
        # The next run to the same place is not hindered, or says what hinders it.
        done = pgfast("dump", "--no-sync", "-f", archive, source, cluster=self.server, check=False)
        if done.returncode != OK:
            self.assert_fails(done, 40, r"archive\.partial")

    def test_kill_while_pg_dump_is_at_work(self):
        source = zoo_in(self.server).name
        archive = self.folder() / "archive"
        sql = (
            f"SELECT pid FROM pg_stat_activity WHERE datname = '{source}'"
            " AND application_name LIKE 'pgfast definitions%';"
        )
        with self.server.session("postgres") as watcher:
            process = self.start("dump", "--no-sync", "-j2", "-f", archive, source, cluster=self.server)
            self.wait_until(lambda: watcher.run(sql), "pg_dump's session")
            process.kill()
        process.wait()
        self.assert_no_sessions(self.server, source)
        self.assert_unfinished(archive)
        self.assert_no_children(archive)

    def test_signal_while_waiting_for_a_lock(self):
        """The server notices nothing of a client that waits; it must be told."""
        source = self.database(self.server, BIG)
        archive = self.folder() / "archive"
        with self.server.session(source) as blocker:
            blocker.run("BEGIN; LOCK TABLE big IN ACCESS EXCLUSIVE MODE;")
            process = self.start("dump", "-j2", "-f", archive, source, cluster=self.server)
            self.wait_for_blocked(self.server, source)
            process.send_signal(signal.SIGTERM)
            self.assert_fails(self.finish(process, 20), TERMINATED)
            self.wait_until(
                lambda: [row[0] for row in self.server.client_sessions(source)] == [str(blocker.pid)],
                "the sessions' end",
                10,
            )
        self.assert_unfinished(archive)

    def test_a_terminated_backend(self):
        source, archive, process, frozen = self.dump_stopped_in_copy("-Z", "none")
        self.server.psql("postgres", f"SELECT pg_terminate_backend({frozen});")
        self.thaw(frozen)
        done = self.finish(process, 30)
        if done.returncode == OK:  # it may have taken the table up again on another session of the same snapshot
            self.assert_holds_all(source, archive)
            return
        self.assert_fails(done, CONNECTION_LOST, "terminat|closed the connection")
        self.assert_no_sessions(self.server, source)
        self.assert_unfinished(archive)

    def test_a_server_that_crashes(self):
        own = Cluster(self.server.server)
        self.addCleanup(own.close)
        source = own.createdb()
        own.psql(source, BIG)
        archive = self.folder() / "archive"
        self.server = own
        process = self.start("dump", "-j2", "--no-split", "-f", archive, source, cluster=own)
        frozen = self.freeze(source, "%COPY%big%")
        postmaster = int((own.data / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGQUIT)
        self.thaw(frozen)
        done = self.finish(process, 30)
        self.assert_fails(done, CONNECTION_LOST)
        self.assert_unfinished(archive)

    def assert_holds_all(self, source, archive):
        target = self.database(self.server)
        pgfast("restore", "-d", target, archive, cluster=self.server)
        assert_databases_equal(Database(self.server, source), Database(self.server, target))


class InterruptedRestore(IntegrationTest):
    def wait_for_query(self, cluster, database, query, then="pid"):
        """Wait until a session of the database runs such a query, and select this of it at once."""
        sql = f"SELECT {then} FROM pg_stat_activity WHERE datname = '{database}' AND query LIKE '{query}';"
        with cluster.session("postgres") as watcher:
            self.wait_until(lambda: watcher.run(sql), f"a session with {query}")

    def check_signal(self, number, exit_code):
        cluster = self.cluster()
        source = self.database(cluster, BIG + "CREATE INDEX big_v ON big (v, (v || 'x'), (v || 'y'));")
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-j2", "--no-split", "-f", archive, source, cluster=cluster)
        target = self.database(cluster)
        process = self.start("restore", "-j2", "-d", target, archive, cluster=cluster)
        self.wait_for_query(cluster, target, "%CREATE INDEX%")
        process.send_signal(number)
        self.assert_fails(self.finish(process, 20), exit_code)
        self.assert_no_sessions(cluster, target)
        self.assertEqual(cluster.value(target, "SELECT count(*) FROM big;"), "100000")
        self.assertEqual(cluster.value(target, "SELECT count(*) FROM pg_indexes WHERE tablename = 'big';"), "0")

    def test_sigint(self):
        self.check_signal(signal.SIGINT, INTERRUPTED)

    def test_sigterm(self):
        self.check_signal(signal.SIGTERM, TERMINATED)

    def test_in_the_middle_of_a_batch(self):
        """Of many definitions that go together none is there, and another restore is in nobody's way."""
        cluster = self.cluster()
        source = self.database(
            cluster,
            "SELECT format('CREATE TABLE t%1$s AS SELECT 1 AS i; CREATE INDEX i%1$s ON t%1$s (i);', n)"
            " FROM generate_series(1, 20) AS n \\gexec",
        )
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-f", archive, source, cluster=cluster)
        target = self.database(
            cluster,
            "CREATE FUNCTION halt() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN IF EXISTS"
            " (SELECT FROM pg_class WHERE relname = 'i15') THEN PERFORM pg_advisory_lock(7); END IF; END$$;"
            "CREATE EVENT TRIGGER halt ON ddl_command_end WHEN TAG IN ('CREATE INDEX') EXECUTE FUNCTION halt();",
        )
        with cluster.session(target) as holder:
            holder.run("SELECT pg_advisory_lock(7);")
            process = self.start("restore", "-j1", "-d", target, archive, cluster=cluster)
            self.wait_for_blocked(cluster, target)
            process.send_signal(signal.SIGTERM)
            self.assert_fails(self.finish(process, 20), TERMINATED)
        # By name, six come before it; the batch is the first half of what there is to do.
        made = cluster.value(target, "SELECT count(*) FROM pg_indexes WHERE tablename ~ '^t[0-9]+$';")
        self.assertEqual(made, "0")
        self.assert_no_sessions(cluster, target)
        cluster.psql(target, "DROP EVENT TRIGGER halt; DROP FUNCTION halt;")
        pgfast("restore", "-j2", "--clean", "--if-exists", "-d", target, archive, cluster=cluster)
        assert_databases_equal(Database(cluster, source), Database(cluster, target))

    def test_in_the_middle_of_a_table(self):
        """A table loaded in one piece is there wholly or not at all."""
        cluster = self.cluster()
        source = self.database(cluster, BIG)
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "--no-split", "-f", archive, source, cluster=cluster)
        target = self.database(cluster)
        process = self.start("restore", "-j2", "-d", target, archive, cluster=cluster)
        self.wait_for_query(cluster, target, "%COPY%big%")
        process.kill()
        process.wait()
        self.assert_no_sessions(cluster, target)
        self.assertIn(cluster.value(target, "SELECT count(*) FROM big;"), ("0", "100000"))

    def test_a_terminated_backend(self):
        cluster = self.cluster()
        source = self.database(cluster, BIG + "CREATE INDEX big_v ON big (v, (v || 'x'), (v || 'y'));")
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-f", archive, source, cluster=cluster)
        target = self.database(cluster)
        process = self.start("restore", "-j2", "-d", target, archive, cluster=cluster)
        self.wait_for_query(cluster, target, "%CREATE INDEX%", then="pg_terminate_backend(pid)")
        done = self.finish(process, 30)
        self.assertEqual(done.returncode, OK, done.describe())
        self.assertIn("a session was lost, and is replaced", done.stderr)
        assert_databases_equal(Database(cluster, source), Database(cluster, target))
