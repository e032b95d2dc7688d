"""How the files of an archive are written is nobody's business but the disk's: their bytes are always the same."""

import ctypes
import mmap
import os
import re
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from harness import pgfast
from harness.process import most_memory_of
from integration.case import LOCAL_IO, OK, TERMINATED, USAGE, IntegrationTest

# Two pieces of 5 MB that no codec makes much smaller.
RANDOM_ROWS = "CREATE TABLE t AS SELECT i, md5(i::text) a, md5((-i)::text) b FROM generate_series(1, 140000) i;"

# 150 MB of text, which the server keeps in a few.
LONG_ROWS = "CREATE TABLE t AS SELECT i, repeat(md5(i::text), 60) AS a FROM generate_series(1, 80000) AS i;"


def sizes_of(folder):
    return sum(file.stat().st_size for file in folder.glob("*.dat"))


class Writing(IntegrationTest):
    def disk_folder(self):
        """A new folder on a disk: the other ones may be in memory."""
        path = Path(tempfile.mkdtemp(prefix="pgf-", dir="/var/tmp"))
        self.addCleanup(shutil.rmtree, path, ignore_errors=True)
        return path

    def dump(self, source, folder, *options):
        cluster = self.cluster()
        pgfast("dump", "-j2", "--split-size=5MB", *options, "-f", folder, source, cluster=cluster)
        return {file.name: file.read_bytes() for file in folder.iterdir() if ".dat" in file.name}

    def test_the_bytes_are_the_same_however_they_are_written(self):
        source = self.database(self.cluster(), RANDOM_ROWS)
        ways = [
            ("--io-engine=sync", "--direct-io=off", "--sync-method=fsync"),
            ("--io-engine=sync", "--direct-io=on", "--sync-method=syncfs"),
            ("--io-engine=threads", "--direct-io=on"),
            ("--io-engine=auto", "--direct-io=on"),
            ("--direct-io=auto", "--no-sync"),
        ]
        for codec in ("none", "zstd:1"):
            archives = [self.dump(source, self.disk_folder() / "archive", "-Z", codec, *way) for way in ways]
            for way, archive in zip(ways[1:], archives[1:]):
                with self.subTest(codec=codec, way=way):
                    self.assertEqual(archive.keys(), archives[0].keys())
                    for name, content in archive.items():
                        if name != "toc.dat":  # which holds the time
                            self.assertTrue(content == archives[0][name], f"{name} has other bytes")

    def test_what_went_past_the_page_cache_is_whole(self):
        """With lz4, whose bytes differ from run to run, by the judgement of a reader."""
        source = self.database(self.cluster(), RANDOM_ROWS)
        folder = self.disk_folder() / "archive"
        self.dump(source, folder, "-Z", "lz4", "--direct-io=on")
        pgfast("verify", "--deep", folder)

    def test_what_the_kernel_does_not_register_is_not_missed(self):
        """Neither buffers nor files: an old kernel, or a limit of memory (faults.md C7)."""
        self.require_fault_points()
        source = self.database(self.cluster(), RANDOM_ROWS)
        options = ("-Z", "none", "--io-engine=uring", "--direct-io=on")
        whole = self.dump(source, self.disk_folder() / "archive", "-Z", "none")
        for point in ("uring.lend_buffers", "uring.register_files", "uring.lend_file"):
            with self.subTest(point=point):
                folder, counts = self.disk_folder() / "archive", self.folder() / "counts"
                env = {"PGFAST_FAULT": f"{point}:1+:ENOMEM", "PGFAST_FAULT_COUNTS": str(counts)}
                arguments = ("dump", "-j2", "--split-size=5MB", *options, "-f", folder, source)
                done = pgfast(*arguments, cluster=self.cluster(), env=env, check=False)
                if "io_uring" in done.stderr:
                    self.skipTest("io_uring is forbidden here")
                self.assertEqual(done.returncode, OK, done.describe())
                self.assertNotIn("warning", done.stderr)
                self.assertRegex(counts.read_text(), rf"(?m)^{re.escape(point)} [1-9]")
                for name, content in whole.items():
                    if name != "toc.dat":  # which holds the time
                        self.assertTrue((folder / name).read_bytes() == content, f"{name} has other bytes")

    def test_a_large_file_does_not_fill_the_page_cache(self):
        folder = self.disk_folder()
        try:
            os.close(os.open(folder / "probe", os.O_WRONLY | os.O_CREAT | os.O_DIRECT))
        except OSError as refused:
            self.skipTest(f"no direct I/O here: {refused}")
        source = self.database(self.cluster(), RANDOM_ROWS)
        cluster = self.cluster()
        pgfast("dump", "-Z", "none", "--no-split", "--direct-io=on", "-f", folder / "a", source, cluster=cluster)
        largest = max((folder / "a").iterdir(), key=lambda file: file.stat().st_size)
        self.assertGreater(largest.stat().st_size, 8 << 20)
        self.assertLessEqual(cached_bytes(largest), 2 << 20)

    def test_the_rate_is_kept(self):
        """Ten megabytes at five a second; faster would be wrong, slower may be the machine."""
        source = self.database(self.cluster(), RANDOM_ROWS)
        begun = time.monotonic()
        archive = self.dump(source, self.folder() / "archive", "-Z", "none", "--max-rate=5MB")
        size = sum(len(content) for content in archive.values())
        self.assertGreater(size, 9 << 20)
        self.assertGreater(time.monotonic() - begun, 0.9 * size / (5 << 20) - 0.3)

    def test_an_end_does_not_wait_for_the_rate(self):
        source = self.database(self.cluster(), RANDOM_ROWS)
        folder = self.folder() / "archive"
        options = ("-Z", "none", "--max-rate=50kB")
        process = self.start("dump", *options, "-f", folder, source, cluster=self.cluster())
        partial = folder.with_name("archive.partial")
        self.wait_until(lambda: list(partial.glob("*.dat")), "the first data file")
        process.terminate()
        done = self.finish(process, timeout_s=20)
        self.assertEqual(done.returncode, TERMINATED, done.describe())

    def check_memory(self, *options, env=None):
        """While so little is written that all there is to buffer is full; the server would give all in a second."""
        jobs, slow_for_s = 2, 2
        binary = self.binary_without_sanitizer()
        source = self.database(self.cluster(), LONG_ROWS)
        archive = self.folder() / "archive"
        arguments = ["dump", f"-j{jobs}", "-Z", "none", *options, "-f", archive, source]
        process = self.start(*arguments, binary=binary, cluster=self.cluster(), env=env)
        partial = archive.with_name("archive.partial")
        self.wait_until(lambda: sizes_of(partial) > 1 << 20, "the first megabyte")
        deadline = time.monotonic() + slow_for_s
        largest = 0
        while process.poll() is None and time.monotonic() < deadline:
            largest = max(largest, most_memory_of(process.pid))
            time.sleep(0.02)
        self.assertLess(sizes_of(partial), 60 << 20, "this was not slow")
        process.terminate()
        done = self.finish(process)
        self.assertEqual(done.returncode, TERMINATED, done.describe())
        self.assertGreater(largest, 1 << 20)
        self.assertLess(largest, (64 + 16 * jobs) << 20)

    def test_a_low_rate_does_not_fill_the_memory(self):
        self.check_memory("--max-rate=5MB")

    def test_a_slow_disk_does_not_fill_the_memory(self):
        compiler = shutil.which("cc")
        if not compiler:
            self.skipTest("no compiler for a disk of 5 MB a second")
        disk = self.folder() / "slow_disk.so"
        source = Path(__file__).with_name("slow_disk.c")
        subprocess.run([compiler, "-D_GNU_SOURCE", "-shared", "-fPIC", "-o", disk, source], check=True)
        self.check_memory("--io-engine=threads", env={"LD_PRELOAD": str(disk)})

    def large_rows(self):
        """Five tables, each with a row of which COPY makes 52 MB."""
        rows = "".join(f"CREATE TABLE t{i} AS SELECT repeat('pgfast row {i:02}', {4 << 20}) AS v;" for i in range(5))
        return self.database(self.cluster(), rows)

    def test_large_rows_take_turns(self):
        """All sessions begin with one at once; the limit and one row are all that may be taken."""
        jobs, row = 4, 13 * (4 << 20)
        source = self.large_rows()
        archive, largest, said = self.dump_and_measure(self.cluster(), source, f"-j{jobs}", "-Z", "lz4")
        self.assertGreater(largest, row)
        self.assertLess(largest, (64 + 16 * jobs << 20) + row)
        self.assertIn("read by one session at a time", said)
        pgfast("verify", "--against", source, archive, cluster=self.cluster())
        limit = "--memory-limit=1GB"
        _, more, said = self.dump_and_measure(self.cluster(), source, f"-j{jobs}", "-Z", "lz4", limit)
        self.assertGreater(more, largest)
        self.assertNotIn("one session at a time", said)

    def test_an_end_does_not_wait_for_a_turn(self):
        source = self.large_rows()
        archive = self.folder() / "archive"
        binary = self.binary_without_sanitizer()
        slow = ("-j4", "-Z", "none", "--max-rate=1MB")
        process = self.start("dump", *slow, "-f", archive, source, binary=binary, cluster=self.cluster())
        waiting = (
            f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{source}' AND application_name = 'pgfast'"
            " AND query LIKE '%COPY%' AND wait_event = 'ClientWrite';"
        )
        self.wait_until(lambda: int(self.cluster().value(source, waiting)) > 1, "two large rows at once")
        process.terminate()
        done = self.finish(process, timeout_s=20)
        self.assertEqual(done.returncode, TERMINATED, done.describe())

    def test_too_little_memory_is_refused_before_anything_is_done(self):
        source = self.database(self.cluster(), "CREATE TABLE t (i int);")
        options = ("-j4", "--memory-limit=5MB")
        archive = self.folder() / "archive"
        done = pgfast("dump", *options, "-f", archive, source, cluster=self.cluster(), check=False)
        self.assert_fails(done, USAGE, "memory limit", "at least [0-9]+MB")
        self.assertFalse(archive.with_name("archive.partial").exists())
        least = re.search("at least ([0-9]+MB)", done.stderr).group(1)
        pgfast("dump", "-j4", f"--memory-limit={least}", "-f", archive, source, cluster=self.cluster())

    def test_io_uring_that_is_asked_for_by_name_and_forbidden(self):
        self.require_fault_points()
        source = self.database(self.cluster(), "CREATE TABLE t (i int);")
        archive = self.folder() / "archive"
        env = {"PGFAST_FAULT": "uring.open:1+:EPERM"}
        arguments = ("dump", "-j1", "--io-engine=uring", "-f", archive, source)
        done = pgfast(*arguments, cluster=self.cluster(), env=env, check=False)
        self.assert_fails(done, LOCAL_IO, "io_uring: Operation not permitted", "hint: .*--io-engine=auto")
        self.assertFalse(archive.exists())

    def test_words_that_are_no_way_to_write(self):
        for option in ("--direct-io=perhaps", "--sync-method=hope"):
            done = pgfast("dump", option, "-f", self.folder() / "archive", "x", check=False)
            self.assert_fails(done, USAGE, option.split("=")[1])


def cached_bytes(path):
    """How much of a file the page cache holds."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mincore.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p)
    size = path.stat().st_size
    with open(path, "r+b") as file, mmap.mmap(file.fileno(), size, mmap.MAP_PRIVATE) as mapping:
        pages = ctypes.create_string_buffer((size + mmap.PAGESIZE - 1) // mmap.PAGESIZE)
        address = ctypes.c_char.from_buffer(mapping)
        failed = libc.mincore(ctypes.addressof(address), size, pages)
        del address
        if failed:
            raise OSError(ctypes.get_errno(), "mincore")
        return sum(page & 1 for page in pages.raw) * mmap.PAGESIZE
