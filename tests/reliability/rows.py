"""What is in a database: digests of rows that are equal only for equal contents, the rows themselves where they differ, and
what the catalogs say."""

import threading
from collections import Counter
from functools import lru_cache

from harness import CommandFailed, Database
from harness.oracle import catalog_lines

DIGEST = """
SELECT relname || '=' || (xpath('/row/d/text()', query_to_xml(format(
    $q$SELECT count(*) || '/' || coalesce(sum(('x' || left(md5(t::text), 15))::bit(60)::bigint), 0) AS d FROM %s t$q$,
    c.oid::regclass), false, true, '')))[1]
  FROM pg_class c WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
UNION ALL SELECT 'object' || oid || '=' || md5(lo_get(oid)) FROM pg_largeobject_metadata;
"""
EMPTY_OBJECT = "d41d8cd98f00b204e9800998ecf8427e"

_copying = threading.Lock()  # of several workers, one makes the copy


def of_database(cluster, name):
    """{table or large object: digest}."""
    return dict(line.split("=", 1) for line in cluster.psql(name, DIGEST).splitlines())


@lru_cache(maxsize=None)
def of_source(cluster):
    return of_database(cluster, "source")


def of_target(worker):
    return of_database(worker.cluster, worker.target)


def wrong_rows(worker):
    """None when the target holds no row, and of no row more copies, than the source; whole large objects or empty ones."""
    right = of_source(worker.cluster)
    for name, digest in of_target(worker).items():
        if digest == right.get(name) or digest.startswith("0/") or digest == EMPTY_OBJECT:
            continue
        if name not in right or name.startswith("object"):
            return f"{name} is not that of the source"
        strange = _rows(worker.cluster, worker.target, name) - _source_rows(worker.cluster, name)
        if strange:
            return f"{name} holds {sum(strange.values())} rows that the source has not"
    return None


def missing(worker):
    """None when the target holds just what the source does, rows and definitions."""
    right, found = of_source(worker.cluster), of_target(worker)
    differing = sorted(name for name in right.keys() | found.keys() if right.get(name) != found.get(name))
    differing += sorted(whole_definitions(worker.cluster) ^ _definitions(worker.cluster, worker.target))
    return f"differing: {', '.join(differing)}" if differing else None


def _definitions(cluster, database):
    return frozenset(catalog_lines(Database(cluster, database)))


def whole_definitions(cluster):
    """Those of a copy by the stock tools: even where nothing goes wrong, some constraints come back under other names."""
    with _copying:
        return _copied_definitions(cluster)


@lru_cache(maxsize=None)
def _copied_definitions(cluster):
    copy = cluster.createdb()
    cluster.psql(copy, cluster.run_tool("pg_dump", "source").stdout)
    return _definitions(cluster, copy)


def _rows(cluster, database, table):
    try:
        return Counter(cluster.psql(database, f"SELECT md5(t::text) FROM {table} t;").splitlines())
    except CommandFailed:
        return Counter()


@lru_cache(maxsize=None)
def _source_rows(cluster, table):
    return _rows(cluster, "source", table)
