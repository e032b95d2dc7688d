"""--report: what became of a run, for programs."""

import json
import signal

from harness import pgfast
from integration.case import OBJECTS_FAILED, IntegrationTest


class Report(IntegrationTest):
    def setUp(self):
        super().setUp()
        self.path = self.folder() / "report.json"

    def report(self):
        return json.loads(self.path.read_text())

    def dump(self, cluster, sql):
        archive = self.folder() / "archive"
        source = self.database(cluster, sql)
        pgfast("dump", "--no-sync", "--report", self.path, "-f", archive, source, cluster=cluster)
        return archive

    def test_what_was_done(self):
        cluster = self.cluster()
        archive = self.dump(cluster, "CREATE TABLE t AS SELECT generate_series(1, 100) AS i;")
        report = self.report()
        self.assertEqual(
            [report[key] for key in ("format", "command", "outcome", "exit_code", "error", "archive")],
            [1, "dump", "done", 0, None, str(archive)],
        )
        self.assertEqual([report["counts"][key] for key in ("tables", "rows", "errors")], [1, 100, 0])
        self.assertGreater(report["elapsed_s"], 0)
        self.assertEqual(self.path.stat().st_mode & 0o777, 0o600)
        pgfast("verify", "--report", self.path, archive)
        self.assertEqual([self.report()["command"], self.report()["outcome"]], ["verify", "done"])

    def test_what_failed(self):
        cluster = self.cluster()
        archive = self.dump(cluster, "CREATE TABLE t AS SELECT 1 AS i;")
        copy = self.database(cluster, "CREATE TABLE t (i integer);")
        done = pgfast("restore", "--report", self.path, "-d", copy, archive, cluster=cluster, check=False)
        self.assertEqual(done.returncode, OBJECTS_FAILED)
        report = self.report()
        self.assertEqual([report["outcome"], report["exit_code"], report["error"]["kind"]], ["incomplete", 41, "objects"])
        self.assertEqual([failure["sqlstate"] for failure in report["failures"]], ["42P07"])
        done = pgfast("restore", "--report", self.path, "-d", "no such", archive, cluster=cluster, check=False)
        self.assertEqual([self.report()["exit_code"], self.report()["error"]["sqlstate"]], [done.returncode, "3D000"])
        done = pgfast("dump", "--report", self.path, "--split-size=x", "-f", "a", check=False)
        self.assertEqual(done.returncode, 2)

    def test_what_is_going_on_and_what_was_stopped(self):
        cluster = self.cluster()
        source = self.database(cluster, "CREATE TABLE t (i integer);")
        holder = cluster.session(source)
        self.addCleanup(holder.close)
        holder.run("BEGIN; LOCK TABLE t;")
        process = self.start("dump", "--report", self.path, "-f", self.folder() / "a", source, cluster=cluster)
        self.wait_until(self.path.exists, "a report")
        self.assertEqual(self.report()["outcome"], "running")
        self.assertEqual(self.report()["pid"], process.pid)
        process.send_signal(signal.SIGTERM)
        self.finish(process)
        self.assertEqual([self.report()["outcome"], self.report()["exit_code"]], ["cancelled", 143])

    def test_no_report_no_run(self):
        cluster = self.cluster()
        source = self.database(cluster)
        folder = self.folder()
        done = pgfast("dump", "--report", folder / "no" / "r", "-f", folder / "a", source, cluster=cluster, check=False)
        self.assert_fails(done, 20, "could not write report")
        self.assertFalse((folder / "a").exists())
