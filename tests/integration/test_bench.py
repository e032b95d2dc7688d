"""The bench cannot rot: what it does, once, on next to no data."""

import os
import sys
import unittest
import xml.etree.ElementTree
from pathlib import Path

from harness import pgfast_binary, run_command
from integration.case import IntegrationTest

REPOSITORY = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(REPOSITORY))

from bench import chart, contest, journal, profile, report  # noqa: E402


class Bench(IntegrationTest):
    def bench(self, *arguments, check=True):
        environment = {
            "PYTHONPATH": os.pathsep.join([str(REPOSITORY / "tests"), str(REPOSITORY)]),
            "PGFAST_BINARY": pgfast_binary(),
        }
        return run_command([sys.executable, "-B", "-m", "bench", *arguments], env=environment, check=check)

    def test_measures_and_reports(self):
        log = self.folder() / "log"
        place = self.folder() / "place"
        os.chmod(place.parent, 0o755)  # for the server's user
        common = ("--scale", "0.0005", "--rounds", "1", "--no-image", "--place", place, "--log", log)
        self.addCleanup(self.bench, "clear", "--place", place)
        self.bench("dump", "big-zstd", *common)
        self.bench("restore", "blobs", "--only=-j2$", *common)
        self.bench("floor", *common)
        sessions = journal.newest_of_each(journal.read_sessions(log))
        self.assertEqual(
            set(sessions),
            {
                ("contest", "dump", "big-zstd"),
                ("contest", "restore", "blobs"),
                ("floor", "dump", "big"),
            },
        )
        for name, make in report.SECTIONS.items():
            with self.subTest(section=name):
                self.assertTrue(make(sessions))
        floors = "\n".join(report.SECTIONS["floor"](sessions))
        self.assertIn("server + ", floors)
        self.assertIn("server and reader + ", floors)
        restores = "\n".join(report.SECTIONS["restore"](sessions))
        self.assertIn("| blobs | pgfast -j2 |", restores)
        self.assertIn("pg_restore -j2", restores)
        dump = sessions["contest", "dump", "big-zstd"]
        for label in dump.labels():
            with self.subTest(memory=label):
                self.assertGreater(dump.median(label, "client_peak_mb"), 1)
        # A dump of next to nothing; what runs the bench has more, and must not be counted.
        self.assertLess(dump.median("pg_dump -j2", "client_peak_mb"), 20)
        for name, picture in report.charts(sessions).items():
            with self.subTest(chart=name):
                xml.etree.ElementTree.fromstring(picture)

    def test_a_workload_that_is_not_there_is_named(self):
        done = self.bench("dump", "nonsense", "--no-image", check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("no dump workload nonsense; there are big-lz4", done.stderr)

    def test_words_that_mean_nothing_are_refused_before_anything_is_built(self):
        place = self.folder() / "place"
        for words, code, told in (
            (("profile", "nonsense"), 1, "no profile workload nonsense; there are big-lz4"),
            (("floor", "nonsense"), 1, "floor takes no workload"),
            (("report", "nonsense"), 1, "report takes no workload"),
            (("all", "big"), 1, "all takes no workload"),
            (("prepare", "nonsense"), 1, "no database nonsense; there are big"),
            (("dump", "--scale=0"), 2, "--scale: 0 is not above 0"),
            (("dump", "--scale=half"), 2, "--scale: invalid float value: 'half'"),
            (("dump", "--rounds=-1"), 2, "--rounds: -1 is not above 0"),
            (("dump", "--only=("), 2, "( is no regular expression: "),
        ):
            with self.subTest(words):
                done = self.bench(*words, "--place", place, check=False)
                self.assertEqual(done.returncode, code, done.describe())
                self.assertIn(told, done.stderr)
                self.assertFalse(place.exists())

    def test_a_workload_that_nobody_takes_part_in_is_skipped(self):
        place = self.folder() / "place"
        os.chmod(place.parent, 0o755)  # for the server's user
        log = self.folder() / "log"
        self.addCleanup(self.bench, "clear", "--place", place)
        common = ("--scale=0.0005", "--rounds=1", "--no-image", "--place", place, "--log", log)
        done = self.bench("dump", "big-zstd", "--only=nobody", *common)
        self.assertIn("dump big-zstd: skipped, nobody takes part", done.stderr)
        self.assertFalse(log.exists())


class Report(unittest.TestCase):
    def test_what_is_written_and_read_again_keeps_its_order(self):
        """Otherwise each report would shuffle the published log."""
        def session(name, workload):
            about = {"session": name, "kind": "contest", "action": "dump", "workload": workload}
            return journal.Session(about, [{"contestant": "x", "counts": True}])

        newest = journal.newest_of_each([session("1", "a"), session("2", "b"), session("3", "a")])
        self.assertEqual([one.about["session"] for one in newest.values()], ["2", "3"])

    def test_sections_are_filled_and_the_rest_is_kept(self):
        text = "before\n<!-- bench:dump -->\nold\n<!-- end -->\nafter\n"
        self.assertEqual(
            report.fill(text, {"dump": "new", "restore": "unused"}),
            "before\n<!-- bench:dump -->\nnew\n<!-- end -->\nafter\n",
        )

    def test_ratio_is_that_of_medians_against_the_best_stock_variant(self):
        about = {"session": "1", "kind": "contest", "action": "dump", "workload": "w", "targets": {"ours": 0.5}}
        session = journal.Session(about)
        for label, tool, seconds in (
            ("ours", "pgfast", (1.0, 9.0, 2.0)), ("slow", "stock", (6.0, 6.0, 6.0)), ("best", "stock", (4.0, 1.0, 5.0)),
        ):
            for spent in seconds:
                session.runs.append({"contestant": label, "tool": tool, "counts": True, "total_seconds": spent})
        session.runs.append({"contestant": "ours", "tool": "pgfast", "counts": False, "total_seconds": 100.0})
        self.assertEqual(list(report.rows_of(session)), [("ours", 2.0, "best", 4.0, 0.5, 0.5)])


class PlainCommand(unittest.TestCase):
    def test_what_is_published_names_no_folder(self):
        names = {"big_0815": "big"}
        for command, plain in (
            (["/usr/bin/pg_dump", "-Fd", "-f", "/tmp/a/b", "big_0815"], "pg_dump -Fd -f b big"),
            (["sh", "-c", "/x/pgfast dump -f /y/z -d 'host=/y/s port=1' && /x/pgfast restore /y/z"],
             "pgfast dump -f z -d 'host=s port=1' && pgfast restore z"),
            (["env", "PATH=/a:/b/c", "/a/pgcopydb", "clone", "--source", "host=/y/s dbname=d"], "pgcopydb clone --source host=s dbname=d"),
        ):
            with self.subTest(plain):
                self.assertEqual(contest.plain_command(command, names), plain)


class Chart(unittest.TestCase):
    def test_pictures_are_xml_whatever_the_labels_hold(self):
        bars = chart.ratio_bars("a < b & c", [("x > y", 0.5, 0.6), ("z", 2.5, None)])
        lines = chart.rate_lines("<title>", "what", [("one & two", {1: 10.0, 16: 150.0})], 10.0)
        for picture in (bars, lines):
            self.assertTrue(xml.etree.ElementTree.fromstring(picture).tag.endswith("svg"))


class Profile(unittest.TestCase):
    def test_the_innermost_known_function_decides(self):
        samples = """pgf-lz4-0
\t    7f01 LZ4_compress_fast_extState+0x12 (/usr/lib/liblz4.so.1.9.4)
\t    5501 work+0x1 (/usr/bin/pgfast)

pgf-copy-0
\t ffff01 copy_user_generic+0x4 ([kernel.kallsyms])
\t ffff02 unix_stream_recvmsg+0x4 ([kernel.kallsyms])
\t ffff03 do_syscall_64+0x4 ([kernel.kallsyms])
\t    7f02 pqsecure_read+0x1 (/usr/lib/libpq.so.5.15)

pg_dump
\t    7f03 LZ4_compress_default+0x12 (/usr/lib/liblz4.so.1.9.4)

pgf-copy-0
\t    5502 unheard_of+0x12 (/usr/bin/pgfast)
"""
        self.assertEqual(
            profile.count_parts(samples),
            {"compression": 1, "network: receive": 1, profile.PG_DUMP: 1, profile.OTHER: 1},
        )
