"""The hands of a campaign: each worker has a folder, a database to dump and one to restore into, all its own."""

import itertools
import os
import shutil
import subprocess
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from harness import Cluster, CommandFailed, Completed, pgfast, pgfast_binary, pgfast_environment
from harness.process import merged_environment
from servers import find_servers

from .source import MAKE_SOURCE, MAKE_TINY_SOURCE

# Shown nowhere, written nowhere: every run gets it as its password, and every run's words are searched for it.
CANARY = "Zx9-canary-8815"
RUN_TIMEOUT_S = 60


class Worker:
    def __init__(self, cluster, folder, source, target):
        self.cluster = cluster
        self.folder = folder
        self.source = source
        self.target = target
        self.sql = cluster.session("postgres")
        self._copies = {}
        self._forks = None

    def pgfast(self, *arguments, env=None, timeout_s=RUN_TIMEOUT_S):
        """Run pgfast; a hang is a CommandFailed, any exit code is an answer."""
        env = {"PGPASSWORD": CANARY, **(env or {})}
        return pgfast(*arguments, cluster=self.cluster, env=env, check=False, timeout_s=timeout_s)

    def forked(self, *arguments):
        """As pgfast(), at a tenth of the price; for commands that need no server."""
        if self._forks is None:
            self._forks = ForkServer(Path(pgfast_binary()).with_name("fork_server"))
        return self._forks.run(*arguments)

    def stock(self, tool, *arguments, timeout_s=RUN_TIMEOUT_S):
        return self.cluster.run_tool(tool, *arguments, check=False, timeout_s=timeout_s)

    def new_folder(self, name):
        """The path of a folder that is not there, nor its partial."""
        path = self.folder / name
        for old in (path, path.with_name(name + ".partial")):
            if old.is_dir():
                shutil.rmtree(old)
        return path

    def own_copy(self, archive):
        """A copy that stays for the whole run; who damages it puts it right again."""
        if archive not in self._copies:
            self._copies[archive] = self.folder / f"own{len(self._copies)}"
            shutil.copytree(archive, self._copies[archive])
        return self._copies[archive]

    def copy_of(self, archive):
        copy = self.new_folder("copy")
        shutil.copytree(archive, copy)
        return copy

    def renew_target(self):
        self.sql.run(f"DROP DATABASE IF EXISTS {self.target} WITH (FORCE);")
        self.sql.run(f"CREATE DATABASE {self.target} TEMPLATE template0 STRATEGY file_copy;")
        return self.target

    def sessions_left(self, database, timeout_s=10):
        """What still runs in a database after that time; empty when all are gone before it."""
        ask = (
            "DO $$ BEGIN FOR i IN 1 .. %d LOOP PERFORM pg_stat_clear_snapshot(); EXIT WHEN NOT EXISTS (SELECT FROM pg_stat_activity WHERE datname = '%s');"
            " PERFORM pg_sleep(0.02); END LOOP; END $$;"
            " SELECT coalesce(string_agg(application_name || ': ' || state || ' ' || left(query, 60), ', '), '')"
            " FROM pg_stat_activity WHERE datname = '%s';"
        )
        return self.sql.run(ask % (timeout_s * 50, database, database), timeout_s=timeout_s + 20)

    def close(self):
        self.sql.close()
        if self._forks is not None:
            self._forks.close()


class ForkServer:
    """Speaks with fork_server.c."""

    def __init__(self, binary):
        env = merged_environment({"PGPASSWORD": CANARY, **pgfast_environment()})
        self._process = subprocess.Popen([str(binary)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)

    def run(self, *arguments):
        words = tuple(str(argument) for argument in arguments)
        self._process.stdin.write(("\t".join(words) + "\n").encode())
        self._process.stdin.flush()
        status, length = map(int, self._process.stdout.readline().split())
        said = self._process.stdout.read(length).decode(errors="replace")
        return Completed(words, os.waitstatus_to_exitcode(status), "", said)

    def close(self):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


class Crew:
    """Workers for one run of the campaigns, on a server of its own."""

    def __init__(self, size, is_quick):
        servers = find_servers()
        self.cluster = Cluster(servers[max(servers)])
        self.root = Path(tempfile.mkdtemp(prefix="pgf-rel-"))
        self.is_quick = is_quick
        self.scores = {}  # of this run, by the campaign's name
        self.cluster.psql(self.cluster.createdb("source"), MAKE_SOURCE)
        self.cluster.psql(self.cluster.createdb("tiny"), MAKE_TINY_SOURCE)
        self.workers = [self._make_worker(number) for number in range(size)]
        self._archives = {}
        self._making = threading.Lock()

    def _make_worker(self, number):
        folder = self.root / f"worker{number}"
        folder.mkdir()
        source = self.cluster.createdb(f"source{number}", template="source")
        return Worker(self.cluster, folder, source, f"target{number}")

    def scaled(self, quick, full):
        return quick if self.is_quick else full

    def archive(self, *options, source="source", by="pgfast"):
        """The path of a whole archive made with these options; made once, never to be changed."""
        key = (by, source, options)
        with self._making:
            if key not in self._archives:
                path = self.root / f"archive{len(self._archives)}"
                self._archives[key] = path
                if by == "pgfast":
                    pgfast("dump", "--no-sync", "-j2", *options, "-f", path, source, cluster=self.cluster)
                else:
                    self.cluster.run_tool("pg_dump", "-Fd", "--no-sync", *options, "-f", path, source)
        return self._archives[key]

    def try_all(self, score, cases, attempt):
        """attempt(worker, case) for each case, on all workers; what it returns, or raises, is a miss."""
        remaining = iter(cases)
        taking = threading.Lock()

        def work(worker):
            while True:
                with taking:
                    try:
                        case = next(remaining)
                    except StopIteration:
                        return
                miss = _outcome(attempt, worker, case)
                with taking:
                    score.count(case, miss)

        with ThreadPoolExecutor(len(self.workers)) as pool:
            for end in [pool.submit(work, worker) for worker in self.workers]:
                end.result()
        return score

    def try_for(self, score, seconds, attempt):
        """The same, again and again for so long; the case is a number."""
        deadline = time.monotonic() + seconds
        return self.try_all(score, itertools.takewhile(lambda _: time.monotonic() < deadline, itertools.count()), attempt)

    def close(self):
        for worker in self.workers:
            worker.close()
        self.cluster.close()
        shutil.rmtree(self.root, ignore_errors=True)


def _outcome(attempt, worker, case):
    try:
        return attempt(worker, case)
    except (CommandFailed, AssertionError, OSError, subprocess.SubprocessError) as unexpected:
        return f"{type(unexpected).__name__}: {str(unexpected)[:2000]}"


def processors():
    return len(os.sched_getaffinity(0))
