"""What may run beside what: keys in circles, tables of extensions, materialized views upon each other."""

from harness import Database, assert_databases_equal, pgfast
from integration.case import IntegrationTest
from integration.zoo import drop_database, make_globals

TABLES = 24
CIRCLES = "".join(
    f"CREATE TABLE t{i} (id integer PRIMARY KEY, next integer, other integer);"
    f"INSERT INTO t{i} SELECT g, g, g FROM generate_series(1, 300) AS g;"
    f"CREATE INDEX ON t{i} (next); CREATE INDEX ON t{i} (other);"
    for i in range(TABLES)
) + "".join(
    f"ALTER TABLE t{i} ADD FOREIGN KEY (next) REFERENCES t{(i + 1) % TABLES},"
    f" ADD FOREIGN KEY (other) REFERENCES t{(i * 7 + 3) % TABLES};"
    for i in range(TABLES)
)

# Many rows in both of the extension's tables, so that a wrong order is seen.
EXTENSION_ROWS = """
CREATE EXTENSION pgfast_shop;
INSERT INTO shop_settings.setting SELECT 's' || i, repeat('x', 50), false FROM generate_series(1, 20000) AS i;
INSERT INTO shop_settings.override (setting_name, country) SELECT 's' || i, 'DE' FROM generate_series(1, 20000) AS i;
"""

# Long rows first: pieces of equal bytes hold very different numbers of rows.
SKEWED = """
CREATE TABLE parent (id integer PRIMARY KEY, v text);
CREATE TABLE child (id integer REFERENCES parent);
INSERT INTO parent SELECT i, CASE WHEN i < 3000 THEN repeat('x', 2000) ELSE '' END FROM generate_series(1, 60000) AS i;
INSERT INTO child SELECT i FROM generate_series(1, 60000) AS i;
"""


class RestoreOrder(IntegrationTest):
    def round_trip(self, sql, *dump_options, jobs="-j8", times=3):
        cluster = self.cluster()
        source = Database(cluster, self.database(cluster, sql))
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-j4", *dump_options, "-f", archive, source.name, cluster=cluster)
        for _ in range(times):
            copy = Database(cluster, self.database(cluster))
            pgfast("restore", jobs, "-d", copy.name, archive, cluster=cluster)
            assert_databases_equal(source, copy)
        return cluster, archive

    def test_foreign_keys_in_circles(self):
        """Two of them at once on the same tables would wait for each other for ever."""
        self.round_trip(CIRCLES)

    def test_tables_of_an_extension_that_need_each_other(self):
        """Their foreign key is there from the start, so the rows it points at must come first."""
        self.round_trip(EXTENSION_ROWS, "--split-size=64kB")

    def test_stock_too_finds_the_order_of_an_extensions_tables_in_our_archives(self):
        cluster = self.cluster()
        source = Database(cluster, self.database(cluster, EXTENSION_ROWS))
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-Z", "none", "-f", archive, source.name, cluster=cluster)
        copy = Database(cluster, self.database(cluster))
        cluster.run_tool("pg_restore", "-j4", "-d", copy.name, archive)
        assert_databases_equal(source, copy)

    def test_grants_that_need_the_grants_of_their_schema(self):
        """A grantor that is not the owner must be let into the schema before its own grants are given again."""
        cluster = self.cluster()
        make_globals(cluster)
        self.round_trip(
            "".join(
                f"CREATE SCHEMA s{i}; GRANT USAGE ON SCHEMA s{i} TO zoo_grantor; CREATE TABLE s{i}.t (i integer);"
                f"GRANT SELECT ON s{i}.t TO zoo_grantor WITH GRANT OPTION;"
                f"SET ROLE zoo_grantor; GRANT SELECT ON s{i}.t TO zoo_reader; RESET ROLE;"
                for i in range(TABLES)
            )
        )

    def test_a_trigger_that_a_partition_has_from_the_root_is_switched_off_there(self):
        """The archive's order, and what it says of dependencies, let that come before the trigger is made."""
        self.round_trip(
            "CREATE TABLE root (a integer, b integer) PARTITION BY RANGE (a);"
            "CREATE TABLE middle PARTITION OF root FOR VALUES FROM (0) TO (9) PARTITION BY RANGE (b);"
            "CREATE TABLE leaf PARTITION OF middle FOR VALUES FROM (0) TO (9);"
            "CREATE FUNCTION pass() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
            "CREATE TRIGGER audit AFTER INSERT ON root FOR EACH ROW EXECUTE FUNCTION pass();"
            "ALTER TABLE leaf DISABLE TRIGGER audit; COMMENT ON TRIGGER audit ON leaf IS 'not here';",
            times=1,
        )

    def test_an_owner_under_row_security_gets_the_keys(self):
        """A key cannot be checked by whom policies hide rows from, so row security is switched on after it."""
        cluster = self.cluster()
        cluster.psql("postgres", "CREATE ROLE zoo_tenant LOGIN;")
        self.addCleanup(cluster.psql, "postgres", "DROP ROLE zoo_tenant;")
        source = Database(
            cluster,
            self.database(
                cluster,
                "CREATE TABLE parent AS SELECT i AS id FROM generate_series(1, 50000) AS i;"
                "ALTER TABLE parent ADD PRIMARY KEY (id);"
                "CREATE TABLE child (id integer REFERENCES parent); INSERT INTO child VALUES (1);"
                "ALTER TABLE child ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;"
                "CREATE POLICY own ON child USING (id = 2);",
            ),
        )
        archive = self.archive_of(source)
        for jobs in ("-j1", "-j4"):
            copy = self.database(cluster, "GRANT CREATE ON SCHEMA public TO zoo_tenant;")
            pgfast("restore", "-O", "-x", jobs, "-d", copy, archive, cluster=cluster, env={"PGUSER": "zoo_tenant"})
            self.assertEqual(
                cluster.query(
                    copy,
                    "SELECT (SELECT convalidated FROM pg_constraint WHERE contype = 'f'), relrowsecurity"
                    " FROM pg_class WHERE relname = 'child';",
                ),
                [["t", "t"]],
            )
            drop_database(cluster, copy)

    def test_skewed_pieces_of_a_parent(self):
        """A key may be checked only when every piece of both tables is in (archive-format.md 0.3)."""
        cluster, archive = self.round_trip(SKEWED, "--split-size=64kB", "-Z", "none", times=1)
        for _ in range(3):
            copy = self.database(cluster)
            cluster.run_tool("pg_restore", "-j4", "-d", copy, archive)
            self.assertEqual(
                cluster.query(copy, "SELECT (SELECT count(*) FROM parent), (SELECT count(*) FROM child);"),
                [["60000", "60000"]],
            )

    def test_a_refresh_that_fails_is_named_and_the_others_are_done(self):
        cluster = self.cluster()
        source = self.database(
            cluster,
            "CREATE TABLE t AS SELECT 1 AS i; CREATE MATERIALIZED VIEW fine AS SELECT * FROM t;"
            "CREATE FUNCTION settings_only() RETURNS integer LANGUAGE sql STABLE AS"
            " $$SELECT current_setting('zoo.needed')::integer$$;"
            "SET zoo.needed = '1'; CREATE MATERIALIZED VIEW broken AS SELECT settings_only() AS i;"
            "CREATE MATERIALIZED VIEW also_fine AS SELECT * FROM fine;",
        )
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-f", archive, source, cluster=cluster)
        target = self.database(cluster)
        done = pgfast("restore", "-j4", "-d", target, archive, cluster=cluster, check=False)
        self.assert_fails(done, 41, "broken", "zoo.needed")
        self.assertEqual(
            cluster.query(target, "SELECT (SELECT count(*) FROM fine), (SELECT count(*) FROM also_fine);"), [["1", "1"]]
        )

    def test_views_that_read_each_other_through_functions(self):
        """Which pg_dump does not look into, so that the archive has no order for them."""
        cluster = self.cluster()
        chain = ("a", "b", "c", "d")
        source = self.database(
            cluster,
            "CREATE MATERIALIZED VIEW d AS SELECT 1 AS i;"
            + "".join(
                f"CREATE FUNCTION read_{after}() RETURNS SETOF integer LANGUAGE plpgsql STABLE AS"
                f" $$BEGIN RETURN QUERY SELECT i FROM public.{after}; END$$;"
                f"CREATE MATERIALIZED VIEW {before} AS SELECT i + 1 AS i FROM read_{after}() AS i;"
                for before, after in reversed(list(zip(chain, chain[1:])))
            ),
        )
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-f", archive, source, cluster=cluster)
        for jobs in ("-j1", "-j4"):
            target = self.database(cluster)
            pgfast("restore", jobs, "-d", target, archive, cluster=cluster)
            self.assertEqual(
                cluster.query(target, "SELECT a.i, b.i, c.i, d.i FROM a, b, c, d;"), [["4", "3", "2", "1"]]
            )

    def test_dependents_of_a_failed_table_do_not_bury_its_error(self):
        """A table that cannot be made: its rows, keys and indexes are not tried one by one against nothing."""
        cluster = self.cluster()
        source = self.database(
            cluster,
            "CREATE TABLE t (id integer PRIMARY KEY); INSERT INTO t VALUES (1); CREATE TABLE u AS SELECT 1 AS i;",
        )
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-f", archive, source, cluster=cluster)
        target = self.database(cluster, "CREATE VIEW t AS SELECT 'in the way' AS id;")
        done = pgfast("restore", "-j4", "-d", target, archive, cluster=cluster, check=False)
        self.assert_fails(done, 41, "already exists", "42P07")
        self.assertEqual(cluster.value(target, "SELECT count(*) FROM u;"), "1")

    def test_a_dry_run_tells_the_order_and_needs_no_server(self):
        cluster = self.cluster()
        archive = self.folder() / "archive"
        source = self.database(
            cluster, "CREATE TABLE t AS SELECT g AS i FROM generate_series(1, 9) AS g; CREATE INDEX later ON t (i);"
        )
        pgfast("dump", "--no-sync", "-f", archive, source, cluster=cluster)
        for options in (["-j2"], ["-j1"], ["-1"]):
            done = pgfast("restore", "--dry-run", *options, archive, env={"PGHOST": "/nowhere"})
            steps = [" ".join(line.split()[5:]) for line in done.stdout.splitlines() if not line.startswith(";")]
            self.assertEqual(
                steps, ["load TABLE DATA public.t", "create INDEX public.later", "analyze TABLE DATA public.t"]
            )
            self.assertIn("; the longest chain takes 0.00", done.stdout)
        done = pgfast("restore", "--dry-run", "-d", "x", archive, env={"PGHOST": "/nowhere"}, check=False)
        self.assert_fails(done, 10, "/nowhere")
        target = self.database(cluster)
        done = pgfast("restore", "--dry-run", "-d", target, archive, cluster=cluster)
        self.assertRegex(done.stdout, f"^; server {cluster.major}: maintenance_work_mem 64.0 MB, .*wal_level")
        self.assertEqual(cluster.value(target, "SELECT count(*) FROM pg_class WHERE oid >= 16384;"), "0")
        done = pgfast("restore", "--dry-run", "--section=pre-data", archive)
        self.assertIn("; 1 definitions first, then 0 steps", done.stdout)
