"""What the command line accepts, refuses and prints."""

import os
import subprocess

from harness import pgfast, start_pgfast
from integration.case import OK, USAGE, IntegrationTest
from integration.zoo import small_in


class CommandLine(IntegrationTest):
    def assert_usage_error(self, arguments, *words):
        folder = self.folder()
        self.assert_fails(pgfast(*arguments, check=False, cwd=folder), USAGE, *words)
        self.assertEqual(list(folder.iterdir()), [])

    def test_unknown_option(self):
        for command in ("dump", "restore", "list"):
            with self.subTest(command=command):
                self.assert_usage_error([command, "--no-such-option"], "--no-such-option")
                self.assert_usage_error([command, "-@"], "-@")

    def test_unknown_command(self):
        self.assert_usage_error(["dmup"], "dmup")

    def test_no_command(self):
        done = pgfast(check=False)
        self.assertEqual(done.returncode, USAGE)
        self.assertIn("pgfast help", done.stdout + done.stderr)

    def test_options_that_do_not_fit_together(self):
        for arguments in (
            ["dump", "-s", "-a", "-f", "x", "db"],
            ["restore", "-s", "-a", "-d", "db", "x"],
            ["restore", "-c", "-a", "-d", "db", "x"],
            ["restore", "--if-exists", "-d", "db", "x"],
        ):
            with self.subTest(arguments=arguments):
                self.assert_usage_error(arguments)

    def test_values_out_of_range(self):
        for arguments in (
            ["dump", "-j", "0", "-f", "x", "db"],
            ["dump", "-j", "many", "-f", "x", "db"],
            ["dump", "-j", "-3", "-f", "x", "db"],
            ["dump", "-Z", "zip", "-f", "x", "db"],
            ["dump", "-Z", "zstd:99", "-f", "x", "db"],
            ["dump", "-Z", "gzip:10", "-f", "x", "db"],
            ["dump", "--split-size=x", "-f", "x", "db"],
            ["dump", "--io-engine=steam", "-f", "x", "db"],
            ["restore", "--section=middle", "-d", "db", "x"],
        ):
            with self.subTest(arguments=arguments):
                self.assert_usage_error(arguments)

    def test_dump_needs_a_folder(self):
        self.assert_usage_error(["dump", "db"], "-f|--file")

    def test_too_many_words(self):
        self.assert_usage_error(["dump", "-f", "x", "db", "another"], "another")
        self.assert_usage_error(["restore", "-d", "db", "x", "another"], "another")

    def test_options_of_pg_dump_that_are_not_there_yet_are_named(self):
        for option, named in (
            ("--inserts", "--inserts"),
            ("--column-inserts", "--column-inserts"),
            ("--rows-per-insert=5", "--rows-per-insert"),
            ("--on-conflict-do-nothing", "--on-conflict-do-nothing"),
            ("--binary-upgrade", "--binary-upgrade"),
            ("-Fc", "custom"),
            ("--format=plain", "plain"),
        ):
            with self.subTest(option=option):
                self.assert_usage_error(["dump", option, "-f", "x", "db"], named)

    def test_options_of_pg_restore_that_are_not_there_yet_are_named(self):
        for option in ("-f", "--transaction-size=5"):
            with self.subTest(option=option):
                done = pgfast("restore", option, "-d", "no_such_database", "x", check=False, cwd=self.folder())
                self.assert_fails(done, USAGE, option.split("=")[0])

    def test_directory_format_may_be_said(self):
        cluster = self.cluster()
        for option in ("-Fd", "--format=d", "--format=directory"):
            with self.subTest(option=option):
                pgfast(
                    "dump",
                    option,
                    "--no-sync",
                    "-s",
                    "-f",
                    self.folder() / "x",
                    small_in(cluster).name,
                    cluster=cluster,
                )

    def test_help_and_version(self):
        for arguments in (
            ["help"],
            ["--help"],
            ["dump", "--help"],
            ["help", "dump"],
            ["restore", "--help"],
            ["list", "--help"],
            ["-?"],
        ):
            with self.subTest(arguments=arguments):
                done = pgfast(*arguments)
                self.assertIn("pgfast", done.stdout)
                self.assertEqual(done.stderr, "")
        for option in ("--version", "-V"):
            self.assertRegex(pgfast(option).stdout, r"^pgfast \d+\.\d+")

    def test_a_reader_that_goes_away_does_not_end_a_run(self):
        """`pgfast dump -v 2>&1 | head`: the archive is what counts, not who reads about it."""
        cluster = self.cluster()
        archive = self.folder() / "x"
        source = small_in(cluster).name
        process = start_pgfast(
            "dump",
            "-v",
            "--no-sync",
            "-f",
            archive,
            source,
            cluster=cluster,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        process.stdout.close()
        process.stderr.close()
        self.assertEqual(process.wait(timeout=30), OK)
        pgfast("list", archive)

    def test_on_a_terminal(self):
        """Progress is drawn there, and the last line stays readable."""
        cluster = self.cluster()
        archive = self.folder() / "x"
        terminal, ours = os.openpty()
        process = start_pgfast(
            "dump",
            "--no-sync",
            "-f",
            archive,
            small_in(cluster).name,
            cluster=cluster,
            stdout=ours,
            stderr=ours,
            stdin=ours,
        )
        os.close(ours)
        text = b""
        while True:
            try:
                piece = os.read(terminal, 4096)
            except OSError:  # how a terminal says that nobody writes to it any more
                break
            if not piece:
                break
            text += piece
        os.close(terminal)
        self.assertEqual(process.wait(timeout=30), OK, text)
        pgfast("list", archive)
