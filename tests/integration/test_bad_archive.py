"""Damaged, cut, mixed up and foreign archives: never a crash, never a row silently lost."""

import os
import random
import shutil

from harness import Database, assert_databases_equal, pgfast
from integration.case import DAMAGED, HOSTILE, INCOMPLETE, LOCAL_IO, OBJECTS_FAILED, OK, UNSUPPORTED_FORMAT, SmallSourceTest

REFUSED = (DAMAGED, INCOMPLETE, UNSUPPORTED_FORMAT, HOSTILE)
CODECS = ("none", "gzip", "lz4", "zstd")


class DamagedArchive(SmallSourceTest):
    def restore(self, archive, *options):
        target = self.database(self.server)
        return target, pgfast(
            "restore", "-j2", *options, "-d", target, archive, cluster=self.server, check=False, timeout_s=60
        )

    def restore_fails(self, archive, *words, codes=REFUSED):
        target, done = self.restore(archive)
        self.assertIn(done.returncode, codes, done.describe())
        self.assert_one_error(done, *words)
        self.assert_no_sessions(self.server, target)
        return target

    def biggest_data_file(self, archive):
        return max(
            (
                file
                for file in archive.iterdir()
                if ".dat" in file.name and file.name != "toc.dat" and not file.name.startswith("blob")
            ),
            key=lambda file: file.stat().st_size,
        )

    # The table of contents

    def surprises(self, archive, contents, may_be_listed):
        """What went wrong when `list` met each of these as toc.dat: (place, how it ended)."""
        allowed = (OK, *REFUSED) if may_be_listed else REFUSED
        found = []
        for place, content in contents:
            (archive / "toc.dat").write_bytes(content)
            done = pgfast("list", archive, check=False, timeout_s=20)
            lines = done.stderr.splitlines()
            if done.returncode not in allowed or (done.returncode != OK and not lines[-1:]):
                found.append((place, done.returncode, lines[-1:]))
        return found

    def test_flipped_bits_in_the_toc_of_pgfast_are_all_noticed(self):
        archive = self.archive()
        toc = (archive / "toc.dat").read_bytes()
        flips = ((at, flipped(toc, at)) for at in self.places(len(toc), 120))
        self.assertEqual(self.surprises(archive, flips, may_be_listed=False), [])

    def test_flipped_bits_in_the_toc_of_pg_dump_never_crash(self):
        archive = self.stock_archive("-Z6")
        toc = (archive / "toc.dat").read_bytes()
        flips = ((at, flipped(toc, at)) for at in self.places(len(toc), 250))
        self.assertEqual(self.surprises(archive, flips, may_be_listed=True), [])

    def test_cut_tocs_never_crash(self):
        archive = self.stock_archive("-Z6")
        toc = (archive / "toc.dat").read_bytes()
        cuts = ((length, toc[:length]) for length in self.places(len(toc), 150))
        self.assertEqual(self.surprises(archive, cuts, may_be_listed=False), [])

    def places(self, length, count):
        """All of the header and a fixed choice of the rest."""
        return [*range(60), *random.Random(length).sample(range(60, length), count)]

    def test_versions_that_nobody_reads(self):
        archive = self.stock_archive("-Z0")
        toc = (archive / "toc.dat").read_bytes()
        for major, minor in ((1, 17), (1, 99), (2, 0), (0, 5), (1, 200)):
            with self.subTest(version=f"{major}.{minor}"):
                (archive / "toc.dat").write_bytes(toc[:5] + bytes([major, minor]) + toc[7:])
                done = pgfast("list", archive, check=False)
                self.assert_fails(done, UNSUPPORTED_FORMAT, rf"{major}\.{minor}")

    # Data files

    def test_missing_data_file(self):
        archive = self.archive()
        file = self.biggest_data_file(archive)
        file.unlink()
        self.restore_fails(archive, file.name.split(".")[0])

    def test_missing_data_file_of_pg_dump(self):
        archive = self.stock_archive("-Z6")
        file = self.biggest_data_file(archive)
        file.unlink()
        self.restore_fails(archive, file.name.split(".")[0], codes=(*REFUSED, 20, 41))

    def test_empty_data_file(self):
        for codec in CODECS:
            with self.subTest(codec=codec):
                archive = self.archive("-Z", codec)
                file = self.biggest_data_file(archive)
                file.write_bytes(b"")
                self.restore_fails(archive, file.name)

    def test_cut_data_file(self):
        for codec in CODECS:
            archive = self.archive("-Z", codec)
            file = self.biggest_data_file(archive)
            content = file.read_bytes()
            for length in (1, len(content) // 2, len(content) - 5, len(content) - 1):
                with self.subTest(codec=codec, length=length):
                    file.write_bytes(content[:length])
                    self.restore_fails(archive, file.name)

    def test_cut_data_file_of_pg_dump(self):
        """There is no manifest, but the line that ends every COPY is missing (faults.md M5)."""
        for compression in ("0", "6"):
            archive = self.stock_archive("-Z", compression)
            file = self.biggest_data_file(archive)
            content = file.read_bytes()
            for length in (0, len(content) // 2, len(content) - 4):
                with self.subTest(compression=compression, length=length):
                    file.write_bytes(content[:length])
                    self.restore_fails(archive, codes=(*REFUSED, 41))

    def test_rows_cut_off_at_the_end_of_a_line(self):
        archive = self.stock_archive("-Z0")
        file = self.biggest_data_file(archive)
        lines = file.read_bytes().splitlines(keepends=True)
        file.write_bytes(b"".join(lines[: len(lines) // 2]))
        self.restore_fails(archive, codes=(*REFUSED, 41))

    def test_flipped_bits_in_data(self):
        for codec in CODECS:
            archive = self.archive("-Z", codec)
            file = self.biggest_data_file(archive)
            content = file.read_bytes()
            for at in random.Random(codec).sample(range(len(content)), 4):
                with self.subTest(codec=codec, at=at):
                    file.write_bytes(flipped(content, at))
                    self.restore_fails(archive, file.name)

    def test_the_table_of_a_damaged_file_is_not_half_loaded(self):
        archive = self.archive("-Z", "none", split="--no-split")
        file = self.biggest_data_file(archive)
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 0x01
        file.write_bytes(content)
        target = self.restore_fails(archive, file.name)
        exists = self.server.value(target, "SELECT to_regclass('sales.orders') IS NOT NULL;")
        if exists == "t":
            self.assertEqual(self.server.value(target, "SELECT count(*) FROM sales.orders;"), "0")

    def test_a_disk_that_cannot_be_read(self):
        """File and place are named, and nothing of the table is committed (faults.md C4)."""
        self.require_fault_points()
        cluster = self.cluster()
        rows = "SELECT i, md5(i::text) FROM generate_series(1, 50000) AS i"
        source = self.database(cluster, f"CREATE TABLE unreadable AS {rows};")
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-Z", "none", "--no-split", "-f", archive, source, cluster=cluster)
        target = self.database(cluster)
        env = {"PGFAST_FAULT": "file.read:12+:EIO;io.read:3+:EIO"}
        done = pgfast("restore", "-j1", "-d", target, archive, cluster=cluster, env=env, check=False)
        self.assertIn(done.returncode, (LOCAL_IO, OBJECTS_FAILED), done.describe())
        self.assertRegex(done.stderr, r'could not read "\S*\d+\.dat" at byte [1-9]\d*: Input/output error')
        self.assertEqual(cluster.value(target, "SELECT count(*) FROM unreadable;"), "0")

    def test_two_files_swapped(self):
        archive = self.archive("-Z", "none")
        files = sorted((file for file in archive.glob("[0-9]*.dat")), key=lambda file: file.stat().st_size)[-2:]
        first, second = (file.read_bytes() for file in files)
        files[0].write_bytes(second)
        files[1].write_bytes(first)
        self.restore_fails(archive)

    def test_extended_by_garbage(self):
        for codec in CODECS:
            with self.subTest(codec=codec):
                archive = self.archive("-Z", codec)
                file = self.biggest_data_file(archive)
                file.write_bytes(file.read_bytes() + b"garbage")
                self.restore_fails(archive, file.name)

    def test_damaged_manifest(self):
        archive = self.archive()
        manifest = archive / "pgfast.manifest"
        content = manifest.read_bytes()
        for damaged in (
            b"",
            b"{",
            content[: len(content) // 2],
            content.replace(b"zstd", b"zstf", 1),
            flipped(content, len(content) // 3),
        ):
            with self.subTest(length=len(damaged)):
                manifest.write_bytes(damaged)
                self.restore_fails(archive, "manifest")

    def test_without_its_manifest_an_archive_is_still_read(self):
        """As one of pg_dump's would be: the manifest may have been lost on the way."""
        archive = self.archive()
        (archive / "pgfast.manifest").unlink()
        target, done = self.restore(archive)
        self.assertEqual(done.returncode, OK, done.describe())
        assert_databases_equal(self.source, Database(self.server, target))

    # Things that are no directory archive at all

    def test_not_an_archive(self):
        folder = self.folder()
        for name, make in {
            "nothing there": lambda path: None,
            "empty folder": lambda path: path.mkdir(),
            "text file": lambda path: path.write_text("SELECT 1;\n"),
            "empty file": lambda path: path.write_text(""),
        }.items():
            path = folder / name
            make(path)
            for command in (("list",), ("restore", "-d", "postgres")):
                with self.subTest(name=name, command=command[0]):
                    done = pgfast(*command, path, cluster=self.server, check=False)
                    self.assertIn(done.returncode, (20, *REFUSED), done.describe())
                    self.assert_one_error(done, name)

    def test_other_formats_of_pg_dump_are_named(self):
        for letter in "ct":
            archive = self.folder() / "archive"
            self.server.run_tool("pg_dump", f"-F{letter}", "-f", archive, self.source.name)
            with self.subTest(format=letter):
                done = pgfast("list", archive, check=False)
                self.assert_fails(done, UNSUPPORTED_FORMAT, "custom" if letter == "c" else "tar")

    # Names that lead out of the folder, and files that are not files

    def test_a_name_that_leads_elsewhere(self):
        archive = self.stock_archive("-Z0")
        file = self.biggest_data_file(archive)
        (archive.parent / "s.txt").write_text("secret\n\\.\n\n\n")
        toc = (archive / "toc.dat").read_bytes()
        name = file.name.encode()
        outside = b"../s.txt"
        self.assertEqual(len(name), len(outside), "choose another name")
        (archive / "toc.dat").write_bytes(toc.replace(name, outside))
        self.restore_fails(archive)

    def test_a_link_a_pipe_and_a_folder_in_place_of_a_file(self):
        def link(path):
            target = path.with_name("elsewhere")
            shutil.copy(self.original, target)
            path.symlink_to(target)

        for kind, make in {"link": link, "pipe": os.mkfifo, "folder": os.mkdir}.items():
            with self.subTest(kind=kind):
                archive = self.stock_archive("-Z0")
                file = self.biggest_data_file(archive)
                self.original = archive.parent / "original"
                file.rename(self.original)
                make(file)
                self.restore_fails(archive, file.name, codes=(20, *REFUSED, 41))


def flipped(content, at):
    """The same bytes with one bit the other way round."""
    return content[:at] + bytes([content[at] ^ (1 << at % 8)]) + content[at + 1 :]
