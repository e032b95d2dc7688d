"""A dump from a hot standby: everything but the rows of unlogged tables, which are not there (faults.md A18, A26), unless
the primary removes rows that the dump's snapshot still sees (A16)."""

import os
import signal

from harness import Database, assert_databases_equal, pgfast
from harness.process import merged_environment, run_command
from harness.session import Session
from integration.case import OK, TIME_LIMIT, IntegrationTest
from integration.zoo import HASHED_BY_ENUM, stock_copy_in, zoo_in

UNLOGGED = r"unlogged"


class StandbyTest(IntegrationTest):
    def standby_of(self, primary, **settings):
        """A streaming standby in a folder of its own, which is also where its socket is."""
        folder = self.folder()
        os.chown(folder, primary.user.pw_uid, primary.user.pw_gid)
        folder.chmod(0o755)
        data = folder / "data"

        def run(program, *arguments):
            run_command(
                [program, *arguments], user=primary.user, cwd=folder, env={**primary.environment(), "HOME": str(folder)}
            )

        run(
            primary.tool("pg_basebackup"),
            "-D",
            data,
            "-R",
            "-X",
            "stream",
            "-c",
            "fast",
            "--no-sync",
            "-T",
            f"{primary.root / 'tablespace'}={folder / 'tablespace'}",
        )
        options = " ".join(
            f"-c {name}={value}"
            for name, value in {
                "unix_socket_directories": folder,
                "port": primary.port,
                "listen_addresses": "''",
                "fsync": "off",
                "hot_standby": "on",
                "max_connections": 200,
                "max_locks_per_transaction": 256,
                "max_prepared_transactions": 10,
                "wal_level": "logical",
                **settings,
            }.items()
        )
        run(primary.bindir / "pg_ctl", "start", "-w", "-s", "-D", data, "-l", folder / "log", "-o", options)
        self.addCleanup(run, primary.bindir / "pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", data)
        return folder

    @staticmethod
    def environment(primary, standby):
        return {
            "PGHOST": str(standby),
            "PGPORT": str(primary.port),
            "PGUSER": primary.superuser,
            "PGFAST_PG_BINDIR": str(primary.server.bindir),
        }


class Standby(StandbyTest):
    def check(self, major):
        primary = self.cluster(major)
        source = zoo_in(primary)
        expected = stock_copy_in(primary)
        standby = self.standby_of(primary)
        archive = self.folder() / "archive"
        options = ("--no-sync", "-j3", "--split-size=64kB", "-f", archive)
        done = pgfast("dump", *options, source.name, env=self.environment(primary, standby), check=False)
        self.assertEqual(done.returncode, OK, done.describe())
        copy = Database(primary, self.database(primary))
        pgfast("restore", "-j4", "-d", copy.name, archive, cluster=primary)
        assert_databases_equal(source, copy, judges=("rows",), ignore=[HASHED_BY_ENUM, UNLOGGED])
        assert_databases_equal(expected, copy, judges=("text", "catalog"))
        self.assertEqual(primary.value(copy.name, "SELECT count(*) FROM tables.unlogged_table;"), "0")

    def test_15(self):
        self.check(15)

    def test_18(self):
        self.check(18)


BIG_AND_SMALL = """
CREATE TABLE big AS SELECT i, repeat(md5(i::text), 10) AS v FROM generate_series(1, 100000) AS i;
CREATE TABLE changing AS SELECT i FROM generate_series(1, 1000) AS i;
DO $$ BEGIN FOR i IN 1..500 LOOP EXECUTE format('CREATE TABLE t%s (i integer)', i); END LOOP; END $$;
"""
# The sessions wait for the disk and its few buffers, so that a copy takes as long as a test likes.
SLOW = ("-j2", "-Z", "none", "--no-split", "--memory-limit=40MB", "--max-rate=100kB", "--no-sync")
ADVICE = "hint: .*hot_standby_feedback.*max_standby_streaming_delay.*pause"


class RecoveryConflict(StandbyTest):
    """The standby waits for nobody, and tells the primary of none of its snapshots."""

    def begin(self, major=None, *options):
        self.primary = self.cluster(major) if major else self.cluster()
        self.source = self.database(self.primary, BIG_AND_SMALL)
        standby = self.standby_of(self.primary, max_standby_streaming_delay=0, hot_standby_feedback="off")
        env = self.environment(self.primary, standby)
        command = [self.primary.tool("psql"), "-XqAt", "-d", "postgres"]
        self.watcher = Session(command, merged_environment({**env, "PGOPTIONS": "-c client_min_messages=warning"}))
        self.addCleanup(self.watcher.close)
        self.archive = self.folder() / "archive"
        return self.start("dump", *SLOW, *options, "-f", self.archive, self.source, env=env)

    def remove_rows(self):
        """What stands in the middle of a table, so that no lock is taken to cut it off."""
        self.primary.psql(self.source, "DELETE FROM changing WHERE i % 2 = 0;\nVACUUM changing;")

    def sessions(self, condition="true"):
        sql = f"SELECT pid FROM pg_stat_activity WHERE datname = '{self.source}' AND {condition};"
        return self.watcher.run(sql).split()

    def assert_conflict(self, process):
        done = self.finish(process, 30)
        self.assert_fails(done, TIME_LIMIT, "conflict with recovery", ADVICE)
        self.assert_no_archive(self.archive)
        self.wait_until(lambda: not self.sessions(), "the end of all sessions", 10)
        return done

    def while_rows_are_read(self, major):
        process = self.begin(major)
        reads = "state = 'active' AND query LIKE '%COPY%big%' AND application_name = 'pgfast'"
        self.wait_until(lambda: self.sessions(reads), "the copy of the big table")
        self.remove_rows()
        self.assert_conflict(process)

    def test_while_rows_are_read_15(self):
        self.while_rows_are_read(15)

    def test_while_rows_are_read_18(self):
        self.while_rows_are_read(18)

    def test_that_meets_the_keeper_as_well(self):
        """Who would take the coordinator's place is on the same snapshot, and goes the same way."""
        process = self.begin()
        keeps = "application_name = 'pgfast keeper' AND state = 'idle in transaction' AND query LIKE '%pg_export_snapshot%'"
        self.wait_until(lambda: self.sessions(keeps), "the keeper")
        self.remove_rows()
        self.assert_conflict(process)

    def test_while_pg_dump_reads_definitions(self):
        """Its statement is cancelled; the coordinator, idle in its transaction, is ended."""
        process = self.begin(None, "-n", "public")
        reads = "application_name LIKE 'pgfast definitions%' AND state = 'active' AND query NOT LIKE '%SNAPSHOT%'"
        pid = int(self.wait_until(lambda: self.sessions(reads), "pg_dump at work")[0])
        os.kill(pid, signal.SIGSTOP)
        try:
            self.remove_rows()
        finally:
            os.kill(pid, signal.SIGCONT)
        self.assert_conflict(process)

    def test_before_pg_dump_connects(self):
        """All that pg_dump can say is that there is no such snapshot."""
        folder = self.folder()
        real = self.cluster().tool("pg_dump")
        fake = folder / "pg_dump"
        fake.write_text(
            f'#!/bin/sh\n[ "$1" = --version ] && exec {real} --version\ntouch {folder}/begun\n'
            f'while [ ! -e {folder}/go ]; do sleep 0.05; done\nexec {real} "$@"\n'
        )
        fake.chmod(0o755)
        process = self.begin(None, "-n", "public", f"--pg-bindir={folder}")
        self.wait_until((folder / "begun").exists, "pg_dump")
        idle = "state = 'idle in transaction'"
        self.assertTrue(self.sessions(idle))
        self.remove_rows()
        self.wait_until(lambda: not self.sessions(idle), "the end of the coordinator")
        (folder / "go").touch()
        self.assert_conflict(process)
