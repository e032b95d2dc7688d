"""What all integration tests share: clusters that may be missing, folders that vanish, and the shape of a failure."""

import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

from harness import cluster_for, pgfast, pgfast_binary, plain_pgfast_binary, start_pgfast
from harness.process import Completed, most_memory_of, stop_process_group
from integration.zoo import drop_database, small_in

OK, USAGE = 0, 2
CANNOT_CONNECT, AUTHENTICATION, PERMISSION, CONNECTION_LOST, TIME_LIMIT, UNSUPPORTED_SERVER = 10, 11, 12, 13, 14, 15
LOCAL_IO, NO_SPACE, LOCAL_RESOURCE = 20, 21, 22
DAMAGED, INCOMPLETE, UNSUPPORTED_FORMAT, HOSTILE = 30, 31, 32, 34
CONFLICT, OBJECTS_FAILED, DIFFERENT = 40, 41, 42
PARTIAL, LOCKED = 3, 50
INTERRUPTED, TERMINATED = 130, 143

# The major that every machine with these tests has.
DEFAULT_MAJOR = 15
MAJORS = (13, 15, 17, 18)


# Of a dump whose sessions wait for the codec and its few buffers, so that a copy takes its time.
SLOW_COPY = ("-Z", "gzip:9", "--no-split", "--memory-limit=40MB", "--no-sync")


class IntegrationTest(unittest.TestCase):
    maxDiff = 20000

    def cluster(self, major=DEFAULT_MAJOR):
        """The run's cluster of this major, or the test is skipped."""
        try:
            return cluster_for(major)
        except LookupError as missing:
            self.skipTest(str(missing))

    def folder(self):
        """A new folder, gone after the test."""
        path = Path(tempfile.mkdtemp(prefix="pgf-"))
        self.addCleanup(shutil.rmtree, path, ignore_errors=True)
        return path

    def database(self, cluster, sql=None, **options):
        """The name of a new database, dropped after the test."""
        name = cluster.createdb(**options)
        self.addCleanup(drop_database, cluster, name)
        if sql:
            cluster.psql(name, sql)
        return name

    def archive_of(self, source, *options):
        """A new one of a `Database`, made by pgfast."""
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-j2", *options, "-f", archive, source.name, cluster=source.cluster)
        return archive

    def stock_archive_of(self, source, *options, major=None):
        """The same by pg_dump, of the server's major or another."""
        archive = self.folder() / "archive"
        tools = self.cluster(major) if major else source.cluster
        environment = source.cluster.environment()
        tools.run_tool("pg_dump", "-Fd", "--no-sync", *options, "-f", archive, source.name, env=environment)
        return archive

    def binary_without_sanitizer(self):
        """For tests that measure memory, of which a sanitizer takes its own; without one the test is skipped."""
        binary = plain_pgfast_binary()
        if b"__asan_init" in Path(binary).read_bytes():
            self.skipTest("a sanitizer takes memory of its own, and there is no other build")
        return binary

    def require_fault_points(self):
        listed = subprocess.run([pgfast_binary()], env={"PGFAST_FAULT": "list"}, capture_output=True, text=True)
        if "session.connect" not in listed.stdout.split():
            self.skipTest("this build has no fault points")

    def assert_fails(self, completed, exit_code, *words):
        """It ended with this code and said why in one line, which holds each of these regular expressions."""
        self.assertEqual(completed.returncode, exit_code, completed.describe())
        return self.assert_one_error(completed, *words)

    def assert_one_error(self, completed, *words):
        lines = [line for line in completed.stderr.splitlines() if not line.startswith("pgfast: hint: ")]
        errors = [line for line in lines if line.startswith("pgfast: error: ")]
        self.assertEqual(len(errors), 1, completed.describe())
        self.assertEqual(lines[-1], errors[0], "the error is not the last line: " + completed.describe())
        self.assertFalse(errors[0].endswith("."), errors[0])
        for word in words:
            self.assertRegex(completed.stderr, re.compile(word, re.IGNORECASE), completed.describe())
        return errors[0]

    def assert_no_archive(self, folder):
        """Neither the folder itself nor its partial can be taken for a finished archive."""
        for path in (folder, folder.with_name(folder.name + ".partial")):
            self.assertFalse((path / "pgfast.manifest").exists(), f"{path} has a manifest")
            listing = pgfast("list", path, check=False)
            self.assertNotEqual(listing.returncode, OK, f"list takes {path} for an archive")

    def wait_until(self, condition, what, timeout_s=20):
        """The first true answer of `condition`, asked again and again."""
        deadline = time.monotonic() + timeout_s
        while True:
            answer = condition()
            if answer:
                return answer
            self.assertLess(time.monotonic(), deadline, f"waited {timeout_s} s in vain: {what}")
            time.sleep(0.02)

    def dump_and_measure(self, cluster, database, *options):
        """The archive, the most memory that its dump has had, and what it said."""
        archive = self.folder() / "archive"
        arguments = ("dump", *options, "-f", archive, database)
        process = self.start(*arguments, binary=self.binary_without_sanitizer(), cluster=cluster)
        largest = 0
        while process.poll() is None:
            largest = max(largest, most_memory_of(process.pid))
            time.sleep(0.005)
        done = self.finish(process)
        self.assertEqual(done.returncode, OK, done.describe())
        return archive, largest, done.stderr

    def stop_copy(self, watcher, database, table="big"):
        """The backend from which a slow dump copies this table, stopped while it waits for its client.

        In the middle of a page it could hold what other backends need, and they would stand as well."""
        waits = (
            f"SELECT pid FROM pg_stat_activity WHERE datname = '{database}' AND application_name = 'pgfast'"
            f" AND query LIKE '%COPY%{table}%' AND state = 'active' AND wait_event = 'ClientWrite'"
        )

        def stop():
            pid = watcher.run(f"{waits} LIMIT 1;")
            if not pid:
                return None
            os.kill(int(pid), signal.SIGSTOP)
            if watcher.run(f"{waits} AND pid = {pid};"):
                return int(pid)
            os.kill(int(pid), signal.SIGCONT)  # it went on before it could be stopped
            return None

        return self.wait_until(stop, f"the copy of table {table}")

    def wait_for_blocked(self, cluster, database, count=1):
        """Wait until so many sessions of the database wait for a lock; their process ids."""
        sql = f"SELECT pid FROM pg_stat_activity WHERE datname = '{database}' AND wait_event_type = 'Lock';"
        return self.wait_until(
            lambda: (lambda pids: pids if len(pids) >= count else None)(
                [row[0] for row in cluster.query("postgres", sql)]
            ),
            f"{count} sessions waiting for a lock",
        )

    def finish(self, process, timeout_s=60):
        """Wait for a process that start_pgfast() began with stdout and stderr as pipes; what it did, as `Completed`."""
        try:
            stdout, stderr = process.communicate(timeout=timeout_s)
        except subprocess.TimeoutExpired:
            stop_process_group(process)
            stdout, stderr = process.communicate()
            self.fail(f"still running after {timeout_s} s\n{stdout.decode()}\n{stderr.decode()}")
        return Completed(tuple(process.args), process.returncode, stdout.decode(), stderr.decode())

    def start(self, *arguments, **options):
        """start_pgfast() with its words kept; ended with the test whatever happens."""
        options.setdefault("stdin", subprocess.DEVNULL)
        process = start_pgfast(*arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        self.addCleanup(self._end, process)
        return process

    @staticmethod
    def _end(process):
        if process.poll() is None:
            stop_process_group(process)
        process.wait()
        process.stdout.close()
        process.stderr.close()

    def assert_no_sessions(self, cluster, database):
        self.assertTrue(cluster.wait_for_no_sessions(database), cluster.client_sessions(database))


class SmallSourceTest(IntegrationTest):
    """About archives of the small database, in which each table of some size is in several files."""

    def setUp(self):
        self.server = self.cluster()
        self.source = small_in(self.server)

    def archive(self, *options, split="--split-size=64kB"):
        return self.archive_of(self.source, split, *options)

    def stock_archive(self, *options, major=None):
        return self.stock_archive_of(self.source, *options, major=major)


class SlowDumpTest(IntegrationTest):
    """About a dump that goes on for long."""

    # The sessions wait for the disk and its few buffers, so that there is time to look at them.
    SLOW = ("-j2", "-Z", "none", "--memory-limit=40MB", "--max-rate=100kB", "--no-sync")

    def setUp(self):
        self.server = self.cluster()
        big = "CREATE TABLE big AS SELECT i, repeat(md5(i::text), 10) AS v FROM generate_series(1, 100000) AS i;"
        self.source = self.database(self.server, big)
        self.archive = self.folder() / "archive"
