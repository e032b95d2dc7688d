"""Are two databases equal?  Three independent judges: the rows, stock pg_dump's text, and the catalogs by name."""

import difflib
import re
from dataclasses import dataclass
from pathlib import Path

from .cluster import quote_literal
from .process import run_command

CATALOG_QUERIES = Path(__file__).resolve().parent / "catalog.sql"
ALL_JUDGES = ("rows", "text", "catalog")
MAXIMUM_DIFF_LINES = 120

# Every value's text must be the same for the same value, whatever the database's own defaults are.
FIXED_SETTINGS = """
SET client_min_messages = warning; SET search_path = ''; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres';
SET timezone = 'UTC'; SET extra_float_digits = 3; SET bytea_output = 'hex'; SET row_security = off;
SET lc_monetary = 'C'; SET xmloption = content; SET quote_all_identifiers = off; SET standard_conforming_strings = on;
"""

RELATIONS = """
SELECT c.oid::regclass, c.relkind, c.relispopulated,
       coalesce((SELECT string_agg('t.' || quote_ident(a.attname), ', ' ORDER BY a.attname COLLATE "C")
                   FROM pg_catalog.pg_attribute a
                  WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped), '')
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind IN ('r', 'p', 'm', 'S') AND c.relpersistence <> 't'
   AND n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND n.nspname NOT LIKE 'pg\\_temp\\_%'
   -- A root with a foreign partition cannot be read without its server; its other partitions are.
   AND NOT EXISTS (SELECT FROM pg_catalog.pg_partition_tree(c.oid) part JOIN pg_catalog.pg_class f ON f.oid = part.relid
                    WHERE f.relkind = 'f')
 ORDER BY c.oid::regclass::text COLLATE "C";
"""

LARGE_OBJECTS = """
SELECT 'large object ' || m.oid, md5(lo_get(m.oid)), pg_get_userbyid(m.lomowner),
       (SELECT string_agg(item::text, ',' ORDER BY item::text COLLATE "C")
          FROM unnest(coalesce(m.lomacl, acldefault('L', m.lomowner))) item)
  FROM pg_catalog.pg_largeobject_metadata m ORDER BY m.oid;
"""


@dataclass(frozen=True)
class Database:
    """A database of a cluster.  A constant one is never changed again, so each judge looks at it only once."""

    cluster: object
    name: str
    is_constant: bool = False

    def __str__(self):
        return f"{self.name} on PostgreSQL {self.cluster.server.version}"


def assert_databases_equal(left, right, *, judges=ALL_JUDGES, ignore=(), dump_options=()):
    """Raise AssertionError with a readable difference unless both are equal.

    `left` and `right` are `Database`s.  `ignore` holds regular expressions; lines of any judge that match one
    are left out on both sides.  Between majors take judges=("rows",), where text and catalogs rightly differ.
    """
    differences = []
    for judge in judges:
        before, after = (_without(lines, ignore) for lines in _ask(judge, left, right, dump_options))
        if before != after:
            differences.append(_explain(judge, left, right, before, after))
    if differences:
        raise AssertionError("\n\n".join(differences))


def row_digests(database):
    """One line for each table, materialized view, sequence and large object: its name and what is in it.

    A table's line is its row count and the sums of both halves of an md5 of each row's text: independent of the
    order of rows, and two equal rows count twice.  Columns go by name, because a restored child table may have
    them in another order.
    """
    cluster, name = database.cluster, database.name
    statements = [_digest_statement(*row) for row in cluster.query(name, FIXED_SETTINGS + RELATIONS)]
    script = FIXED_SETTINGS + "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;\n" + "\n".join(statements)
    rows = cluster.query(name, script + LARGE_OBJECTS + "COMMIT;", timeout_s=1800)
    return [" | ".join("(null)" if value is None else value for value in row) for row in rows]


def dump_text(database, *, dump_options=(), pg_dump=None):
    """Lines of stock `pg_dump --schema-only` with large objects, without what differs from run to run."""
    pg_dump = pg_dump or database.cluster.tool("pg_dump")
    text = run_command(
        [pg_dump, "--schema-only", "--blobs", *dump_options, "-d", database.name],
        env=database.cluster.environment(),
    ).stdout
    changing = re.compile(r"\\(un)?restrict |-- Dumped (from|by) ")
    return [line for line in text.splitlines() if not changing.match(line)]


def catalog_lines(database):
    """Sorted lines that say by names, never by numbers, what the catalogs hold of the user's objects."""
    text = database.cluster.psql(database.name, FIXED_SETTINGS + CATALOG_QUERIES.read_text())
    return sorted(text.splitlines())


def count_rows(database):
    """Rows of all tables and materialized views together."""
    total = 0
    for line in row_digests(database):
        match = re.search(r" \| (\d+) rows \| ", line)
        total += int(match[1]) if match else 0
    return total


def _digest_statement(relation, kind, is_populated, columns):
    label = quote_literal(relation)
    if kind == "S":
        return f"SELECT {label}, last_value, is_called FROM {relation};"
    if is_populated == "f":
        return f"SELECT {label}, 'not populated';"
    # A parent's own rows are its own; a partitioned table is read through its root, as its users do.
    only = "ONLY" if kind == "r" else ""
    return (
        f"SELECT {label}, count(*) || ' rows', coalesce(sum(('x' || left(h, 16))::bit(64)::bigint), 0),"
        f" coalesce(sum(('x' || right(h, 16))::bit(64)::bigint), 0)"
        f" FROM (SELECT md5(ROW({columns})::text) FROM {only} {relation} t) AS hashed (h);"
    )


def _ask(judge, left, right, dump_options):
    newest = max(left.cluster, right.cluster, key=lambda cluster: cluster.major)
    return tuple(_ask_once(judge, side, newest.tool("pg_dump"), tuple(dump_options)) for side in (left, right))


# What the judges said of constant databases.
_remembered = {}


def _ask_once(judge, database, pg_dump, dump_options):
    question = (judge, database, pg_dump, dump_options)
    if question in _remembered:
        return _remembered[question]
    if judge == "rows":
        lines = row_digests(database)
    elif judge == "catalog":
        lines = catalog_lines(database)
    elif judge == "text":
        lines = dump_text(database, dump_options=dump_options, pg_dump=pg_dump)
    else:
        raise ValueError(f"no judge named {judge}; there are {', '.join(ALL_JUDGES)}")
    if database.is_constant:
        _remembered[question] = lines
    return lines


def _without(lines, ignore):
    patterns = [re.compile(pattern) for pattern in ignore]
    return [line for line in lines if not any(pattern.search(line) for pattern in patterns)]


def _explain(judge, left, right, before, after):
    diff = list(difflib.unified_diff(before, after, str(left), str(right), lineterm="", n=1))
    more = len(diff) - MAXIMUM_DIFF_LINES
    tail = [f"… and {more} more lines"] if more > 0 else []
    return "\n".join([f"judge {judge!r} finds a difference:"] + diff[:MAXIMUM_DIFF_LINES] + tail)
