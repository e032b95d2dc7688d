"""Ended at random moments: pgfast itself, the sessions it has, the server below it (fault map A1 to A6, D2, D3)."""

import os
import random
import signal
import subprocess
import time

from harness import Cluster, Completed, pgfast_environment, start_pgfast
from harness.process import start_command, stop_process_group

from .judge import OK, fails_with, unproven_archive
from .rows import missing, wrong_rows
from .score import Score
from .worker import CANARY

PIPES = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
DUMP = ("dump", "-j2", "--split-size=64kB", "-f")
LOST = {10, 13}


def campaigns():
    yield kills_of_a_dump
    yield kills_of_a_restore
    yield lost_sessions_of_a_dump
    yield lost_sessions_of_a_restore
    yield lost_servers


def start(worker, *arguments, cluster=None, env=None):
    return start_pgfast(*arguments, cluster=cluster or worker.cluster, env=env or {"PGPASSWORD": CANARY}, **PIPES)


def ended(process, timeout_s=60):
    stdout, stderr = process.communicate(timeout=timeout_s)
    return Completed(tuple(process.args), process.returncode, stdout.decode(errors="replace"), stderr.decode(errors="replace"))


def duration_of(worker, run):
    began = time.monotonic()
    done = run(worker)
    assert done.returncode == OK, done.describe()
    return time.monotonic() - began


def delays(seed, longest, count):
    chance = random.Random(seed)
    return [round(chance.uniform(0, longest), 4) for _ in range(count)]


def kills_of_a_dump(crew):
    score = Score("SIGKILL at random moments of a dump", "none taken for an archive that is none, no session stays")
    usual = duration_of(crew.workers[0], lambda worker: worker.pgfast(*DUMP, worker.new_folder("dump"), worker.source))
    finished = []

    def attempt(worker, delay):
        folder = worker.new_folder("dump")
        process = start(worker, *DUMP, folder, worker.source)
        time.sleep(delay)
        process.kill()
        done = ended(process)
        if done.returncode == OK:
            finished.append(delay)
        left = worker.sessions_left(worker.source)
        return unproven_archive(worker, folder) or (left and f"sessions left: {left}")

    crew.try_all(score, delays("kills", 1.3 * usual * len(crew.workers), crew.scaled(30, 1000)), attempt)
    score.notes.append(f"{len(finished)} had ended before the signal came, and were whole")
    score.stock = _stock_kills(crew, crew.scaled(10, 100))
    return score.end()


def _stock_kills(crew, count):
    worker = crew.workers[0]
    command = [crew.cluster.tool("pg_dump"), "-Fd", "-j2"]
    folder = worker.new_folder("stock")
    environment = pgfast_environment(crew.cluster)
    began = time.monotonic()
    worker.stock("pg_dump", *command[1:], "-f", folder, worker.source)
    usual = time.monotonic() - began
    killed = taken = 0
    for delay in delays("stock kills", usual, count):
        folder = worker.new_folder("stock")
        process = start_command([*command, "-f", folder, worker.source], env=environment, **PIPES)
        time.sleep(delay)
        stop_process_group(process)
        if ended(process).returncode != OK:
            killed += 1
            taken += worker.stock("pg_restore", "-l", folder).returncode == OK
    return f"pg_restore -l takes {taken} of {killed} killed dumps of pg_dump for archives"


def kills_of_a_restore(crew):
    score = Score("SIGKILL at random moments of a restore", "whole pieces of tables or nothing, no session stays")
    archive = crew.archive("--split-size=64kB")
    usual = duration_of(crew.workers[0], lambda worker: worker.pgfast("restore", "-j2", "-d", worker.renew_target(), archive))

    def attempt(worker, delay):
        process = start(worker, "restore", "-j2", "-d", worker.renew_target(), archive)
        time.sleep(delay)
        process.kill()
        ended(process)
        left = worker.sessions_left(worker.target)
        return (left and f"sessions left: {left}") or wrong_rows(worker)

    return crew.try_all(score, delays("restores", 1.3 * usual * len(crew.workers), crew.scaled(12, 300)), attempt).end()


# Ends one session of a database that is not this one's, if there is one; psql shows whether.
TERMINATE = """SELECT {verb}(pid) FROM (SELECT pid FROM pg_stat_activity
 WHERE datname = '{database}' AND query LIKE '{query}' ORDER BY random() LIMIT 1) one;"""


def disturb(worker, process, delay, database, verb, query):
    """Sends it from the delay on until it found somebody, or the run is over."""
    time.sleep(delay)
    while process.poll() is None:
        if worker.sql.run(TERMINATE.format(verb=verb, database=database, query=query)).strip():
            return True
        time.sleep(0.002)
    return False


def lost_sessions_of_a_dump(crew):
    score = Score("a session of a dump terminated, its COPY cancelled, at random moments", "13 or 14 and no archive, or a whole one")
    usual = duration_of(crew.workers[0], lambda worker: worker.pgfast(*DUMP, worker.new_folder("dump"), worker.source))
    survived = []
    cases = [
        (delay, verb, query)
        for verb, query in (("pg_terminate_backend", "%"), ("pg_terminate_backend", "%COPY%"), ("pg_cancel_backend", "%COPY%"))
        for delay in delays(verb + query, usual, crew.scaled(4, 100))
    ]

    def attempt(worker, case):
        delay, verb, query = case
        folder = worker.new_folder("dump")
        process = start(worker, *DUMP, folder, worker.source)
        has_struck = disturb(worker, process, delay, worker.source, verb, query)
        done = ended(process)
        if done.returncode == OK:
            survived.append(has_struck)
            return unproven_archive(worker, folder)
        left = worker.sessions_left(worker.source)
        return fails_with(done, LOST | {14, 15}) or unproven_archive(worker, folder) or (left and f"sessions left: {left}")

    crew.try_all(score, cases, attempt)
    score.notes.append(f"{sum(survived)} dumps lost a session or a COPY, and are whole all the same")
    return score.end()


def lost_sessions_of_a_restore(crew):
    score = Score("a session of a restore terminated at random moments", "13 or 41 and no wrong row, or all rows")
    archive = crew.archive("--split-size=64kB")
    usual = duration_of(crew.workers[0], lambda worker: worker.pgfast("restore", "-j2", "-d", worker.renew_target(), archive))

    def attempt(worker, delay):
        process = start(worker, "restore", "-j2", "-d", worker.renew_target(), archive)
        disturb(worker, process, delay, worker.target, "pg_terminate_backend", "%")
        done = ended(process)
        if done.returncode == OK:
            return missing(worker)
        left = worker.sessions_left(worker.target)
        return fails_with(done, LOST | {41}) or wrong_rows(worker) or (left and f"sessions left: {left}")

    return crew.try_all(score, delays("lost", usual, crew.scaled(6, 150)), attempt).end()


def lost_servers(crew):
    score = Score("server killed, stopped at once, stopped fast, a backend of it killed, during a dump", "10 or 13 and no archive, or a whole one")
    ways = ("kill", "immediate", "fast", "backend")
    own = Cluster(crew.cluster.server)
    try:
        own.createdb("source")
        crew.cluster.run_tool("pg_dump", "-Fc", "-f", crew.root / "for_own", "source")
        own.run_tool("pg_restore", "-d", "source", crew.root / "for_own")
        worker = crew.workers[0]
        usual = duration_of(worker, lambda worker: worker.pgfast(*DUMP, worker.new_folder("dump"), worker.source))
        for way in ways:
            for delay in delays(way, usual, crew.scaled(1, 12)):
                score.count(f"{way} after {delay} s", _lose_server(worker, own, way, delay))
    finally:
        own.close()
    return score.end()


def _lose_server(worker, own, way, delay):
    folder = worker.new_folder("dump")
    process = start(worker, *DUMP, folder, "source", cluster=own)
    time.sleep(delay)
    if way == "kill":
        os.kill(_postmaster(own), signal.SIGKILL)
    elif way == "backend":
        victims = own.client_sessions("source")
        if victims:
            os.kill(int(victims[0][0]), signal.SIGKILL)
    else:
        own.stop(way)
    done = ended(process)
    # What the killed postmaster left behind ends by itself, and only then does the next one start.
    time.sleep(0.3 if way == "kill" else 0)
    own.stop("immediate")
    own.start()
    if done.returncode == OK:
        return unproven_archive(worker, folder)
    return fails_with(done, LOST | {15}) or unproven_archive(worker, folder)


def _postmaster(cluster):
    return int((cluster.data / "postmaster.pid").read_text().split()[0])
