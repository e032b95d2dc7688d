"""One file of rows through several sessions into a new table: all of them, or none."""

from harness import Database, assert_databases_equal, pgfast
from integration.case import DAMAGED, OBJECTS_FAILED, IntegrationTest

ROWS = 60000
# Values that do not shrink, odd ones, and a row that is longer than what sessions are handed at a time.
SQL = f"""
CREATE TABLE big (i integer PRIMARY KEY, v text, w text);
INSERT INTO big SELECT i, md5(i::text) || md5((-i)::text), CASE i % 4 WHEN 0 THEN E'a\\nb\\\\\\tc' WHEN 1 THEN '' WHEN 2 THEN '\\.' END
  FROM generate_series(1, {ROWS}) AS i;
UPDATE big SET w = (SELECT string_agg(md5(j::text), E'\\n') FROM generate_series(1, 30000) AS j) WHERE i = 30000;
CREATE TABLE beside AS SELECT 1 AS i;
"""
SESSIONS_SEEN = "SELECT count(DISTINCT xmin::text) FROM big;"


class SharedLoad(IntegrationTest):
    def archive_of_stock(self, *options, major=18):
        cluster = self.cluster(major)
        source = Database(cluster, self.database(cluster, SQL))
        archive = self.folder() / "archive"
        cluster.run_tool("pg_dump", "-Fd", *options, "-f", archive, source.name)
        return source, archive

    def file_of_rows(self, archive):
        return max(archive.glob("*.dat*"), key=lambda path: path.stat().st_size)

    def restore(self, cluster, archive, *options, sql=None, check=True):
        copy = Database(cluster, self.database(cluster, sql))
        done = pgfast("restore", "-j4", *options, "-d", copy.name, archive, cluster=cluster, check=check)
        return copy, done

    def sessions_seen(self, copy):
        return int(copy.cluster.value(copy.name, SESSIONS_SEEN))

    def assert_nothing_of_it(self, copy):
        self.assertEqual(copy.cluster.value(copy.name, "SELECT count(*) FROM big;"), "0")
        self.assertEqual(copy.cluster.value(copy.name, "SELECT count(*) FROM beside;"), "1")

    def test_archives_of_pg_dump(self):
        for codec in ("none", "gzip:1", "lz4", "zstd:1"):
            with self.subTest(codec=codec):
                source, archive = self.archive_of_stock("-Z", codec)
                copy, _ = self.restore(source.cluster, archive)
                assert_databases_equal(source, copy, judges=("rows", "catalog") if codec == "none" else ("rows",))
                self.assertGreater(self.sessions_seen(copy), 1)

    def test_older_servers(self):
        source, archive = self.archive_of_stock("-Z1", major=13)
        copy, _ = self.restore(source.cluster, archive)
        assert_databases_equal(source, copy, judges=("rows",))
        self.assertGreater(self.sessions_seen(copy), 1)

    def test_binary_rows(self):
        cluster = self.cluster()
        source = Database(cluster, self.database(cluster, SQL))
        for codec in ("none", "lz4"):
            with self.subTest(codec=codec):
                archive = self.folder() / "archive"
                pgfast("dump", "--data-format=binary", "--no-split", "-Z", codec, "-f", archive, source.name, cluster=cluster)
                copy, _ = self.restore(cluster, archive)
                assert_databases_equal(source, copy, judges=("rows",))
                self.assertGreater(self.sessions_seen(copy), 1)

    def test_a_file_that_is_cut_off_leaves_nothing(self):
        for codec in ("none", "zstd:1"):
            source, archive = self.archive_of_stock("-Z", codec)
            path = self.file_of_rows(archive)
            whole = path.read_bytes()
            for length in (len(whole) // 2, len(whole) - 3):
                with self.subTest(codec=codec, length=length):
                    path.write_bytes(whole[:length])
                    copy, done = self.restore(source.cluster, archive, check=False)
                    self.assert_fails(done, DAMAGED, "TABLE DATA public.big", "1 of ")
                    self.assert_nothing_of_it(copy)

    def test_a_changed_byte_leaves_nothing(self):
        cluster = self.cluster()
        source = self.database(cluster, SQL)
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "--no-split", "-Znone", "-f", archive, source, cluster=cluster)
        path = self.file_of_rows(archive)
        bytes_of = bytearray(path.read_bytes())
        bytes_of[-100] ^= 1
        path.write_bytes(bytes_of)
        copy, done = self.restore(cluster, archive, check=False)
        self.assert_fails(done, DAMAGED, "TABLE DATA public.big", "checksum", "1 of ")
        self.assert_nothing_of_it(copy)

    def test_a_row_that_the_server_refuses_leaves_nothing(self):
        source, archive = self.archive_of_stock("-Znone")
        path = self.file_of_rows(archive)
        path.write_bytes(path.read_bytes().replace(b"\n59000\t", b"\nmany\t"))
        copy, done = self.restore(source.cluster, archive, check=False)
        self.assert_fails(done, OBJECTS_FAILED, "TABLE DATA public.big", "22P02", "1 of ")
        self.assert_nothing_of_it(copy)

    def test_a_commit_that_fails_leaves_nothing(self):
        source, archive = self.archive_of_stock("-Z", "lz4")
        copy, done = self.restore(
            source.cluster,
            archive,
            check=False,
            sql="CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN RAISE 'not this one'; END$$;"
            "CREATE FUNCTION guard() RETURNS event_trigger LANGUAGE plpgsql AS $$BEGIN"
            " IF to_regclass('public.big') IS NOT NULL THEN"
            "  CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON public.big DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
            "   WHEN (new.i = 100) EXECUTE FUNCTION public.refuse();"
            " END IF; END$$;"
            "CREATE EVENT TRIGGER guard ON ddl_command_end WHEN TAG IN ('CREATE TABLE') EXECUTE FUNCTION guard();",
        )
        self.assert_fails(done, OBJECTS_FAILED, "TABLE DATA public.big", "not this one", "1 of ")
        self.assert_nothing_of_it(copy)

    def test_a_table_that_was_there_gets_one_stream(self):
        """Where keys are there already, sessions that commit together could wait for each other."""
        source, archive = self.archive_of_stock("-Z", "lz4")
        copy, _ = self.restore(source.cluster, archive, "-a", sql="CREATE TABLE beside (i integer); CREATE TABLE big (i integer PRIMARY KEY, v text, w text);")
        assert_databases_equal(source, copy, judges=("rows",))
        self.assertEqual(self.sessions_seen(copy), 1)
