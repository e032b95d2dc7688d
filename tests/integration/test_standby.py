"""A dump from a hot standby: everything but the rows of unlogged tables, which are not there (faults.md A18, A26)."""

import os

from harness import Database, assert_databases_equal, pgfast
from harness.process import run_command
from integration.case import OK, IntegrationTest
from integration.zoo import HASHED_BY_ENUM, stock_copy_in, zoo_in

UNLOGGED = r"unlogged"


class Standby(IntegrationTest):
    def check(self, major):
        primary = self.cluster(major)
        source = zoo_in(primary)
        expected = stock_copy_in(primary)
        standby = self.standby_of(primary)
        archive = self.folder() / "archive"
        env = {
            "PGHOST": str(standby),
            "PGPORT": str(primary.port),
            "PGUSER": primary.superuser,
            "PGFAST_PG_BINDIR": str(primary.server.bindir),
        }
        done = pgfast("dump", "--no-sync", "-j3", "--split-size=64kB", "-f", archive, source.name, env=env, check=False)
        self.assertEqual(done.returncode, OK, done.describe())
        copy = Database(primary, self.database(primary))
        pgfast("restore", "-j4", "-d", copy.name, archive, cluster=primary)
        assert_databases_equal(source, copy, judges=("rows",), ignore=[HASHED_BY_ENUM, UNLOGGED])
        assert_databases_equal(expected, copy, judges=("text", "catalog"))
        self.assertEqual(primary.value(copy.name, "SELECT count(*) FROM tables.unlogged_table;"), "0")

    def standby_of(self, primary):
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
                "listen_addresses": "",
                "fsync": "off",
                "hot_standby": "on",
                "max_connections": 200,
                "max_locks_per_transaction": 256,
                "max_prepared_transactions": 10,
                "wal_level": "logical",
            }.items()
            if value != ""
        )
        run(primary.bindir / "pg_ctl", "start", "-w", "-s", "-D", data, "-l", folder / "log", "-o", options)
        self.addCleanup(run, primary.bindir / "pg_ctl", "stop", "-w", "-s", "-m", "immediate", "-D", data)
        return folder

    def test_15(self):
        self.check(15)

    def test_18(self):
        self.check(18)
