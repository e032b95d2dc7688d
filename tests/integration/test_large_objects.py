"""Large objects both ways, a file for each and packed: whoever restores them, and whatever stands in their way."""

import re
import unittest

from harness import Database, assert_databases_equal, pgfast
from integration.case import DAMAGED, LOCAL_IO, NO_SPACE, OBJECTS_FAILED, OK, PERMISSION, IntegrationTest
from integration.zoo import make_globals

# Empty, with a hole, of exactly two pages, of several chunks that no codec makes smaller, and many small ones.
OBJECTS = """
SELECT lo_create(2001);
SELECT lo_create(2002); SELECT lo_put(2002, 1000000, 'behind a hole');
SELECT lo_from_bytea(2003, decode(repeat('5c2e0a00', 1024), 'hex'));
SELECT lo_from_bytea(2004, string_agg(decode(md5(i::text), 'hex'), '' ORDER BY i)) FROM generate_series(1, 100000) AS i;
SELECT lo_from_bytea(3000 + i, convert_to('object ' || i, 'UTF8')) FROM generate_series(1, 120) AS i;
COMMENT ON LARGE OBJECT 2001 IS 'nothing in it';
"""
OF_OTHERS = """
ALTER LARGE OBJECT 2002 OWNER TO zoo_owner;
GRANT SELECT ON LARGE OBJECT 2003, 3001 TO zoo_reader;
"""
LAYOUTS = ("files", "packed")


class LargeObjects(IntegrationTest):
    def source(self, cluster, sql=OBJECTS, **options):
        make_globals(cluster)
        return Database(cluster, self.database(cluster, sql, **options))

    def dump(self, source, layout, *options, **more):
        archive = self.folder() / "archive"
        arguments = ["dump", "--no-sync", "-j2", f"--large-objects={layout}", *options, "-f", archive, source.name]
        pgfast(*arguments, cluster=source.cluster, **more)
        return archive

    def copy(self, cluster, sql=None, **options):
        return Database(cluster, self.database(cluster, sql, **options))

    def restore(self, copy, archive, *options, **more):
        return pgfast("restore", "-j2", *options, "-d", copy.name, archive, cluster=copy.cluster, **more)

    def assert_no_pages(self, copy):
        self.assertEqual(copy.cluster.value(copy.name, "SELECT count(*) FROM pg_largeobject;"), "0")


class RoundTrips(LargeObjects):
    def check(self, major, *options):
        cluster = self.cluster(major)
        source = self.source(cluster, OBJECTS + OF_OTHERS)
        for layout in LAYOUTS:
            with self.subTest(layout=layout):
                archive = self.dump(source, layout, *options)
                self.assertEqual((archive / "blobs.toc").exists() or any(archive.glob("blobs_*")), layout == "files")
                pgfast("verify", "--deep", archive)
                copy = self.copy(cluster)
                self.restore(copy, archive)
                assert_databases_equal(source, copy)
        copy = self.copy(cluster)
        cluster.run_tool("pg_restore", "-j3", "-d", copy.name, archive)  # the packed one: files are the zoo's
        assert_databases_equal(source, copy)

    def test_13_uncompressed(self):
        self.check(13, "-Z", "none")

    def test_15_gzip(self):
        self.check(15, "-Z", "gzip:1", "--split-size=256kB")

    def test_17_zstd_in_groups(self):
        self.check(17, "-Z", "zstd", "--for-pg-restore=17", "--split-size=256kB")

    def test_18_lz4_binary(self):
        self.check(18, "-Z", "lz4", "--split-size=256kB", "--data-format=binary")


class PackedForStockTools(LargeObjects):
    """The ways of pg_restore that treat data and definitions differently."""

    def check(self, *runs, clean=False, options=()):
        cluster = self.cluster(18)
        source = self.source(cluster)
        archive = self.dump(source, "packed", *options)
        copy = self.copy(cluster, OBJECTS if clean else None)
        for run in runs:
            cluster.run_tool("pg_restore", *run, "-d", copy.name, archive)
        assert_databases_equal(source, copy, judges=("rows",))

    def test_one_job(self):
        self.check(["-j1"])

    def test_section_by_section(self):
        self.check(["--section=pre-data"], ["-j2", "--section=data"], ["--section=post-data"])

    def test_data_only(self):
        self.check(["-a"], options=("--for-pg-restore=17",))

    def test_clean(self):
        self.check(["-c"], clean=True)

    def test_one_transaction(self):
        self.check(["-1"])


class Memory(LargeObjects):
    """What another fifty thousand objects cost: far less than a record of each would."""

    FEW, MANY = 2000, 52000
    MOST_BYTES_AN_OBJECT = 200

    def objects(self, count):
        sql = f"SELECT count(lo_from_bytea(0, decode(md5(i::text), 'hex'))) FROM generate_series(1, {count}) AS i;"
        return self.source(self.cluster(18), sql)

    def measure(self, source, layout):
        options = ("-j2", "--no-sync", f"--large-objects={layout}")
        archive, largest, _ = self.dump_and_measure(source.cluster, source.name, *options)
        return archive, largest

    def check(self, layout):
        _, few_bytes = self.measure(self.objects(self.FEW), layout)
        source = self.objects(self.MANY)
        archive, many_bytes = self.measure(source, layout)
        self.assertGreater(few_bytes, 1 << 20)
        self.assertLess(many_bytes - few_bytes, self.MOST_BYTES_AN_OBJECT * (self.MANY - self.FEW))
        pgfast("verify", archive)
        listed = source.cluster.run_tool("pg_restore", "-l", archive).stdout
        self.assertEqual(len(re.findall("^[0-9]+; 2613 [0-9]+ BLOB - ", listed, re.MULTILINE)), self.MANY)

    def test_files(self):
        self.check("files")

    def test_packed(self):
        self.check("packed")


class Ledger(LargeObjects):
    """So many files that what is known of them does not stay in memory: where that fails, there is no archive."""

    def test_faults(self):
        self.require_fault_points()
        sql = "SELECT count(lo_from_bytea(0, decode(md5(i::text), 'hex'))) FROM generate_series(1, 5000) AS i;"
        source = self.source(self.cluster(), sql)
        faults = (
            ("file.remove:1:EIO", LOCAL_IO, "could not remove"),
            ("file.write:2:ENOSPC", NO_SPACE, "could not write"),
            ("file.read:1:EIO", LOCAL_IO, "could not read"),
            ("file.read:6:EIO", LOCAL_IO, "could not read"),
        )
        for fault, exit_code, words in faults:
            with self.subTest(fault=fault):
                archive = self.folder() / "archive"
                arguments = ["dump", "--no-sync", "-j2", "-f", archive, source.name]
                done = pgfast(*arguments, cluster=source.cluster, env={"PGFAST_FAULT": fault}, check=False)
                self.assert_fails(done, exit_code, f'{words} "[^"]*/pgfast.files"')
                self.assert_no_archive(archive)


class Owners(LargeObjects):
    """A role that may do nothing but own a database brings back its objects, by lo_put."""

    def check(self, layout, *options):
        cluster = self.cluster(18)
        source = self.source(cluster)
        cluster.psql("postgres", "CREATE ROLE plain LOGIN;")
        self.addCleanup(cluster.psql, "postgres", "DROP ROLE plain;")
        copy = self.copy(cluster, options="OWNER plain")
        archive = self.dump(source, layout, *options)
        self.restore(copy, archive, "-O", env={"PGUSER": "plain"})
        query = "SELECT oid, md5(lo_get(oid)) FROM pg_largeobject_metadata ORDER BY oid;"
        self.assertEqual(cluster.query(source.name, query), cluster.query(copy.name, query))
        owners = "SELECT string_agg(DISTINCT lomowner::regrole::text, ',') FROM pg_largeobject_metadata;"
        self.assertEqual(cluster.value(copy.name, owners), "plain")
        return archive

    def test_files(self):
        self.check("files")

    def dump_as(self, role, source):
        """By that role, the copy has the same objects."""
        cluster = source.cluster
        archive = self.dump(source, "files", env={"PGUSER": role})
        copy = self.copy(cluster)
        self.restore(copy, archive, "-O", "-x")
        query = "SELECT oid, md5(lo_get(oid)) FROM pg_largeobject_metadata ORDER BY oid;"
        self.assertEqual(cluster.query(source.name, query), cluster.query(copy.name, query))

    def test_an_owner_who_may_not_read_the_pages_dumps_them_by_lo_get(self):
        cluster = self.cluster(18)
        cluster.psql("postgres", "CREATE ROLE plain LOGIN;")
        self.addCleanup(cluster.psql, "postgres", "DROP ROLE plain;")
        source = self.copy(cluster, options="OWNER plain")
        cluster.psql(source.name, OBJECTS, user="plain")
        self.addCleanup(cluster.psql, source.name, "DROP OWNED BY plain;")
        self.dump_as("plain", source)

    def test_a_role_that_may_read_every_table_needs_no_right_to_an_object(self):
        cluster = self.cluster(18)
        source = self.source(cluster)
        cluster.psql("postgres", "CREATE ROLE reader LOGIN IN ROLE pg_read_all_data;")
        self.addCleanup(cluster.psql, "postgres", "DROP ROLE reader;")
        self.dump_as("reader", source)

    def test_packed(self):
        self.check("packed", "--split-size=256kB")

    def test_packed_in_binary(self):
        archive = self.check("packed", "--data-format=binary")
        binary = b"pg_largeobject (loid, pageno, data) FROM stdin WITH (FORMAT binary)"
        self.assertIn(binary, (archive / "toc.dat").read_bytes())

    def test_a_role_that_may_not_read_the_pages_cannot_pack_them(self):
        cluster = self.cluster(18)
        cluster.psql("postgres", "CREATE ROLE plain LOGIN;")
        self.addCleanup(cluster.psql, "postgres", "DROP ROLE plain;")
        source = self.copy(cluster, options="OWNER plain")
        cluster.psql(source.name, "SELECT lo_from_bytea(0, 'mine');", user="plain")
        self.addCleanup(cluster.psql, source.name, "REASSIGN OWNED BY plain TO CURRENT_USER;")
        done = self.failed_dump(source)
        self.assert_fails(done, PERMISSION, "pg_largeobject", "hint: Use --large-objects=files")

    def failed_dump(self, source):
        archive = self.folder() / "archive"
        return pgfast(
            "dump",
            "--large-objects=packed",
            "-f",
            archive,
            source.name,
            cluster=source.cluster,
            env={"PGUSER": "plain"},
            check=False,
        )


class InTheWay(LargeObjects):
    """What goes wrong with one object is told of that object, and only of it."""

    def both_layouts(self):
        cluster = self.cluster(18)
        source = self.source(cluster)
        for layout in LAYOUTS:
            with self.subTest(layout=layout):
                yield cluster, source, self.dump(source, layout)

    def test_an_object_that_is_there_gets_the_content_of_the_archive(self):
        for cluster, source, archive in self.both_layouts():
            copy = self.copy(cluster, "SELECT lo_from_bytea(3007, 'another');")
            done = self.restore(copy, archive, check=False)
            self.assert_fails(done, OBJECTS_FAILED, "LARGE OBJECT 3007|BLOB", "23505", "1 of ")
            assert_databases_equal(source, copy, judges=("rows",))

    def test_clean(self):
        for cluster, source, archive in self.both_layouts():
            copy = self.copy(cluster, "SELECT lo_from_bytea(3007, 'another, and longer than the one that is to be');")
            self.restore(copy, archive, "--clean", "--if-exists")
            assert_databases_equal(source, copy, judges=("rows",))

    def test_data_without_the_objects_leaves_nothing(self):
        """COPY would make pages of objects that there are not."""
        for cluster, _, archive in self.both_layouts():
            copy = self.copy(cluster)
            done = self.restore(copy, archive, "--section=data", check=False)
            self.assert_fails(done, OBJECTS_FAILED, "LARGE OBJECT 3001", "does not exist")
            self.assert_no_pages(copy)

    def test_an_object_left_out_of_the_list_is_the_only_one_that_fails(self):
        for cluster, _, archive in self.both_layouts():
            listing = pgfast("list", archive).stdout
            chosen = self.folder() / "list"
            chosen.write_text(re.sub(r"^(.* BLOB - 3007 .*)$", r";\1", listing, flags=re.MULTILINE))
            copy = self.copy(cluster)
            done = self.restore(copy, archive, "-L", chosen, check=False)
            self.assert_fails(done, OBJECTS_FAILED, "LARGE OBJECT 3007", "does not exist", "1 of ")
            there = cluster.value(copy.name, "SELECT count(*) FROM pg_largeobject_metadata WHERE lo_get(oid) <> '';")
            self.assertEqual(there, "122")
            self.assertEqual(cluster.value(copy.name, "SELECT count(*) FROM pg_largeobject WHERE loid = 3007;"), "0")

    def test_in_one_transaction(self):
        for cluster, source, archive in self.both_layouts():
            copy = self.copy(cluster)
            pgfast("restore", "-1", "-d", copy.name, archive, cluster=cluster)
            assert_databases_equal(source, copy, judges=("rows",))

    def test_a_damaged_file_of_many_objects_gives_none(self):
        cluster = self.cluster(18)
        archive = self.dump(self.source(cluster), "packed", "--no-split")
        [pages] = archive.glob("*.dat.zst")
        damaged = bytearray(pages.read_bytes())
        damaged[len(damaged) // 2] ^= 1
        pages.write_bytes(damaged)
        copy = self.copy(cluster)
        done = self.restore(copy, archive, check=False)
        self.assert_fails(done, DAMAGED, pages.name)
        self.assert_no_pages(copy)
        self.assertEqual(pgfast("verify", archive, check=False).returncode, DAMAGED)

    def test_names_of_schemas_and_tables_do_not_mean_their_pages(self):
        cluster = self.cluster(18)
        archive = self.dump(self.source(cluster), "packed")
        for options in (["-n", "pg_catalog"], ["-t", "pg_largeobject"]):
            listing = pgfast("list", *options, archive, check=False)
            self.assertEqual(listing.returncode, OK)
            self.assertNotIn("pg_largeobject", listing.stdout)


if __name__ == "__main__":
    unittest.main()
