"""A restored database is ready to use: its tables, partitioned tables and materialized views have statistics."""

from harness import pgfast
from integration.case import MAJORS, IntegrationTest

SCHEMA = """
CREATE TABLE plain (i integer, j integer, v text);
INSERT INTO plain SELECT g, g / 2, md5(g::text) FROM generate_series(1, 3000) AS g;
CREATE INDEX plain_lower ON plain (lower(v));
CREATE STATISTICS plain_both ON i, j FROM plain;
CREATE TABLE empty (i integer);
CREATE TABLE root (i integer) PARTITION BY RANGE (i);
CREATE TABLE branch PARTITION OF root FOR VALUES FROM (0) TO (1000) PARTITION BY RANGE (i);
CREATE TABLE leaf PARTITION OF branch FOR VALUES FROM (0) TO (1000);
CREATE TABLE other PARTITION OF root FOR VALUES FROM (1000) TO (9000);
INSERT INTO root SELECT g FROM generate_series(1, 3000) AS g;
CREATE TABLE holder AS SELECT g AS i, ROW(g)::root AS r FROM generate_series(1, 3000) AS g;
CREATE MATERIALIZED VIEW view AS SELECT i, v FROM plain;
CREATE TABLE "Odd ""name" AS SELECT 1 AS i;
"""
COLUMNS_WITH_STATISTICS = """
SELECT tablename || '.' || attname || CASE WHEN inherited THEN ' of all' ELSE '' END FROM pg_stats
 WHERE schemaname = 'public' UNION ALL
SELECT 'extended ' || statistics_name FROM pg_stats_ext WHERE n_distinct IS NOT NULL ORDER BY 1;
"""
ALL = [
    ["Odd \"name.i"],
    ["branch.i of all"],
    ["extended plain_both"],
    ["holder.i"],
    ["holder.r"],
    ["leaf.i"],
    ["other.i"],
    ["plain.i"],
    ["plain.j"],
    ["plain.v"],
    ["plain_lower.lower"],
    ["root.i of all"],
    ["view.i"],
    ["view.v"],
]
FAILING_INDEX = """
CREATE TABLE good AS SELECT 1 AS i;
CREATE TABLE bad AS SELECT g AS i FROM generate_series(1, 5) AS g;
CREATE FUNCTION fussy(integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_stat_clear_snapshot();
    IF (SELECT query LIKE '%ANALYZE%' FROM pg_stat_activity WHERE pid = pg_backend_pid()) THEN
        RAISE EXCEPTION 'nobody looks at me';
    END IF;
    RETURN $1;
END $$;
CREATE INDEX ON bad (fussy(i));
"""


class RestoreStatistics(IntegrationTest):
    def archive(self, cluster, sql, *options):
        source = self.database(cluster, sql)
        folder = self.folder() / "archive"
        pgfast("dump", "--no-sync", *options, "-f", folder, source, cluster=cluster)
        return folder

    def restored(self, cluster, archive, *options):
        target = self.database(cluster)
        done = pgfast("restore", "-d", target, *options, archive, cluster=cluster)
        return target, done

    def test_everything_with_rows_has_statistics(self):
        for major in MAJORS:
            with self.subTest(major=major):
                cluster = self.cluster(major)
                archive = self.archive(cluster, SCHEMA)
                for options in (["-j4"], ["-1"]):
                    target, done = self.restored(cluster, archive, *options)
                    self.assertEqual(cluster.query(target, COLUMNS_WITH_STATISTICS), ALL, options)
                    self.assertEqual(done.stderr, "")

    def test_no_analyze(self):
        cluster = self.cluster()
        archive = self.archive(cluster, SCHEMA)
        for options in (["--no-analyze"], ["--schema-only"], ["--section=pre-data"]):
            target, _ = self.restored(cluster, archive, *options)
            self.assertEqual(cluster.query(target, COLUMNS_WITH_STATISTICS), [], options)

    def test_statistics_of_the_archive_are_kept(self):
        cluster = self.cluster(18)
        sql = "CREATE TABLE t AS SELECT g % 5 AS i FROM generate_series(1, 3000) AS g; ANALYZE t; UPDATE t SET i = 7;"
        archive = self.archive(cluster, sql, "--statistics")
        for options, expected in (([], "5"), (["--no-statistics"], "1")):
            target, _ = self.restored(cluster, archive, *options)
            self.assertEqual(cluster.value(target, "SELECT n_distinct FROM pg_stats WHERE tablename = 't';"), expected)

    def test_statistics_that_cannot_be_gathered_are_a_warning(self):
        cluster = self.cluster()
        archive = self.archive(cluster, FAILING_INDEX)
        for options in (["-j2"], ["-1"]):
            target, done = self.restored(cluster, archive, *options)
            self.assertRegex(done.stderr, r"warning: could not gather the statistics of public\.bad: nobody looks at me")
            self.assertEqual(
                cluster.query(target, "SELECT tablename FROM pg_stats WHERE schemaname = 'public';"), [["good"]]
            )
            self.assertEqual(cluster.value(target, "SELECT count(*) FROM bad;"), "5")
