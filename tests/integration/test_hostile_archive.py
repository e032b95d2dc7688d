"""Archives made to do harm: refused with exit code 34, quickly, and without a byte of anybody's files read."""

import itertools
import os
import re
import shutil
import socket

from harness import Database, assert_databases_equal, pgfast
from harness.process import run_command
from harness.program import plain_pgfast_binary
from integration.case import DAMAGED, HOSTILE, OBJECTS_FAILED, OK, USAGE, IntegrationTest, SmallSourceTest
from integration.toc import SETTINGS, entry, header, number, text, write_archive
from integration.zoo import small_in, zoo_in

NUMBERS = itertools.count()

PLAIN = """
CREATE TABLE public.a (id serial PRIMARY KEY, v text DEFAULT 'x;y' CHECK (v <> ''));
INSERT INTO public.a (v) SELECT 'row ' || i FROM generate_series(1, 1000) AS i;
CREATE TABLE public.b (a integer REFERENCES public.a, w integer GENERATED ALWAYS AS (a * 2) STORED);
INSERT INTO public.b SELECT i FROM generate_series(1, 1000) AS i;
CREATE FUNCTION public.f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
CREATE FUNCTION public.g(i integer) RETURNS integer LANGUAGE sql BEGIN ATOMIC SELECT CASE WHEN i > 1 THEN 2 END; END;
CREATE TRIGGER t BEFORE INSERT ON public.a FOR EACH ROW EXECUTE FUNCTION public.f();
CREATE INDEX ON public.a (v);
CREATE VIEW public.v AS SELECT g(id) FROM public.a;
CREATE MATERIALIZED VIEW public.m AS SELECT count(*) FROM public.a;
CREATE TYPE public.e AS ENUM ('x', 'y');
COMMENT ON TABLE public.a IS 'it''s; all';
GRANT SELECT ON public.a TO PUBLIC;
SELECT lo_from_bytea(0, 'large');
"""


class HostileArchive(SmallSourceTest):
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
        archive = self.stock_archive("-Z0")
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
        archive = self.stock_archive("-Z0")
        objects = archive / "blobs.toc"
        oid = objects.read_text().split()[0]
        for outside in ("../secret", "/etc/hostname", ".hidden"):
            with self.subTest(name=outside):
                objects.write_text(f"{oid} {outside}\n")
                self.assert_refused(archive, outside)

    def test_what_is_no_file_in_place_of_one(self):
        archive = self.stock_archive("-Z0")
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
        archive = self.stock_archive("-Z0")
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
        archive = self.stock_archive("-Z0")
        link = archive.with_name("link")
        link.symlink_to(archive)
        pgfast("verify", link)
        shutil.rmtree(archive)


def zstd_run(byte, blocks):
    """Frames of zstd that say `blocks` times 128 KiB of one byte, in 13 bytes each."""
    return (b"\x28\xb5\x2f\xfd\xa0\x00\x00\x02\x00\x03\x00\x10" + byte) * blocks


class HostileStructures(IntegrationTest):
    def list_of(self, content):
        """With a second of a processor and 64 MB: what is beyond reason must cost neither."""
        archive = self.folder()
        (archive / "toc.dat").write_bytes(content)
        limits = ["prlimit", "--cpu=1", f"--data={64 << 20}"]
        return run_command([*limits, plain_pgfast_binary(), "list", archive], check=False, timeout_s=20)

    def test_lengths_and_numbers_that_cannot_be(self):
        huge = 2**31 - 1
        start = number(1) + number(0) + text("0") + text("0")
        for name, content in {
            "text of 2 GB": header(1) + number(1) + number(0) + number(huge),
            "two billion entries": header(huge) + entry(1),
            "negative count": header(-1),
            "dump id 0": header(1) + entry(0),
            "negative dump id": header(1) + entry(-5),
            "largest dump id": header(1) + entry(huge),
            "the same dump id twice": header(2) + entry(1) + entry(1),
            "no tag": header(1) + start + number(-1) + text("TABLE"),
            "no type": header(1) + start + text("t") + number(-1),
            "a zero byte in a name": header(1) + entry(1, tag=b"a\0b"),
            "dependencies without end": header(1) + entry(1)[:-10] + text("7") * 1000,
            "a dependency that is no number": header(1) + entry(1, dependencies=("x",)),
        }.items():
            with self.subTest(name=name):
                self.assert_fails(self.list_of(content), DAMAGED, "byte|dump id")

    def test_long_chains_and_circles_of_dependencies(self):
        count = 20000
        for name, dependency in {"chain": lambda i: i + 1, "circle": lambda i: i % count + 1, "pairs": lambda i: i ^ 1}.items():
            with self.subTest(name=name):
                words = dict(desc="INDEX", definition="CREATE INDEX i;", section="post")
                entries = (entry(i, dependencies=(dependency(i),), **words) for i in range(1, count + 1))
                archive = self.folder()
                (archive / "toc.dat").write_bytes(header(count) + b"".join(entries))
                done = pgfast("restore", "--dry-run", archive, check=False, timeout_s=60)
                self.assertEqual(done.returncode, OK, done.stderr)

    def test_a_circle_is_named_and_does_not_stop_the_rest(self):
        server = self.cluster()
        target = self.database(server)
        index = dict(desc="INDEX", section="post")
        archive = write_archive(
            self.folder() / "archive",
            [
                dict(definition="CREATE TABLE public.t (a integer);"),
                dict(index, tag="one", definition="CREATE INDEX one ON public.t (a);", dependencies=(6,)),
                dict(index, tag="two", definition="CREATE INDEX two ON public.t (a);", dependencies=(5,)),
            ],
        )
        done = pgfast("restore", "-d", target, archive, cluster=server)
        self.assertRegex(done.stderr, "circles, first at INDEX public.one: 1 were ignored")
        indexes = "SELECT count(*) FROM pg_index WHERE indrelid = 'public.t'::regclass;"
        self.assertEqual(server.value(target, indexes), "2")

    def test_settings_are_values_and_never_run(self):
        for place, definition in enumerate(
            (
                "SET client_encoding = 'UTF8'; DROP TABLE t; --';",
                "SET standard_conforming_strings = 'on'; DROP TABLE t;",
                "SELECT pg_catalog.set_config('search_path', '', false), pg_sleep(9);",
            )
        ):
            with self.subTest(definition=definition):
                settings = [dict(words) for words in SETTINGS]
                settings[place]["definition"] = definition
                archive = write_archive(self.folder() / "archive", [dict(definition="CREATE TABLE t ();")], settings)
                done = pgfast("restore", "--dry-run", archive, check=False)
                self.assert_fails(done, DAMAGED, SETTINGS[place]["desc"])

    def test_a_database_that_is_not_the_archives_own(self):
        server = self.cluster()
        database = dict(desc="DATABASE", tag="mine", schema=None, section="none", definition="CREATE DATABASE mine;")
        for words in (dict(drop="DROP DATABASE postgres;"), dict(definition="CREATE DATABASE mine; DROP DATABASE other;")):
            with self.subTest(words=words):
                archive = write_archive(self.folder() / "archive", [{**database, **words}])
                done = pgfast("restore", "-C", "-c", "-d", "postgres", archive, cluster=server, check=False)
                self.assert_fails(done, HOSTILE, "DATABASE mine: it is about another database")

    def test_names_cannot_steer_a_terminal_or_fake_a_line(self):
        server = self.cluster()
        target = self.database(server)
        name = "a\n\\! rm -rf\r\x1b[2J\x7f\u009b31m\u202egnp.\t"
        archive = write_archive(self.folder() / "archive", [dict(tag=name, owner=name, definition=f'CREATE "{name}";')])
        listing = pgfast("list", archive)
        self.assertEqual(len([line for line in listing.stdout.split("\n") if line and not line.startswith(";")]), 1)
        done = pgfast("restore", "-v", "-d", target, archive, cluster=server, check=False)
        self.assertEqual(done.returncode, OBJECTS_FAILED, done.describe())
        for output in (listing.stdout, done.stdout, done.stderr):
            self.assertNotRegex(output, "[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u2028\\u2029]")
        # A listing keeps the writing direction of names, as that of pg_restore does.
        self.assertNotRegex(done.stdout + done.stderr, "[\\u202a-\\u202e]")
        self.assertTrue(all(line.startswith("pgfast: ") for line in done.stderr.splitlines()), done.stderr)


class Bombs(IntegrationTest):
    TABLE = dict(definition="CREATE TABLE public.t (a text);")
    COPY = "COPY public.t (a) FROM stdin;\n"
    ROWS = dict(desc="TABLE DATA", section="data", file_name="9.dat", copy=COPY, dependencies=(4,))

    def archive(self, entries, **files):
        named = {name.replace("_", "."): content for name, content in files.items()}
        return write_archive(self.folder() / "archive", entries, files=named)

    def test_a_table_of_contents_that_grows_without_measure(self):
        archive = self.folder()
        (archive / "toc.dat.zst").write_bytes(zstd_run(b"P", 8000))
        self.assert_fails(pgfast("list", archive, check=False, timeout_s=20), HOSTILE, "decode to more than")

    def test_a_list_of_large_objects_that_grows_without_measure(self):
        objects = dict(desc="BLOBS", tag="BLOBS", section="data", schema="", file_name="blobs.toc")
        archive = self.archive([objects], blobs_toc_zst=zstd_run(b"1", 8000))
        for command in (("verify",), ("restore", "--dry-run")):
            self.assert_fails(pgfast(*command, archive, check=False, timeout_s=20), HOSTILE, "decode to more than")

    def test_a_table_that_grows_without_measure(self):
        server = self.cluster()
        archive = self.archive([self.TABLE, self.ROWS], **{"9_dat_zst": zstd_run(b"x", 700)})
        role = f"stranger_{next(NUMBERS)}"
        server.psql("postgres", f"CREATE ROLE {role} LOGIN;")
        self.addCleanup(server.psql, "postgres", f"DROP ROLE {role};")
        target = self.database(server)
        server.psql("postgres", f"ALTER DATABASE {target} OWNER TO {role};")
        server.psql(target, f"ALTER SCHEMA public OWNER TO {role};")
        options = ("--untrusted", "-U", role, "-d", target, archive)
        done = pgfast("restore", *options, cluster=server, check=False, timeout_s=60)
        self.assert_fails(done, HOSTILE, "TABLE DATA public.t: .* decode to more than")
        self.assertEqual(server.value(target, "SELECT count(*) FROM public.t;"), "0")

    def test_frames_that_hold_nothing(self):
        flood = b"\x50\x2a\x4d\x18\x00\x00\x00\x00" * (3 << 20)  # skippable ones
        archive = self.archive([self.TABLE, self.ROWS], **{"9_dat_zst": flood})
        self.assert_fails(pgfast("verify", archive, check=False, timeout_s=20), HOSTILE, "hold nothing")


class Untrusted(IntegrationTest):
    """--untrusted: nothing but definitions and rows, by a role that has no rights elsewhere."""

    def plain_role(self, cluster, *attributes):
        name = f"stranger_{next(NUMBERS)}"
        cluster.psql("postgres", f"CREATE ROLE {name} LOGIN {' '.join(attributes)};")
        self.addCleanup(cluster.psql, "postgres", f"DROP ROLE {name};")
        return name

    def own_database(self, cluster, role):
        name = self.database(cluster)
        cluster.psql("postgres", f"ALTER DATABASE {name} OWNER TO {role};")
        cluster.psql(name, f"ALTER SCHEMA public OWNER TO {role};")
        return name

    def restore(self, cluster, archive, *options, **settings):
        return pgfast("restore", "--untrusted", *options, archive, cluster=cluster, check=False, timeout_s=60, **settings)

    def test_what_is_refused_of_all_that_there_is(self):
        """pg_dump's own definitions of everything else pass."""
        refused = {
            *("ACCESS METHOD", "EVENT TRIGGER", "FOREIGN DATA WRAPPER", "FOREIGN TABLE", "FUNCTION"),
            *("PROCEDURAL LANGUAGE", "SERVER", "SUBSCRIPTION", "TEXT SEARCH PARSER", "TEXT SEARCH TEMPLATE"),
            *("TRANSFORM", "USER MAPPING"),
        }
        for major in (13, 18):
            cluster = self.cluster(major)
            archive = self.folder() / "archive"
            cluster.run_tool("pg_dump", "-Fd", "-s", "-f", archive, zoo_in(cluster).name)
            done = self.restore(cluster, archive, "--dry-run")
            self.assert_fails(done, HOSTILE, "nothing was restored")
            types = re.findall(r"(?m)^((?:[A-Z]+ )+)", done.stdout.replace("USER MAPPING USER", "USER"))
            self.assertEqual({words.replace("TRANSFORM FOR", "").strip() for words in types}, refused)

    def test_a_plain_archive_is_restored_by_a_plain_role(self):
        cluster = self.cluster()
        source = self.database(cluster, PLAIN)
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-f", archive, source, cluster=cluster)
        role = self.plain_role(cluster)
        target = self.own_database(cluster, role)
        done = self.restore(cluster, archive, "-j3", "-U", role, "-d", target)
        self.assertEqual(done.returncode, OK, done.describe())
        assert_databases_equal(Database(cluster, source), Database(cluster, target), judges=("rows",), ignore=["large object"])
        owners = "SELECT DISTINCT relowner::regrole FROM pg_class WHERE oid >= 16384;"
        self.assertEqual(cluster.query(target, owners), [[role]])

    def test_powerful_users_are_refused(self):
        cluster = self.cluster()
        archive = write_archive(self.folder() / "archive", [dict(definition="CREATE TABLE public.t ();")])
        roles = {
            "postgres": "superuser",
            self.plain_role(cluster, "CREATEROLE"): "make roles",
            self.plain_role(cluster, "REPLICATION"): "replicate",
            self.plain_role(cluster, "IN ROLE pg_read_server_files"): "files of the server",
            self.plain_role(cluster, "IN ROLE postgres"): "superuser",
        }
        target = self.database(cluster)
        for role, words in roles.items():
            with self.subTest(words=words):
                done = self.restore(cluster, archive, "-U", role, "-d", target)
                self.assert_fails(done, USAGE, words)
        done = self.restore(cluster, archive, "--role", self.plain_role(cluster), "-U", "postgres", "-d", target)
        self.assert_fails(done, USAGE, "superuser")
        self.assertEqual(cluster.value(target, "SELECT to_regclass('public.t') IS NULL;"), "t")

    def test_what_is_refused_is_refused_before_anything_is_done(self):
        cluster = self.cluster()
        role = self.plain_role(cluster)
        target = self.own_database(cluster, role)
        table = dict(definition="CREATE TABLE public.t ();")
        for evil in (
            dict(definition="CREATE TABLE public.u (); COPY public.u FROM PROGRAM 'id';"),
            dict(desc="COMMENT", definition="COMMENT ON TABLE public.t IS E'\\'; DROP TABLE public.t; --';\n DO '';"),
            dict(desc="SEQUENCE SET", definition="SELECT pg_catalog.set_config('a', 'b', false);"),
            dict(desc="TABLE DATA", section="data", file_name="9.dat"),
            dict(desc="NOVELTY", definition="CREATE TABLE public.u ();"),
        ):
            with self.subTest(evil=evil):
                archive = write_archive(self.folder() / "archive", [table, evil], files={"9.dat": b"SELECT 1;"})
                done = self.restore(cluster, archive, "-U", role, "-d", target)
                self.assert_fails(done, HOSTILE, r"refused: ", "1 of 5 objects")
                self.assertEqual(cluster.value(target, "SELECT to_regclass('public.t') IS NULL;"), "t")

    def test_what_is_left_out_by_a_list_is_not_held_against_the_rest(self):
        cluster = self.cluster()
        evil = dict(desc="EVENT TRIGGER", tag="e", definition="CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f();")
        archive = write_archive(self.folder() / "archive", [dict(definition="CREATE TABLE public.t ();"), evil])
        listing = pgfast("list", archive).stdout
        kept = self.folder() / "list"
        kept.write_text("".join(line for line in listing.splitlines(True) if "EVENT TRIGGER" not in line))
        role = self.plain_role(cluster)
        target = self.own_database(cluster, role)
        self.assert_fails(self.restore(cluster, archive, "-U", role, "-d", target), HOSTILE, "EVENT TRIGGER public.e: it runs")
        done = self.restore(cluster, archive, "-L", kept, "-U", role, "-d", target)
        self.assertEqual(done.returncode, OK, done.describe())

    def test_hard_links_are_refused(self):
        cluster = self.cluster()
        archive = self.folder() / "archive"
        cluster.run_tool("pg_dump", "-Fd", "--no-sync", "-Z0", "-f", archive, small_in(cluster).name)
        file = sorted(archive.glob("[0-9]*.dat"))[0]
        os.link(file, archive.parent / "elsewhere")
        done = self.restore(cluster, archive, "--dry-run", "-a")
        self.assert_fails(done, HOSTILE, file.name, "hard link")
        self.assertEqual(pgfast("verify", archive, check=False).returncode, OK)

    def test_options_that_do_not_fit(self):
        archive = self.folder()
        for option in ("--clean", "--create"):
            self.assert_fails(pgfast("restore", "--untrusted", option, "-d", "x", archive, check=False), USAGE, option)

    def test_encodings_that_statements_cannot_be_told_apart_in(self):
        settings = (dict(desc="ENCODING", tag="ENCODING", definition="SET client_encoding = 'SJIS';\n"), *SETTINGS[1:])
        archive = write_archive(self.folder() / "archive", [dict(definition="CREATE TABLE t ();")], settings)
        self.assert_fails(self.restore(self.cluster(), archive, "--dry-run"), HOSTILE, "SJIS")
