"""A source that cannot be dumped: one clear line, the documented exit code, nothing left behind."""

import os

from harness import pgfast, pgfast_binary
from integration.case import AUTHENTICATION, CANNOT_CONNECT, PERMISSION, UNSUPPORTED_SERVER, USAGE, IntegrationTest
from integration.zoo import small_in, zoo_in


class BadSource(IntegrationTest):
    def dump_fails(self, code, *words, cluster=None, arguments=(), env=None):
        archive = self.folder() / "archive"
        done = pgfast("dump", "-f", archive, *arguments, cluster=cluster or self.cluster(), env=env, check=False)
        self.assert_fails(done, code, *words)
        self.assertEqual(list(archive.parent.iterdir()), [], "something was left behind")

    def test_no_such_database(self):
        self.dump_fails(CANNOT_CONNECT, "no_such_database", arguments=["no_such_database"])

    def test_no_server_there(self):
        self.dump_fails(CANNOT_CONNECT, "/nowhere/at/all", arguments=["-h", "/nowhere/at/all", "postgres"])

    def test_nobody_listens(self):
        self.dump_fails(CANNOT_CONNECT, "refused", arguments=["-h", "127.0.0.1", "-p", "1", "postgres"])

    def test_no_such_host(self):
        self.dump_fails(CANNOT_CONNECT, "no.such.host.invalid", arguments=["-h", "no.such.host.invalid", "postgres"])

    def test_no_such_role(self):
        self.dump_fails(AUTHENTICATION, "no_such_role", arguments=["-U", "no_such_role", "postgres"])

    def test_role_that_may_not_log_in(self):
        self.cluster().psql("postgres", "DROP ROLE IF EXISTS no_login; CREATE ROLE no_login NOLOGIN;")
        self.dump_fails(AUTHENTICATION, "no_login.*not permitted to log in", arguments=["-U", "no_login", "postgres"])

    def test_broken_connection_string(self):
        self.dump_fails(USAGE, "no_such_keyword", arguments=["-d", "dbname=postgres no_such_keyword=1"])

    def test_role_option_that_may_not_be_taken(self):
        cluster = self.cluster()
        cluster.psql("postgres", "DROP ROLE IF EXISTS plain_login; CREATE ROLE plain_login LOGIN;")
        self.dump_fails(
            PERMISSION,
            "postgres",
            cluster=cluster,
            arguments=["-U", "plain_login", "--role=postgres", small_in(cluster).name],
        )

    def test_no_pg_dump(self):
        empty = self.folder()
        self.dump_fails(UNSUPPORTED_SERVER, "pg_dump", str(empty), arguments=[f"--pg-bindir={empty}", "postgres"])

    def test_server_newer_than_pg_dump(self):
        newer, older = self.cluster(18), self.cluster(15)
        self.dump_fails(
            UNSUPPORTED_SERVER,
            r"\b18\b",
            r"\b15\b",
            "postgresql-client-18",
            cluster=newer,
            arguments=[f"--pg-bindir={older.server.bindir}", small_in(newer).name],
        )

    def test_pgfast_is_not_taken_for_pg_dump(self):
        folder = self.folder()
        os.symlink(pgfast_binary(), folder / "pg_dump")
        self.dump_fails(UNSUPPORTED_SERVER, "pg_dump", arguments=[f"--pg-bindir={folder}", "postgres"])

    def test_pg_dump_that_does_not_run(self):
        folder = self.folder()
        (folder / "pg_dump").write_text("#!/bin/sh\nexit 3\n")
        (folder / "pg_dump").chmod(0o755)
        self.dump_fails(UNSUPPORTED_SERVER, "pg_dump", arguments=[f"--pg-bindir={folder}", "postgres"])

    def test_a_table_that_the_role_may_not_read(self):
        cluster = self.cluster()
        cluster.psql("postgres", "DROP ROLE IF EXISTS half_blind; CREATE ROLE half_blind LOGIN;")
        source = self.database(
            cluster,
            "CREATE TABLE open (i integer); GRANT SELECT ON open TO half_blind; CREATE TABLE closed (i integer);",
        )
        self.dump_fails(PERMISSION, "closed", arguments=["-U", "half_blind", source])
        self.assert_no_sessions(cluster, source)

    def test_a_sequence_that_the_role_may_not_read(self):
        """Never a wrong value: some minors of 18 wrote one."""
        for major in (15, 18):
            with self.subTest(major=major):
                cluster = self.cluster(major)
                cluster.psql("postgres", "DROP ROLE IF EXISTS half_blind; CREATE ROLE half_blind LOGIN;")
                source = self.database(cluster, "CREATE SEQUENCE closed_numbers;")
                self.dump_fails(PERMISSION, "closed_numbers", cluster=cluster, arguments=["-U", "half_blind", source])


class RowSecurity(IntegrationTest):
    def setUp(self):
        self.server = self.cluster()
        self.server.psql("postgres", "DROP ROLE IF EXISTS sees_own; CREATE ROLE sees_own LOGIN;")
        self.source = self.database(
            self.server,
            "CREATE TABLE guarded AS SELECT i, CASE WHEN i % 2 = 0 THEN 'sees_own' ELSE 'other' END AS owner"
            " FROM generate_series(1, 100) AS i; GRANT SELECT ON guarded TO sees_own;"
            "ALTER TABLE guarded ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON guarded USING (owner = current_user);",
        )

    def test_refused_rather_than_silently_filtered(self):
        archive = self.folder() / "archive"
        done = pgfast("dump", "-U", "sees_own", "-f", archive, self.source, cluster=self.server, check=False)
        self.assert_fails(done, PERMISSION, "guarded", "row-level security|row security")
        self.assertFalse(archive.exists())

    def test_visible_rows_when_asked_for(self):
        archive = self.folder() / "archive"
        pgfast("dump", "-U", "sees_own", "--enable-row-security", "-f", archive, self.source, cluster=self.server)
        target = self.database(self.server)
        pgfast("restore", "-d", target, archive, cluster=self.server)
        self.assertEqual(self.server.value(target, "SELECT count(*) FROM guarded;"), "50")


class HostileSettings(IntegrationTest):
    """Settings of the role that would end the dump or change its bytes.  (TimeZone and quote_all_identifiers change the
    text of timestamptz and regclass, but not their values, for pg_dump as well.)"""

    SETTINGS = {
        "statement_timeout": "300ms",
        "lock_timeout": "100ms",
        "idle_in_transaction_session_timeout": "100ms",
        "DateStyle": "German, DMY",
        "IntervalStyle": "iso_8601",
        "extra_float_digits": "-5",
        "bytea_output": "escape",
        "search_path": "pg_temp",
        "standard_conforming_strings": "off",
        "xmlbinary": "hex",
        "default_transaction_read_only": "on",
        "default_transaction_isolation": "serializable",
        "row_security": "on",
        "lc_monetary": "C",
        "default_transaction_deferrable": "on",
        "synchronize_seqscans": "on",
        "check_function_bodies": "on",
        "client_min_messages": "debug1",
    }
    SETTINGS_OF_18 = {"idle_session_timeout": "100ms", "transaction_timeout": "300ms"}

    def check(self, major, settings):
        cluster = self.cluster(major)
        source = zoo_in(cluster).name
        cluster.psql(
            "postgres",
            "DROP ROLE IF EXISTS hostile; CREATE ROLE hostile SUPERUSER LOGIN;"
            + "".join(f"ALTER ROLE hostile SET {name} = '{value}';" for name, value in settings.items()),
        )
        self.addCleanup(cluster.psql, "postgres", "DROP ROLE hostile;")
        folder = self.folder()
        same = ("--no-sync", "-j2", "-Z", "none", "--no-split")
        pgfast("dump", *same, "-f", folder / "plain", source, cluster=cluster)
        pgfast("dump", *same, "-U", "hostile", "-f", folder / "hostile", source, cluster=cluster)
        plain, hostile = (
            {file.name: file.read_bytes() for file in (folder / name).glob("*.dat") if file.name != "toc.dat"}
            for name in ("plain", "hostile")
        )
        self.assertEqual(set(plain), set(hostile))
        self.assertEqual([name for name in plain if plain[name] != hostile[name]], [])

    def test_15(self):
        self.check(15, self.SETTINGS)

    def test_18(self):
        self.check(18, {**self.SETTINGS, **self.SETTINGS_OF_18})

    def test_restore_under_timeouts(self):
        cluster = self.cluster(18)
        cluster.psql(
            "postgres",
            "DROP ROLE IF EXISTS hurried; CREATE ROLE hurried SUPERUSER LOGIN;"
            + "".join(
                f"ALTER ROLE hurried SET {name} = '{value}';"
                for name, value in {
                    "statement_timeout": "50ms",
                    "lock_timeout": "10ms",
                    "idle_in_transaction_session_timeout": "50ms",
                    "transaction_timeout": "50ms",
                    "idle_session_timeout": "100ms",
                    "search_path": "pg_temp",
                    "DateStyle": "German, DMY",
                    "standard_conforming_strings": "off",
                    "xmloption": "document",
                    "default_tablespace": "",
                    "check_function_bodies": "on",
                    "client_encoding": "LATIN1",
                }.items()
            ),
        )
        self.addCleanup(cluster.psql, "postgres", "DROP ROLE hurried;")
        source = self.database(
            cluster,
            "CREATE TABLE slow AS SELECT i, repeat(md5(i::text), 5) AS v FROM generate_series(1, 100000) AS i;"
            "CREATE INDEX slow_v ON slow (v); CREATE TABLE letters AS SELECT 'äöü€'::text AS v;",
        )
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-j2", "-f", archive, source, cluster=cluster)
        target = self.database(cluster)
        pgfast("restore", "-j2", "-O", "-U", "hurried", "-d", target, archive, cluster=cluster)
        self.assertEqual(
            cluster.query(target, "SELECT count(*), (SELECT v FROM letters) FROM slow;"), [["100000", "äöü€"]]
        )
