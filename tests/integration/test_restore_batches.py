"""Definitions are restored many at once; what fails among them fails alone, as it does with pg_restore one by one."""

import re
import shutil
import tempfile
from pathlib import Path

from harness import Database, assert_databases_equal, pgfast
from integration.case import DAMAGED, OBJECTS_FAILED, OK, IntegrationTest
from integration.zoo import drop_database

COUNT = 30
OWNER = "batches_owner"
READER = "batches_reader"

SOURCE = f"""
SELECT format('CREATE TABLE t%1$s (id integer PRIMARY KEY, v text);
               INSERT INTO t%1$s SELECT i, ''row '' || i FROM generate_series(1, 20) AS i;
               CREATE INDEX i%1$s ON t%1$s (v);
               COMMENT ON TABLE t%1$s IS ''table %1$s'';
               COMMENT ON INDEX i%1$s IS ''index %1$s'';
               GRANT SELECT ON t%1$s TO {READER}', lpad(n::text, 2, '0'))
FROM generate_series(1, {COUNT}) AS n \\gexec
ALTER TABLE t07 OWNER TO {OWNER};
"""

# Enough for several sessions to make them.
MANY = r"""
SELECT format('CREATE TABLE t%1$s (id integer GENERATED ALWAYS AS IDENTITY, n serial, v text);
               COMMENT ON COLUMN t%1$s.v IS ''of %1$s''', lpad(n::text, 3, '0'))
FROM generate_series(1, 100) AS n \gexec
CREATE TABLE p (id integer, v text) PARTITION BY RANGE (id);
SELECT format('CREATE TABLE a_part_%1$s PARTITION OF p FOR VALUES FROM (%1$s) TO (%1$s + 1)', n)
FROM generate_series(1, 9) AS n \gexec
CREATE TABLE z_parent (id integer);
CREATE TABLE a_child (of_another t050) INHERITS (z_parent);
CREATE VIEW b AS SELECT * FROM a_child;
CREATE TABLE c AS SELECT * FROM b;
"""

# An index in twenty is on a function, without which it fails.
INDEXES_AND_TRIGGERS = r"""
CREATE FUNCTION left_out(integer) RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT $1';
CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
SELECT format('CREATE TABLE t%1$s (id integer PRIMARY KEY); INSERT INTO t%1$s VALUES (%1$s);
               CREATE TRIGGER nothing BEFORE INSERT ON t%1$s FOR EACH ROW EXECUTE FUNCTION nothing()', n)
FROM generate_series(1, 200) AS n \gexec
SELECT format('CREATE INDEX ON t%1$s (left_out(id))', n) FROM generate_series(1, 200, 20) AS n \gexec
"""

# Each is in the target before the restore, and makes other entries fail.
OBSTACLES = {
    "the_first_definition": "CREATE TABLE t01 (other integer);",
    "the_last_definition": f"CREATE TABLE t{COUNT} (other integer);",
    "several_definitions": "CREATE TABLE t05 (other integer); CREATE VIEW t06 AS SELECT 1 AS id; CREATE TYPE t20;",
    # The one that is left belongs to another role.
    "nearly_every_definition": f"""
        SELECT format('CREATE TABLE t%s (id integer, v text)', lpad(n::text, 2, '0'))
        FROM generate_series(1, {COUNT}) AS n WHERE n <> 7 \\gexec""",
    "keys_indexes_and_comments": "CREATE VIEW t01_pkey AS SELECT 1; CREATE VIEW i11 AS SELECT 1; CREATE TYPE t30_pkey;",
    "rows": """
        CREATE TABLE t12 (id integer, v text CHECK (v <> 'row 13'));
        CREATE TABLE t15 (id integer, v text);
        CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql
            AS 'BEGIN IF NEW.id = 8 THEN NEW.id := 7; END IF; RETURN NEW; END';
        CREATE TRIGGER spoil BEFORE INSERT ON t15 FOR EACH ROW EXECUTE FUNCTION spoil();""",
}


def errors_of_stock(text):
    """What the server said, without the owners of objects that are not there, which pgfast does not ask for."""
    found, not_made = [], set()
    for error, detail, command in re.findall(
        r"ERROR:  (.*)\n(?:LINE .*\n.*\n)?(?:DETAIL:  (.*)\n)?(?:(?:HINT|CONTEXT).*\n)*Command was: (.*)", text
    ):
        made = re.match(r"CREATE TABLE (\S+)", command)
        given = re.match(r"ALTER TABLE (\S+) OWNER", command)
        if made:
            not_made.add(made[1])
        if not given or given[1] not in not_made:
            found.append(with_detail(error, detail))
    for error, detail in re.findall(r"COPY failed for table .*ERROR:  (.*)\n(?:DETAIL:  (.*)\n)?", text):
        found.append(with_detail(error, detail))
    return found


def with_detail(error, detail):
    return f"{error} ({detail})" if detail else error


def errors_of_pgfast(text):
    return re.findall(r'^pgfast: failed: (?:.*?): (?:COPY \w+, line \d+: ".*": )?(.*) \(\w{5}\)$', text, re.MULTILINE)


class RestoreBatches(IntegrationTest):
    @classmethod
    def setUpClass(cls):
        cls.made = None

    def setUp(self):
        self.server = self.cluster()
        for role in (OWNER, READER):
            self.addCleanup(self.server.psql, "postgres", f"DROP ROLE IF EXISTS {role};")
            self.server.psql("postgres", f"CREATE ROLE {role};")
        if type(self).made is None:
            type(self).made = self.make_archive()
        self.archive = type(self).made

    def make_archive(self):
        """Once for all tests."""
        folder = Path(tempfile.mkdtemp(prefix="pgf-"))
        self.addClassCleanup(shutil.rmtree, folder, ignore_errors=True)
        source = self.database(self.server)
        self.server.psql(source, SOURCE)
        self.server.run_tool("pg_dump", "-Fd", "-f", folder / "archive", source)
        return folder / "archive"

    def forget_role(self, role):
        self.server.psql("postgres", f"DROP ROLE {role};")

    def restore_both(self, obstacle="", options=(), jobs="-j2"):
        """Ours and stock's, with the same errors."""
        ours, stock = (self.database(self.server, obstacle) for _ in range(2))
        by_stock = self.server.run_tool("pg_restore", *options, "-d", stock, self.archive, check=False)
        by_pgfast = pgfast("restore", jobs, *options, "-d", ours, self.archive, cluster=self.server, check=False)
        self.assertEqual(
            by_pgfast.returncode,
            OK if by_stock.returncode == 0 else OBJECTS_FAILED,
            by_pgfast.describe() + by_stock.describe(),
        )
        self.assertEqual(
            sorted(errors_of_pgfast(by_pgfast.stderr)),
            sorted(errors_of_stock(by_stock.stderr)),
            by_pgfast.describe() + by_stock.describe(),
        )
        assert_databases_equal(Database(self.server, stock), Database(self.server, ours))
        return by_pgfast

    def test_a_role_that_is_not_there(self):
        """The table stays, with who restores it as its owner; so does all that came in one batch with it."""
        self.forget_role(OWNER)
        self.restore_both()

    def test_a_role_that_no_grant_finds(self):
        self.forget_role(READER)
        self.restore_both()

    def test_drops_of_what_is_not_there(self):
        self.restore_both("CREATE TABLE t03 (id integer); CREATE TABLE t30 (id integer);", ("-c",))

    def test_a_failure_ends_one_transaction_with_the_entry_that_failed(self):
        target = self.database(self.server, "CREATE TABLE t17 (other integer);")
        done = pgfast("restore", "-1", "-d", target, self.archive, cluster=self.server, check=False)
        self.assertNotEqual(done.returncode, OK)
        self.assert_one_error(done, r"TABLE public\.t17: relation .* already exists")
        self.assertEqual(self.tables(target), ["t17"])

    def test_one_transaction_holds_all(self):
        self.restore_both(options=("-1",), jobs="-j1")

    def test_the_first_failure_ends_the_restore_and_what_came_before_it_stays(self):
        target = self.database(self.server, "CREATE TABLE t17 (other integer); CREATE TABLE t20 (other integer);")
        done = pgfast("restore", "-e", "-j2", "-d", target, self.archive, cluster=self.server, check=False)
        self.assertNotEqual(done.returncode, OK)
        self.assert_one_error(done, r"TABLE public\.t17: relation .* already exists")
        self.assertEqual(self.tables(target), [f"t{n:02}" for n in range(1, 18)] + ["t20"])

    def test_definitions_by_several_sessions(self):
        """Tables that hang together, and some that fail."""
        folder = self.folder()
        source = self.database(self.server, MANY)
        self.server.run_tool("pg_dump", "-Fd", "-s", "-f", folder / "many", source)
        self.archive = folder / "many"
        self.restore_both(
            "CREATE TABLE t003 (other integer); CREATE VIEW p AS SELECT 1; CREATE SEQUENCE t100_id_seq;", jobs="-j3"
        )

    def test_indexes_made_again_are_seen_by_all_sessions(self):
        """A table must not pass for one without indexes because its first one was undone with others (13 to 17)."""
        server = self.cluster(13)
        source = self.database(server, INDEXES_AND_TRIGGERS)
        folder = self.folder()
        server.run_tool("pg_dump", "-Fd", "-f", folder / "archive", source)
        listed = server.run_tool("pg_restore", "-l", folder / "archive").stdout.splitlines(keepends=True)
        (folder / "list").write_text("".join(line for line in listed if "FUNCTION public left_out" not in line))
        # Which session works on what is chance: of twelve restores five had such tables, up to 17 of them.
        for _ in range(6):
            target = self.database(server)
            done = pgfast(
                *("restore", "-j4", "-L", folder / "list", "-d", target, folder / "archive"), cluster=server, check=False
            )
            self.assertEqual(done.returncode, OBJECTS_FAILED, done.describe())
            without = server.query(
                target,
                "SELECT oid::regclass FROM pg_class WHERE NOT relhasindex"
                " AND oid IN (SELECT indrelid FROM pg_index);",
            )
            self.assertEqual(without, [])
            drop_database(server, target)

    def test_a_damaged_file_among_many(self):
        """Its rows are not in the database; those of all others are."""
        damaged = self.folder() / "archive"
        shutil.copytree(self.archive, damaged)
        victim = next(line for line in pgfast("list", damaged).stdout.splitlines() if "TABLE DATA public t13 " in line)
        file = damaged / f"{victim.split(';')[0]}.dat.gz"
        file.write_bytes(file.read_bytes()[:-9])
        target = self.database(self.server)
        done = pgfast("restore", "-j2", "-d", target, damaged, cluster=self.server, check=False)
        self.assert_fails(done, DAMAGED, r"TABLE DATA public\.t13: ", "1 of 210 objects")
        for table in self.tables(target):
            rows = self.server.value(target, f"SELECT count(*) FROM {table};")
            self.assertEqual(rows, "0" if table == "t13" else "20", table)

    def tables(self, database):
        sql = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^t[0-9]' ORDER BY 1;"
        return [row[0] for row in self.server.query(database, sql)]


def _add_tests():
    for name, obstacle in OBSTACLES.items():
        setattr(RestoreBatches, f"test_{name}", lambda self, o=obstacle: self.restore_both(o))


_add_tests()
