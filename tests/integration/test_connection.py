"""All of libpq's ways to connect work as they do for pg_dump, and dump and restore agree about them."""

from harness import Cluster, pgfast
from harness.proxy import Proxy
from integration.case import CANNOT_CONNECT, OK, IntegrationTest
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
