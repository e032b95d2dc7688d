"""What others do to the source while it is dumped (fault map H1 to H3, H6): the dump is of one moment, or it is none."""

import contextlib
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from harness import CommandFailed, TokenLoad

from .judge import OK, fails_with, last_words
from .score import Score

WRITERS = 3
TOKENS = TokenLoad(tables=6, accounts=2000, pause_s=0.002)

# Between two changes of one kind, at most. The first is a storm in which nobody gets a lock.
STORM_PAUSES_S = (0.1, 1, 3, 6)

# Whoever looks at a committed state finds in every table the numbers from 1 to 500, wherever and whatever it is.
STORM_TABLES = 5
STORMY = f"""
CREATE SCHEMA elsewhere;
{"".join(f"CREATE TABLE storm_{i} (n int, t text); INSERT INTO storm_{i} SELECT g, md5(g::text) FROM generate_series(1, 500) g;" for i in range(STORM_TABLES))}
CREATE TABLE parted (n int, t text) PARTITION BY RANGE (n);
CREATE TABLE part_low PARTITION OF parted FOR VALUES FROM (1) TO (251);
CREATE TABLE part_high PARTITION OF parted FOR VALUES FROM (251) TO (501);
INSERT INTO parted SELECT g, md5(g::text) FROM generate_series(1, 500) g;
"""
STORM = (
    "BEGIN; TRUNCATE storm_0; INSERT INTO storm_0 SELECT g, md5(g::text) FROM generate_series(1, 500) g; COMMIT;",
    "ALTER TABLE storm_1 ALTER n TYPE bigint; ALTER TABLE storm_1 ALTER n TYPE int;",
    "BEGIN; DROP TABLE storm_2; CREATE TABLE storm_2 (n int, t text);"
    " INSERT INTO storm_2 SELECT g, md5(g::text) FROM generate_series(1, 500) g; COMMIT;",
    "BEGIN; ALTER TABLE storm_3 RENAME TO storm_x; ALTER TABLE storm_4 RENAME TO storm_3; ALTER TABLE storm_x RENAME TO storm_4; COMMIT;",
    "ALTER TABLE storm_4 SET SCHEMA elsewhere; ALTER TABLE elsewhere.storm_4 SET SCHEMA public;",
    "BEGIN; ALTER TABLE parted DETACH PARTITION part_low; ALTER TABLE parted ATTACH PARTITION part_low FOR VALUES FROM (1) TO (251); COMMIT;",
    "VACUUM FULL storm_0;",
)
IS_WAITING = "SELECT 1 FROM pg_stat_activity WHERE datname = '%s' AND wait_event_type = 'Lock' LIMIT 1;"

EACH_TABLE = """
SELECT count(*), coalesce(bool_and((xpath('/row/ok/text()', query_to_xml(format(
  'SELECT count(*) = 500 AND sum(n) = 125250 AND count(DISTINCT t) = 500 AS ok FROM %s', c.oid::regclass),
  false, true, '')))[1]::text = 'true'), false)
  FROM pg_class c WHERE (relname LIKE 'storm%' OR relname = 'parted') AND relkind IN ('r', 'p');
"""


def campaigns():
    yield changes_in_flight
    yield tokens_under_load
    yield storm_of_definitions


# Begun before the dump, committed while it waits for the lock: its snapshot is older than what it then reads.
IN_FLIGHT = (
    "TRUNCATE storm_0; INSERT INTO storm_0 SELECT g, md5(g::text) FROM generate_series(1, 500) g;",
    "ALTER TABLE storm_1 ALTER n TYPE bigint;",
    "DROP TABLE storm_2; CREATE TABLE storm_2 (n int, t text); INSERT INTO storm_2 SELECT g, md5(g::text) FROM generate_series(1, 500) g;",
    "ALTER TABLE storm_3 RENAME TO storm_x; ALTER TABLE storm_4 RENAME TO storm_3; ALTER TABLE storm_x RENAME TO storm_4;",
    "ALTER TABLE parted DETACH PARTITION part_low; ALTER TABLE parted ATTACH PARTITION part_low FOR VALUES FROM (1) TO (251);",
)


def changes_in_flight(crew):
    score = Score("a table emptied, rewritten, replaced, renamed, detached in a transaction that ends while the dump waits for it", "all rows")
    wrong_of_stock = []

    def dump_meanwhile(worker, change, command):
        """What the tool did, begun while the change was open and ended after it."""
        database = f"flight{worker.target}"
        worker.cluster.psql(worker.cluster.createdb(database), STORMY)
        try:
            with worker.cluster.session(database) as other, ThreadPoolExecutor(1) as pool:
                other.run(f"BEGIN; {change}")
                running = pool.submit(command, database)
                while not running.done() and not worker.sql.run(IS_WAITING % database).strip():
                    time.sleep(0.01)
                other.run("COMMIT;")
                return running.result()
        finally:
            worker.cluster.dropdb(database)

    def attempt(worker, change):
        folder = worker.new_folder("dump")
        done = dump_meanwhile(worker, change, lambda database: worker.pgfast("dump", "-j2", "--no-sync", "-f", folder, database))
        if done.returncode != OK:
            return last_words(done)
        done = worker.pgfast("restore", "-j2", "-d", worker.renew_target(), folder)
        return done.returncode != OK and last_words(done) or _stormy_tables(crew, worker)

    def attempt_stock(worker, change):
        folder = worker.new_folder("stock")
        done = dump_meanwhile(worker, change, lambda database: worker.stock("pg_dump", "-Fd", "-j2", "-f", folder, database))
        if done.returncode == OK:
            done = worker.stock("pg_restore", "-d", worker.renew_target(), folder)
            wrong_of_stock.append(bool(done.returncode == OK and _stormy_tables(crew, worker)))
        return None

    crew.try_all(score, IN_FLIGHT, attempt)
    crew.try_all(Score("stock", ""), IN_FLIGHT, attempt_stock)
    score.stock = f"of {len(IN_FLIGHT)} dumps of pg_dump, {sum(wrong_of_stock)} lose a table's rows with exit code 0"
    return score.end()


def tokens_under_load(crew):
    score = Score("dumps while transactions write into all tables", "each holds every transaction wholly or not at all")
    with _load(crew, "loaded", TOKENS.schema(), [TOKENS.work(seed) for seed in range(WRITERS)], _stop_writers):

        def attempt(worker, number):
            folder = worker.new_folder("dump")
            done = worker.pgfast("dump", "--no-sync", "-j2", "--split-size=64kB", "-f", folder, "loaded")
            if done.returncode != OK:
                return last_words(done)
            done = worker.pgfast("restore", "-j2", "-d", worker.renew_target(), folder)
            if done.returncode != OK:
                return last_words(done)
            wrong = crew.cluster.query(worker.target, TOKENS.contradictions())
            return f"its tables are not of one moment: {wrong}" if wrong else None

        crew.try_all(score, range(crew.scaled(6, 200)), attempt)
    return score.end()


def _stop_writers(crew, database):
    crew.cluster.psql(database, TOKENS.stop())


def storm_of_definitions(crew):
    score = Score("dumps while tables are emptied and filled, rewritten, dropped, renamed, moved, detached", "all rows of each table, or 13 or 14")
    refused = []
    wrong_of_stock = []

    def attempt(worker, number):
        folder = worker.new_folder("dump")
        done = worker.pgfast("dump", "--no-sync", "-j2", "--lock-wait-timeout=5s", "-f", folder, "stormy")
        if done.returncode != OK:
            refused.append(last_words(done))
            return fails_with(done, {13, 14})
        done = worker.pgfast("restore", "-j2", "-d", worker.renew_target(), folder)
        return done.returncode != OK and last_words(done) or _stormy_tables(crew, worker)

    def attempt_stock(worker, number):
        folder = worker.new_folder("stock")
        done = worker.stock("pg_dump", "-Fd", "-j2", "--lock-wait-timeout=5s", "-f", folder, "stormy")
        if done.returncode == OK:
            done = worker.stock("pg_restore", "-d", worker.renew_target(), folder)
            wrong_of_stock.append(bool(done.returncode != OK or _stormy_tables(crew, worker)))
        return None

    for pause_s in STORM_PAUSES_S[crew.scaled(-1, 0) :]:
        with _load(crew, "stormy", STORMY, STORM, lambda crew, database: None, pause_s):
            crew.try_for(score, crew.scaled(4, 600 / len(STORM_PAUSES_S)), attempt)
            crew.try_for(Score("stock", ""), crew.scaled(2, 20), attempt_stock)
    score.notes.append(f"{len(refused)} of them gave up and said so, such as: {refused[0] if refused else ''}")
    score.stock = f"of {len(wrong_of_stock)} dumps that pg_dump made with exit code 0, {sum(wrong_of_stock)} lack rows"
    return score.end()


def _stormy_tables(crew, worker):
    count, are_whole = crew.cluster.query(worker.target, EACH_TABLE)[0]
    if count != str(STORM_TABLES + 1):
        return f"{count} tables and not {STORM_TABLES + 1}"
    return None if are_whole == "t" else "a table lacks rows"


@contextlib.contextmanager
def _load(crew, database, schema, statements, stop, pause_s=None):
    """Others at work in a database of their own, each with one of the statements, again and again if there is a pause."""
    cluster = crew.cluster
    cluster.psql(cluster.createdb(database), schema)
    is_over = threading.Event()
    chance = random.Random(database)

    def work(statement):
        while True:
            with contextlib.suppress(CommandFailed):  # deadlocks, and tables that another has renamed, are part of it
                cluster.psql(database, statement)
            if pause_s is None or is_over.wait(chance.uniform(0, pause_s)):
                return

    threads = [threading.Thread(target=work, args=(statement,)) for statement in statements]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        is_over.set()
        stop(crew, database)
        for thread in threads:
            thread.join()
        cluster.dropdb(database)
