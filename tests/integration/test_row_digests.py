"""What was hashed as the rows came from the server is held against what a file holds, and what a server is sent."""

import hashlib
import json

from harness import Database, assert_databases_equal, pgfast
from integration.case import DAMAGED, OK, IntegrationTest

SQL = """
CREATE TABLE small (i integer, v text);
INSERT INTO small SELECT i, 'canary ' || i FROM generate_series(1, 100) i;
CREATE TABLE beside (i integer, v text);
INSERT INTO beside SELECT i, 'sparrow ' || i FROM generate_series(1, 100) i;
CREATE TABLE big (i integer, v text);
INSERT INTO big SELECT i, 'canary ' || md5(i::text) FROM generate_series(1, 60000) i;
"""
LARGE_OBJECTS = "SELECT lo_from_bytea(i, 'canary') FROM generate_series(70001, 70009) i;"


class ForgedRows(IntegrationTest):
    """A file with other rows of the same length, for which manifest and SHA256SUMS vouch: bytes that were changed
    before they were written, or by a codec."""

    def setUp(self):
        self.server = self.cluster(18)

    def archive_of(self, sql, *options):
        self.source = Database(self.server, self.database(self.server, sql))
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-Z", "none", *options, "-f", archive, self.source.name, cluster=self.server)
        return archive

    def forge(self, archive, contained, old, new):
        """In the file of rows whose content holds `contained`."""
        (path,) = (path for path in archive.glob("*.dat") if contained in path.read_bytes() and path.stem.isdigit())
        content = path.read_bytes()
        self.assertEqual(len(old), len(new))
        path.write_bytes(content.replace(old, new, 1))
        manifest = archive / "pgfast.manifest"
        text = manifest.read_text().replace(self.sha256(content), self.sha256(path.read_bytes()))
        sums = archive / "SHA256SUMS"
        old_sums = sums.read_bytes()
        sums.write_text(old_sums.decode().replace(self.sha256(content), self.sha256(path.read_bytes())))
        text = text.replace(self.sha256(old_sums), self.sha256(sums.read_bytes()))
        covered = text.split(',\n"seal": ')[0]
        manifest.write_text(f'{covered},\n"seal": "{self.sha256(covered.encode())}"\n}}\n')
        json.loads(manifest.read_text())
        return path.name

    def sha256(self, content):
        return hashlib.sha256(content).hexdigest()

    def assert_noticed(self, archive, name, *options):
        """By a deep look, and by a restore, which leaves nothing of the table."""
        self.assertEqual(pgfast("verify", archive, check=False).returncode, OK)
        words = rf"{name}.*its rows are not those that were dumped"
        self.assertRegex(pgfast("verify", "--deep", archive, check=False).stderr, words)
        target = self.database(self.server)
        done = pgfast("restore", *options, "-d", target, archive, cluster=self.server, check=False)
        self.assertEqual(done.returncode, DAMAGED, done.describe())
        self.assertRegex(done.stderr, words)
        return target

    def rows_in(self, target, table):
        return int(self.server.value(target, f"SELECT count(*) FROM {table};"))

    def test_tables_that_are_loaded_in_groups(self):
        archive = self.archive_of(SQL.split("CREATE TABLE big")[0])
        name = self.forge(archive, b"canary 7\n", b"canary 7\n", b"canary 8\n")
        target = self.assert_noticed(archive, name, "-j2")
        self.assertEqual((self.rows_in(target, "small"), self.rows_in(target, "beside")), (0, 100))

    def test_a_table_in_one_stream(self):
        archive = self.archive_of(SQL, "--no-split")
        name = self.forge(archive, b"canary c4ca", b"\n60000\t", b"\n60001\t")
        target = self.assert_noticed(archive, name, "-j1")
        self.assertEqual((self.rows_in(target, "big"), self.rows_in(target, "small")), (0, 100))

    def test_a_table_that_several_sessions_share(self):
        archive = self.archive_of(SQL, "--no-split")
        name = self.forge(archive, b"canary c4ca", b"\n30000\t", b"\n30001\t")
        target = self.assert_noticed(archive, name, "-j4")
        self.assertEqual((self.rows_in(target, "big"), self.rows_in(target, "small")), (0, 100))

    def test_binary_rows(self):
        archive = self.archive_of(SQL, "--no-split", "--data-format=binary")
        name = self.forge(archive, b"canary c4ca", b"canary c4ca", b"canary c4cb")
        for jobs in ("-j1", "-j4"):
            target = self.assert_noticed(archive, name, jobs)
            self.assertEqual(self.rows_in(target, "big"), 0)

    def test_packed_large_objects(self):
        for form in ("text", "binary"):
            archive = self.archive_of(LARGE_OBJECTS, "--large-objects=packed", f"--data-format={form}")
            old, new = (b"canary", b"canard") if form == "binary" else (b"canary".hex().encode(), b"canard".hex().encode())
            name = self.forge(archive, old, old, new)
            with self.subTest(form=form):
                target = self.assert_noticed(archive, name)
                self.assertEqual(self.rows_in(target, "pg_largeobject"), 0)

    def test_nothing_is_noticed_where_nothing_is_changed(self):
        for options in (["-j1"], ["-j4"]):
            archive = self.archive_of(SQL, "--no-split")
            target = Database(self.server, self.database(self.server))
            pgfast("restore", *options, "-d", target.name, archive, cluster=self.server)
            assert_databases_equal(self.source, target, judges=("rows",))
