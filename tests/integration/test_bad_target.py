"""A place that cannot be written to, or a target database that is not there."""

import os
import subprocess

from harness import pgfast
from integration.case import CANNOT_CONNECT, CONFLICT, LOCAL_IO, NO_SPACE, IntegrationTest
from integration.zoo import small_in, zoo_in


class BadFolder(IntegrationTest):
    def dump_fails(self, code, archive, *words, cluster=None, options=(), source=None):
        cluster = cluster or self.cluster()
        source = source or small_in(cluster).name
        done = pgfast("dump", "-j2", *options, "-f", archive, source, cluster=cluster, check=False)
        self.assert_fails(done, code, *words)
        self.assert_no_sessions(cluster, source)

    def test_folder_exists(self):
        archive = self.folder() / "archive"
        archive.mkdir()
        (archive / "precious").write_text("mine")
        self.dump_fails(CONFLICT, archive, "archive", "exists|not empty")
        self.assertEqual([file.name for file in archive.iterdir()], ["precious"])

    def test_a_finished_archive_is_not_written_over(self):
        cluster = self.cluster()
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-f", archive, small_in(cluster).name, cluster=cluster)
        before = {file.name: file.stat().st_mtime_ns for file in archive.iterdir()}
        self.dump_fails(CONFLICT, archive)
        self.assertEqual({file.name: file.stat().st_mtime_ns for file in archive.iterdir()}, before)

    def test_a_file_is_there(self):
        archive = self.folder() / "archive"
        archive.write_text("mine")
        self.dump_fails(CONFLICT, archive, "archive")
        self.assertEqual(archive.read_text(), "mine")

    def test_no_parent(self):
        self.dump_fails(LOCAL_IO, self.folder() / "no" / "such" / "archive", "no such file")

    def test_parent_is_a_file(self):
        parent = self.folder() / "file"
        parent.write_text("")
        self.dump_fails(LOCAL_IO, parent / "archive", "not a directory")

    def test_a_symbolic_link_to_nowhere(self):
        archive = self.folder() / "archive"
        archive.symlink_to("/nowhere/at/all")
        self.dump_fails(CONFLICT, archive, "archive")

    def test_a_partial_of_an_earlier_run_does_not_stand_in_the_way_for_ever(self):
        """Either taken away or named with what to do about it."""
        cluster = self.cluster()
        archive = self.folder() / "archive"
        archive.with_name("archive.partial").mkdir()
        done = pgfast("dump", "--no-sync", "-f", archive, small_in(cluster).name, cluster=cluster, check=False)
        if done.returncode != 0:
            self.assert_fails(done, CONFLICT, "archive.partial")


class FullDisk(IntegrationTest):
    def small_file_system(self, options):
        if os.geteuid() != 0:
            self.skipTest("only root can mount a small file system")
        folder = self.folder()
        if (
            subprocess.run(
                ["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], stderr=subprocess.DEVNULL
            ).returncode
            != 0
        ):
            self.skipTest("may not mount here")
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=True)
        return folder

    def dump_fails(self, folder, *words, options=(), io_engine="auto"):
        cluster = self.cluster()
        source = zoo_in(cluster).name
        done = pgfast(
            "dump",
            "-j4",
            *options,
            f"--io-engine={io_engine}",
            "-f",
            folder / "archive",
            source,
            cluster=cluster,
            check=False,
        )
        self.assert_fails(done, NO_SPACE, *words)
        self.assertFalse((folder / "archive").exists())
        self.assert_no_archive(folder / "archive")
        self.assert_no_sessions(cluster, source)

    def test_no_space(self):
        for engine in ("auto", "threads", "sync"):
            with self.subTest(engine=engine):
                self.dump_fails(
                    self.small_file_system("size=1m"), "no space left", options=("-Z", "none"), io_engine=engine
                )

    def test_no_inodes(self):
        self.dump_fails(self.small_file_system("size=64m,nr_inodes=200"), "no space left|inode")

    def test_no_room_even_for_the_definitions(self):
        self.dump_fails(self.small_file_system("size=16k"), "no space left", options=("-s",))


class BadTarget(IntegrationTest):
    def test_no_such_database(self):
        cluster = self.cluster()
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-f", archive, small_in(cluster).name, cluster=cluster)
        done = pgfast("restore", "-d", "no_such_database", archive, cluster=cluster, check=False)
        self.assert_fails(done, CANNOT_CONNECT, "no_such_database")

    def test_restore_needs_a_database(self):
        done = pgfast("restore", self.folder(), cluster=self.cluster(), check=False)
        self.assert_fails(done, 2)
