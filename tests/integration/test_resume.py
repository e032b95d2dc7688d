"""A restore that is interrupted, wherever that happens, goes on with --resume: nothing comes twice, nothing is left out.

Where the fault points of the program are (engine/base/fault.h) it is killed at them, and its connections are cut.
"""

import os
import signal
import subprocess
import time
from pathlib import Path

from harness import Cluster, Database, assert_databases_equal, pgfast
from harness.oracle import catalog_lines, row_digests
from harness.program import pgfast_binary
from harness.proxy import Harm, Proxy
from integration.case import CANNOT_CONNECT, CONFLICT, CONNECTION_LOST, OBJECTS_FAILED, OK, USAGE, IntegrationTest

SQL = Path(__file__).resolve().parent / "sql" / "resume.sql"
JOBS = "-j4"

# Others stand for these: each commit passes the first two, and just before or behind those lie the others.
FOLLOWED = {
    "restore.commit.before", "restore.commit.after", "restore.entry.after", "restore.group.after",
    "restore.objects.after", "restore.rows.after", "restore.recover.after", "restore.share.before",
}  # fmt: skip

# So many of the answers of a restore get one.
FAREWELLS = 20


class Resuming(IntegrationTest):
    """A source and its archive, made once for all tests."""

    made = {}

    def setUp(self):
        self.server = self.cluster()
        if not self.made:
            self.made.update(self.make())
        self.archive = self.made["archive"]

    def make(self):
        folder = Path(self.server.data) / ".." / "resume-archive"
        source = self.server.createdb()
        self.server.psql(source, file=SQL)
        pgfast("dump", "--no-sync", "--no-split", "-Z", "none", "-j2", "-f", folder, source, cluster=self.server)
        copy = self.server.createdb()
        pgfast("restore", JOBS, "-d", copy, folder, cluster=self.server)
        assert_databases_equal(Database(self.server, source), Database(self.server, copy))
        return {"archive": folder, "state": self.state(copy)}

    def state(self, database, cluster=None):
        copy = Database(cluster or self.server, database)
        return [*row_digests(copy), *catalog_lines(copy)]

    def restore(self, target, *options, fault=None, check=False, archive=None, jobs=JOBS):
        environment = {"PGFAST_FAULT": fault} if fault else {}
        return pgfast(
            "restore", jobs, *options, "-d", target, archive or self.archive,
            cluster=self.server, env=environment, check=check,
        )  # fmt: skip

    def assert_whole(self, target):
        self.assertEqual(self.state(target), self.made["state"])

    def needs_fault_points(self):
        """The names of those in a restore; the test is skipped where the program has none."""
        environment = {**os.environ, "PGFAST_FAULT": "list"}
        listed = subprocess.run([pgfast_binary()], env=environment, capture_output=True, text=True, check=False)
        points = [line for line in listed.stdout.splitlines() if line.startswith("restore.")]
        if not points:
            self.skipTest("this build has no fault points")
        return points

    def count_passings(self):
        """How often an undisturbed restore passes each point."""
        counts = self.folder() / "counts"
        target = self.database(self.server)
        pgfast(
            "restore", JOBS, "-d", target, self.archive,
            cluster=self.server, env={"PGFAST_FAULT_COUNTS": str(counts)},
        )  # fmt: skip
        return {name: int(count) for name, count in (line.split() for line in counts.read_text().splitlines())}


class KilledAnywhere(Resuming):
    def check_kill(self, point, passing):
        target = self.database(self.server)
        killed = self.restore(target, fault=f"{point}:{passing}:KILL")
        self.assertEqual(killed.returncode, -signal.SIGKILL, killed.describe())
        resumed = self.restore(target, "--resume")
        if point == "restore.journal_remove.after":
            self.assert_fails(resumed, CONFLICT, "no interrupted restore")
        else:
            self.assertEqual(resumed.returncode, OK, resumed.describe())
        self.assert_whole(target)

    def test_at_each_kind_of_step(self):
        points = self.needs_fault_points()
        passings = self.count_passings()
        for point in sorted(set(points) - FOLLOWED):
            if passings.get(point, 0) > 0:
                with self.subTest(point):
                    self.check_kill(point, (passings[point] + 1) // 2)

    def test_at_commits(self):
        self.needs_fault_points()
        commits = self.count_passings()["restore.commit.before"]
        for tenths in (3, 8):
            with self.subTest(tenths):
                self.check_kill("restore.commit.before", max(1, commits * tenths // 10))

    def test_again_and_again(self):
        """A run that goes on may be killed as well."""
        self.needs_fault_points()
        target = self.database(self.server)
        self.restore(target, fault="restore.commit.after:5:KILL")
        for _ in range(3):
            self.restore(target, "--resume", fault="restore.commit.after:12:KILL")
        self.restore(target, "--resume", "-v", check=True)
        self.assert_whole(target)

    def test_with_another_number_of_sessions(self):
        self.needs_fault_points()
        for first, then in (("-j1", "-j3"), ("-j3", "-j1")):
            with self.subTest(first):
                target = self.database(self.server)
                killed = self.restore(target, jobs=first, fault="restore.commit.after:25:KILL")
                self.assertEqual(killed.returncode, -signal.SIGKILL, killed.describe())
                self.restore(target, "--resume", jobs=then, check=True)
                self.assert_whole(target)

    def test_in_the_database_that_it_makes(self):
        self.needs_fault_points()
        archive = self.folder() / "archive"
        source = self.database(self.server, "CREATE TABLE t AS SELECT i FROM generate_series(1, 1000) i;")
        pgfast("dump", "--no-sync", "-f", archive, source, cluster=self.server)
        before = self.state(source)
        for point in ("restore.journal_create.before", "restore.journal_create.after", "restore.rows.before"):
            with self.subTest(point):
                self.server.dropdb(source)
                killed = self.restore("postgres", "--create", archive=archive, fault=f"{point}:1:KILL")
                if killed.returncode == OK:
                    continue
                self.restore("postgres", "--create", "--resume", archive=archive, check=True)
                self.assertEqual(self.state(source), before)

    def test_while_it_drops_what_was_there(self):
        self.needs_fault_points()
        target = self.database(self.server)
        self.restore(target, check=True)
        self.server.psql(target, "DROP EVENT TRIGGER guard;")
        options = ("--clean", "--if-exists")
        for passing in (2, 4):
            with self.subTest(passing):
                self.restore(target, *options, fault=f"restore.entry.after:{passing}:KILL")
                self.server.psql(target, "DROP EVENT TRIGGER IF EXISTS guard;")
                resumed = self.restore(target, *options, "--resume")
                self.assertIn(resumed.returncode, (OK, OBJECTS_FAILED), resumed.describe())
                self.assert_whole(target)
                self.server.psql(target, "DROP EVENT TRIGGER guard;")

    def test_triggers_that_were_switched_off_are_on_again(self):
        self.needs_fault_points()
        for point in ("restore.rows.before:1", "restore.entry.after:2", "restore.commit.after:3"):
            with self.subTest(point):
                target = self.database(self.server)
                self.restore(target, "--schema-only", check=True)
                options = ("--data-only", "--disable-triggers", "-t", "big", "-t", "child", "-t", "own")
                self.restore(target, *options, fault=f"{point}:KILL")
                self.restore(target, *options, "--resume", check=True)
                off = "SELECT count(*) FROM pg_trigger WHERE tgenabled = 'D';"
                self.assertEqual(self.server.value(target, off), "0")
                rows = "SELECT count(*) || ' ' || count(*) FILTER (WHERE v LIKE '%!') FROM big;"
                self.assertEqual(self.server.value(target, rows), "20000 0")

    def test_nothing_of_the_server_stays_changed(self):
        """What a restore sets for speed ends with its sessions; what it notes down about triggers is put right."""
        self.needs_fault_points()
        commits = self.count_passings()["restore.commit.before"]
        for passing in (2, commits // 2):
            with self.subTest(passing):
                target = self.database(self.server)
                before = self.settings_that_last(target)
                killed = self.restore(target, fault=f"restore.commit.before:{passing}:KILL")
                self.assertEqual(killed.returncode, -signal.SIGKILL, killed.describe())
                self.assertEqual(self.settings_that_last(target), before)
                self.restore(target, "--resume", check=True)
                self.assertEqual(self.settings_that_last(target), before)
                self.assert_whole(target)

    def settings_that_last(self, target):
        """ALTER SYSTEM, ALTER DATABASE, ALTER ROLE; tables without a log, which a crash would empty: none but the journal's."""
        rows = self.server.query(
            target,
            "SELECT setdatabase::text, setrole::text, setconfig::text FROM pg_db_role_setting"
            " UNION ALL SELECT name, setting, sourcefile FROM pg_file_settings WHERE sourcefile LIKE '%auto.conf'"
            " UNION ALL SELECT 'unlogged', relname, NULL FROM pg_class WHERE relpersistence = 'u'"
            " AND relnamespace::regnamespace::text <> 'pgfast_journal' ORDER BY 1, 2, 3;",
        )
        return [*rows, (self.server.data / "postgresql.auto.conf").read_text()]


class LostSessions(Resuming):
    """Without --resume: the same run goes on."""

    def test_connections_that_are_cut(self):
        self.needs_fault_points()
        answers = self.count_passings()["session.receive"]
        for tenths in (3, 6, 8):
            with self.subTest(tenths):
                target = self.database(self.server)
                done = self.restore(target, fault=f"session.receive:{answers * tenths // 10}:EIO")
                self.assertEqual(done.returncode, OK, done.describe())
                self.assertRegex(done.stderr, "a session was lost, and is replaced|^$")
                self.assert_whole(target)

    def test_sessions_that_are_terminated_while_they_commit(self):
        """Cut when the commit is under way: done or not, which the journal tells."""
        self.needs_fault_points()
        target = self.database(self.server)
        process = self.start(
            "restore", JOBS, "-d", target, self.archive,
            cluster=self.server, env={"PGFAST_FAULT": "restore.share.before:1:STOP"},
        )  # fmt: skip
        self.wait_until(lambda: self.is_stopped(process), "the restore to stop before a commit")
        self.server.psql(
            "postgres", f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{target}';"
        )
        os.kill(process.pid, signal.SIGCONT)
        done = self.finish(process)
        self.assertEqual(done.returncode, OK, done.describe())
        self.assert_whole(target)

    def test_a_farewell_right_behind_an_answer(self):
        """What a statement did is gone with the session, although it went well, unless it was the commit."""
        with Proxy(self.server) as proxy:
            pgfast("restore", JOBS, "-d", self.database(self.server), self.archive, cluster=self.server, env=proxy.environment())
        answers, survived = proxy.seen["between"], 0
        for k in range(1, answers + 1, max(1, answers // FAREWELLS)):
            with self.subTest(k):
                target = self.database(self.server)
                with Proxy(self.server, Harm("server", k, "farewell", kinds=b"Z")) as proxy:
                    done = pgfast(
                        "restore", JOBS, "-d", target, self.archive,
                        cluster=self.server, env=proxy.environment(), check=False,
                    )  # fmt: skip
                # Before there is a journal, nothing has been done that could be gone on with.
                self.assertIn(done.returncode, (OK, CANNOT_CONNECT, CONNECTION_LOST), done.describe())
                if done.returncode == OK:
                    survived += 1
                    self.assert_whole(target)
        self.assertGreater(survived, FAREWELLS // 2)

    @staticmethod
    def is_stopped(process):
        try:
            return Path(f"/proc/{process.pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "T"
        except OSError:
            return False

    def crash(self, fault):
        """A server of its own, which is stopped at once while the restore stands at this point."""
        self.needs_fault_points()
        own = Cluster(self.server.server)
        self.addCleanup(own.close)
        own.psql("postgres", "CREATE ROLE resume_reader; CREATE ROLE resume_owner;")
        target = own.createdb()
        process = self.start(
            "restore", JOBS, "-d", target, self.archive, cluster=own, env={"PGFAST_FAULT": fault}
        )
        self.wait_until(lambda: self.is_stopped(process), "the restore to stop")
        own.stop("immediate")
        return own, target, process

    def test_a_server_that_begins_anew(self):
        own, target, process = self.crash("restore.rows.before:1:STOP")
        os.kill(process.pid, signal.SIGCONT)
        time.sleep(0.5)
        own.start()
        done = self.finish(process)
        self.assertEqual(done.returncode, OK, done.describe())
        self.assertIn("a session was lost, and is replaced", done.stderr)
        self.assertEqual(self.state(target, own), self.made["state"])

    def test_a_crash_of_both(self):
        own, target, process = self.crash("restore.share.after:1:STOP")
        process.kill()
        process.wait()
        own.start()
        pgfast("restore", JOBS, "--resume", "-d", target, self.archive, cluster=own)
        self.assertEqual(self.state(target, own), self.made["state"])

    def test_a_server_that_does_not_come_back(self):
        own, target, process = self.crash("restore.rows.before:1:STOP")
        process.kill()
        process.wait()
        own.start()
        process = self.start(
            "restore", "--resume", "--reconnect-timeout=1", JOBS, "-d", target, self.archive,
            cluster=own, env={"PGFAST_FAULT": "restore.commit.before:1:STOP"},
        )  # fmt: skip
        self.wait_until(lambda: self.is_stopped(process), "the restore to stop")
        own.stop("immediate")
        os.kill(process.pid, signal.SIGCONT)
        done = self.finish(process)
        self.assertIn(done.returncode, (10, 13), done.describe())
        self.assert_one_error(done, "cannot be replaced", "--resume")


class Refusals(Resuming):
    def interrupted(self, *options):
        self.needs_fault_points()
        target = self.database(self.server)
        self.restore(target, *options, fault="restore.rows.before:1:KILL")
        return target

    def test_a_new_restore_into_an_unfinished_one(self):
        target = self.interrupted()
        done = self.restore(target)
        self.assert_fails(done, CONFLICT, "was interrupted", "--resume", "--clean")
        done = self.restore(target, "--no-journal")
        self.assert_fails(done, CONFLICT, "was interrupted")
        done = self.restore(target, "-1", jobs="-j1")
        self.assert_fails(done, CONFLICT, "was interrupted")
        self.restore(target, "--resume", check=True)
        self.assert_whole(target)

    def test_clean_begins_anew(self):
        target = self.interrupted()
        done = self.restore(target, "--clean", "--if-exists")
        self.assertIn(done.returncode, (OK, OBJECTS_FAILED), done.describe())
        self.assert_whole(target)

    def test_another_archive_or_other_options(self):
        target = self.interrupted()
        other = self.folder() / "other"
        pgfast("dump", "--no-sync", "-f", other, self.database(self.server, "CREATE TABLE t ();"), cluster=self.server)
        self.assert_fails(self.restore(target, "--resume", archive=other), CONFLICT, "another archive")
        self.assert_fails(self.restore(target, "--resume", "-O"), CONFLICT, 'had "", this one has "--no-owner"')
        self.assert_fails(self.restore(target, "--resume", "-t", "big"), CONFLICT, "other objects")

    def test_nothing_to_resume(self):
        target = self.database(self.server)
        done = self.restore(target, "--resume", "-v", check=True)
        self.assertIn("begins anew", done.stderr)
        self.assert_whole(target)
        self.assert_fails(self.restore(target, "--resume"), CONFLICT, "no interrupted restore")
        self.assert_whole(target)

    def test_options_that_exclude_each_other(self):
        for options in (("-1",), ("--no-journal",), ("--dry-run",)):
            done = self.restore("postgres", "--resume", *options, jobs="-j1")
            self.assert_fails(done, USAGE, "resume|journal")

    def test_a_role_that_may_not_make_a_schema(self):
        archive = self.folder() / "archive"
        source = self.database(self.server, "CREATE TABLE t AS SELECT 1 AS i;")
        pgfast("dump", "--no-sync", "-f", archive, source, cluster=self.server)
        target = self.database(self.server)
        self.server.psql(target, "GRANT CREATE ON SCHEMA public TO resume_reader; ALTER ROLE resume_reader LOGIN;")
        done = pgfast(
            "restore", "-v", "-O", "-U", "resume_reader", "-d", target, archive, cluster=self.server
        )
        self.assertIn("may not create a schema", done.stderr)
        self.assertEqual(self.server.value(target, "SELECT count(*) FROM t;"), "1")

    def test_failures_come_again_and_leave_no_journal(self):
        self.needs_fault_points()
        archive = self.folder() / "archive"
        source = self.database(
            self.server,
            "CREATE ROLE resume_missing; CREATE TABLE t AS SELECT i FROM generate_series(1, 10) i;"
            "CREATE TABLE u AS SELECT 1; ALTER TABLE u OWNER TO resume_missing; CREATE TABLE v ();"
            "GRANT SELECT ON v TO resume_missing;",
        )
        pgfast("dump", "--no-sync", "-f", archive, source, cluster=self.server)
        self.server.psql(source, "DROP OWNED BY resume_missing; DROP ROLE resume_missing;")
        target = self.database(self.server)
        self.restore(target, archive=archive, fault="restore.journal_remove.before:1:KILL")
        done = self.restore(target, "--resume", archive=archive)
        self.assert_fails(done, OBJECTS_FAILED, "TABLE public.u: something about it", "ACL public.*resume_missing")
        journal = "SELECT to_regnamespace('pgfast_journal') IS NULL;"
        self.assertEqual(self.server.value(target, journal), "t")
        self.assertEqual(self.server.value(target, "SELECT count(*) FROM t;"), "10")
