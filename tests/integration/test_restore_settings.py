"""Settings that the server, the database or the archive's own database has, and that a restore must not stumble over."""

from harness import Cluster, Database, assert_databases_equal, pgfast
from integration.case import CONFLICT, MAJORS, IntegrationTest


class SettingsOfTheTarget(IntegrationTest):
    SQL = (
        "CREATE TABLE big AS SELECT i, ARRAY[i, NULL] AS a FROM generate_series(1, 5000) AS i;"
        "ALTER TABLE big ADD PRIMARY KEY (i);"
        "CREATE TABLE child AS SELECT i FROM generate_series(1, 5000) AS i;"
        "ALTER TABLE child ADD FOREIGN KEY (i) REFERENCES big;"
        "CREATE VIEW nothing AS SELECT * FROM big WHERE a = NULL;"
        "SELECT lo_from_bytea(0, 'large');"
    )
    # What would end a restore, or would let it make something else than was dumped.
    SETTINGS = {
        "array_nulls": "off",
        "transform_null_equals": "on",
        "default_transaction_isolation": "serializable",
        "default_transaction_deferrable": "on",
        "check_function_bodies": "on",
        "client_min_messages": "error",
        "statement_timeout": "100",
        "lock_timeout": "100",
        "idle_in_transaction_session_timeout": "100",
        "search_path": "pg_catalog, nowhere",
        "datestyle": "'SQL, DMY'",
        "intervalstyle": "sql_standard",
        "client_encoding": "LATIN1",
        "row_security": "on",
        "work_mem": "'64kB'",
        "maintenance_work_mem": "'1MB'",
        "default_table_access_method": "heap",
    }

    def with_settings(self, cluster, name, settings):
        for setting, value in settings.items():
            cluster.psql("postgres", f'ALTER DATABASE "{name}" SET {setting} = {value};')

    def test_they_change_nothing(self):
        for major in MAJORS:
            with self.subTest(major=major):
                cluster = self.cluster(major)
                source = Database(cluster, self.database(cluster, self.SQL))
                archive = self.archive_of(source)
                copy = self.database(cluster)
                self.with_settings(cluster, copy, self.SETTINGS)
                pgfast("restore", "-j4", "-d", copy, archive, cluster=cluster)
                cluster.psql("postgres", f"ALTER DATABASE {copy} RESET ALL;")
                assert_databases_equal(source, Database(cluster, copy))


class ReadOnly(IntegrationTest):
    """default_transaction_read_only is a guard of the target's, but of an archive's own database only a property."""

    SQL = "CREATE TABLE t AS SELECT i FROM generate_series(1, 1000) AS i; ALTER TABLE t ADD PRIMARY KEY (i);"
    WRITE = {"PGOPTIONS": "-c default_transaction_read_only=off"}

    def setUp(self):
        self.server = self.cluster()

    def test_a_target_that_is_read_only_is_refused_before_anything_is_done(self):
        source = Database(self.server, self.database(self.server, self.SQL))
        archive = self.archive_of(source)
        copy = self.database(self.server)
        self.server.psql("postgres", f"ALTER DATABASE {copy} SET default_transaction_read_only = on;")
        for options in ((), ("-1",), ("--clean", "--if-exists"), ("--no-journal",)):
            with self.subTest(options):
                done = pgfast("restore", *options, "-d", copy, archive, cluster=self.server, check=False)
                self.assert_fails(done, CONFLICT, "sessions of the target are read-only", "hint: .*PGOPTIONS")
                self.assertNotIn("failed:", done.stderr)
        pgfast("restore", "-j2", "-d", copy, archive, cluster=self.server, env=self.WRITE)
        self.server.psql("postgres", f"ALTER DATABASE {copy} RESET ALL;")
        assert_databases_equal(source, Database(self.server, copy))

    def test_a_database_of_the_archive_with_a_role_comes_back(self):
        source = Database(self.server, self.database(self.server, self.SQL))
        self.server.psql("postgres", f"ALTER DATABASE {source.name} SET role = 'pg_monitor';")
        archive = self.archive_of(source, "-C", "--role=postgres")
        self.server.dropdb(source.name)
        pgfast("restore", "-j2", "-C", "-d", "postgres", archive, cluster=self.server)
        self.assertEqual(self.server.value(source.name, "RESET ROLE; SET ROLE postgres; SELECT count(*) FROM t;"), "1000")

    def test_a_database_of_the_archive_that_is_read_only_comes_back(self):
        source = Database(self.server, self.database(self.server, self.SQL))
        self.server.psql("postgres", f"ALTER DATABASE {source.name} SET default_transaction_read_only = on;")
        archive = self.archive_of(source, "-C")
        setting = "SELECT setconfig FROM pg_db_role_setting WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database());"
        for options in ((), ("--clean", "--if-exists"), ("--no-journal", "--clean")):
            with self.subTest(options):
                if not options:
                    self.server.dropdb(source.name)
                pgfast("restore", "-j2", "-C", *options, "-d", "postgres", archive, cluster=self.server)
                self.assertEqual(self.server.value(source.name, "SELECT count(*) FROM t;"), "1000")
                self.assertEqual(self.server.value(source.name, setting), "{default_transaction_read_only=on}")


class DeadStandby(IntegrationTest):
    """A standby that is down holds up those who wait for standbys, and nobody else."""

    def test_who_does_not_wait_for_standbys_is_not_held_up(self):
        source = Database(self.cluster(), self.database(self.cluster(), "CREATE TABLE t AS SELECT 1 AS i;"))
        archive = self.archive_of(source)
        server = Cluster(self.cluster().server, settings={"synchronous_standby_names": "nobody"})
        self.addCleanup(server.close)
        for commit in "local", "off":
            for options in (), ("--no-journal",), ("-1",):
                with self.subTest(commit=commit, options=options):
                    copy = server.createdb()
                    server.psql("postgres", f"ALTER DATABASE {copy} SET synchronous_commit = {commit};")
                    pgfast("restore", *options, "-d", copy, archive, cluster=server, timeout_s=20)
                    self.assertEqual(server.value(copy, "SELECT i FROM t;"), "1")
