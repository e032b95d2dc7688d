"""What lies on the disk after a dump: names, modes, versions, and bytes that stock would have written too."""

import gzip
import hashlib
import json
import os
import re
import stat
import subprocess

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
                file.name,
                r"^(toc\.dat|SHA256SUMS|pgfast\.manifest|\d+\.dat(\.\w+)?|blobs(_\d+)?\.toc|blob_\d+\.dat(\.\w+)?)$",
            )

    def test_the_manifest_names_every_file(self):
        cluster = self.cluster()
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-j3", "-f", archive, small_in(cluster).name, cluster=cluster)
        manifest = json.loads((archive / "pgfast.manifest").read_text())
        named = {item["name"]: item for item in manifest["files"]}
        there = {file.name for file in archive.iterdir()} - {"pgfast.manifest"}
        self.assertEqual(set(named), there)
        for name, item in named.items():
            content = (archive / name).read_bytes()
            self.assertEqual(item["size"], len(content), name)
            self.assertEqual(item["sha256"], hashlib.sha256(content).hexdigest(), name)

    def test_the_manifest_is_sealed_by_its_own_digest(self):
        cluster = self.cluster()
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-j3", "-f", archive, small_in(cluster).name, cluster=cluster)
        covered, seal = (archive / "pgfast.manifest").read_bytes().split(b',\n"seal": "')
        self.assertEqual(seal, hashlib.sha256(covered).hexdigest().encode() + b'"\n}\n')

    def test_sha256sum_checks_an_archive(self):
        cluster = self.cluster()
        for codec in ("zstd", "none"):
            archive = self.folder() / "archive"
            pgfast("dump", "--no-sync", "-j3", "-Z", codec, "-f", archive, small_in(cluster).name, cluster=cluster)
            subprocess.run(["sha256sum", "--check", "--strict", "--quiet", "SHA256SUMS"], cwd=archive, check=True)
            sums = (archive / "SHA256SUMS").read_text().splitlines()
            there = {file.name for file in archive.iterdir()}
            self.assertEqual({line[66:] for line in sums}, there - {"SHA256SUMS", "pgfast.manifest"})

    def test_the_manifest_tells_where_it_comes_from_and_how(self):
        cluster = self.cluster(18)
        source = self.database(cluster, "CREATE TABLE t AS SELECT generate_series(1, 7) i;")
        archive = self.folder() / "archive"
        secret = f"postgresql://postgres:Zx9-canary@/{source}?options=-cgeqo%3Doff"
        done = pgfast("dump", "--no-sync", "-j2", "-t", "t", "-Z", "gzip:3", "-f", archive, secret, cluster=cluster)
        self.assertRegex(done.stderr, r"\Apgfast: warning: a password on the command line [^\n]*\n\Z")
        text = (archive / "pgfast.manifest").read_text()
        manifest = json.loads(text)
        self.assertNotIn("canary", text)
        control = "SELECT system_identifier, timeline_id FROM pg_control_system(), pg_control_checkpoint()"
        self.assertEqual([manifest["system_identifier"], manifest["timeline"]], cluster.query(source, control)[0])
        self.assertEqual(manifest["database"], source)
        oid = cluster.value(source, "SELECT oid FROM pg_database WHERE datname = current_database()")
        self.assertEqual(manifest["database_oid"], oid)
        self.assertRegex(manifest["snapshot_lsn"], r"^[0-9A-F]+/[0-9A-F]+$")
        self.assertRegex(manifest["snapshot_time"], r"^2\d\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$")
        self.assertLessEqual(manifest["started_at"][:19], manifest["snapshot_time"][:19])
        self.assertLessEqual(manifest["snapshot_time"][:19], manifest["finished_at"][:19])
        self.assertIn("--jobs=2", manifest["options"])
        self.assertIn("--compress=gzip:3", manifest["options"])
        self.assertIn("--no-sync", manifest["options"])
        self.assertTrue(any(option.endswith("t") for option in manifest["options"]), manifest["options"])
        self.assertEqual(manifest["warnings"], [])

    def test_digests_of_rows_do_not_depend_on_how_they_are_dumped(self):
        """Pieces, codecs, sessions: what is summed up is the rows, in whatever order they come."""
        cluster = self.cluster()
        source = zoo_in(cluster).name
        digests = []
        for options in (["-Z", "none", "--no-split"], ["-j4", "--split-size=64kB"], ["-j2", "-Z", "lz4"]):
            archive = self.folder() / "archive"
            pgfast("dump", "--no-sync", "-f", archive, *options, source, cluster=cluster)
            digests.append(self.row_digests_by_table(archive))
        self.assertGreater(len(digests[0]), 50)
        self.assertEqual(digests[1], digests[0])
        self.assertEqual(digests[2], digests[0])

    def test_frames_lie_where_the_manifest_says(self):
        cluster = self.cluster()
        source = self.database(cluster, "CREATE TABLE t AS SELECT generate_series(1, 300000) i;")
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "--no-split", "-Z", "gzip", "-f", archive, source, cluster=cluster)
        (file,) = archive.glob("*.dat.gz")
        listed = next(item for item in self.manifest(archive)["files"] if item["name"] == file.name)
        content = file.read_bytes()
        self.assertGreater(len(listed["frames"]), 2)
        for stored, raw in listed["frames"]:
            self.assertEqual(len(gzip.decompress(content[:stored])), raw)
            content = content[stored:]
        self.assertEqual(content, b"")

    def manifest(self, archive):
        return json.loads((archive / "pgfast.manifest").read_text())

    def row_digests_by_table(self, archive):
        """(rows, sum) of each table, over all its files."""
        files = {item["name"].split(".")[0]: item for item in self.manifest(archive)["files"] if "rows" in item}
        tables = {}
        for line in pgfast("list", archive).stdout.splitlines():
            entry = re.match(r"(\d+); .* TABLE DATA (\S+ .*) \S+$", line)
            if entry:
                file = files[entry[1]]
                rows, total = tables.get(entry[2], (0, 0))
                tables[entry[2]] = rows + file["rows"], (total + int(file["row_sum"], 16)) % 2**128
        return tables

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
