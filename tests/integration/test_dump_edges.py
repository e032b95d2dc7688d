"""Sources at the edge of what a dump meets: names, settings, sizes and servers that few have."""

import contextlib
import os
import signal

from harness import Cluster, Database, assert_databases_equal, pgfast
from integration.case import CANNOT_CONNECT, CONNECTION_LOST, INTERRUPTED, OK, SLOW_COPY, TIME_LIMIT, IntegrationTest


class ClientEncoding(IntegrationTest):
    """A client_encoding that belongs to the role: every session speaks the archive's encoding, the coordinator too."""

    def test_names_that_it_spells_otherwise(self):
        cluster = self.cluster()
        source = self.database(
            cluster, "CREATE TABLE \"größe\" (\"süß\" text); INSERT INTO \"größe\" VALUES ('Müller');"
        )
        cluster.psql("postgres", "CREATE ROLE latin SUPERUSER LOGIN; ALTER ROLE latin SET client_encoding = 'LATIN1';")
        self.addCleanup(cluster.psql, "postgres", "DROP ROLE latin;")
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-U", "latin", "-f", archive, source, cluster=cluster)
        target = self.database(cluster)
        pgfast("restore", "-d", target, archive, cluster=cluster)
        assert_databases_equal(Database(cluster, source), Database(cluster, target))


class SmallServer(IntegrationTest):
    """A server that has room for few locks and few connections."""

    SETTINGS = {"max_locks_per_transaction": "10", "max_connections": "12", "max_prepared_transactions": "0"}

    def setUp(self):
        self.server = Cluster(self.cluster().server, settings=self.SETTINGS)
        self.addCleanup(self.server.close)

    def make_tables(self, count):
        return self.database(
            self.server,
            f"""DO $$ BEGIN FOR i IN 1..{count} LOOP
                EXECUTE format('CREATE TABLE t%s AS SELECT %s AS i', i, i);
                IF i % 30 = 0 THEN COMMIT; END IF;
            END LOOP; END $$;""",
        )

    def test_workers_need_few_locks(self):
        """pg_dump -j1 finds room for its locks, so pgfast must, whose coordinator needs the same and no more."""
        source = self.make_tables(300)
        for jobs in (1, 4):
            archive = self.folder() / "archive"
            pgfast("dump", "--no-sync", f"-j{jobs}", "-f", archive, source, cluster=self.server)
            self.assertEqual(len(list(archive.glob("[0-9]*.dat.zst"))), 300)

    def test_too_many_tables_for_it(self):
        """Half as many find room once pg_dump has gone."""
        archive = self.folder() / "archive"
        done = pgfast("dump", "-f", archive, self.make_tables(1200), cluster=self.server, check=False)
        self.assert_fails(done, CONNECTION_LOST, "out of shared memory", "hint: .*max_locks_per_transaction")
        self.assertFalse(archive.exists())

    def test_fewer_connections_than_jobs(self):
        """Others leave room for the coordinator, the observer and one worker, which has work for a while."""
        source = self.make_tables(20)
        self.server.psql(source, "CREATE TABLE big AS SELECT md5(i::text) FROM generate_series(1, 300000) AS i;")
        self.server.psql("postgres", "CREATE ROLE reader LOGIN; GRANT pg_read_all_data TO reader;")
        archive = self.folder() / "archive"
        with contextlib.ExitStack() as others:
            for _ in range(6):
                others.enter_context(self.server.session("postgres"))
            done = pgfast("dump", "--no-sync", "--no-split", "-j8", "-U", "reader", "-f", archive, source, cluster=self.server)
        self.assertEqual(done.stderr.count("pgfast: warning: "), 1, done.describe())
        self.assertRegex(done.stderr, "going on with fewer: .*connection slots")
        self.assertEqual(len(list(archive.glob("[0-9]*.dat.zst"))), 21)


class NoRoomForPgDump(IntegrationTest):
    """The coordinator and its observer have the last connections, so pg_dump gets none: that is no failed statement."""

    def test_it_could_not_connect(self):
        cluster = self.cluster()
        source = self.database(cluster, "CREATE TABLE t AS SELECT 1 AS i;")
        cluster.psql("postgres", "CREATE ROLE two LOGIN CONNECTION LIMIT 2; GRANT pg_read_all_data TO two;")
        self.addCleanup(cluster.psql, "postgres", "DROP ROLE two;")
        archive = self.folder() / "archive"
        done = pgfast("dump", "-U", "two", "-f", archive, source, cluster=cluster, check=False)
        self.assert_fails(done, CANNOT_CONNECT, "pg_dump: connection to server .*too many connections for role")
        self.assertFalse(archive.exists())


class FrozenServer(IntegrationTest):
    """A server that neither works nor answers, as behind a broken network: it must not hold the user as well."""

    def test_sigint(self):
        process = self.dump_from_frozen_server()
        process.send_signal(signal.SIGINT)
        self.assert_ended(process, 10, INTERRUPTED, "cancelled")

    def test_the_limit_of_stall_timeout(self):
        process = self.dump_from_frozen_server("--stall-timeout=3")
        words = r"session \d+ .* has heard nothing from the server for \d+ s: .*does not answer"
        self.assert_ended(process, 30, TIME_LIMIT, words, "hint: .*--stall-timeout")

    def dump_from_frozen_server(self, *options):
        server = Cluster(self.cluster().server)
        self.addCleanup(server.close)
        source = self.database(
            server, "CREATE TABLE big AS SELECT repeat(md5(i::text), 8) FROM generate_series(1, 200000) AS i;"
        )
        self.server, self.source, self.archive = server, source, self.folder() / "archive"
        with server.session("postgres") as watcher:
            process = self.start("dump", *SLOW_COPY, *options, "-f", self.archive, source, cluster=server)
            worker = self.stop_copy(watcher, source)
        postmaster = int((server.data / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGSTOP)
        self.frozen = (worker, postmaster)
        self.addCleanup(self.thaw)
        return process

    def thaw(self):
        for pid in self.frozen:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)

    def assert_ended(self, process, timeout_s, *expected):
        try:
            self.assert_fails(self.finish(process, timeout_s), *expected)
        finally:
            self.thaw()
        self.assert_no_archive(self.archive)
        self.assert_no_sessions(self.server, self.source)


class LostServer(IntegrationTest):
    """The server goes while its rows are read (faults.md A1 to A3)."""

    def lose(self, how, *options):
        server = Cluster(self.cluster().server)
        self.addCleanup(server.close)
        rows = "repeat(md5(i::text), 10) AS v FROM generate_series(1, 100000) AS i"
        source = server.createdb()
        server.psql(source, f"CREATE TABLE big AS SELECT i, {rows}; CREATE TABLE few AS SELECT 1 AS i;")
        self.archive = self.folder() / "archive"
        # The sessions wait for the disk and its few buffers.
        slow = ("-j2", "-T", "none", "-Z", "none", "--no-split", "--memory-limit=40MB", "--max-rate=100kB", "--no-sync")
        ours = "application_name = 'pgfast' AND state = 'active'"
        reads = f"SELECT pid FROM pg_stat_activity WHERE {ours} AND query LIKE '%COPY%big%';"
        with server.session("postgres") as watcher:
            process = self.start("dump", *slow, *options, "-f", self.archive, source, cluster=server)
            self.wait_until(lambda: watcher.run(reads), "the copy of the table")
            how(server, watcher)
            done = self.finish(process, 60)
        self.server, self.source = server, source
        return done

    def assert_told(self, done):
        words = rf'hint: The server was "{self.server.root}", port {self.server.port}, database "{self.source}". \d of 2 tables'
        self.assert_fails(done, CONNECTION_LOST, words)
        self.assert_no_archive(self.archive)

    @staticmethod
    def postmaster(server):
        return int((server.data / "postmaster.pid").read_text().split()[0])

    def test_killed(self):
        self.assert_told(self.lose(lambda server, _: os.kill(self.postmaster(server), signal.SIGKILL)))

    def test_stopped(self):
        for mode in ("immediate", "fast"):
            with self.subTest(mode):
                self.assert_told(self.lose(lambda server, _, mode=mode: server.stop(mode)))

    def test_another_backend_crashes(self):
        self.assert_told(self.lose(lambda _, watcher: os.kill(watcher.pid, signal.SIGKILL)))

    def test_a_smart_stop_waits_for_the_dump(self):
        """Nobody new is let in; whoever is there comes to the end."""
        done = self.lose(lambda server, _: os.kill(self.postmaster(server), signal.SIGTERM), "--max-rate=20MB")
        self.assertEqual(done.returncode, OK, done.describe())
        self.assertEqual(pgfast("verify", "--deep", self.archive, check=False).returncode, OK)


class FilterFromStandardInput(IntegrationTest):
    def setUp(self):
        self.server = self.cluster(18)
        self.source = self.database(self.server, "CREATE TABLE a (i integer); CREATE TABLE b (i integer);")
        self.archive = self.folder() / "archive"

    def test_chooses_and_leaves_nothing_behind(self):
        arguments = ("dump", "--no-sync", "--filter=-", "-f", self.archive, self.source)
        pgfast(*arguments, cluster=self.server, input="include table a\n")
        listing = pgfast("list", self.archive).stdout
        self.assertEqual((" TABLE public a " in listing, " TABLE public b " in listing), (True, False))
        names = {path.name for path in self.archive.iterdir() if not path.name.endswith(".dat.zst")}
        self.assertEqual(names, {"toc.dat", "SHA256SUMS", "pgfast.manifest"})

    def test_sigint_while_nobody_types(self):
        reader, writer = os.pipe()
        process = self.start("dump", "--filter=-", "-f", self.archive, self.source, cluster=self.server, stdin=reader)
        os.close(reader)
        self.addCleanup(os.close, writer)
        partial = self.archive.with_name("archive.partial")
        self.wait_until(lambda: (partial / "pgfast.definitions" / "out").exists(), "the way to pg_dump")
        process.send_signal(signal.SIGINT)
        self.assert_fails(self.finish(process, 10), INTERRUPTED, "cancelled")


class LostCoordinator(IntegrationTest):
    def test_its_locks_are_missed(self):
        """A table emptied after the locks went would look empty in the snapshot as well."""
        server = self.cluster()
        source = self.database(
            server,
            "CREATE TABLE big AS SELECT repeat(md5(i::text), 8) FROM generate_series(1, 200000) AS i;"
            "CREATE TABLE small AS SELECT i FROM generate_series(1, 100) AS i;",
        )
        archive = self.folder() / "archive"
        ours = f"FROM pg_stat_activity WHERE datname = '{source}' AND application_name = 'pgfast'"
        with server.session("postgres") as watcher:
            process = self.start("dump", "-j1", *SLOW_COPY, "-f", archive, source, cluster=server)
            worker = self.stop_copy(watcher, source)
            waits = f"SELECT pid {ours} AND state = 'idle in transaction' AND now() - state_change > interval '0.4 s';"
            try:
                self.wait_until(lambda: watcher.run(waits), "the coordinator to have nothing left to do")
                watcher.run(f"SELECT pg_terminate_backend(pid) {ours} AND state = 'idle in transaction';")
                server.psql(source, "TRUNCATE small;")
            finally:
                os.kill(worker, signal.SIGCONT)
        self.assert_fails(self.finish(process), CONNECTION_LOST, "the session that held the locks was lost")
        self.assertFalse(archive.exists())


class KilledPgDump(IntegrationTest):
    def test_the_signal_is_told(self):
        server = self.cluster()
        folder = self.folder()
        fake = folder / "pg_dump"
        fake.write_text('#!/bin/sh\n[ "$1" = --version ] && exec echo "pg_dump (PostgreSQL) 99.0"\nkill -9 $$\n')
        fake.chmod(0o755)
        source = self.database(server)
        done = pgfast("dump", f"--pg-bindir={folder}", "-f", folder / "a", source, cluster=server, check=False)
        self.assert_fails(done, CONNECTION_LOST, "pg_dump was killed by signal 9")
