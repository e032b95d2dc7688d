"""The network fails at the k-th message (fault map A22, B1, B3, B6, B7, G12): a proxy stands between program and server."""

import os
import subprocess
import sys

from harness import pgfast_binary, pgfast_environment
from harness.proxy import BETWEEN, COPY_DATA, ROWS, Harm, Proxy

from .judge import OK, fails_with, last_words, unproven_archive
from .points import some_of
from .rows import missing, wrong_rows
from .score import Score

LOST = {10, 13}
ENDS = ("close", "reset", "half", "fatal", "oversize", "farewell")
OF_SERVERS = ("fatal", "oversize", "farewell")
MEMORY_MOST_KB = 200_000


def campaigns():
    yield cuts_in_a_dump
    yield cuts_in_a_restore
    yield floods_in_a_dump
    yield flipped_bytes_in_a_dump


def dump_through(proxy, worker, *options):
    folder = worker.new_folder("dump")
    done = worker.pgfast("dump", "-j2", "--split-size=64kB", *options, "-f", folder, worker.source, env=proxy.environment())
    return done, folder


def dump_command(worker):
    return [pgfast_binary(), "dump", "-j2", "--split-size=64kB", "-f", worker.new_folder("dump"), worker.source]


def restore_through(proxy, worker, archive, *options):
    return worker.pgfast("restore", "-j2", *options, "-d", worker.renew_target(), archive, env=proxy.environment())


def count_messages(crew, run):
    with Proxy(crew.cluster) as proxy:
        done = run(proxy, crew.workers[0])
    assert done.returncode == OK, done.describe()
    return dict(proxy.seen)


def cases_of(counts, most, rounds):
    """Each message that is no row gets one of the harms in each round, and some of the rows."""
    for side in ("server", "client"):
        ends = [what for what in ENDS if side == "server" or what not in OF_SERVERS]
        for turn in range(rounds):
            for k in some_of(range(1, counts[side + " but rows"] + 1), most):
                yield Harm(side, k, ends[(k + turn) % len(ends)], passing=ROWS)
            for k in some_of(range(1 + turn, counts[side] + 1), most // 5):
                yield Harm(side, k, ends[(k + turn) % len(ends)])
    # Where one thing is over and the next has not begun, it is hardest to say what is done.
    for k in some_of(range(1, counts["between"] + 1), most):
        yield Harm("server", k, ("reset", "farewell")[k % 2], kinds=BETWEEN)


def cuts_in_a_dump(crew):
    score = Score("connection closed, reset, cut inside, ended by FATAL, nonsense at the k-th message of a dump", "10 or 13 and no archive, or a whole one")
    counts = count_messages(crew, lambda proxy, worker: dump_through(proxy, worker)[0])
    score.notes.append(_of_messages("dump", counts))

    def attempt(worker, harm):
        with Proxy(crew.cluster, harm) as proxy:
            done, folder = dump_through(proxy, worker)
        if done.returncode != OK:
            miss = fails_with(done, LOST)
            return miss or unproven_archive(worker, folder) or _left(worker, worker.source)
        return unproven_archive(worker, folder)

    return crew.try_all(score, cases_of(counts, crew.scaled(8, 1000), 1), attempt).end()


def cuts_in_a_restore(crew):
    score = Score("the same at the k-th message of a restore", "10, 13 or 41, no wrong row; or all rows")
    archive = crew.archive("--split-size=64kB")
    counts = count_messages(crew, lambda proxy, worker: restore_through(proxy, worker, archive))
    score.notes.append(_of_messages("restore", counts))

    def attempt(worker, harm):
        with Proxy(crew.cluster, harm) as proxy:
            done = restore_through(proxy, worker, archive)
        if done.returncode == OK:
            return missing(worker)
        return fails_with(done, LOST | {41}) or _left(worker, worker.target) or wrong_rows(worker)

    return crew.try_all(score, cases_of(counts, crew.scaled(8, 1000), crew.scaled(1, 2)), attempt).end()


def floods_in_a_dump(crew):
    score = Score("20,000 notices, and parameters that change, before the k-th message of a dump", "the archive is whole, memory stays bounded")
    counts = count_messages(crew, lambda proxy, worker: dump_through(proxy, worker)[0])

    def attempt(worker, harm):
        with Proxy(crew.cluster, harm) as proxy:
            done, folder = dump_through(proxy, worker)
        return done.returncode != OK and last_words(done) or unproven_archive(worker, folder)

    cases = [Harm("server", k, "flood") for k in some_of(range(20, counts["server"] + 1), crew.scaled(2, 40))]
    crew.try_all(score, cases, attempt)
    with Proxy(crew.cluster, Harm("server", 100, "flood")) as proxy:
        largest = _memory_kb(dump_command(crew.workers[0]), pgfast_environment(crew.cluster, proxy.environment()))
    score.count("memory", largest > MEMORY_MOST_KB and f"{largest} kB")
    return score.end()


def _memory_kb(command, environment):
    """The most that a program took, which only its parent can tell from what others took."""
    code = (
        "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True);"
        " print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    environment = {**os.environ, **environment}
    return int(subprocess.run([sys.executable, "-c", code, *map(str, command)], env=environment, capture_output=True, check=True).stdout)


def flipped_bytes_in_a_dump(crew):
    """On a wire without TLS nobody can know, but a comparison with the source must."""
    score = Score("a bit flipped in the k-th row on its way to a dump, without TLS", "noticed at once, or by verify --against (42)")
    counts = count_messages(crew, lambda proxy, worker: dump_through(proxy, worker)[0])
    at_once = []

    def attempt(worker, harm):
        with Proxy(crew.cluster, harm) as proxy:
            done, folder = dump_through(proxy, worker)
        if done.returncode != OK:
            at_once.append(harm)
            return fails_with(done, {10, 13, 15}) or unproven_archive(worker, folder)
        if not proxy.has_struck:
            return unproven_archive(worker, folder)
        return fails_with(worker.pgfast("verify", f"--against={worker.source}", folder), {42})

    rows = range(1, counts["rows of COPY"] + 1)
    crew.try_all(score, [Harm("server", k, "flip", kinds=COPY_DATA) for k in some_of(rows, crew.scaled(4, 200))], attempt)
    score.notes.append(f"{len(at_once)} noticed at once")
    return score.end()


def _left(worker, database):
    left = worker.sessions_left(database)
    return left and f"sessions left: {left}"


def _of_messages(run, counts):
    return f"a {run} without faults has {counts['server']} messages from the server ({counts['server but rows']} but rows), {counts['client']} to it"
