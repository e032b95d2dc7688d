"""Where the threads of a dump go.  hwloc reads a machine that need not be there from HWLOC_SYNTHETIC."""

import re

from harness import Database, assert_databases_equal, pgfast
from integration.case import MAJORS, OK, USAGE, IntegrationTest

TWO_SOCKETS = {"HWLOC_SYNTHETIC": "pack:2 numa:1 l3:2 core:4 pu:1"}
MANY_PROCESSORS = {"HWLOC_SYNTHETIC": "pack:1 l3:1 core:64 pu:2"}


class Placement(IntegrationTest):
    def test_is_explained_without_a_server(self):
        told = pgfast("dump", "--explain-placement", "-j", "5", env={**TWO_SOCKETS, "PGHOST": "/nowhere"})
        self.assertEqual(told.returncode, OK)
        lines = told.stdout.splitlines()
        self.assertEqual(lines[0], "machine: 16 processors in 4 cache domains on 2 NUMA nodes")
        self.assertEqual(len([line for line in lines if line.startswith("lane ")]), 4, told.stdout)

    def test_on_this_machine_is_explained_too(self):
        self.assertIn("machine: ", pgfast("dump", "--explain-placement").stdout)

    def test_no_more_codec_threads_than_memory_has_room_for(self):
        """On 128 processors that share a cache, the memory of one job is enough for a part of its codec threads."""
        told = [
            pgfast("dump", "--explain-placement", "-j1", *options, env=MANY_PROCESSORS).stdout
            for options in ((), ("--memory-limit=80MB",), ("--memory-limit=1GB",))
        ]
        usual, same, generous = (int(re.search(r"1 session, (\d+) codec threads", text).group(1)) for text in told)
        self.assertEqual((usual, generous), (same, 63))
        self.assertLess(usual, generous)
        too_little = ("dump", "--explain-placement", "-j1", "--memory-limit=20MB")
        self.assert_fails(pgfast(*too_little, env=MANY_PROCESSORS, check=False), USAGE, "memory limit", "at least")

    def test_several_lanes_bring_every_row(self):
        cluster = self.cluster()
        source, target, archive = cluster.createdb(), cluster.createdb(), self.folder() / "archive"
        cluster.psql(
            source,
            "CREATE TABLE wide (id integer PRIMARY KEY, body text);"
            "INSERT INTO wide SELECT i, repeat(md5(i::text), 10) FROM generate_series(1, 20000) i;"
            "CREATE TABLE other AS SELECT * FROM wide WHERE id % 3 = 0;"
            "SELECT lo_from_bytea(0, decode(md5(i::text), 'hex')) FROM generate_series(1, 700) i;",
        )
        options = ("-j", "6", "-Z", "gzip:1", "--split-size", "256kB")
        pgfast("dump", *options, "-f", archive, source, cluster=cluster, env=TWO_SOCKETS)
        pgfast("verify", "--deep", archive)
        cluster.run_tool("pg_restore", "-j", "2", "-d", target, archive)
        assert_databases_equal(Database(cluster, source), Database(cluster, target))


class Jobs(IntegrationTest):
    def test_auto_is_chosen_on_every_server_and_leaves_room_for_others(self):
        for major in MAJORS:
            with self.subTest(major=major):
                cluster = self.cluster(major)
                name = cluster.createdb()
                cluster.psql(
                    name,
                    "CREATE ROLE few_sessions LOGIN; GRANT ALL ON SCHEMA public TO few_sessions;"
                    "SET ROLE few_sessions; CREATE TABLE t AS SELECT i FROM generate_series(1, 1000) i; RESET ROLE;"
                    # Coordinator, observer, pg_dump and one worker.
                    f"ALTER DATABASE {name} CONNECTION LIMIT 4;",
                )
                self.addCleanup(cluster.psql, "postgres", f"DROP DATABASE {name}; DROP ROLE few_sessions;")
                archive = self.folder() / "archive"
                told = pgfast("dump", "-f", archive, "-U", "few_sessions", name, cluster=cluster)
                self.assertNotIn("going on with fewer", told.stderr)
                pgfast("verify", "--deep", archive)
