"""`pgfast restore --salvage`: what is intact of a damaged archive comes back, and what is lost is told."""

import fcntl
import shutil

from harness import pgfast
from integration.case import (
    DAMAGED,
    INCOMPLETE,
    LOCKED,
    OBJECTS_FAILED,
    OK,
    PARTIAL,
    UNSUPPORTED_FORMAT,
    USAGE,
    SmallSourceTest,
)


class Salvage(SmallSourceTest):
    def restore(self, archive, *options):
        target = self.database(self.server)
        done = pgfast("restore", "-j3", *options, "-d", target, archive, cluster=self.server, check=False, timeout_s=60)
        self.assert_no_sessions(self.server, target)
        return target, done

    def salvage(self, archive, code, *words):
        target, done = self.restore(archive, "--salvage")
        self.assert_fails(done, code, *words)
        return target

    def count(self, database, table):
        return int(self.server.value(database, f"SELECT count(*) FROM {table};"))

    def assert_all_but(self, target, *tables):
        """Every other table has all its rows."""
        for table in ("sales.orders", "sales.customers", "stock.items", "stock.orders", "stock.parts", "stock.child"):
            if table not in tables:
                self.assertEqual(self.count(target, table), self.count(self.source.name, table), table)


class DamagedFiles(Salvage):
    def test_pieces_that_are_missing_cut_or_changed(self):
        archive = self.archive("-Z", "lz4")
        files = files_of(archive, "sales", "orders")
        self.assertGreater(len(files), 5)
        files[0].unlink()
        files[1].write_bytes(files[1].read_bytes()[:-9])
        content = bytearray(files[2].read_bytes())
        content[len(content) // 2] ^= 0x10
        files[2].write_bytes(content)
        target = self.salvage(
            archive,
            PARTIAL,
            rf"TABLE sales.orders: (\d+) of 5000 rows are lost, with 3 of {len(files)} files",
            "failed: TABLE DATA sales.orders .*missing",
            "all was restored but what is damaged: 3 of",
        )
        rows = self.count(target, "sales.orders")
        self.assertTrue(0 < rows < 5000, rows)
        self.assert_all_but(target, "sales.orders")
        indexes = "SELECT count(*) FROM pg_indexes WHERE indexname = 'orders_note';"
        self.assertEqual(self.server.value(target, indexes), "1")

    def test_keys_that_what_is_lost_breaks(self):
        """They are failures like any other, and not part of what was given up."""
        archive = self.archive()
        for file in files_of(archive, "stock", "items"):
            file.unlink()
        target = self.salvage(
            archive,
            OBJECTS_FAILED,
            "warning: TABLE stock.items: 300 of 300 rows are lost, with 1 of 1 files",
            "failed: FK CONSTRAINT stock.orders orders_item_fkey",
        )
        self.assertEqual(self.count(target, "stock.items"), 0)
        self.assert_all_but(target, "stock.items")

    def test_large_objects(self):
        archive = self.archive()
        (archive / "blob_1003.dat.zst").unlink()
        target = self.salvage(archive, PARTIAL, "failed: LARGE OBJECT 1003: .*blob_1003")
        content = "SELECT string_agg(loid::text, ',' ORDER BY loid) FROM pg_largeobject;"
        self.assertEqual(self.server.value(target, content), "1001,1002,1004,1005")
        archive = self.archive("--large-objects=packed")
        for file in files_of(archive, "pg_catalog", "pg_largeobject"):
            file.write_bytes(b"")
        self.salvage(archive, PARTIAL, "LARGE OBJECTS: 5 of 5 pages are lost, with 1 of 1 files")

    def test_archives_of_pg_dump(self):
        archive = self.folder() / "archive"
        self.server.run_tool("pg_dump", "-Fd", "-Z0", "-f", archive, self.source.name)
        file = files_of(archive, "sales", "orders")[0]
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
        target = self.salvage(archive, PARTIAL, "warning: TABLE sales.orders: the rows in 1 of 1 files are lost")
        self.assertEqual(self.count(target, "sales.orders"), 0)
        self.assert_all_but(target, "sales.orders")

    def test_nothing_is_damaged(self):
        target, done = self.restore(self.archive(), "--salvage")
        self.assertEqual(done.returncode, OK, done.describe())
        self.assert_all_but(target)

    def test_without_it(self):
        """Wrong sizes are known before anything is touched, and wrong contents before they are committed."""
        archive = self.archive("-Z", "none")
        file = files_of(archive, "sales", "orders")[0]
        content = file.read_bytes()
        file.write_bytes(content[:-1])
        target, done = self.restore(archive)
        self.assert_fails(done, DAMAGED, file.name, "hint: .*--salvage")
        self.assertEqual(self.server.value(target, "SELECT count(*) FROM pg_namespace WHERE nspname = 'sales';"), "0")
        file.write_bytes(content[:200] + b"x" + content[201:])
        target, done = self.restore(archive)
        self.assert_fails(done, DAMAGED, r"warning: TABLE sales.orders: \d+ of 5000 rows are lost, with 1 of ")
        self.assert_all_but(target, "sales.orders")


class DamagedDescriptions(Salvage):
    def test_manifest(self):
        archive = self.archive()
        manifest = archive / "pgfast.manifest"
        content = manifest.read_bytes()
        manifest.write_bytes(content[: len(content) // 2])
        target = self.salvage(archive, PARTIAL, "warning: the manifest cannot be used", "nothing proves it")
        self.assert_all_but(target)
        manifest.unlink()
        target, done = self.restore(archive)
        self.assertEqual(done.returncode, OK, done.describe())
        self.assertIn("warning: the archive has lost its manifest", done.stderr)

    def test_manifest_of_a_newer_version(self):
        archive = self.archive()
        manifest = archive / "pgfast.manifest"
        manifest.write_text('{\n"format": 99,\n"requires": [],\n"files": [\n]\n}\n')
        _, done = self.restore(archive, "--salvage")
        self.assertIn(done.returncode, (PARTIAL, UNSUPPORTED_FORMAT), done.describe())

    def test_table_of_contents(self):
        archive = self.archive()
        toc = archive / "toc.dat"
        content = toc.read_bytes()
        toc.write_bytes(content.replace(b"all of them", b"all of Them"))
        _, done = self.restore(archive)
        self.assert_fails(done, DAMAGED, "toc.dat", "hint: .*--salvage")
        target = self.salvage(archive, PARTIAL, "warning: the table of contents may tell wrong things")
        self.assert_all_but(target)
        toc.write_bytes(content[:100])
        self.salvage(archive, DAMAGED, "archive")
        _, done = self.restore(archive)
        self.assert_fails(done, DAMAGED, "toc.dat")
        self.assertNotIn("--salvage", done.stderr, "it was promised what it cannot do")
        toc.unlink()
        self.salvage(archive, DAMAGED, "toc.dat")

    def test_a_dump_that_never_finished(self):
        archive = self.archive()
        partial = archive.with_name("archive.partial")
        archive.rename(partial)
        (partial / "pgfast.partial").write_text("")
        (partial / "pgfast.manifest").unlink()
        target = self.salvage(partial, PARTIAL, "warning: the dump was never finished", "nothing proves it")
        self.assert_all_but(target)
        with open(partial / "pgfast.partial", "rb+") as marker:
            fcntl.flock(marker, fcntl.LOCK_EX)
            self.salvage(partial, LOCKED, "still at work")
        (partial / "toc.dat").unlink()
        self.salvage(partial, INCOMPLETE, "nothing can be salvaged from .*archive.partial")
        shutil.rmtree(partial)


class Usage(Salvage):
    def test_what_it_does_not_go_with(self):
        for option in ("-1", "-e"):
            done = pgfast("restore", "--salvage", option, "-d", "postgres", "/nowhere", check=False)
            self.assert_fails(done, USAGE, "--salvage")


def files_of(archive, schema, table):
    """The files of a table's rows, in the order of the archive."""
    listing = pgfast("list", "-v", archive).stdout
    wanted = [line.split(";")[0] for line in listing.splitlines() if f" TABLE DATA {schema} {table} " in line]
    return [next(archive.glob(f"{number}.dat*")) for number in wanted]
