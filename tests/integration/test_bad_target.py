"""A place that cannot be written to, or a target database that is not there."""

import contextlib
import os
import shutil
import subprocess
from pathlib import Path

from harness import Database, pgfast
from harness.oracle import catalog_lines, row_digests
from integration.case import CANNOT_CONNECT, CONFLICT, LOCAL_IO, NO_SPACE, OBJECTS_FAILED, OK, IntegrationTest
from integration.zoo import small_in, zoo_in

SQL = Path(__file__).resolve().parent / "sql"


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

    def test_names_that_lead_nowhere(self):
        folder = self.folder()
        (folder / "loop").symlink_to("loop")
        self.dump_fails(LOCAL_IO, folder / ("x" * 300), "file name too long")
        self.dump_fails(LOCAL_IO, folder / ("x" * 250), "file name too long")
        self.dump_fails(LOCAL_IO, folder / "loop" / "archive", "too many levels of symbolic links")
        self.assertEqual([path.name for path in folder.iterdir()], ["loop"])

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


class SmallFileSystems(IntegrationTest):
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


class FullDisk(SmallFileSystems):
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

    def test_a_file_system_that_is_read_only(self):
        folder = self.small_file_system("ro")
        cluster = self.cluster()
        done = pgfast("dump", "-f", folder / "archive", small_in(cluster).name, cluster=cluster, check=False)
        self.assert_fails(done, LOCAL_IO, "archive.partial", "read-only file system")

    def test_no_space(self):
        for engine in ("auto", "threads", "sync"):
            with self.subTest(engine=engine):
                self.dump_fails(
                    self.small_file_system("size=1m"),
                    "no space left",
                    r"hint: The file system of \"\S+archive.partial\" has 1.0 MB, .* of it free",
                    options=("-Z", "none"),
                    io_engine=engine,
                )

    def test_what_is_still_needed_is_told(self):
        cluster = self.cluster()
        big = "CREATE TABLE big AS SELECT repeat(md5(i::text), 10) FROM generate_series(1, 50000) AS i; ANALYZE;"
        source = self.database(cluster, big)
        folder = self.small_file_system("size=4m")
        options = ("-n", "public", "--no-split", "-Z", "none", "-f", folder / "archive", source)
        done = pgfast("dump", *options, cluster=cluster, check=False)
        needed = r"hint: .* has 4.0 MB, .* of it free; the archive needs about \d+\.\d MB more"
        self.assert_fails(done, NO_SPACE, "no space left", needed)

    def test_no_inodes(self):
        self.dump_fails(self.small_file_system("size=64m,nr_inodes=200"), "no space left", "hint: .* has no inodes left.*--large-objects=packed")

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


class WhatTheTargetLacks(IntegrationTest):
    """What is missing is named, with all that needs it, and the rest is there."""

    def restore_fails(self, archive, *words, options=()):
        cluster = self.cluster()
        target = self.database(cluster)
        done = pgfast("restore", "-j2", *options, "-d", target, archive, cluster=cluster, check=False)
        self.assert_fails(done, OBJECTS_FAILED, *words)
        self.assertEqual(cluster.value(target, "SELECT count(*) FROM kept;"), "1000")
        self.assertEqual(cluster.value(target, "SELECT count(*) FROM pg_indexes WHERE tablename = 'kept';"), "1")
        return target

    def dump(self, sql):
        cluster = self.cluster()
        source = self.database(
            cluster, sql + "CREATE TABLE kept AS SELECT i FROM generate_series(1, 1000) i; CREATE INDEX ON kept (i);"
        )
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-j2", "-f", archive, source, cluster=cluster)
        return source, archive

    def test_an_extension(self):
        cluster = self.cluster()
        share = Path(cluster.value("postgres", "SELECT setting FROM pg_config WHERE name = 'SHAREDIR';")) / "extension"
        control, script = share / "fleeting.control", share / "fleeting--1.0.sql"
        control.write_text("default_version = '1.0'\nrelocatable = true\n")
        script.write_text("CREATE DOMAIN fleeting AS integer;\n")
        try:
            _, archive = self.dump("CREATE EXTENSION fleeting; CREATE TABLE needs_it AS SELECT 1::fleeting AS i;")
        finally:
            control.unlink()
            script.unlink()
        self.restore_fails(
            archive, 'warning: the target lacks extension "fleeting"', "EXTENSION fleeting: .*not available", "needs_it: "
        )

    def test_a_tablespace(self):
        cluster = self.cluster()
        cluster.psql("postgres", "SET allow_in_place_tablespaces = on;\nCREATE TABLESPACE fleeting LOCATION '';")
        source, archive = self.dump("CREATE TABLE needs_it TABLESPACE fleeting AS SELECT 1 AS i;")
        cluster.dropdb(source)
        cluster.psql("postgres", "DROP TABLESPACE fleeting;")
        self.restore_fails(archive, 'warning: the target lacks tablespace "fleeting"', "needs_it: .*fleeting")
        done = pgfast("restore", "--no-tablespaces", "-d", self.database(cluster), archive, cluster=cluster)
        self.assertEqual(done.stderr, "")

    def test_what_others_are_made_with(self):
        """Left out of the restore, which is the same as not to be had."""
        _, archive = self.dump(
            """
            CREATE ACCESS METHOD fleeting_am TYPE TABLE HANDLER heap_tableam_handler;
            CREATE TABLE by_am (i integer) USING fleeting_am;
            CREATE FUNCTION handle() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler';
            CREATE LANGUAGE fleeting_language HANDLER handle;
            CREATE FUNCTION by_language() RETURNS integer LANGUAGE fleeting_language AS 'BEGIN RETURN 1; END';
            CREATE FOREIGN DATA WRAPPER fleeting_wrapper;
            CREATE SERVER by_wrapper FOREIGN DATA WRAPPER fleeting_wrapper;
            CREATE COLLATION fleeting_collation (LOCALE = 'C');
            CREATE TABLE by_collation (v text COLLATE fleeting_collation);
            CREATE TEXT SEARCH TEMPLATE fleeting_template (LEXIZE = dsimple_lexize);
            CREATE TEXT SEARCH DICTIONARY by_template (TEMPLATE = fleeting_template);
            CREATE FUNCTION by_library() RETURNS void LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_validator';
            UPDATE pg_proc SET probin = '$libdir/fleeting_library' WHERE proname = 'by_library';
            """
        )
        makers = ("ACCESS METHOD", "PROCEDURAL LANGUAGE", "FOREIGN DATA WRAPPER", "COLLATION", "TEXT SEARCH TEMPLATE")
        lines = pgfast("list", archive).stdout.splitlines()
        use = self.folder() / "list"
        use.write_text("\n".join(line for line in lines if not any(f" {maker} " in line for maker in makers)) + "\n")
        needed = ("am", "language", "wrapper", "collation", "template", "library")
        words = [f"by_{name}\\S*: .*fleeting_{name}" for name in needed]
        lacks = [f'warning: the target lacks {what} "fleeting_{name}"' for what, name in (
            ("table access method", "am"), ("language", "language"),
        )]  # fmt: skip
        self.restore_fails(archive, *words, *lacks, options=("-L", use))

    def test_roles(self):
        """All in one line before anything is done, wherever they are named; none of those that are left out."""
        cluster = self.cluster()
        names = ("owner", "reader", "heir", "guest", 'q"uoted')
        roles = [f"lack_{name}" for name in names]
        quoted = ['"' + role.replace('"', '""') + '"' for role in roles]
        cluster.psql("postgres", "".join(f"CREATE ROLE {role};" for role in quoted))
        owner, reader, heir, guest, quote = quoted
        source, archive = self.dump(
            f"""
            CREATE TABLE owned (i integer); ALTER TABLE owned OWNER TO {owner};
            CREATE TABLE read (i integer, j integer); GRANT SELECT (i), UPDATE (j) ON read TO {reader};
            GRANT USAGE ON SCHEMA public TO {quote};
            ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO {heir};
            CREATE POLICY p ON read FOR SELECT TO {guest} USING (true);
            """
        )
        cluster.dropdb(source)
        cluster.psql("postgres", "".join(f"DROP ROLE {role};" for role in quoted))
        named = ", ".join(f'"{role}"' for role in sorted(roles))
        target = self.database(cluster)
        done = pgfast("restore", "-d", target, archive, cluster=cluster, check=False)
        self.assert_fails(done, OBJECTS_FAILED)
        self.assertTrue(done.stderr.startswith(f"pgfast: warning: the target lacks 5 roles: {named} ("), done.stderr)
        for options, left in (("-O", 4), ("-x", 2), ("-Ox", 1), ("-a", 0)):
            with self.subTest(options):
                target = self.database(cluster, "CREATE TABLE kept (i integer); CREATE TABLE owned (i integer);"
                                       "CREATE TABLE read (i integer, j integer);")  # fmt: skip
                done = pgfast("restore", options, "-d", target, archive, cluster=cluster, check=False)
                lacks = [line for line in done.stderr.splitlines() if "lacks" in line]
                self.assertEqual(len(lacks), int(left > 0), done.stderr)
                self.assertTrue(left < 2 or f"lacks {left} roles: " in lacks[0], lacks)

    def test_characters(self):
        """What the database's encoding cannot hold is foretold, and the table's rows are not there in part."""
        cluster = self.cluster()
        archive = self.folder() / "archive"
        for encoding, target_encoding, value in (("UTF8", "LATIN1", "chr(20540)"), ("SQL_ASCII", "UTF8", "chr(200)")):
            with self.subTest(encoding):
                shutil.rmtree(archive, ignore_errors=True)
                source = self.database(
                    cluster,
                    "CREATE TABLE plain AS SELECT 1 AS i;"
                    f"CREATE TABLE texts AS SELECT i, CASE i WHEN 900 THEN {value} ELSE 'x' END AS v"
                    " FROM generate_series(1, 1000) i;",
                    options=f"ENCODING '{encoding}'",
                )
                pgfast("dump", "--no-sync", "-f", archive, source, cluster=cluster)
                target = self.database(cluster, options=f"ENCODING '{target_encoding}'")
                done = pgfast("restore", "-d", target, archive, cluster=cluster, check=False)
                foretold = f"warning: the archive is in encoding {encoding}, the database in {target_encoding}: "
                self.assert_fails(done, OBJECTS_FAILED, foretold, "failed: TABLE DATA public.texts: .*encoding")
                count = "SELECT (SELECT count(*) FROM texts), (SELECT count(*) FROM plain);"
                self.assertEqual(cluster.query(target, count), [["0", "1"]])


class TablesThatAreThere(IntegrationTest):
    """Rows never come twice by accident: where a table that would be made holds some, nothing is changed."""

    def setUp(self):
        self.server = self.cluster()
        source = self.database(
            self.server,
            'CREATE SCHEMA "S ""s"; CREATE TABLE "S ""s"."T t" AS SELECT 1 AS i;'
            "CREATE TABLE rows AS SELECT i FROM generate_series(1, 1000) i;"
            "CREATE TABLE cut (i integer) PARTITION BY RANGE (i); CREATE TABLE part PARTITION OF cut DEFAULT;"
            "INSERT INTO cut VALUES (1); CREATE TABLE none (i integer); CREATE VIEW v AS SELECT 1 AS i;",
        )
        self.archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-f", self.archive, source, cluster=self.server)

    def restore(self, target, *options):
        return pgfast("restore", "-j2", *options, "-d", target, self.archive, cluster=self.server, check=False)

    def count(self, target, table="rows"):
        return int(self.server.value(target, f"SELECT count(*) FROM {table};"))

    def state(self, target):
        return [*row_digests(Database(self.server, target)), *catalog_lines(Database(self.server, target))]

    def test_a_second_restore_changes_nothing(self):
        target = self.database(self.server)
        self.assertEqual(self.restore(target).returncode, OK)
        self.server.psql(target, "DROP VIEW v;")
        before = self.state(target)
        for options in ((), ("-1", "-j1"), ("-e",), ("--no-journal",), ("-t", "rows"), ("-n", "public")):
            with self.subTest(options):
                self.assert_fails(self.restore(target, *options), CONFLICT, "hint: .*--clean.*--data-only")
                self.assertEqual(self.state(target), before)
        self.assert_fails(self.restore(target), CONFLICT, '3 tables are there.*: "S ""s"."T t", public.part, public.rows\n')
        self.assert_fails(self.restore(target, "-t", "rows"), CONFLICT, "table public.rows is there already")

    def test_ways_that_are_meant(self):
        for options, code, rows in (
            (("--clean", "--if-exists"), OK, 1000),
            (("--data-only",), OK, 2000),
            (("--section=data",), OK, 2000),
            (("--schema-only",), OBJECTS_FAILED, 1000),
            (("--no-data-for-failed-tables",), OBJECTS_FAILED, 1000),
        ):
            with self.subTest(options):
                target = self.database(self.server)
                self.assertEqual(self.restore(target).returncode, OK)
                done = self.restore(target, *options)
                self.assertEqual(done.returncode, code, done.describe())
                self.assertEqual(self.count(target), rows)

    def test_tables_that_clean_cannot_drop_keep_their_rows(self):
        """Something hangs on them, so they cannot be replaced; also in a run that goes on with what is left."""
        target = self.database(self.server)
        self.assertEqual(self.restore(target).returncode, OK)
        self.server.psql(target, "CREATE VIEW hanging_on AS SELECT * FROM rows; INSERT INTO none VALUES (7); DELETE FROM none;")
        self.server.psql(target, "CREATE VIEW hanging_on_none AS SELECT * FROM none;")
        done = self.restore(target, "--clean", "--if-exists")
        self.assert_fails(done, OBJECTS_FAILED, "table public.rows could not be replaced, and holds rows")
        self.assertNotIn("table public.none could not be replaced", done.stderr)
        self.assertEqual(self.count(target), 1000)
        self.assertEqual(self.count(target, "cut"), 1)

    def test_tables_without_rows_are_filled(self):
        """Made beforehand, or emptied: as with pg_restore, they fail to be made, and are filled."""
        for sql in ("", "INSERT INTO rows VALUES (1); DELETE FROM rows;"):
            with self.subTest(sql):
                target = self.database(self.server, "CREATE TABLE rows (i integer);" + sql)
                self.assert_fails(self.restore(target), OBJECTS_FAILED, "TABLE public.rows: .*already exists")
                self.assertEqual(self.count(target), 1000)

    def test_others_do_not_matter(self):
        target = self.database(self.server, "CREATE TABLE others AS SELECT 1 AS i; CREATE TABLE v AS SELECT 1 AS i;")
        self.assert_fails(self.restore(target), OBJECTS_FAILED, "VIEW public.v: .*already exists")
        self.assertEqual(self.count(target), 1000)

    def test_what_cannot_be_looked_into(self):
        """The restore goes on, and says so."""
        target = self.database(self.server, "CREATE TABLE rows AS SELECT 1 AS i;")
        with contextlib.closing(self.server.session(target)) as other:
            other.run("BEGIN; LOCK TABLE rows;")
            process = self.start("restore", "-d", target, self.archive, cluster=self.server)
            self.wait_until(lambda: self.is_made(target, "cut"), "the restore to go on")
            other.run("ROLLBACK;")
            done = self.finish(process)
        self.assert_fails(done, OBJECTS_FAILED, "warning: whether tables are there already.*lock timeout")
        self.assertEqual(self.count(target), 1001)

    def is_made(self, target, table):
        return self.server.value(target, f"SELECT to_regclass('{table}') IS NOT NULL;") == "t"


class FullTarget(SmallFileSystems):
    """What found no room is named, the rest is there, and with room a restore that begins anew comes to its end."""

    def setUp(self):
        self.server = self.cluster()
        self.disk = self.small_file_system("size=64m")
        place = self.disk / "tablespace"
        place.mkdir()
        os.chown(place, self.server.user.pw_uid, self.server.user.pw_gid)
        self.server.psql("postgres", f"CREATE TABLESPACE narrow LOCATION '{place}';")
        self.addCleanup(self.server.psql, "postgres", "DROP TABLESPACE narrow;")

    def resize(self, size):
        subprocess.run(["mount", "-o", f"remount,size={size}", self.disk], check=True)

    def restore_until_full(self, table, index, *words):
        """With the table or its index, some 2 MB each, on a disk of 1 MB."""
        source = self.database(
            self.server,
            "CREATE TABLE small AS SELECT 1 AS i;"
            f"CREATE TABLE full_up {table} AS SELECT i, md5(i::text) AS v FROM generate_series(1, 30000) i;"
            f"CREATE INDEX full_up_v ON full_up (v) {index};",
        )
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "-j2", "-f", archive, source, cluster=self.server)
        self.server.dropdb(source)
        self.resize("1m")
        target = self.database(self.server)
        command = ("restore", "-j2", "-d", target, archive)
        done = pgfast(*command, cluster=self.server, check=False)
        self.assert_fails(done, OBJECTS_FAILED, "no space left on device", "free disk space", *words)
        self.assertEqual(self.server.value(target, "SELECT count(*) FROM small;"), "1")
        self.resize("64m")
        pgfast(*command, "--clean", "--if-exists", cluster=self.server)
        self.assertEqual(self.server.value(target, "SELECT count(*) FROM full_up;"), "30000")
        indexes = "SELECT count(*) FROM pg_index WHERE indexrelid = 'full_up_v'::regclass AND indisvalid;"
        self.assertEqual(self.server.value(target, indexes), "1")

    def test_no_room_for_rows(self):
        self.restore_until_full("TABLESPACE narrow", "", "full_up: ")

    def test_no_room_for_an_index(self):
        self.restore_until_full("", "TABLESPACE narrow", "full_up_v: ")

    def resumable(self, sql):
        """An archive of all that a restore knows, and what it leaves in a database that nothing disturbs."""
        source = self.database(self.server)
        self.server.psql(source, file=SQL / "resume.sql")
        self.server.psql(source, sql)
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "--no-split", "-Z", "none", "-j2", "-f", archive, source, cluster=self.server)
        self.server.dropdb(source)
        copy = self.database(self.server)
        pgfast("restore", "-j4", "-d", copy, archive, cluster=self.server)
        state = self.state(copy)
        self.server.dropdb(copy)
        return archive, state

    def state(self, database):
        copy = Database(self.server, database)
        return [*row_digests(copy), *catalog_lines(copy)]

    def restore(self, target, archive, *options):
        return pgfast("restore", *options, "-d", target, archive, cluster=self.server, check=False)

    def assert_goes_on(self, target, archive, *options):
        done = self.restore(target, archive, *options, "--resume")
        self.assertEqual(done.returncode, OK, done.describe())
        self.assertNotIn("failed: ", done.stderr)

    def test_it_goes_on_with_room(self):
        """Only with what failed, and what was held back for it: each trigger, key and view of the rows comes after them."""
        for what, failed, held_back, made in (
            ("TABLE big", "TABLE DATA public.big", ("TRIGGER public.big stamp", "counted"), "to_regclass('small_12_pkey')"),
            ("INDEX big_v", "INDEX public.big_v", ("counted",), "to_regclass('big_key')"),
        ):  # fmt: skip
            archive, state = self.resumable(f"ALTER {what} SET TABLESPACE narrow;")
            for jobs in ("-j4", "-j1"):
                with self.subTest(f"{what} {jobs}"):
                    target = self.database(self.server)
                    self.resize("1m")
                    done = self.restore(target, archive, jobs)
                    self.resize("64m")
                    self.assert_fails(done, OBJECTS_FAILED, "hint: .*make room .*--resume")
                    self.assertRegex(done.stderr, f"failed: {failed}: .*No space left")
                    for name in held_back:
                        self.assertRegex(done.stderr, f"failed: .*{name}: left for --resume")
                    self.assertEqual(self.server.value(target, f"SELECT {made} IS NOT NULL;"), "t")
                    self.assert_fails(self.restore(target, archive, jobs), CONFLICT, "was interrupted")
                    self.assert_goes_on(target, archive, jobs)
                    self.assertEqual(self.state(target), state)
                    self.assert_fails(self.restore(target, archive, jobs, "--resume"), CONFLICT, "no interrupted restore")
                    self.server.dropdb(target)

    def test_rows_that_found_no_room_take_up_none(self):
        """What several sessions had written of a table is given back, as far as that needs no room itself."""
        source = self.database(
            self.server,
            "CREATE TABLE full_up (i integer, j bigint) TABLESPACE narrow;"
            "INSERT INTO full_up SELECT i, i FROM generate_series(1, 400000) i;",
        )
        archive = self.folder() / "archive"
        pgfast("dump", "--no-sync", "--no-split", "-Z", "none", "-f", archive, source, cluster=self.server)
        before = row_digests(Database(self.server, source))
        self.server.dropdb(source)
        target = self.database(self.server)
        self.resize("1m")
        done = self.restore(target, archive, "-j4")
        self.assert_fails(done, OBJECTS_FAILED, "TABLE DATA public.full_up: .*no space left", "--resume")
        self.assertEqual(self.server.value(target, "SELECT pg_relation_size('full_up');"), "0")
        self.resize("64m")
        self.assert_goes_on(target, archive, "-j4")
        self.assertEqual(row_digests(Database(self.server, target)), before)

    def test_it_goes_on_wherever_the_room_ends(self):
        """The whole database on a small disk, which gives way step by step."""
        archive, state = self.resumable("")
        target = self.database(self.server, options="TABLESPACE narrow")
        used_kb, more_kb, rounds = shutil.disk_usage(self.disk).used // 1024, 1000, 0
        self.resize(f"{used_kb + more_kb}k")
        done = self.restore(target, archive, "-j4")
        while done.returncode != OK:
            # Where there is no room at all, not even a session begins.
            code = CANNOT_CONNECT if "could not write init file" in done.stderr else OBJECTS_FAILED
            self.assert_fails(done, code, "--resume")
            rounds += 1
            more_kb *= 2
            self.assertLess(more_kb, 64_000, done.describe())
            self.resize(f"{used_kb + more_kb}k")
            done = self.restore(target, archive, "-j4", "--resume")
        self.assertGreater(rounds, 2)
        self.assertEqual(self.state(target), state)
