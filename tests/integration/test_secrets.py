"""A password is in no argument list, no child's environment, no output and no file (faults.md J1 to J6, U6)."""

import signal
import time
from pathlib import Path

from harness import Cluster, pgfast
from integration.case import AUTHENTICATION, OK, IntegrationTest

CANARY = "Zx9-canary-K7q"


class Secrets(IntegrationTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.made = None

    @classmethod
    def tearDownClass(cls):
        if cls.made:
            cls.made.close()
        super().tearDownClass()

    def setUp(self):
        """A server of our own that asks everybody but its superuser for a password."""
        if not Secrets.made:
            Secrets.made = Cluster(self.cluster().server)
            server = Secrets.made
            server.psql("postgres", f"CREATE ROLE keeper SUPERUSER LOGIN PASSWORD '{CANARY}';")
            server.psql("postgres", "CREATE ROLE changing SUPERUSER LOGIN;")
            hba = server.data / "pg_hba.conf"
            hba.write_text("local all keeper,changing scram-sha-256\n" + hba.read_text())
            server.psql("postgres", "SELECT pg_reload_conf();")
            server.createdb("shop")
            server.psql("shop", "CREATE TABLE t AS SELECT i FROM generate_series(1, 1000) AS i; SELECT lo_create(0);")
        self.server = Secrets.made
        self.bindir = self.folder()
        self.seen = self.bindir / "seen"
        self.write_spy()

    def write_spy(self):
        """A pg_dump that notes what everybody can see of it and of its parent, and then does its work."""
        spy = self.bindir / "pg_dump"
        spy.write_text(
            "#!/bin/sh\n"
            f"{{ echo '== arguments'; tr '\\0' '\\n' </proc/$$/cmdline\n"
            f"   echo '== environment'; tr '\\0' '\\n' </proc/$$/environ\n"
            f"   echo '== parent'; tr '\\0' '\\n' </proc/$PPID/cmdline; }} >>'{self.seen}'\n"
            f"exec '{self.server.tool('pg_dump')}' \"$@\"\n"
        )
        spy.chmod(0o755)

    def as_keeper(self):
        return {"PGHOST": str(self.server.root), "PGPORT": str(self.server.port), "PGUSER": "keeper"}

    def dump(self, *arguments, env=None, code=OK):
        archive = self.folder() / "archive"
        done = pgfast(
            "dump",
            "-v",
            "-j2",
            f"--pg-bindir={self.bindir}",
            "-f",
            archive,
            *arguments,
            env={**self.as_keeper(), **(env or {})},
            check=False,
        )
        self.assertEqual(done.returncode, code, done.describe())
        self.assert_no_canary(done.stdout, done.stderr)
        self.said = done.stderr
        for file in archive.glob("*"):
            self.assertNotIn(CANARY.encode(), file.read_bytes(), file)
        return archive

    def assert_no_canary(self, *texts):
        for text in texts:
            self.assertNotIn(CANARY, text)

    def assert_spy_saw_nothing(self):
        seen = self.seen.read_text(errors="replace")
        self.assertIn("== arguments", seen)
        self.assert_no_canary(seen)

    def test_from_the_environment(self):
        archive = self.dump("shop", env={"PGPASSWORD": CANARY})
        self.assert_spy_saw_nothing()
        target = self.server.createdb()
        done = pgfast(
            "restore",
            "-v",
            "-j2",
            "-d",
            target,
            archive,
            env={**self.as_keeper(), "PGPASSWORD": CANARY},
        )
        self.assert_no_canary(done.stdout, done.stderr)
        self.assertEqual(self.server.value(target, "SELECT count(*) FROM t;"), "1000")

    def test_from_a_password_file(self):
        file = self.folder() / "pgpass"
        file.write_text(f"*:*:*:keeper:{CANARY}\n")
        file.chmod(0o600)
        self.dump("shop", env={"PGPASSFILE": str(file)})
        self.assert_spy_saw_nothing()

    def test_from_a_password_file_with_escapes(self):
        """A colon or a backslash in a name or a password stands behind a backslash."""
        secret = "Zx9:canary\\K7q"
        self.server.psql("postgres", f"CREATE ROLE \"keeper:\\\" SUPERUSER LOGIN PASSWORD '{secret}';")
        self.addCleanup(self.server.psql, "postgres", "DROP ROLE \"keeper:\\\";")
        hba = self.server.data / "pg_hba.conf"
        hba.write_text('local all "keeper:\\" scram-sha-256\n' + hba.read_text())
        self.server.psql("postgres", "SELECT pg_reload_conf();")
        file = self.folder() / "pgpass"
        file.write_text("*:*:*:keeper\\:\\\\:Zx9\\:canary\\\\K7q\n")
        file.chmod(0o600)
        self.dump("shop", env={"PGPASSFILE": str(file), "PGUSER": "keeper:\\"})
        self.assertNotIn(secret, self.seen.read_text(errors="replace"))

    def test_a_password_file_that_others_may_read(self):
        """libpq passes over it, and says why."""
        file = self.folder() / "pgpass"
        file.write_text(f"*:*:*:keeper:{CANARY}\n")
        file.chmod(0o644)
        archive = self.folder() / "archive"
        env = {**self.server.environment(), "PGUSER": "keeper", "PGPASSFILE": str(file)}
        done = pgfast("dump", "-f", archive, "shop", cluster=self.server, env=env, check=False)
        self.assert_fails(done, AUTHENTICATION, "no password supplied", rf'password file "{file}" has group .* access; .*\(0600\)')
        self.assert_no_canary(done.stdout, done.stderr)

    def test_from_the_home_folder(self):
        home = self.folder()
        (home / ".pgpass").write_text(f"*:*:*:keeper:{CANARY}\n")
        (home / ".pgpass").chmod(0o600)
        self.dump("shop", env={"HOME": str(home)})
        self.assert_spy_saw_nothing()

    def test_from_a_service_file(self):
        file = self.folder() / "service"
        file.write_text(
            f"[s]\nhost={self.server.root}\nport={self.server.port}\nuser=keeper\npassword={CANARY}\ndbname=shop\n"
        )
        self.dump("-d", "service=s", env={"PGSERVICEFILE": str(file)})
        self.assert_spy_saw_nothing()

    def test_from_a_connection_string(self):
        """The user's own doing, but it does not stay visible and goes no further."""
        self.dump("-d", f"dbname=shop password={CANARY}")
        self.assert_spy_saw_nothing()
        self.assertIn("pgfast: warning: a password on the command line", self.said)

    def test_from_a_uri(self):
        host = str(self.server.root).replace("/", "%2F")
        self.dump("-d", f"postgresql://keeper:{CANARY}@{host}:{self.server.port}/shop")
        self.assert_spy_saw_nothing()
        self.assertIn("pgfast: warning: a password on the command line", self.said)
        self.dump("-d", f"postgresql://keeper@{host}:{self.server.port}/shop?sslmode=disable", env={"PGPASSWORD": CANARY})
        self.assertNotIn("warning", self.said)

    def test_all_processes_while_a_dump_runs(self):
        """Not by a spy's word: what /proc shows of everything that descends from the run, until it ends."""
        archive = self.folder() / "archive"
        process = self.start(
            "dump",
            "-j3",
            "-f",
            archive,
            "shop",
            env={
                **self.server.environment(),
                "PGUSER": "keeper",
                "PGPASSWORD": CANARY,
                "PGFAST_PG_BINDIR": str(self.server.server.bindir),
            },
        )
        watched = set()
        while process.poll() is None:
            for pid in descendants(process.pid):
                watched.add(pid)
                self.assertNotIn(CANARY, proc_text(pid, "cmdline"))
                if pid != process.pid:
                    self.assertNotIn(CANARY, proc_text(pid, "environ"), "in a child's environment")
            time.sleep(0.001)
        self.assertEqual(self.finish(process).returncode, OK)
        self.assertTrue(watched)

    def test_wrong_password(self):
        archive = self.folder() / "archive"
        done = pgfast(
            "dump",
            "-f",
            archive,
            "-d",
            f"dbname=shop password={CANARY}-wrong",
            check=False,
            env={**self.as_keeper(), "PGFAST_PG_BINDIR": str(self.bindir)},
        )
        self.assert_fails(done, AUTHENTICATION, "password authentication failed")
        self.assert_no_canary(done.stdout, done.stderr)

    def test_one_refusal_is_enough(self):
        """An expired password, and no entry in pg_hba.conf: told after one attempt, lest an account be locked (faults.md J3)."""
        self.server.psql("postgres", f"ALTER ROLE changing PASSWORD '{CANARY}' VALID UNTIL '2001-01-01';")
        self.addCleanup(self.server.psql, "postgres", "ALTER ROLE changing VALID UNTIL 'infinity';")
        hba = self.server.data / "pg_hba.conf"
        hba.write_text("local all unwanted reject\n" + hba.read_text())
        self.server.psql("postgres", "CREATE ROLE unwanted LOGIN; SELECT pg_reload_conf();")
        self.addCleanup(self.server.psql, "postgres", "DROP ROLE unwanted;")
        refusals = {
            "changing": 'password authentication failed for user "changing"',
            "unwanted": "pg_hba.conf rejects connection",
        }
        for role, words in refusals.items():
            with self.subTest(role):
                before = self.server.log_text().count(words)
                env = {"PGUSER": role, "PGPASSWORD": CANARY}
                options = ("-j4", "-f", self.folder() / "archive", "shop")
                done = pgfast("dump", *options, cluster=self.server, env=env, check=False)
                self.assert_fails(done, AUTHENTICATION, words)
                self.assert_no_canary(done.stdout, done.stderr)
                self.wait_until(lambda: self.server.log_text().count(words) > before, "the server's word")
                self.assertEqual(self.server.log_text().count(words), before + 1)

    def test_a_password_that_changes_after_the_first_connection(self):
        """Whoever connects then is refused: pg_dump, or a session of the dump or of the restore (faults.md J4)."""
        self.require_fault_points()
        whole = self.folder() / "whole"
        pgfast("dump", "--no-sync", "-f", whole, "shop", cluster=self.server)
        for passing in (2, 3):
            target = self.database(self.server)
            archive = self.folder() / "archive"
            self.assert_refused_later(passing, "shop", "dump", "-j3", "-f", archive, "shop")
            self.assert_no_archive(archive)
            self.assert_refused_later(passing, target, "restore", "-j3", "-d", target, whole)

    def assert_refused_later(self, passing, database, *command):
        change = "ALTER ROLE changing PASSWORD '{}';".format
        self.server.psql("postgres", change(CANARY))
        env = {"PGUSER": "changing", "PGPASSWORD": CANARY, "PGFAST_FAULT": f"session.connect:{passing}:STOP"}
        process = self.start(*command, cluster=self.server, env=env)
        stat = Path(f"/proc/{process.pid}/stat")
        self.wait_until(lambda: stat.read_text().rsplit(")", 1)[1].split()[0] in "TZ", "the later connection")
        self.server.psql("postgres", change("another"))
        process.send_signal(signal.SIGCONT)
        done = self.finish(process)
        with self.subTest(command[0], passing=passing):
            self.assert_fails(done, AUTHENTICATION, "password authentication failed")
            self.assert_no_canary(done.stdout, done.stderr)
            self.assert_no_sessions(self.server, database)

    def test_no_password_and_nobody_to_ask(self):
        done = pgfast(
            "dump",
            "-w",
            "-f",
            self.folder() / "archive",
            "shop",
            check=False,
            env={**self.as_keeper(), "PGFAST_PG_BINDIR": str(self.bindir)},
        )
        self.assert_fails(done, AUTHENTICATION, "password")

    def test_secrets_of_a_failed_statement_are_not_shown(self):
        """A user mapping's and a subscription's password are in the archive by nature, but in no message."""
        source = self.server.createdb()
        self.server.psql(
            source,
            "CREATE EXTENSION postgres_fdw; CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw;"
            f"CREATE USER MAPPING FOR keeper SERVER s OPTIONS (password '{CANARY}');"
            f"CREATE SUBSCRIPTION p CONNECTION 'password={CANARY}' PUBLICATION q"
            " WITH (connect = false, slot_name = NONE);",
        )
        self.addCleanup(self.server.psql, source, "DROP SUBSCRIPTION p;")
        archive = self.folder() / "archive"
        pgfast("dump", "-f", archive, source, cluster=self.server)
        target = self.server.createdb()
        self.server.psql(target, "CREATE EXTENSION postgres_fdw;")
        self.server.psql("postgres", "DROP ROLE IF EXISTS weak; CREATE ROLE weak;")
        done = pgfast("restore", "-v", "--role=weak", "-d", target, archive, cluster=self.server, check=False)
        self.assertEqual(done.returncode, 41, done.describe())
        self.assert_no_canary(done.stdout, done.stderr)


def descendants(root):
    """The process and all that came of it, at this moment."""
    children = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found, todo = [], [root]
    while todo:
        pid = todo.pop()
        found.append(pid)
        todo += children.get(pid, [])
    return found


def proc_text(pid, name):
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes().decode(errors="replace")
    except OSError:
        return ""
