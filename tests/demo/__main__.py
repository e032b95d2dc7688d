"""Makes a shop, dumps it, restores it, compares, and tells what happened.  Exit code 0 only when both are equal."""

import sys
import tempfile
import time
from pathlib import Path

from harness import (
    Cluster,
    CommandFailed,
    Database,
    assert_databases_equal,
    close_all,
    count_rows,
    pgfast,
    row_digests,
)
from servers import find_servers

SHOP = Path(__file__).resolve().parent / "shop.sql"
ORDER_LINES = 600_000
JOBS = "4"
OLDEST_MAJOR = 13
FIRST_MAJOR_WITH_ZSTD = 16


def main():
    try:
        server = choose_server()
        with tempfile.TemporaryDirectory(prefix="demo-") as folder:
            return show(server, Path(folder) / "shop.dump")
    except (CommandFailed, LookupError, FileNotFoundError) as failure:
        print(f"\nthe demo failed: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\ninterrupted", file=sys.stderr)
        return 130
    finally:
        close_all()


def show(server, archive):
    say(f"a throw-away PostgreSQL {server.version}, gone when this ends")
    cluster = Cluster(server)
    source = Database(cluster, cluster.createdb("shop"))

    seconds = timed(lambda: cluster.psql(source.name, file=SHOP, variables={"lines": ORDER_LINES}))
    say(f"a sample shop: {describe_database(source)}", seconds)

    seconds = timed(lambda: pgfast("dump", "-j", JOBS, "-f", str(archive), source.name, cluster=cluster))
    say(f"pgfast dump -j {JOBS} -f shop.dump shop: {describe_folder(archive)}", seconds)

    target = Database(cluster, cluster.createdb("shop_by_pgfast"))
    seconds = timed(lambda: pgfast("restore", "-j", JOBS, "-d", target.name, str(archive), cluster=cluster))
    say(f"pgfast restore -j {JOBS} -d {target.name} shop.dump", seconds)
    is_equal = compare(source, target)
    is_equal = show_stock_tool(cluster, source, archive) and is_equal

    print("\nAll three databases are equal." if is_equal else "\nThe databases differ: this should never happen.")
    return 0 if is_equal else 1


def show_stock_tool(cluster, source, archive):
    """The promise that matters most on a bad day: the archive is not ours alone to read."""
    if cluster.major < FIRST_MAJOR_WITH_ZSTD:
        archive = archive.with_name("shop.gzip.dump")
        pgfast("dump", "-j", JOBS, "-Z", "gzip:1", "-f", str(archive), source.name, cluster=cluster)
        say(f"pg_restore {cluster.major} reads no zstd, so once more with -Z gzip:1: {describe_folder(archive)}")
    entries = cluster.run_tool("pg_restore", "-l", archive).stdout.splitlines()
    count = sum(not line.startswith(";") for line in entries)
    say(f"the stock pg_restore reads {archive.name}: {count} entries, the last of them")
    print("\n".join(f"            {line}" for line in entries[-3:]))

    target = Database(cluster, cluster.createdb("shop_by_pg_restore"))
    # One connection: with more, pg_restore may load an extension's tables against their foreign keys.
    seconds = timed(lambda: cluster.run_tool("pg_restore", "-d", target.name, archive))
    say(f"pg_restore -d {target.name} {archive.name}", seconds)
    return compare(source, target)


def choose_server():
    """The newest one installed; a fetched one only where none is."""
    servers = [server for server in find_servers().values() if server.major >= OLDEST_MAJOR]
    if not servers:
        raise LookupError(f"no PostgreSQL {OLDEST_MAJOR} or newer is installed; ./run setup demo installs one")
    return max(servers, key=lambda server: (not server.is_fetched, server.major))


def compare(left, right):
    """Ask each judge by itself, so that the report says who found what."""
    questions = {
        "rows": "every row, sequence and large object",
        "text": "all definitions, as pg_dump prints them",
        "catalog": "owners, rights and settings, as the catalogs hold them",
    }
    is_equal = True
    for judge, question in questions.items():
        try:
            seconds = timed(lambda: assert_databases_equal(left, right, judges=(judge,)))
            say(f"  equal: {question}", seconds)
        except AssertionError as difference:
            say(f"  NOT EQUAL: {question}\n{difference}")
            is_equal = False
    return is_equal


def describe_database(database):
    size, tables = database.cluster.query(
        database.name,
        "SELECT pg_database_size(current_database()), count(*) FROM pg_class WHERE relkind = 'r' AND oid >= 16384;",
    )[0]
    large_objects = sum(line.startswith("large object ") for line in row_digests(database))
    return f"{megabytes(int(size))}, {tables} tables, {count_rows(database):,} rows, {large_objects} large objects"


def describe_folder(folder):
    sizes = [entry.stat().st_size for entry in folder.iterdir()]
    return f"{megabytes(sum(sizes))} in {len(sizes)} files"


def megabytes(size_bytes):
    return f"{size_bytes / 1e6:.1f} MB"


def timed(action):
    started_s = time.monotonic()
    action()
    return time.monotonic() - started_s


def say(text, seconds=None):
    when = "" if seconds is None else f"{seconds:6.1f} s"
    print(f"{when:8}  {text}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
