"""What the machine grants, and who else is there (fault map C8, C10, D6 to D8, D13): limits, a stopped process, a second run."""

import os
import signal
import subprocess
import time

from harness import pgfast_binary, pgfast_environment
from harness.process import run_command

from .judge import OK, fails_with, last_words, unproven_archive
from .moments import ended, start
from .points import dump_passes, some_of
from .score import Score
from .worker import CANARY

DUMP = ("dump", "-j2", "--split-size=64kB", "-f")


def campaigns():
    yield narrow_limits
    yield stopped_for_a_while
    yield two_runs_for_one_folder


def narrow_limits(crew):
    score = Score("limits on file size, open files, address space", "20, 21 or 22 and no archive, or a whole one; no crash")
    limits = [f"--fsize={size}" for size in (1, 3000, 10000, 16000)]
    limits += [f"--nofile={count}" for count in (8, 12, 16, 20, 24, 28, 32, 40)]
    limits += [f"--as={megabytes << 20}" for megabytes in (60, 100, 150, 200, 300, 400)]

    def attempt(worker, limit):
        folder = worker.new_folder("dump")
        command = ["prlimit", limit, pgfast_binary(), *DUMP, folder, worker.source]
        env = pgfast_environment(crew.cluster, {"PGPASSWORD": CANARY})
        done = run_command(command, env=env, check=False, timeout_s=60)
        if "error while loading shared libraries" in done.stderr:
            return None  # nothing of ours has run
        if done.returncode == OK:
            return unproven_archive(worker, folder)
        # pg_dump meets the same limits, and server programs say what they lack.
        return fails_with(done, {10, 13, 15, 20, 21, 22}) or unproven_archive(worker, folder)

    return crew.try_all(score, limits, attempt).end()


def stopped_for_a_while(crew):
    score = Score("stopped by SIGSTOP at fault points and continued", "the archive is whole")
    counts = dump_passes(crew)
    cases = [(point, (hits + 1) // 2) for point, hits in sorted(counts.items())]

    def attempt(worker, case):
        folder = worker.new_folder("dump")
        env = pgfast_environment(crew.cluster, {"PGFAST_FAULT": f"{case[0]}:{case[1]}:STOP"})
        process = subprocess.Popen([pgfast_binary(), *map(str, DUMP), str(folder), worker.source], env={**os.environ, **env}, stderr=subprocess.PIPE)
        while process.poll() is None:
            if _is_stopped(process.pid):
                time.sleep(0.05)
                process.send_signal(signal.SIGCONT)
            time.sleep(0.005)
        said = process.communicate()[1].decode()
        return process.returncode != OK and said or unproven_archive(worker, folder)

    return crew.try_all(score, some_of(cases, crew.scaled(8, 1000)), attempt).end()


def _is_stopped(pid):
    try:
        with open(f"/proc/{pid}/stat") as status:
            return status.read().rsplit(")", 1)[1].split()[0] == "T"
    except OSError:
        return False


def two_runs_for_one_folder(crew):
    score = Score("a second dump into a folder that is being written", "50 at once, the first is whole")

    def attempt(worker, point):
        folder = worker.new_folder("dump")
        env = {"PGPASSWORD": CANARY, "PGFAST_FAULT": f"{point}:1:STOP"}
        first = start(worker, *DUMP, folder, worker.source, env=env)
        while not _is_stopped(first.pid) and first.poll() is None:
            time.sleep(0.005)
        second = worker.pgfast(*DUMP, folder, worker.source, timeout_s=10)
        first.send_signal(signal.SIGCONT)
        done = ended(first)
        expected = {40} if point == "seal.rename.after" else {50}
        return fails_with(second, expected) or (done.returncode != OK and last_words(done)) or unproven_archive(worker, folder)

    points = ("child.start", "file.create", "session.copied", "seal.toc.before", "seal.rename.before", "seal.rename.after")
    return crew.try_all(score, points, attempt).end()
