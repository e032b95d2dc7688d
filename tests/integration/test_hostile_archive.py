"""Archives made to do harm: refused with exit code 34, quickly, and without a byte of anybody's files read."""

import os
import shutil
import socket

from harness import pgfast
from integration.case import HOSTILE, IntegrationTest
from integration.zoo import small_in

COMMANDS = (("restore", "-j2", "-d"), ("verify",))


class HostileArchive(IntegrationTest):
    def setUp(self):
        self.server = self.cluster()
        self.source = small_in(self.server)

    def stock_archive(self):
        archive = self.folder() / "archive"
        self.server.run_tool("pg_dump", "-Fd", "--no-sync", "-Z0", "-f", archive, self.source.name)
        return archive

    def assert_refused(self, archive, *words):
        """By restore, which changes nothing, and by verify."""
        target = self.database(self.server)
        done = pgfast("restore", "-j2", "-d", target, archive, cluster=self.server, check=False, timeout_s=20)
        self.assert_fails(done, HOSTILE, *words)
        tables = "SELECT count(*) FROM pg_class WHERE relkind = 'r' AND relnamespace >= 16384;"
        self.assertEqual(self.server.value(target, tables), "0")
        self.assert_fails(pgfast("verify", archive, check=False, timeout_s=20), HOSTILE, *words)

    def data_file(self, archive):
        return sorted(archive.glob("[0-9]*.dat"))[0]


class HostileNames(HostileArchive):
    def test_file_names_that_lead_elsewhere(self):
        archive = self.stock_archive()
        toc = (archive / "toc.dat").read_bytes()
        file = self.data_file(archive)
        name = file.name.encode()
        (archive.parent / "s.txt").write_text("secret\n\\.\n\n\n")
        for outside in (b"../s.txt", b"/a/b.dat", b"a/../b.t", b".hid.dat", b"..//.///"):
            outside = outside[: len(name)].ljust(len(name), b"t")
            with self.subTest(name=outside):
                (archive / "toc.dat").write_bytes(toc.replace(name, outside))
                self.assert_refused(archive)

    def test_large_objects_whose_names_lead_elsewhere(self):
        archive = self.stock_archive()
        objects = archive / "blobs.toc"
        oid = objects.read_text().split()[0]
        for outside in ("../secret", "/etc/hostname", ".hidden"):
            with self.subTest(name=outside):
                objects.write_text(f"{oid} {outside}\n")
                self.assert_refused(archive, outside)

    def test_what_is_no_file_in_place_of_one(self):
        archive = self.stock_archive()
        file = self.data_file(archive)
        kept = archive.parent / "kept"
        file.rename(kept)
        for kind, make in {
            "symbolic link": lambda: file.symlink_to(kept),
            "pipe": lambda: os.mkfifo(file),
            "socket": lambda: self.make_socket(file),
            "folder": lambda: file.mkdir(),
        }.items():
            with self.subTest(kind=kind):
                make()
                self.assert_refused(archive, file.name)
                file.rmdir() if kind == "folder" else file.unlink()

    def make_socket(self, path):
        with socket.socket(socket.AF_UNIX) as bound:
            bound.bind(str(path))

    def test_a_device_in_place_of_a_file(self):
        archive = self.stock_archive()
        file = self.data_file(archive)
        file.unlink()
        try:
            os.mknod(file, 0o600 | 0o020000, os.makedev(1, 5))  # /dev/zero
        except PermissionError:
            self.skipTest("making devices is not allowed here")
        self.assert_refused(archive, file.name)

    def test_a_pipe_in_place_of_the_toc_and_the_manifest(self):
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-f", archive, self.source.name, cluster=self.server)
        for name in ("toc.dat", "pgfast.manifest"):
            with self.subTest(name=name):
                path = archive / name
                kept = path.read_bytes()
                path.unlink()
                os.mkfifo(path)
                self.assert_refused(archive, name)
                path.unlink()
                path.write_bytes(kept)

    def test_the_archive_itself_may_be_a_link(self):
        archive = self.stock_archive()
        link = archive.with_name("link")
        link.symlink_to(archive)
        pgfast("verify", link)
        shutil.rmtree(archive)
