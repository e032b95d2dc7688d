"""The zoo: one database with every kind of object that its server knows.  sql/ holds it in parts."""

import os
from dataclasses import replace
from pathlib import Path

from harness import Database, quote_literal

SQL = Path(__file__).resolve().parent / "sql"

# The hash of an enum's label follows its oid, so a label may rightly live in another of these partitions after a
# restore.  What their root holds must stay the same, and is compared.
HASHED_BY_ENUM = r"^partitions\.by_mood_\d"

_made = {}


def zoo_in(cluster):
    """The zoo of this cluster, made at first use.  Nobody changes it."""
    return _once(cluster, "zoo", lambda: replace(make_zoo(cluster, "zoo"), is_constant=True))


def stock_copy_in(cluster):
    """The zoo after a trip through stock pg_dump and pg_restore, made at first use.

    A few details do not survive that trip (test_zoo.py lists them), so this copy, not the zoo itself, is what a
    restored database must equal in every definition.
    """
    return _once(cluster, "zoo_stock", lambda: _make_stock_copy(cluster))


def small_in(cluster):
    """A small database with one or two of everything that options choose by (sql/small.sql).  Nobody changes it."""
    return _once(cluster, "small", lambda: _make_small(cluster))


def make_zoo(cluster, name):
    """Make the zoo in a new database of this cluster, with the roles and the tablespace that it needs."""
    make_globals(cluster)
    cluster.createdb(name)
    for part in _parts(cluster.major):
        cluster.psql(name, file=part)
    return Database(cluster, name)


def make_globals(cluster):
    """Roles and tablespace: needed wherever the zoo is to be restored; a second time does nothing."""
    folder = cluster.root / "tablespace"
    if not folder.exists():
        folder.mkdir()
        os.chown(folder, cluster.user.pw_uid, cluster.user.pw_gid)
    cluster.psql("postgres", file=SQL / "globals.sql", variables={"tablespace_dir": str(folder)})


def drop_database(cluster, name):
    """Drop a database even when it has subscriptions, which would stand in the way."""
    if cluster.query("postgres", f"SELECT 1 FROM pg_database WHERE datname = {quote_literal(name)};"):
        drop_subscriptions(cluster, name)
        cluster.dropdb(name)


def drop_subscriptions(cluster, name):
    cluster.psql(
        name,
        "SELECT format('DROP SUBSCRIPTION %I', subname) FROM pg_subscription WHERE subdbid ="
        " (SELECT oid FROM pg_database WHERE datname = current_database())\n\\gexec\n",
    )


def _make_small(cluster):
    make_globals(cluster)
    name = cluster.createdb("small")
    cluster.psql(name, file=SQL / "small.sql")
    return Database(cluster, name, is_constant=True)


def _make_stock_copy(cluster):
    source = zoo_in(cluster)
    archive = cluster.root / "zoo.dump"
    cluster.run_tool("pg_dump", "-Fc", "-Z0", "-f", archive, source.name)
    copy = cluster.createdb("zoo_stock")
    # One job: with several, stock pg_restore may load an extension's configuration tables child first.
    cluster.run_tool("pg_restore", "--exit-on-error", "-d", copy, archive)
    return Database(cluster, copy, is_constant=True)


def _once(cluster, what, make):
    key = (cluster.root, what)
    if key not in _made:
        _made[key] = make()
    return _made[key]


def _parts(major):
    """Files in the order of their names; those named by a major from that major on; the last ones stay last."""
    base = sorted(SQL.glob("zoo_[0-9][0-9]_*.sql"))
    last = [path for path in base if path.stem.endswith(("default_privileges", "database"))]
    newer = sorted(path for path in SQL.glob("zoo_[0-9][0-9].sql") if int(path.stem[-2:]) <= major)
    return [path for path in base if path not in last] + newer + last
