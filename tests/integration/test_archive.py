"""What lies on the disk after a dump: names, modes, versions, and bytes that stock would have written too."""

import gzip
import json
import os
import re
import stat

from harness import pgfast
from integration.case import MAJORS, OK, IntegrationTest
from integration.zoo import small_in, zoo_in


class Archive(IntegrationTest):
    def test_modes_names_and_nothing_left_over(self):
        cluster = self.cluster()
        folder = self.folder()
        before = os.umask(0)
        try:
            pgfast("dump", "-j3", "-f", folder / "archive", small_in(cluster).name, cluster=cluster)
        finally:
            os.umask(before)
        self.assertEqual([entry.name for entry in folder.iterdir()], ["archive"])
        self.assertEqual(stat.S_IMODE((folder / "archive").stat().st_mode), 0o700)
        for file in (folder / "archive").iterdir():
            self.assertTrue(file.is_file(), file)
            self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600, file)
            self.assertRegex(
                file.name, r"^(toc\.dat|pgfast\.manifest|\d+\.dat(\.\w+)?|blobs(_\d+)?\.toc|blob_\d+\.dat(\.\w+)?)$"
            )

    def test_the_manifest_names_every_file(self):
        cluster = self.cluster()
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-j3", "-f", archive, small_in(cluster).name, cluster=cluster)
        manifest = json.loads((archive / "pgfast.manifest").read_text())
        named = {item["name"]: item for item in manifest["files"]}
        there = {file.name for file in archive.iterdir()} - {"pgfast.manifest"}
        self.assertEqual(set(named), there)

    def test_a_relative_path_with_a_trailing_slash(self):
        cluster = self.cluster()
        folder = self.folder()
        pgfast("dump", "--no-sync", "-f", "archive/", small_in(cluster).name, cluster=cluster, cwd=folder)
        self.assertEqual([entry.name for entry in folder.iterdir()], ["archive"])
        pgfast("list", "archive/", cwd=folder)

    def test_data_files_hold_the_bytes_that_pg_dump_writes(self):
        """Whole tables, not cut: each file must be what COPY gives, terminator included."""
        cluster = self.cluster()
        folder = self.folder()
        source = zoo_in(cluster).name
        pgfast("dump", "--no-sync", "-j4", "-Z", "none", "--no-split", "-f", folder / "ours", source, cluster=cluster)
        cluster.run_tool("pg_dump", "-Fd", "--no-sync", "-Z0", "-f", folder / "stock", source)
        ours, stock = (self.data_by_table(cluster, folder / name) for name in ("ours", "stock"))
        self.assertEqual(set(ours), set(stock))
        different = [table for table in stock if ours[table] != stock[table]]
        self.assertEqual(different, [])

    def test_pieces_of_a_table_together_hold_its_rows_once(self):
        cluster = self.cluster()
        folder = self.folder()
        source = zoo_in(cluster).name
        pgfast(
            "dump",
            "--no-sync",
            "-j4",
            "-Z",
            "none",
            "--split-size=64kB",
            "-f",
            folder / "ours",
            source,
            cluster=cluster,
        )
        cluster.run_tool("pg_dump", "-Fd", "--no-sync", "-Z0", "-f", folder / "stock", source)
        ours, stock = (self.rows_by_table(cluster, folder / name) for name in ("ours", "stock"))
        self.assertEqual(set(ours), set(stock))
        different = [table for table in stock if sorted(ours[table]) != sorted(stock[table])]
        self.assertEqual(different, [])

    def data_by_table(self, cluster, archive):
        """{table: the bytes of its only data file}, by the listing's dump ids."""
        tables = {}
        for dump_id, table in self.data_entries(cluster, archive):
            self.assertNotIn(table, tables, "more than one piece")
            tables[table] = (archive / f"{dump_id}.dat").read_bytes()
        return tables

    def rows_by_table(self, cluster, archive):
        tables = {}
        for dump_id, table in self.data_entries(cluster, archive):
            path = archive / f"{dump_id}.dat"
            content = path.read_bytes() if path.exists() else b"\\.\n\n\n"
            self.assertTrue(content.endswith(b"\\.\n\n\n"), path)
            tables.setdefault(table, []).extend(content[: -len(b"\\.\n\n\n")].splitlines(keepends=True))
        return tables

    def data_entries(self, cluster, archive):
        listing = cluster.run_tool("pg_restore", "-l", archive).stdout
        return re.findall(r"^(\d+); 0 \d+ TABLE DATA (.*) \S+$", listing, re.MULTILINE)


class ArchiveVersion(IntegrationTest):
    """The lowest archive version that the codec needs, so that as many pg_restores as can be read it."""

    def version_of(self, cluster, *options):
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-j2", *options, "-f", archive, small_in(cluster).name, cluster=cluster)
        header = (archive / "toc.dat").read_bytes()[:8]
        self.assertEqual(header[:5], b"PGDMP")
        return archive, f"{header[5]}.{header[6]}"

    def assert_readable_from(self, archive, oldest):
        for major in MAJORS:
            tool = self.cluster(major)
            done = tool.run_tool("pg_restore", "-l", archive, check=False)
            self.assertEqual(done.returncode == 0, major >= oldest, f"pg_restore {major}: {done.describe()}")

    def check(self, major):
        cluster = self.cluster(major)
        for codec, version, oldest in (
            ("none", "1.14", 12),
            ("gzip", "1.14", 12),
            ("lz4", "1.15", 16),
            ("zstd", "1.15", 16),
        ):
            with self.subTest(codec=codec):
                archive, found = self.version_of(cluster, "-Z", codec)
                self.assertEqual(found, version)
                self.assert_readable_from(archive, oldest)

    def test_with_pg_dump_15(self):
        self.check(15)

    def test_with_pg_dump_18(self):
        self.check(18)

    def test_for_pg_restore_17(self):
        archive, found = self.version_of(self.cluster(18), "--for-pg-restore=17")
        self.assertEqual(found, "1.16")
        self.assert_readable_from(archive, 17)

    def test_a_codec_that_the_reader_cannot_read_is_refused(self):
        cluster = self.cluster()
        archive = self.folder() / "archive"
        done = pgfast(
            "dump",
            "-Z",
            "zstd",
            "--for-pg-restore=15",
            "-f",
            archive,
            small_in(cluster).name,
            cluster=cluster,
            check=False,
        )
        self.assert_fails(done, 2, "zstd", "16")

    def test_the_default_is_zstd(self):
        cluster = self.cluster()
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-f", archive, small_in(cluster).name, cluster=cluster)
        self.assertTrue(list(archive.glob("*.dat.zst")))

    def test_frames_carry_checksums(self):
        """So that even stock pg_restore notices a flipped bit: zstd's of the content, lz4's of each stored block."""
        cluster = self.cluster()
        for codec, suffix, flag_byte, flag in (("zstd", ".zst", 4, 0x04), ("lz4", ".lz4", 4, 0x10)):
            archive = self.folder() / "archive"
            pgfast("dump", "--no-sync", "-Z", codec, "-f", archive, small_in(cluster).name, cluster=cluster)
            for file in archive.glob(f"*{suffix}"):
                with self.subTest(file=file.name):
                    self.assertTrue(file.read_bytes()[flag_byte] & flag)

    def test_stock_pg_restore_notices_flipped_bits(self):
        cluster = self.cluster(18)
        source = cluster.createdb()
        cluster.psql(source, "CREATE TABLE t AS SELECT md5(i::text) FROM generate_series(1, 4000) i;")
        for codec in ("lz4", "zstd"):
            archive = self.folder() / "archive"
            pgfast("dump", "--no-sync", "-Z", codec, "-f", archive, source, cluster=cluster)
            (file,) = (entry for entry in archive.iterdir() if ".dat." in entry.name)
            whole = file.read_bytes()
            for place in range(1, 10):
                with self.subTest(codec=codec, place=place):
                    damaged = bytearray(whole)
                    damaged[len(whole) * place // 10] ^= 1 << (place % 8)
                    file.write_bytes(damaged)
                    told = cluster.run_tool("pg_restore", "-f", "/dev/null", archive, check=False)
                    self.assertNotEqual(told.returncode, OK)

    def test_gzip_files_are_gzip(self):
        cluster = self.cluster()
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-Z", "gzip:9", "-f", archive, small_in(cluster).name, cluster=cluster)
        for file in archive.glob("*.dat.gz"):
            gzip.decompress(file.read_bytes())
