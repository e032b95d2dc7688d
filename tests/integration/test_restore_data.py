"""Rows into tables that are there already, large objects that fail, few connections, no WAL."""

from harness import Cluster, Database, assert_databases_equal, pgfast
from harness.proxy import Proxy
from integration.case import CONFLICT, DAMAGED, DEFAULT_MAJOR, MAJORS, OBJECTS_FAILED, IntegrationTest
from servers import find_servers

# By name, and so in the archive, the children come before what they refer to.
FAMILY = """
CREATE TABLE z_parent (id integer PRIMARY KEY, v text);
CREATE TABLE b_child (id integer PRIMARY KEY, parent integer REFERENCES z_parent, v text);
CREATE TABLE a_grandchild (id integer PRIMARY KEY, parent integer REFERENCES b_child, v text DEFAULT 'it''s; "x"\\');
INSERT INTO z_parent SELECT i, repeat('x', 200) FROM generate_series(1, 3000) AS i;
INSERT INTO b_child SELECT i, i, repeat('y', 200) FROM generate_series(1, 3000) AS i;
INSERT INTO a_grandchild (id, parent) SELECT i, i FROM generate_series(1, 3000) AS i;
"""
LARGE_OBJECTS = "SELECT lo_from_bytea(0, repeat('z', i)::bytea) FROM generate_series(0, 1200) AS i;"


class RestoreData(IntegrationTest):
    def source(self, cluster, sql):
        return Database(cluster, self.database(cluster, sql))

    def definitions(self, cluster, archive):
        """A database with all tables and keys of the archive, and no rows."""
        copy = Database(cluster, self.database(cluster))
        pgfast("restore", "-s", "-d", copy.name, archive, cluster=cluster)
        return copy

    def test_rows_find_their_order_among_keys_that_are_there(self):
        """pg_restore fails here, at any -j."""
        cluster = self.cluster()
        source = self.source(cluster, FAMILY)
        for split in ("--no-split", "--split-size=64kB"):
            archive = self.archive_of(source, split)
            for jobs in ("-j1", "-j4"):
                copy = self.definitions(cluster, archive)
                pgfast("restore", "-a", jobs, "-d", copy.name, archive, cluster=cluster)
                assert_databases_equal(source, copy)

    def test_rows_whose_parents_never_come_are_named(self):
        cluster = self.cluster()
        archive = self.archive_of(self.source(cluster, FAMILY), "--no-split")
        copy = self.definitions(cluster, archive)
        done = pgfast("restore", "-a", "-j4", "-t", "b_child", "-d", copy.name, archive, cluster=cluster, check=False)
        self.assert_fails(done, OBJECTS_FAILED, "TABLE DATA public.b_child", "23503", "1 of 1 objects failed")

    def test_triggers_are_off_for_all_pieces_and_on_again(self):
        cluster = self.cluster()
        source = self.source(
            cluster,
            FAMILY + "CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE ''fired''; END';"
            "CREATE TRIGGER no BEFORE INSERT ON b_child FOR EACH ROW EXECUTE FUNCTION no();",
        )
        archive = self.archive_of(source, "--split-size=64kB")
        copy = self.definitions(cluster, archive)
        pgfast("restore", "-a", "-j8", "--disable-triggers", "-d", copy.name, archive, cluster=cluster)
        assert_databases_equal(source, copy)
        enabled = cluster.query(copy.name, "SELECT DISTINCT tgenabled FROM pg_trigger;")
        self.assertEqual(enabled, [["O"]])

    def large_objects(self, cluster):
        """A stock archive of 1201 large objects in groups, and the oid of one in their middle."""
        source = self.source(cluster, LARGE_OBJECTS)
        archive = self.folder() / "archive"
        cluster.run_tool("pg_dump", "-Fd", "-Z", "zstd", "-f", archive, source.name)
        oid = cluster.value(source.name, "SELECT oid FROM pg_largeobject_metadata ORDER BY oid LIMIT 1 OFFSET 600;")
        return source, archive, oid

    def test_a_large_object_that_is_there_takes_no_other_with_it(self):
        cluster = self.cluster(18)
        source, archive, oid = self.large_objects(cluster)
        copy = self.database(cluster, f"SELECT lo_create({oid});")
        done = pgfast("restore", "-j2", "-d", copy, archive, cluster=cluster, check=False)
        self.assert_fails(done, OBJECTS_FAILED, "BLOB METADATA", "23505", "1 of ")
        assert_databases_equal(source, Database(cluster, copy), judges=("rows",))

    def test_a_damaged_large_object_takes_no_other_with_it(self):
        cluster = self.cluster(18)
        _, archive, oid = self.large_objects(cluster)
        (archive / f"blob_{oid}.dat.zst").write_bytes(b"not what was written")
        copy = self.database(cluster)
        done = pgfast("restore", "-j2", "-d", copy, archive, cluster=cluster, check=False)
        self.assert_fails(done, DAMAGED, f"LARGE OBJECT {oid}", "1 of ")
        self.assertEqual(cluster.value(copy, "SELECT count(DISTINCT loid) FROM pg_largeobject;"), "1199")

    def narrow_role(self, copy, limit):
        """Variables of a role that may have so many connections."""
        cluster = self.cluster()
        cluster.psql("postgres", f"CREATE ROLE narrow LOGIN CONNECTION LIMIT {limit};")
        self.addCleanup(cluster.psql, "postgres", "DROP ROLE narrow;")
        cluster.psql(copy, "GRANT ALL ON SCHEMA public TO narrow; GRANT CREATE ON DATABASE :\"DBNAME\" TO narrow;")
        self.addCleanup(cluster.psql, copy, "DROP OWNED BY narrow;")
        return {"PGUSER": "narrow"}

    def test_fewer_connections_than_jobs(self):
        cluster = self.cluster()
        source = self.source(cluster, FAMILY)
        archive = self.archive_of(source, "--split-size=64kB")
        copy = self.database(cluster)
        role = self.narrow_role(copy, 2)
        done = pgfast("restore", "-O", "-x", "-j6", "-d", copy, archive, cluster=cluster, env=role)
        self.assertIn("going on with 2 of 6 sessions", done.stderr)
        assert_databases_equal(source, Database(cluster, copy), judges=("rows",))

    def test_a_place_that_the_server_frees_late(self):
        """The last session comes before the one that was closed for it is gone."""
        cluster = self.cluster()
        source = self.source(cluster, FAMILY)
        archive = self.archive_of(source)
        copy = self.database(cluster)
        role = self.narrow_role(copy, 2)
        with Proxy(cluster, linger_s=0.3) as proxy:
            pgfast("restore", "-O", "-x", "-j2", "-d", copy, archive, cluster=cluster, env={**proxy.environment(), **role})
        assert_databases_equal(source, Database(cluster, copy), judges=("rows",))

    def test_a_database_that_exists_is_not_restored_into_by_create(self):
        cluster = self.cluster()
        source = self.source(cluster, "CREATE TABLE t AS SELECT 1 AS i;")
        archive = self.archive_of(source)
        for options in ("-C",), ("-C", "-e"):
            done = pgfast("restore", *options, "-d", "postgres", archive, cluster=cluster, check=False)
            self.assert_fails(done, CONFLICT, "already exists", "42P04")
        self.assertEqual(cluster.value(source.name, "SELECT count(*) FROM t;"), "1")


class Freezing(IntegrationTest):
    """Rows of a new table that come in one stream are never written again by a vacuum."""

    SQL = (
        "CREATE TABLE large AS SELECT i, md5(i::text) AS v FROM generate_series(1, 60000) AS i;"
        "CREATE TABLE small AS SELECT 1 AS i;"
        "CREATE TABLE parted (i integer, v text) PARTITION BY RANGE (i);"
        "CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (100000);"
        "INSERT INTO parted SELECT i, md5(i::text) FROM generate_series(1, 60000) AS i;"
    )
    FROZEN = "SELECT relname FROM pg_class WHERE relallvisible > 0.9 * relpages AND relname IN ('large', 'part') ORDER BY 1;"

    def archive(self, cluster, *options):
        source = Database(cluster, self.database(cluster, self.SQL))
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "--no-split", *options, "-f", archive, source.name, cluster=cluster)
        return source, archive

    def assert_frozen(self, copy, expected):
        # Only versions from 14 on mark the pages, too.
        if copy.cluster.server.major >= 14:
            copy.cluster.psql(copy.name, "ANALYZE;")
            self.assertEqual(copy.cluster.query(copy.name, self.FROZEN), [[name] for name in expected])

    def test_rows_come_frozen(self):
        for major in MAJORS:
            cluster = self.cluster(major)
            source, archive = self.archive(cluster)
            for options in (["-j2"], ["-1"]) if major == DEFAULT_MAJOR else (["-j2"],):
                with self.subTest(major=major, options=options):
                    copy = Database(cluster, self.database(cluster))
                    pgfast("restore", *options, "-d", copy.name, archive, cluster=cluster)
                    assert_databases_equal(source, copy, judges=("rows",))
                    self.assert_frozen(copy, ["large", "part"])

    def test_rows_of_a_table_that_was_there_are_not_frozen(self):
        cluster = self.cluster()
        source, archive = self.archive(cluster)
        copy = Database(cluster, self.database(cluster))
        pgfast("restore", "-s", "-d", copy.name, archive, cluster=cluster)
        pgfast("restore", "-a", "-d", copy.name, archive, cluster=cluster)
        assert_databases_equal(source, copy, judges=("rows",))
        self.assert_frozen(copy, [])

    def test_rows_through_the_root_are_not_frozen(self):
        cluster = self.cluster()
        source, archive = self.archive(cluster, "--load-via-partition-root")
        copy = Database(cluster, self.database(cluster))
        pgfast("restore", "-d", copy.name, archive, cluster=cluster)
        assert_databases_equal(source, copy, judges=("rows",))
        self.assert_frozen(copy, ["large"])

    def test_who_may_not_truncate_loads_all_the_same(self):
        cluster = self.cluster()
        source, archive = self.archive(cluster)
        cluster.psql("postgres", "CREATE ROLE loader LOGIN; CREATE ROLE holder ROLE loader;")
        self.addCleanup(cluster.psql, "postgres", "DROP ROLE loader; DROP ROLE holder;")
        copy = Database(cluster, self.database(cluster))
        # What the event trigger does is what a careful administrator might: owners are not loaders.
        cluster.psql(
            copy.name,
            "GRANT CREATE ON SCHEMA public TO loader, holder;"
            "CREATE FUNCTION hand_over() RETURNS event_trigger LANGUAGE plpgsql SECURITY DEFINER AS $$"
            " DECLARE made record; BEGIN FOR made IN SELECT * FROM pg_event_trigger_ddl_commands() LOOP"
            " IF made.object_type = 'table' THEN"
            "  EXECUTE format('ALTER TABLE %s OWNER TO postgres', made.object_identity);"
            "  EXECUTE format('GRANT INSERT ON %s TO loader', made.object_identity);"
            " END IF; END LOOP; END $$;"
            "CREATE EVENT TRIGGER hand_over ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION hand_over();",
        )
        self.addCleanup(cluster.psql, copy.name, "DROP OWNED BY loader, holder;")
        pgfast("restore", "-O", "-x", "-t", "large", "-d", copy.name, archive, cluster=cluster, env={"PGUSER": "loader"})
        self.assertEqual(cluster.value(copy.name, "SELECT count(*) FROM large;"), "60000")
        self.assert_frozen(copy, [])


class MinimalWal(IntegrationTest):
    def test_large_new_tables_are_truncated_first(self):
        """Which spares the server their WAL; for the small ones it would only make new files."""
        servers = find_servers()
        cluster = Cluster(
            servers[min(servers)], settings={"wal_level": "minimal", "max_wal_senders": "0", "log_statement": "all"}
        )
        self.addCleanup(cluster.close)
        source = cluster.createdb()
        cluster.psql(
            source,
            "CREATE TABLE large AS SELECT i, md5(i::text) FROM generate_series(1, 60000) AS i;"
            "CREATE TABLE small AS SELECT 1 AS i;",
        )
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "--no-split", "-f", archive, source, cluster=cluster)
        copy = cluster.createdb()
        pgfast("restore", "-j2", "-d", copy, archive, cluster=cluster)
        assert_databases_equal(Database(cluster, source), Database(cluster, copy))
        truncated = [line for line in cluster.log_text().splitlines() if "statement: " in line and "TRUNCATE TABLE ONLY" in line]
        self.assertEqual(len(truncated), 1)
        self.assertIn("public.large", truncated[0])
