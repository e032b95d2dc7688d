"""`pgfast verify`: whole archives are called whole, and nothing that was done to one goes unnoticed."""

import os
import random
import shutil
import signal

from harness import pgfast
from integration.case import DAMAGED, HOSTILE, INCOMPLETE, INTERRUPTED, OK, UNSUPPORTED_FORMAT, IntegrationTest
from integration.zoo import small_in, zoo_in

CODECS = ("none", "gzip", "lz4", "zstd")
DEPTHS = ((), ("--deep",))


class Verify(IntegrationTest):
    def verify(self, archive, *options):
        return pgfast("verify", *options, archive, check=False, timeout_s=60)

    def assert_whole(self, archive, *options):
        done = self.verify(archive, *options)
        self.assertEqual(done.returncode, OK, done.describe())
        self.assertEqual(len(done.stderr.splitlines()), 1, done.describe())
        self.assertRegex(done.stderr, r'^pgfast: archive ".*" is whole.*: \d+ files?, .* checked, in ', done.describe())
        return done

    def assert_damaged(self, archive, *words, options=()):
        done = self.verify(archive, *options)
        self.assert_fails(done, DAMAGED, *words)
        return done


class WholeArchives(Verify):
    def test_archives_of_pgfast(self):
        for major in (15, 18):
            source = zoo_in(self.cluster(major))
            for codec in CODECS:
                archive = self.archive_of(source, "-Z", codec, "--split-size=64kB")
                for depth in DEPTHS:
                    with self.subTest(major=major, codec=codec, depth=depth):
                        self.assert_whole(archive, *depth)

    def test_archives_of_pg_dump(self):
        for major, compressions in ((15, ("0", "6")), (18, CODECS)):
            source = zoo_in(self.cluster(major))
            for compression in compressions:
                with self.subTest(major=major, compression=compression):
                    archive = self.stock_archive_of(source, "-Z", compression)
                    done = self.assert_whole(archive)
                    self.assertIn("without a manifest", done.stderr)

    def test_archives_of_parts(self):
        source = small_in(self.cluster())
        for options in (["-s"], ["-a"], ["--section=data"], ["--section=pre-data"], ["-t", "sales.orders"]):
            for make in (self.archive_of, self.stock_archive_of):
                with self.subTest(options=options, make=make.__name__):
                    self.assert_whole(make(source, *options), "--deep")

    def test_archives_of_inserts(self):
        archive = self.stock_archive_of(small_in(self.cluster()), "--inserts", "-Z0")
        self.assert_whole(archive)
        file = biggest(archive)
        file.write_bytes(file.read_bytes()[:-40])
        self.assert_damaged(archive, f"damaged: {file.name} .TABLE .*: it ends inside a statement")

    def test_rows_are_those_of_the_database(self):
        cluster = self.cluster()
        name = self.database(cluster, "CREATE TABLE t AS SELECT g FROM generate_series(1, 12345) g; CREATE TABLE e ();")
        cluster.psql(name, "INSERT INTO e SELECT FROM generate_series(1, 7);")
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-j2", "--split-size=64kB", "-f", archive, name, cluster=cluster)
        self.assertIn(" 12352 rows checked", self.assert_whole(archive, "--deep").stderr)
        for name in ("pgfast.manifest", "SHA256SUMS"):
            (archive / name).unlink()
        self.assertIn(" 12352 rows checked", self.assert_whole(archive).stderr)

    def test_a_file_that_is_most_of_an_archive_is_decoded_by_several_threads(self):
        cluster = self.cluster()
        rows = "SELECT md5(g::text) || md5((-g)::text) v FROM generate_series(1, 140000) g"
        name = self.database(cluster, f"CREATE UNLOGGED TABLE t AS {rows};")
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-j2", "--no-split", "-f", archive, name, cluster=cluster)
        file = biggest(archive)
        self.assertGreater(file.stat().st_size, 4 << 20)
        self.assertIn(" 140000 rows checked", self.assert_whole(archive, "--deep", "-j4").stderr)
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
        self.assert_damaged(archive, f"damaged: {file.name}", options=["--deep", "-j4"])

    def test_every_file_is_told_of_with_v(self):
        archive = self.archive_of(small_in(self.cluster()))
        done = self.verify(archive, "-v", "--deep")
        for file in archive.iterdir():
            if file.name != "pgfast.manifest":
                self.assertRegex(done.stderr, rf"(?m)^pgfast: {file.name}( \(.*\))?: \d+ bytes")


class DamagedArchives(Verify):
    """Each damage is done to a copy that is put right again afterwards."""

    def setUp(self):
        self.source = small_in(self.cluster())
        self.random = random.Random(self.id())

    def assert_each_is_noticed(self, file, contents, options=()):
        """`file` with each of these contents, given with words that describe them."""
        original = file.read_bytes()
        unnoticed = []
        for what, content in contents:
            if content == original:
                continue
            file.write_bytes(content)
            done = self.verify(file.parent, *options)
            if done.returncode != DAMAGED or not done.stderr.splitlines()[-1].startswith("pgfast: error: "):
                unnoticed.append((what, done.returncode, done.stderr[-300:]))
        file.write_bytes(original)
        self.assertEqual(unnoticed, [], f"damage to {file.name}")

    def flips(self, content, count):
        for at in self.random.sample(range(len(content)), min(count, len(content))):
            yield f"bit of byte {at}", flipped(content, at)

    def cuts(self, content, count):
        lengths = {0, len(content) - 1, *self.random.sample(range(len(content)), min(count, len(content)))}
        for length in sorted(lengths):
            yield f"cut to {length}", content[:length]

    def additions(self, content):
        yield "a byte more", content + b"\n"
        yield "twice", content + content
        yield "garbage behind", content + b"garbage"

    def kinds_of_files(self, archive):
        """The biggest file of rows, a large object, a list of them, toc.dat."""
        yield biggest(archive)
        yield max(archive.glob("blob_*"), key=lambda file: file.stat().st_size)
        yield next(archive.glob("blobs*.toc"))
        yield archive / "toc.dat"

    def test_whatever_happens_to_a_file(self):
        for codec in CODECS:
            archive = self.archive_of(self.source, "-Z", codec, "--split-size=64kB")
            for file in self.kinds_of_files(archive):
                content = file.read_bytes()
                damages = [*self.flips(content, 8), *self.cuts(content, 6), *self.additions(content)]
                for depth in DEPTHS:
                    with self.subTest(codec=codec, file=file.name, depth=depth):
                        self.assert_each_is_noticed(file, damages, depth)
            self.assert_whole(archive, "--deep")

    def test_cuts_between_frames(self):
        """What is left is decoded without complaint: only the manifest knows that there was more."""
        archive = self.archive_of(self.source, "-Z", "zstd", "--no-split")
        file = biggest(archive)
        content = file.read_bytes()
        frames = [at for at in range(1, len(content)) if content[at : at + 4] == b"\x28\xb5\x2f\xfd"]
        self.assert_each_is_noticed(file, ((f"cut at {at}", content[:at]) for at in (0, *frames)))

    def test_whatever_happens_to_the_manifest(self):
        archive = self.archive_of(self.source)
        manifest = archive / "pgfast.manifest"
        content = manifest.read_bytes()
        self.assert_each_is_noticed(
            manifest, [*self.flips(content, 150), *self.cuts(content, 60), *self.additions(content)]
        )

    def test_missing_files(self):
        archive = self.archive_of(self.source)
        for file in sorted(archive.iterdir()):
            if file.name == "pgfast.manifest":
                continue
            content = file.read_bytes()
            file.unlink()
            for depth in DEPTHS:
                with self.subTest(file=file.name, depth=depth):
                    self.assert_damaged(archive, file.name, options=depth)
            file.write_bytes(content)

    def test_swapped_files(self):
        for codec in CODECS:
            archive = self.archive_of(self.source, "-Z", codec, "--split-size=64kB")
            first, second = sorted(archive.glob("[0-9]*.dat*"), key=lambda file: file.stat().st_size)[-2:]
            contents = first.read_bytes(), second.read_bytes()
            first.write_bytes(contents[1])
            second.write_bytes(contents[0])
            for depth in DEPTHS:
                with self.subTest(codec=codec, depth=depth):
                    done = self.assert_damaged(archive, "2 faults", options=depth)
                    for file in (first, second):
                        self.assertRegex(done.stderr, rf"(?m)^pgfast: damaged: {file.name} \(TABLE .*\): it ")

    def test_a_table_of_contents_of_another_archive(self):
        archive = self.archive_of(self.source)
        shutil.copy(self.archive_of(self.source, "-s") / "toc.dat", archive)
        self.assert_damaged(archive, "toc.dat")

    def test_a_file_that_gets_in_the_way_of_another(self):
        """A reader takes the name without a suffix first, and so would the stock tools."""
        archive = self.archive_of(self.source, "-Z", "zstd")
        file = biggest(archive)
        file.with_suffix("").write_text("1\n\\.\n\n\n")
        for depth in DEPTHS:
            self.assert_damaged(archive, f"damaged: {file.stem} .*: the manifest does not know it", options=depth)

    def test_things_that_are_no_files(self):
        makers = {"link": lambda path: path.symlink_to("/etc/passwd"), "pipe": os.mkfifo, "folder": os.mkdir}
        for archive in (self.archive_of(self.source), self.stock_archive_of(self.source)):
            file = biggest(archive)
            content = file.read_bytes()
            for kind, make in makers.items():
                file.unlink()
                make(file)
                with self.subTest(kind=kind):
                    self.assert_fails(self.verify(archive), HOSTILE, f"refused: {file.name} ")
                file.rmdir() if kind == "folder" else file.unlink()
                file.write_bytes(content)

    def test_a_line_for_each_damaged_file(self):
        archive = self.archive_of(self.source, "-Z", "none", "--split-size=64kB")
        files = sorted(archive.glob("[0-9]*.dat"))
        for file in files:
            file.write_bytes(file.read_bytes() + b"x")
        done = self.assert_damaged(archive, f"{len(files)} faults")
        self.assertEqual(len(done.stderr.splitlines()), len(files) + 1, done.describe())


class DamagedArchivesOfPgDump(Verify):
    """Without a manifest: what every file shows by itself."""

    def setUp(self):
        self.source = small_in(self.cluster())

    def test_cut_and_missing_files(self):
        cuts = {
            "nothing": lambda content: b"",
            "half": lambda content: content[: len(content) // 2],
            "all but the end": lambda content: content[:-4],
        }
        for major, compressions in ((15, ("0", "6")), (18, CODECS)):
            for compression in compressions:
                archive = self.stock_archive_of(self.source, "-Z", compression, major=major)
                file = biggest(archive)
                content = file.read_bytes()
                for what, cut in cuts.items():
                    with self.subTest(major=major, compression=compression, left=what):
                        file.write_bytes(cut(content))
                        self.assert_damaged(archive, f"damaged: {file.name} .TABLE ")
                file.unlink()
                with self.subTest(major=major, compression=compression, left="no file"):
                    self.assert_damaged(archive, r"damaged: .*is missing")

    def test_rows_behind_the_end_and_a_cut_at_a_line(self):
        archive = self.stock_archive_of(self.source, "-Z0")
        file = biggest(archive)
        content = file.read_bytes()
        lines = content.splitlines(keepends=True)
        for damaged in (content + lines[0], b"".join(lines[: len(lines) // 2]), b"".join(lines[:3] + lines[-3:] * 2)):
            file.write_bytes(damaged)
            self.assert_damaged(archive, rf"damaged: {file.name} ")

    def test_large_objects_that_their_list_lacks(self):
        for major in (15, 18):
            archive = self.stock_archive_of(self.source, "-Z0", major=major)
            listing = next(archive.glob("blobs*.toc"))
            listing.write_bytes(b"".join(listing.read_bytes().splitlines(keepends=True)[1:]))
            with self.subTest(major=major):
                self.assert_damaged(archive, r"damaged: large objects: \d+ of them have an entry but no data")

    def test_a_dump_that_was_killed(self):
        """pg_dump writes its toc.dat first: listed and restored by stock tools, it looks like an archive."""
        archive = self.stock_archive_of(self.source)
        for file in sorted(archive.glob("[0-9]*.dat.gz"))[2:]:
            file.unlink()
        self.assert_damaged(archive, "is missing")


class WhatIsNoArchive(Verify):
    def test_what_is_given(self):
        folder = self.folder()
        (folder / "empty").mkdir()
        (folder / "text").write_text("SELECT 1;\n")
        (folder / "cut.partial").mkdir()
        (folder / "cut.partial" / "pgfast.partial").write_text("")
        for name, code in (("empty", DAMAGED), ("text", UNSUPPORTED_FORMAT), ("cut", INCOMPLETE), ("none", 20)):
            with self.subTest(name=name):
                self.assert_fails(self.verify(folder / name), code, name)

    def test_versions_that_nobody_reads(self):
        archive = self.stock_archive_of(small_in(self.cluster()))
        toc = (archive / "toc.dat").read_bytes()
        (archive / "toc.dat").write_bytes(toc[:5] + bytes([1, 99]) + toc[7:])
        self.assert_fails(self.verify(archive), UNSUPPORTED_FORMAT, r"1\.99")

    def test_interrupted(self):
        archive = self.archive_of(small_in(self.cluster()))
        (archive / "pgfast.manifest").unlink()
        # Of a large object nothing is known but its bytes: there is a lot to read, and nothing to find.
        (archive / "blob_1001.dat.zst").rename(archive / "blob_1001.dat")
        os.truncate(archive / "blob_1001.dat", 1 << 40)
        process = self.start("verify", "-v", archive)
        self.wait_until(lambda: b"toc.dat" in process.stderr.readline(), "the first file")
        process.send_signal(signal.SIGINT)
        done = self.finish(process, timeout_s=10)
        self.assertEqual(done.returncode, INTERRUPTED, done.describe())
        self.assertRegex(done.stderr.splitlines()[-1], "^pgfast: error: cancelled by SIGINT")


def biggest(archive):
    """The biggest file of rows."""
    return max(archive.glob("[0-9]*.dat*"), key=lambda file: file.stat().st_size)


def flipped(content, at):
    """The same bytes with one bit the other way round."""
    return content[:at] + bytes([content[at] ^ (1 << at % 8)]) + content[at + 1 :]
