"""All of libpq's ways to connect work as they do for pg_dump, and dump and restore agree about them."""

import os
import re
import shutil
import subprocess
import sys

from harness import Cluster, pgfast, pgfast_binary, pgfast_environment
from harness.process import run_command
from harness.proxy import Proxy
from integration.case import AUTHENTICATION, CANNOT_CONNECT, CONNECTION_LOST, OK, IntegrationTest, SlowDumpTest
from integration.zoo import small_in


class Connection(IntegrationTest):
    def setUp(self):
        self.server = self.cluster()
        self.source = small_in(self.server).name

    def dumps(self, *arguments, env=None):
        """Dump with these connection options and nothing else of the cluster in the environment."""
        archive = self.folder() / "archive"
        env = {"PGFAST_PG_BINDIR": str(self.server.server.bindir), **(env or {})}
        done = pgfast("dump", "--no-sync", "-s", "-f", archive, *arguments, env=env, check=False)
        self.assertEqual(done.returncode, OK, done.describe())
        self.assertIn(" TABLE sales orders ", pgfast("list", archive).stdout)

    def test_short_options(self):
        self.dumps("-h", self.server.root, "-p", self.server.port, "-U", "postgres", self.source)

    def test_long_options(self):
        self.dumps(
            f"--host={self.server.root}", f"--port={self.server.port}", "--username=postgres", f"--dbname={self.source}"
        )

    def test_connection_string(self):
        self.dumps("-d", self.server.conninfo(self.source))

    def test_connection_string_as_the_argument(self):
        self.dumps(self.server.conninfo(self.source))

    def test_connection_string_beats_options(self):
        self.dumps("-h", "/nowhere", "-d", self.server.conninfo(self.source))

    def test_uri(self):
        host = str(self.server.root).replace("/", "%2F")
        self.dumps("-d", f"postgresql://postgres@{host}:{self.server.port}/{self.source}?application_name=x")

    def test_environment(self):
        self.dumps(env=self.server.environment(self.source))

    def test_environment_and_option(self):
        self.dumps(self.source, env=self.server.environment("no_such_database"))

    def test_service_file(self):
        service = self.folder() / "service"
        service.write_text(
            f"[pgfast test]\nhost={self.server.root}\nport={self.server.port}\nuser=postgres\ndbname={self.source}\n"
        )
        self.dumps("-d", "service='pgfast test'", env={"PGSERVICEFILE": str(service)})
        self.dumps(env={"PGSERVICEFILE": str(service), "PGSERVICE": "pgfast test"})

    def test_options_of_the_connection_reach_every_session(self):
        """A session that lost them would be a role that may read nothing."""
        cluster = self.server
        cluster.psql(
            "postgres",
            "DROP ROLE IF EXISTS borrower; CREATE ROLE borrower LOGIN NOINHERIT; GRANT postgres TO borrower;",
        )
        archive = self.folder() / "archive"
        connection = cluster.conninfo(self.source, user="borrower") + " options='-c role=postgres'"
        pgfast("dump", "--no-sync", "-j3", "-f", archive, "-d", connection, cluster=cluster)
        target = cluster.conninfo(self.database(cluster), user="borrower") + " options='-c role=postgres'"
        pgfast("restore", "-j3", "-d", target, archive, cluster=cluster)

    def test_database_with_a_nasty_name(self):
        for name in ("a=b", "with space", 'quote\' "double"', "postgres://not/really", "line\nbreak", "-d"):
            with self.subTest(name=name):
                self.database(self.server, "CREATE TABLE here (i integer);", name=name)
                archive = self.folder() / "archive"
                pgfast("dump", "--no-sync", "-f", archive, "-d", self.server.conninfo(name), cluster=self.server)
                self.assertIn("here", pgfast("list", archive).stdout)
                target = self.database(self.server, name=name + "2")
                pgfast("restore", "-d", self.server.conninfo(target), archive, cluster=self.server)
                self.assertEqual(self.server.value(target, "SELECT count(*) FROM here;"), "0")

    def test_restore_does_not_take_the_database_of_the_environment(self):
        """As with pg_restore: the target must be said."""
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-s", "-f", archive, self.source, cluster=self.server)
        target = self.database(self.server)
        done = pgfast("restore", archive, cluster=self.server, env={"PGDATABASE": target}, check=False)
        self.assert_fails(done, 2, "-d|dbname|database")


class SpreadConnections(IntegrationTest):
    """Behind one address there are two servers (faults.md A19)."""

    def test_a_session_that_reaches_another_server(self):
        server = self.cluster()
        other = Cluster(server.server)
        self.addCleanup(other.close)
        source = self.database(server, "CREATE TABLE t AS SELECT i FROM generate_series(1, 1000) AS i;")
        # As far as names and numbers go, it is the same database.
        oid = server.value("postgres", f"SELECT oid FROM pg_database WHERE datname = '{source}';")
        other.psql("postgres", f"CREATE DATABASE {source} OID = {oid};")
        other.psql(source, "CREATE TABLE t AS SELECT 0 AS i;")
        for first, who in ((1, "the observer"), (3, "a worker")):
            with self.subTest(who), Proxy(server, other=other, first=first) as proxy:
                archive = self.folder() / "archive"
                env = {**server.environment(), **proxy.environment()}
                done = pgfast("dump", "-j2", "-f", archive, source, cluster=server, env=env, check=False)
                self.assert_fails(done, CANNOT_CONNECT, "reached another server", "hint: .*same server")
                self.assert_no_archive(archive)
                self.assert_no_sessions(server, source)
                self.assert_no_sessions(other, source)


class WordsOfWelcome(IntegrationTest):
    """What a login trigger says comes while connecting, and is for pgfast to tell, once and as its own words."""

    def test_nothing_is_printed_as_it_came(self):
        server = self.cluster(18)
        script = r"""CREATE TABLE t AS SELECT 1 AS i;
            CREATE FUNCTION greet() RETURNS event_trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE WARNING E'hello\x1b'; RAISE NOTICE 'how are you'; END $$;
            CREATE EVENT TRIGGER greeter ON login EXECUTE FUNCTION greet();"""
        source, target = self.database(server, script), self.database(server, script)
        archive = self.folder() / "archive"
        ways = (
            ("dump", "-j2", "-f", archive, source),
            ("restore", "-j2", "--clean", "--if-exists", "-d", target, archive),
            ("verify", f"--against={target}", archive),
        )
        for arguments in ways:
            done = pgfast(*arguments, cluster=server)
            with self.subTest(arguments[0]):
                for line in done.stderr.splitlines():
                    self.assertRegex(line, "^pgfast: [^\x1b]*$")
                self.assertLessEqual(done.stderr.count("hello"), 1, done.describe())


class DeadPeer(SlowDumpTest):
    """Where packets vanish, the kernel asks whether anybody is there (faults.md B2)."""

    def assert_kernel_asks(self, *arguments, env=None):
        """Of each connection after 30 s, not after two hours."""
        if not shutil.which("ss"):
            self.skipTest("there is no ss")
        with Proxy(self.server) as proxy:
            env = {**self.server.environment(), **proxy.environment(), **(env(proxy) if env else {})}
            process = self.start("dump", *self.SLOW, "-f", self.archive, *arguments, cluster=self.server, env=env)
            command = ["ss", "-tnoH", "state", "established", "dport", "=", f":{proxy.port}"]

            def timers():
                told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
                return len(told) >= 4 and told

            def all_are_careful():
                said = [re.search(r"timer:\(keepalive,([\d.]+)(\w+),", line) for line in timers() or [""]]
                return all(match and match[2] in ("sec", "ms") for match in said)

            self.wait_until(timers, "coordinator, observer and two workers")
            self.wait_until(all_are_careful, "timers of all connections")
            process.terminate()
            self.finish(process)

    def test_timers(self):
        self.assert_kernel_asks(self.source)

    def test_timers_with_a_service_file(self):
        service = self.folder() / "service"

        def env(proxy):
            service.write_text(f"[night]\nhost=127.0.0.1\nport={proxy.port}\ndbname={self.source}\nsslmode=disable\n")
            return {"PGSERVICEFILE": str(service), "PGSERVICE": "night"}

        self.assert_kernel_asks(env=env)

    def test_packets_vanish(self):
        """In a network of their own, program and proxy lose it from one moment to the next."""
        if os.geteuid() != 0 or not shutil.which("ip"):
            self.skipTest("only root can make a network, with ip")
        script = self.folder() / "vanish.py"
        script.write_text(VANISH)
        quick = f"dbname={self.source} keepalives_idle=2 keepalives_interval=1 keepalives_count=2 tcp_user_timeout=3000"
        command = ["unshare", "-n", sys.executable, "-B", script, self.server.root, str(self.server.port)]
        command += [pgfast_binary(), "dump", *self.SLOW, "-f", self.archive, quick]
        env = pgfast_environment(self.server, {"PYTHONPATH": os.pathsep.join(sys.path)})
        done = run_command(command, env=env, check=False, timeout_s=60)
        if "unshare" in done.stderr:
            self.skipTest(done.stderr)
        self.assert_fails(done, CONNECTION_LOST, "timed out|connection to server was lost")
        seconds = float(done.stdout)
        self.assertGreater(seconds, 1)
        self.assertLess(seconds, 15)
        self.assert_no_archive(self.archive)


# arguments: folder and port of the server, and a command; prints how long that lived without a network
VANISH = """
import subprocess, sys, time, types
from harness.proxy import Proxy
root, port, command = sys.argv[1], sys.argv[2], sys.argv[3:]
subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
with Proxy(types.SimpleNamespace(root=root, port=port)) as proxy:
    process = subprocess.Popen([*command[:-1], command[-1] + f" host=127.0.0.1 port={proxy.port} sslmode=disable"])
    while proxy.seen["rows of COPY"] < 1000:
        time.sleep(0.01)
    subprocess.run(["ip", "link", "set", "lo", "down"], check=True)
    began = time.monotonic()
    code = process.wait()
    print(time.monotonic() - began)
sys.exit(code)
"""


class EveryParameter(IntegrationTest):
    """Each session of a dump and a restore, and pg_dump's, keeps all that the first was told (faults.md J5, CVE-2020-25694)."""

    # What a session that forgets falls back to; the server lets none of these in.
    TRAPS = {"PGSSLMODE": "disable", **dict.fromkeys(("PGSSLCERT", "PGSSLKEY", "PGSSLROOTCERT", "PGHOST"), "/nowhere")}

    def setUp(self):
        if not shutil.which("openssl"):
            self.skipTest("there is no openssl")
        self.address = f"127.{os.getpid() % 250 + 1}.{os.getpid() // 250 % 250}.7"
        self.server = Cluster(self.cluster().server, settings={"listen_addresses": self.address})
        self.addCleanup(self.server.close)
        self.keys = self.server.data
        request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=it"]
        run_command([*request, "-keyout", self.keys / "server.key", "-out", self.keys / "server.crt"])
        for name in ("server.key", "server.crt"):
            shutil.copy(self.keys / name, self.keys / f"client{name[-4:]}")
            os.chown(self.keys / name, self.server.user.pw_uid, self.server.user.pw_gid)
        (self.keys / "client.key").chmod(0o600)
        with open(self.keys / "postgresql.conf", "a") as conf:
            conf.write("ssl = on\nssl_ca_file = 'server.crt'\n")
        hba = "local all all trust\nhostssl all all 127.0.0.0/8 trust clientcert=verify-ca\n"
        (self.keys / "pg_hba.conf").write_text(hba)
        self.server.restart()
        self.server.psql("postgres", "CREATE ROLE borrower LOGIN NOINHERIT; GRANT postgres TO borrower;")

    def conninfo(self, database):
        keys = f"sslrootcert={self.keys}/server.crt sslcert={self.keys}/client.crt sslkey={self.keys}/client.key"
        return (
            f"host=no.such.host.invalid hostaddr={self.address} port={self.server.port} user=borrower dbname={database}"
            f" sslmode=verify-ca {keys} options='-c role=postgres' application_name=faithful"
        )

    def test_dump_and_restore(self):
        source, target = self.server.createdb(), self.server.createdb()
        self.server.psql(source, "CREATE TABLE t AS SELECT i FROM generate_series(1, 100000) AS i; SELECT lo_create(0);")
        archive = self.folder() / "archive"
        options = ("--no-sync", "-j3", "--split-size=64kB", "-f", archive, self.conninfo(source))
        done = pgfast("dump", *options, cluster=self.server, env=self.TRAPS)
        self.assertNotIn("warning", done.stderr)
        done = pgfast("restore", "-j3", "-d", self.conninfo(target), archive, cluster=self.server, env=self.TRAPS)
        self.assertNotIn("warning", done.stderr)
        self.assertEqual(self.server.value(target, "SELECT count(*) FROM t;"), "100000")

    def test_the_traps_are_traps(self):
        for name, value in (("sslmode", "disable"), ("sslcert", "/nowhere"), ("sslrootcert", "/nowhere")):
            with self.subTest(name):
                words = re.sub(rf"\b{name}=\S+", f"{name}={value}", self.conninfo("postgres"))
                done = pgfast("dump", "-f", self.folder() / "archive", words, cluster=self.server, check=False)
                self.assertIn(done.returncode, (CANNOT_CONNECT, AUTHENTICATION), done.describe())
