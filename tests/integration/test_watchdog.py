"""Sessions that are stuck: what they wait for is told, and with a limit they end the run."""

import time

from harness import pgfast
from integration.case import TIME_LIMIT, IntegrationTest, SlowDumpTest


class Watchdog(IntegrationTest):
    def stuck_restore(self, cluster, *options):
        """The rows' way into a table that another session has locked."""
        source = self.database(cluster, "CREATE TABLE orders AS SELECT generate_series(1, 1000) AS i;")
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-f", archive, source, cluster=cluster)
        copy = self.database(cluster, "CREATE TABLE orders (i integer);")
        holder = cluster.session(copy)
        self.addCleanup(holder.close)
        holder.run("BEGIN; LOCK TABLE orders;")
        return holder, copy, ("restore", "-a", "-j2", *options, "-d", copy, archive)

    def test_the_limit_ends_a_restore_and_names_who_is_in_the_way(self):
        cluster = self.cluster()
        holder, copy, command = self.stuck_restore(cluster, "--stall-timeout=2")
        started = time.monotonic()
        done = pgfast(*command, cluster=cluster, check=False)
        self.assert_fails(
            done, TIME_LIMIT, "COPY", "it waits for Lock relation", f"blocked by session {holder.pid}", "LOCK TABLE orders",
            "--stall-timeout",
        )
        self.assertIn("pgfast: warning: session", done.stderr)
        self.assertLess(time.monotonic() - started, 30)
        holder.close()
        self.assertTrue(cluster.wait_for_no_sessions(copy))

    def test_without_a_limit_it_waits(self):
        cluster = self.cluster()
        holder, copy, command = self.stuck_restore(cluster)
        process = self.start(*command, cluster=cluster)
        time.sleep(2)
        self.assertIsNone(process.poll())
        holder.run("COMMIT;")
        done = self.finish(process)
        self.assertEqual(done.returncode, 0, done.describe())
        self.assertEqual(cluster.value(copy, "SELECT count(*) FROM orders;"), "1000")


class OldSnapshot(SlowDumpTest):
    """As long as a dump holds its snapshot, the server can remove no row that has died since."""

    def test_the_limit_ends_a_dump(self):
        started = time.monotonic()
        options = (*self.SLOW, "--max-snapshot-age=2", "-f", self.archive, self.source)
        done = pgfast("dump", *options, cluster=self.server, check=False)
        self.assert_fails(done, TIME_LIMIT, "the snapshot is [2-9] s old", "hint: .*--max-snapshot-age")
        self.assertLess(time.monotonic() - started, 30)
        self.assert_no_archive(self.archive)
        self.assert_no_sessions(self.server, self.source)

    def test_below_the_limit_nothing_happens(self):
        pgfast("dump", "--no-sync", "--max-snapshot-age=600", "-f", self.archive, self.source, cluster=self.server)
        self.assertEqual(pgfast("verify", self.archive, check=False).returncode, 0)

    def test_once_all_is_read_it_is_given_back(self):
        """What is left is writing, which may take as long as it likes."""
        rows = "SELECT repeat(md5(i::text), 10) FROM generate_series(1, 3000) AS i"
        small = self.database(self.server, f"CREATE TABLE few AS {rows};")
        options = (*self.SLOW, "--max-rate=300kB", "--max-snapshot-age=2", "-f", self.archive, small)
        process = self.start("dump", *options, cluster=self.server)
        holds = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{small}' AND backend_xmin IS NOT NULL;"
        with self.server.session("postgres") as watcher:
            self.wait_until(lambda: watcher.run(holds) != "0", "the snapshot")
            self.wait_until(lambda: watcher.run(holds) == "0", "its end")
            self.assertIsNone(process.poll(), "it was to be written still")
        self.assertEqual(self.finish(process).returncode, 0)
