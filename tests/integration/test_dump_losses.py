"""What a server cannot read any more, and what no COPY carries: lost by name, and nothing else with it."""

from harness import Cluster, pgfast
from integration.case import OBJECTS_FAILED, OK, IntegrationTest

PAGE = 8192


class DamagedServer(IntegrationTest):
    """Blocks overwritten while the server is down, with what it takes for damage (or, all zero, for a new block)."""

    TABLES = """
        CREATE TABLE pages (id integer PRIMARY KEY, v text);
        INSERT INTO pages SELECT i, repeat(md5(i::text), 8) FROM generate_series(1, 3000) AS i;
        CREATE TABLE toasted (id integer PRIMARY KEY, v text);
        ALTER TABLE toasted ALTER v SET STORAGE EXTERNAL;
        INSERT INTO toasted SELECT i, repeat(md5(i::text), 100) FROM generate_series(1, 300) AS i;
        CREATE TABLE whole AS SELECT i AS id FROM generate_series(1, 1000) AS i;
        SELECT lo_from_bytea(4711, (SELECT decode(string_agg(md5(i::text), ''), 'hex') FROM generate_series(1, 3000) AS i));
        SELECT lo_from_bytea(4712, 'whole');
        CHECKPOINT;
    """

    def setUp(self):
        self.server = Cluster(self.cluster(self.MAJOR).server)
        self.addCleanup(self.server.close)
        self.source = self.server.createdb()
        self.server.psql(self.source, self.TABLES)
        self.archive = self.folder() / "archive"

    def files(self, *relations):
        values = [self.server.value(self.source, f"SELECT pg_relation_filepath({relation});") for relation in relations]
        return [self.server.data / value for value in values]

    def overwrite(self, path, block, content):
        with open(path, "r+b") as file:
            file.seek(block * PAGE)
            file.write(content)

    def dump(self, *options):
        arguments = ("--no-sync", "-j2", *options, "-f", self.archive, self.source)
        done = pgfast("dump", *arguments, cluster=self.server, check=False)
        self.assertEqual(done.returncode, OBJECTS_FAILED, done.describe())
        return done.stderr

    def restored(self, reader="pgfast"):
        target = self.server.createdb()
        if reader == "pgfast":
            done = pgfast("restore", "-j2", "-d", target, self.archive, cluster=self.server)
        else:
            done = self.server.run_tool("pg_restore", "-j2", "-d", target, self.archive)
        self.assertEqual(done.returncode, OK, done.describe())
        return target, done.stderr

    def ids(self, database, table, condition="true"):
        return {int(row[0]) for row in self.server.query(database, f"SELECT id FROM {table} WHERE {condition};")}


class Losses18(DamagedServer):
    MAJOR = 18

    def damage(self):
        pages, toast, objects = self.files(
            "'pages'", "(SELECT reltoastrelid FROM pg_class WHERE relname = 'toasted')", "'pg_largeobject'"
        )
        bad = "ctid >= '(5,0)' AND ctid < '(7,0)' OR ctid >= '(20,0)' AND ctid < '(21,0)'"
        self.lost_ids = self.ids(self.source, "pages", bad)
        self.server.stop()
        for block in (5, 6, 20):
            self.overwrite(pages, block, b"damage!!" * 16)
        self.overwrite(toast, 3, bytes(PAGE))
        self.overwrite(objects, 0, b"damage!!" * 16)
        self.server.start()

    def check(self, *options):
        said = self.dump(*options)
        self.assertRegex(said, r"failed: table public\.pages: the rows of blocks 5 to 6 could not be read: .*\(XX001\)")
        self.assertRegex(said, r"failed: table public\.pages: the rows of block 20 could not be read")
        self.assertRegex(said, r"failed: table public\.toasted: row \(\d+,\d+\), key \(id\) = \(\d+\) could not be read: .*missing chunk")
        self.assertRegex(said, r"failed: large object 4711: all of it could not be read: .*\(XX001\)")
        self.assertNotIn("4712", said)
        self.assertRegex(said, r"error: archive .* is complete but for \d+ losses")
        lost_values = {int(line.split("key (id) = (")[1].split(")")[0]) for line in said.splitlines() if "key (id) = (" in line}
        self.assertTrue(0 < len(lost_values) < 8, lost_values)
        for reader in ("pgfast", "pg_restore"):
            target, warned = self.restored(reader)
            self.assertEqual(self.ids(target, "pages"), set(range(1, 3001)) - self.lost_ids)
            self.assertEqual(self.ids(target, "toasted"), set(range(1, 301)) - lost_values)
            self.assertEqual(self.ids(target, "toasted", "v = repeat(md5(id::text), 100)"), set(range(1, 301)) - lost_values)
            self.assertEqual(self.server.value(target, "SELECT count(*) FROM whole;"), "1000")
            self.assertEqual(self.server.value(target, "SELECT lo_get(4711)::text || lo_get(4712)::text;"), r"\x\x77686f6c65")
            if reader == "pgfast":
                self.assertRegex(warned, "warning: .*could not be read when it was dumped")
        done = pgfast("verify", "--deep", self.archive, check=False)
        self.assert_fails(done, OBJECTS_FAILED, "table public.toasted: row", "without")

    def test_as_text(self):
        self.damage()
        self.check()

    def test_as_binary_in_pieces(self):
        self.damage()
        self.check("--data-format=binary", "--split-size=100kB")


class Losses13(DamagedServer):
    MAJOR = 13

    def test_what_lies_behind_is_one_loss(self):
        """This server has no way to read the blocks behind a damaged one alone."""
        (pages,) = self.files("'pages'")
        before = self.ids(self.source, "pages", "ctid < '(5,0)'")
        self.server.stop()
        self.overwrite(pages, 5, b"damage!!" * 16)
        self.server.start()
        said = self.dump("-Z", "gzip:1")
        self.assertRegex(said, r"failed: table public\.pages: all rows of a piece behind the first \d+ could not be read")
        target, _ = self.restored()
        self.assertEqual(self.ids(target, "pages"), before)
        self.assertEqual(self.ids(target, "toasted"), set(range(1, 301)))


class ValueBeyondText(IntegrationTest):
    """A bytea that has more digits than a server can make at once, in a table that cannot be read in binary format."""

    SQL = """
        CREATE TABLE wide (id integer PRIMARY KEY, v bytea, more xml);
        INSERT INTO wide SELECT i, 'v' FROM generate_series(1, 100) AS i;
        UPDATE wide SET v = convert_to(repeat('x', 540000000), 'UTF8') WHERE id = 50;
    """

    def test_its_row_is_the_only_loss(self):
        cluster = self.cluster(18)
        source = self.database(cluster, self.SQL)
        archive = self.folder() / "archive"
        done = pgfast("dump", "--no-sync", "-j2", "-f", archive, source, cluster=cluster, check=False)
        row = r"failed: table public\.wide: row \(\d+,\d+\), key \(id\) = \(50\) could not be read"
        self.assert_fails(done, OBJECTS_FAILED, row, r'hint: .*"more" of type xml', "complete but for 1 loss", "unless it is only too large")
        target = self.database(cluster)
        pgfast("restore", "-d", target, archive, cluster=cluster)
        self.assertEqual(cluster.query(target, "SELECT count(*), sum(id) FROM wide;"), [["99", "5000"]])
