"""Archives made to do harm: refused with exit code 34, quickly, and without a byte of anybody's files read."""

import itertools
import os
import re
import shutil
import socket

from harness import Database, assert_databases_equal, pgfast
from integration.case import HOSTILE, OK, USAGE, IntegrationTest
from integration.toc import SETTINGS, write_archive
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
