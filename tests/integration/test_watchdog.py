"""Sessions that are stuck: what they wait for is told, and with a limit they end the run."""

import time

from harness import pgfast
from integration.case import TIME_LIMIT, IntegrationTest


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
