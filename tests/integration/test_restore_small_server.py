"""Servers that have little of everything: locks, log, memory."""

import re

from harness import Cluster, pgfast
from integration.case import IntegrationTest

TABLES = 300
MANY = f"""
SELECT format('CREATE TABLE t%1$s (id integer PRIMARY KEY, n serial, v text); INSERT INTO t%1$s (id) VALUES (1);
               CREATE INDEX ON t%1$s (v); COMMENT ON TABLE t%1$s IS ''of %1$s''', n)
FROM generate_series(1, {TABLES}) AS n \\gexec
"""
# Without a lock for each: the server has not so many.
WHAT_IS_THERE = """
SELECT relkind, relname, reltuples, obj_description(oid, 'pg_class') FROM pg_class
 WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'i') ORDER BY 1, 2;
"""
# Large as rows, small in the archive.
LARGE = """
CREATE TABLE large AS SELECT g AS i, g % 7 AS b, repeat('and so on ', 150) AS v FROM generate_series(1, 30000) AS g;
CREATE INDEX large_i ON large (i);
CREATE INDEX large_b ON large (b);
"""


class SmallServer(IntegrationTest):
    SETTINGS = {
        "max_connections": "20",
        "max_prepared_transactions": "0",
        "max_locks_per_transaction": "10",
        "max_wal_size": "32MB",
        "log_statement": "all",
    }

    @classmethod
    def setUpClass(cls):
        cls.small = None

    def setUp(self):
        self.large = self.cluster()
        if type(self).small is None:
            type(self).small = Cluster(self.large.server, settings=self.SETTINGS)
            self.addClassCleanup(type(self).small.close)

    def archive(self, sql):
        source = self.database(self.large, sql)
        self.large.psql(source, "ANALYZE;")
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-j2", "-f", archive, source, cluster=self.large)
        return source, archive

    def test_batches_fit_into_few_locks(self):
        source, archive = self.archive(MANY)
        for jobs in ("-j1", "-j8"):
            with self.subTest(jobs=jobs):
                target = self.database(self.small)
                done = pgfast("restore", jobs, "-d", target, archive, cluster=self.small)
                self.assertNotIn("warning", done.stderr)
                self.assertEqual(self.small.query(target, WHAT_IS_THERE), self.large.query(source, WHAT_IS_THERE))
                self.assertNotIn("out of shared memory", self.small.log_text())
                pgfast("restore", jobs, "-c", "--no-analyze", "-d", target, archive, cluster=self.small)
                self.assertNotIn("out of shared memory", self.small.log_text())

    def memory_granted_since(self, log_length):
        log = self.small.log_text()[log_length:]
        return [int(kilobytes) for kilobytes in re.findall(r"SET maintenance_work_mem = (\d+)", log)]

    def test_advice_and_memory(self):
        _, archive = self.archive(LARGE)
        target = self.database(self.small)
        before = len(self.small.log_text())
        done = pgfast("restore", "-v", "-j4", "--maintenance-memory=100MB", "-d", target, archive, cluster=self.small)
        self.assertEqual(done.stderr.count("slows this restore most"), 1, done.stderr)
        self.assertRegex(done.stderr, r"max_wal_size \(32\.0 MB\) slows this restore most")
        # Two builds share the memory, but for what idle sessions keep.
        granted = self.memory_granted_since(before)
        self.assertEqual(len(granted), 2, granted)
        self.assertLessEqual(sum(granted), 98 * 1024)
        self.assertGreaterEqual(min(granted), 48 * 1024)
        self.assertEqual(self.small.value(target, "SHOW maintenance_work_mem;"), "64MB")

    def test_a_budget_holds_for_small_builds_too(self):
        _, archive = self.archive("CREATE TABLE t AS SELECT i FROM generate_series(1, 1000) i; CREATE INDEX ON t (i);")
        target = self.database(self.small)
        before = len(self.small.log_text())
        pgfast("restore", "-j4", "--maintenance-memory=8MB", "-d", target, archive, cluster=self.small)
        self.assertEqual(self.memory_granted_since(before), [1024])
