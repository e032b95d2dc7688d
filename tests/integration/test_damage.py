"""Damage as disks, transfers and people do it (fault map E): noticed by verify and restore, whose rows are never wrong.

Flips, cuts, missing and exchanged files are in test_verify.py, test_bad_archive.py and ./run test --reliability.
"""

import os
import shutil

from harness import Database, pgfast
from integration.case import DAMAGED, OK, SmallSourceTest

BLOCK, SECTOR = 4096, 512


class Damage(SmallSourceTest):
    def assert_verify_notices(self, archive, *words):
        for depth in ((), ("--deep",)):
            self.assert_fails(pgfast("verify", *depth, archive, check=False), DAMAGED, *words)

    def assert_restore_notices(self, archive, *words):
        """No table has a row that the source does not have."""
        target = self.database(self.server)
        done = pgfast("restore", "-j2", "-d", target, archive, cluster=self.server, check=False)
        self.assert_fails(done, DAMAGED, *words)
        for table in ("sales.orders", "stock.items", "stock.orders"):
            if self.server.value(target, f"SELECT to_regclass('{table}') IS NOT NULL;") != "t":
                continue
            sql = f"SELECT md5(t::text) FROM {table} t;"
            rows, right = (self.server.query(name, sql) for name in (target, self.source.name))
            self.assertLessEqual({row[0] for row in rows}, {row[0] for row in right}, table)
            self.assertLessEqual(len(rows), len(right), table)

    def assert_noticed(self, archive, *words):
        self.assert_verify_notices(archive, *words)
        self.assert_restore_notices(archive, *words)


class OfDisks(Damage):
    def damages(self, content):
        middle = len(content) // 2 // SECTOR * SECTOR
        yield "zeroed block", content[:middle] + bytes(BLOCK) + content[middle + BLOCK :]
        yield "torn sector", content[:middle] + content[middle - SECTOR : middle] + content[middle + SECTOR :]
        yield "block twice", content[:middle] + content[middle - BLOCK : middle] + content[middle:]
        yield "block lost", content[:middle] + content[middle + BLOCK :]

    def test_blocks(self):
        archive = self.archive("-Z", "none", split="--no-split")
        file = biggest(archive)
        content = file.read_bytes()
        for what, damaged in self.damages(content):
            with self.subTest(what=what):
                file.write_bytes(damaged)
                self.assert_verify_notices(archive, file.name)
        self.assert_restore_notices(archive, file.name)

    def test_blocks_in_an_archive_of_pg_dump(self):
        """Text cannot hold zeros; text that has lost a piece of itself is still text."""
        archive = self.stock_archive("-Z0")
        file = biggest(archive)
        file.write_bytes(dict(self.damages(file.read_bytes()))["zeroed block"])
        self.assert_noticed(archive, file.name, "zero byte")

    def test_an_end_of_rows_before_their_end(self):
        """One bit makes "\\." of "\\n": the server would take the rows up to there, and say nothing."""
        server = self.cluster(15)
        source = self.database(
            server, "CREATE TABLE notes AS SELECT n, repeat('x', n) || E'\\n' AS text FROM generate_series(1, 900) n;"
        )
        archive = self.folder() / "archive"
        server.run_tool("pg_dump", "-Fd", "-Z0", "-f", archive, source)
        file = biggest(archive)
        content = file.read_bytes()
        line = b"x" * 500 + b"\\n\n"
        for early in (line.replace(b"\\n", b"\\."), line + b"\\.\n"):
            file.write_bytes(content.replace(line, early))
            with self.subTest(early=early[-6:]):
                target = self.database(server)
                self.assert_fails(pgfast("verify", archive, check=False), DAMAGED, "last line")
                done = pgfast("restore", "-d", target, archive, cluster=server, check=False)
                self.assert_fails(done, DAMAGED, "last line")
                self.assertEqual(server.value(target, "SELECT count(*) FROM notes;"), "0")


class OfTransfers(Damage):
    def in_text_mode(self, file):
        file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))

    def test_text_mode(self):
        for make in (self.archive, self.stock_archive):
            archive = make()
            for file in archive.iterdir():
                self.in_text_mode(file)
            with self.subTest(make=make.__name__):
                self.assert_noticed(archive, "each of its line feeds has become CR LF", "hint: .*binary mode")

    def test_text_mode_of_one_file(self):
        archive = self.archive("-Z", "none")
        file = biggest(archive)
        self.in_text_mode(file)
        self.assert_noticed(archive, file.name, "each of its line feeds has become CR LF")

    def test_names(self):
        """In capitals, as an old file system gives them back, or cut to 8.3."""
        for rename in (str.upper, lambda name: name.split(".")[0][:8] + "." + name.split(".")[-1][:3]):
            archive = self.archive("-Z", "zstd")
            for name in os.listdir(archive):
                (archive / name).rename(archive / rename(name))
            self.assert_noticed(archive)


class OfPeople(Damage):
    """Files that are whole, but of different dumps."""

    def setUp(self):
        super().setUp()
        self.today = self.archive("-Z", "none", split="--no-split")
        changed = self.database(self.server, template=self.source.name)
        self.server.psql(
            changed, "UPDATE sales.orders SET note = reverse(note); ALTER TABLE stock.items SET (fillfactor = 90);"
        )
        self.other = self.archive_of(Database(self.server, changed), "-Z", "none", "--no-split")

    def test_a_file_of_another_dump(self):
        file = biggest(self.today)
        same_name = self.other / file.name
        self.assertEqual(same_name.stat().st_size, file.stat().st_size)
        shutil.copy(same_name, file)
        self.assert_noticed(self.today, file.name)

    def test_data_of_another_dump(self):
        for file in self.other.glob("*.dat"):
            if file.name != "toc.dat":
                shutil.copy(file, self.today)
        self.assert_noticed(self.today, biggest(self.other).name)

    def test_descriptions_of_another_dump(self):
        shutil.copy(self.other / "toc.dat", self.today)
        self.assert_noticed(self.today, "toc.dat")
        shutil.copy(self.other / "pgfast.manifest", self.today)
        self.assert_noticed(self.today, biggest(self.other).name)

    def test_a_lost_manifest(self):
        """What is left is as good as an archive of pg_dump, but it is said that there was more."""
        (self.today / "pgfast.manifest").unlink()
        for command in (("verify",), ("restore", "-d", self.database(self.server))):
            done = pgfast(*command, self.today, cluster=self.server, check=False)
            self.assertEqual(done.returncode, OK, done.describe())
            self.assertIn("warning: the archive has lost its manifest", done.stderr)
        file = biggest(self.today)
        file.write_bytes(file.read_bytes()[:-3])
        self.assert_noticed(self.today, "end")


def biggest(archive):
    """The biggest file of rows."""
    return max(archive.glob("[0-9]*.dat*"), key=lambda file: file.stat().st_size)
