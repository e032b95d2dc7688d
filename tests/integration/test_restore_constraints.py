"""Constraints of large tables are restored in two halves: what is there in the end is what was dumped."""

from harness import Database, assert_databases_equal, pgfast
from integration.case import OBJECTS_FAILED, IntegrationTest

# Long values that do not compress: half a megabyte stored is what counts as large.
LARGE = "SELECT g AS id, g AS a, g % 10 AS b, md5(g::text) AS v FROM generate_series(1, 20000) AS g"
SCHEMA = f"""
CREATE TABLE dim AS {LARGE};
ALTER TABLE dim ADD PRIMARY KEY (id), ADD CONSTRAINT "Odd; key" UNIQUE (a, id) INCLUDE (v) WITH (fillfactor=60);
CREATE TABLE fact AS {LARGE};
ALTER TABLE fact ALTER id SET NOT NULL, ALTER v SET NOT NULL,
    ADD CONSTRAINT fact_key PRIMARY KEY (id) DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT fact_v UNIQUE (v, a) DEFERRABLE, ADD CONSTRAINT fact_cluster UNIQUE (id, v);
CREATE INDEX ON fact (b);
CREATE INDEX fact_identity ON fact (lower(v));
ALTER TABLE fact CLUSTER ON fact_cluster;
ALTER TABLE fact REPLICA IDENTITY USING INDEX fact_cluster;
ALTER TABLE fact
    ADD CONSTRAINT fact_to_dim FOREIGN KEY (a) REFERENCES dim ON UPDATE CASCADE ON DELETE SET NULL,
    ADD CONSTRAINT fact_to_dim_later FOREIGN KEY (id) REFERENCES dim DEFERRABLE INITIALLY DEFERRED,
    ADD CONSTRAINT "To itself" FOREIGN KEY (a) REFERENCES fact_self (id) MATCH FULL,
    ADD CONSTRAINT never_checked FOREIGN KEY (b) REFERENCES dim NOT VALID;
COMMENT ON CONSTRAINT fact_to_dim ON fact IS 'checked';
COMMENT ON CONSTRAINT fact_v ON fact IS 'attached';
COMMENT ON INDEX fact_v IS 'built';
CREATE TABLE root (id integer NOT NULL, v text) PARTITION BY RANGE (id);
CREATE TABLE leaf PARTITION OF root FOR VALUES FROM (0) TO (100000);
INSERT INTO root SELECT id, v FROM fact;
ALTER TABLE root ADD PRIMARY KEY (id);
CREATE INDEX ON root (v);
ALTER TABLE root ADD FOREIGN KEY (id) REFERENCES dim;
ALTER TABLE fact ADD CONSTRAINT fact_to_root FOREIGN KEY (id) REFERENCES root;
CREATE TABLE parent AS {LARGE};
ALTER TABLE parent ADD PRIMARY KEY (id);
CREATE TABLE heir (w text) INHERITS (parent);
INSERT INTO heir SELECT *, 'x' FROM parent;
ALTER TABLE heir ADD PRIMARY KEY (id), ADD FOREIGN KEY (id) REFERENCES parent;
""".replace("fact_self (id)", "dim (id)")
STATES = """
SELECT conrelid::regclass, conname, contype, convalidated, condeferrable, condeferred, conislocal, coninhcount,
       conindid::regclass, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype IN ('p', 'u', 'f')
   AND connamespace = 'public'::regnamespace ORDER BY conrelid::regclass::text, conname;
"""


class RestoreConstraints(IntegrationTest):
    def archive(self, cluster, source):
        folder = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-Z", "none", "-f", folder, source, cluster=cluster)
        return folder

    def test_they_end_up_as_they_were(self):
        for major in (13, 18):
            with self.subTest(major=major):
                cluster = self.cluster(major)
                source = self.database(cluster, SCHEMA)
                target = self.database(cluster)
                pgfast("restore", "-j4", "-d", target, self.archive(cluster, source), cluster=cluster)
                assert_databases_equal(Database(cluster, source), Database(cluster, target))
                self.assertEqual(cluster.query(target, STATES), cluster.query(source, STATES))

    def test_a_violated_key_is_told_with_its_values_and_leaves_nothing(self):
        cluster = self.cluster()
        source = self.database(
            cluster,
            f"CREATE TABLE dim AS {LARGE}; CREATE TABLE fact AS {LARGE}; ALTER TABLE dim ADD PRIMARY KEY (id);"
            "UPDATE fact SET b = 1;"
            "ALTER TABLE fact ADD CONSTRAINT bad FOREIGN KEY (a) REFERENCES dim, ADD CONSTRAINT good FOREIGN KEY (b)"
            " REFERENCES dim; ALTER TABLE fact ADD CONSTRAINT twice UNIQUE (v);"
            "SET session_replication_role = replica; UPDATE fact SET a = -77 WHERE id = 9;",
        )
        archive = self.archive(cluster, source)
        target = self.database(cluster)
        done = pgfast("restore", "-j4", "-d", target, archive, cluster=cluster, check=False)
        self.assert_fails(done, OBJECTS_FAILED, "bad", r"Key \(a\)=\(-77\) is not present", "23503", "1 of")
        names = (
            "SELECT conname, convalidated FROM pg_constraint WHERE contype IN ('p', 'u', 'f')"
            " AND connamespace = 'public'::regnamespace ORDER BY 1;"
        )
        self.assertEqual(cluster.query(target, names), [["dim_pkey", "t"], ["good", "t"], ["twice", "t"]])

    def test_violated_keys_of_partitioned_tables(self):
        for major in (17, 18):
            with self.subTest(major=major):
                cluster = self.cluster(major)
                source = self.database(
                    cluster,
                    "CREATE TABLE root (id integer PRIMARY KEY, a integer, v text) PARTITION BY RANGE (id);"
                    "CREATE TABLE leaf PARTITION OF root FOR VALUES FROM (0) TO (1000000);"
                    f"INSERT INTO root SELECT id, a, v FROM ({LARGE}) AS large; CREATE TABLE fact AS {LARGE};"
                    "ALTER TABLE fact ADD CONSTRAINT to_root FOREIGN KEY (a) REFERENCES root, ADD UNIQUE (id);"
                    "ALTER TABLE root ADD CONSTRAINT from_root FOREIGN KEY (a) REFERENCES fact (id),"
                    " ADD CONSTRAINT good FOREIGN KEY (id) REFERENCES fact (id);"
                    "SET session_replication_role = replica; UPDATE fact SET a = -7 WHERE id = 9; UPDATE root SET a = -8 WHERE id = 9;",
                )
                archive = self.archive(cluster, source)
                shown = pgfast("restore", "--dry-run", "-j4", archive, cluster=cluster).stdout
                for key in ("to_root", "from_root", "good"):
                    self.assertRegex(shown, f"validate .*{key}")
                target = self.database(cluster)
                done = pgfast("restore", "-j4", "-d", target, archive, cluster=cluster, check=False)
                self.assert_fails(done, OBJECTS_FAILED, r"\(a\)=\(-7\)", r"\(a\)=\(-8\)", "2 of")
                keys = "SELECT conrelid::regclass, conname FROM pg_constraint WHERE contype = 'f' ORDER BY conrelid::regclass::text;"
                self.assertEqual(cluster.query(target, keys), [["leaf", "good"], ["root", "good"]])

    def test_a_second_primary_key_is_told_and_leaves_no_index(self):
        cluster = self.cluster()
        source = self.database(cluster, f"CREATE TABLE dim AS {LARGE}; ALTER TABLE dim ADD CONSTRAINT k PRIMARY KEY (id);")
        archive = self.archive(cluster, source)
        target = self.database(cluster, "CREATE TABLE dim (id integer, a integer PRIMARY KEY, b integer, v text);")
        done = pgfast("restore", "-j4", "--data-only", "-d", target, archive, cluster=cluster)
        done = pgfast("restore", "-j4", "--section=post-data", "-d", target, archive, cluster=cluster, check=False)
        self.assert_fails(done, OBJECTS_FAILED, "multiple primary keys", "42P16")
        self.assertEqual(
            cluster.query(target, "SELECT relname FROM pg_class WHERE relkind = 'i' AND relname IN ('k', 'dim_pkey');"),
            [["dim_pkey"]],
        )

    def test_values_that_are_there_twice(self):
        cluster = self.cluster()
        source = self.database(cluster, f"CREATE TABLE dim AS {LARGE}; ALTER TABLE dim ADD UNIQUE (a), ADD UNIQUE (id);")
        archive = self.archive(cluster, source)
        target = self.database(cluster)
        pgfast("restore", "--section=pre-data", "--section=data", "-d", target, archive, cluster=cluster)
        cluster.psql(target, "UPDATE dim SET a = 5 WHERE id = 6;")
        done = pgfast("restore", "-j4", "--section=post-data", "-d", target, archive, cluster=cluster, check=False)
        self.assert_fails(done, OBJECTS_FAILED, "dim_a_key", r"Key \(a\)=\(5\) is duplicated", "23505", "1 of 2")
