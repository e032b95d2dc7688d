"""One timed run: wall time, processor time of the client and of the server, memory."""

import os
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from harness import CommandFailed, start_command
from harness.process import most_memory_of, stop_process_group

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
# Fields of /proc/PID/stat, counted after the name, which may hold blanks.
UTIME, STIME, CUTIME, CSTIME = 11, 12, 13, 14


@dataclass(frozen=True)
class Cost:
    """What a command cost.  The client's processor time includes its children's, the server's that of all its processes.
    Its memory is the most that one of its processes had at a time."""

    seconds: float
    client_cpu_seconds: float
    server_cpu_seconds: float
    client_peak_mb: float


def timed(command, env, cluster, timeout_s=3600):
    """Run a command and tell its `Cost`; CommandFailed with its words unless it ends well."""
    with tempfile.TemporaryFile() as said:
        server_before_s = server_cpu_seconds(cluster)
        started_s = time.monotonic()
        process = start_command(command, env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=said)
        try:
            usage, peak_kb = _wait(process, started_s + timeout_s)
        except BaseException:
            stop_process_group(process)
            process.wait()
            raise
        seconds = time.monotonic() - started_s
        if process.returncode != 0:
            said.seek(0)
            words = " ".join(str(word) for word in command)
            text = said.read()[-4000:].decode(errors="replace")
            raise CommandFailed(f"{words}\nexit code {process.returncode}\n{text}")
        return Cost(
            seconds=round(seconds, 3),
            client_cpu_seconds=round(usage.ru_utime + usage.ru_stime, 3),
            server_cpu_seconds=round(server_cpu_seconds(cluster) - server_before_s, 3),
            client_peak_mb=round(peak_kb / 1024, 1),
        )


def settle(cluster):
    """Leave nothing of the last run for the next one to pay."""
    cluster.psql("postgres", "CHECKPOINT;")
    os.sync()


def server_cpu_seconds(cluster):
    """Processor time of all processes that the server has or ever had: it waits for each that ends."""
    postmaster = cluster.postmaster_pid()
    ticks = sum(_stat(postmaster)[field] for field in (UTIME, STIME, CUTIME, CSTIME))
    for child in children_of(postmaster):
        try:
            ticks += sum(_stat(child)[field] for field in (UTIME, STIME))
        except OSError:
            pass  # it has just ended
    return ticks / TICKS_PER_SECOND


def children_of(pid):
    return [int(word) for word in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _stat(pid):
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [int(word) if word.lstrip("-").isdigit() else 0 for word in fields]


# How often the memory of a command is looked at; what it grows by after the last look is missed.
LOOK_S = 0.01


def _wait(process, deadline_s):
    """Its rusage, which subprocess does not tell, and its peak of memory in kB."""
    peak_kb, next_look_s = 0, 0
    while True:
        now_s = time.monotonic()
        if now_s >= next_look_s:
            peak_kb, next_look_s = max(peak_kb, _peak_kb(process.pid)), now_s + LOOK_S
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage, peak_kb
        if now_s > deadline_s:
            raise CommandFailed(f"{process.args[0]} was still running at its time limit")
        time.sleep(0.002)


def _peak_kb(pid):
    """The most that the process or one of its descendants has had.  Not ru_maxrss: it begins with what the process had
    before exec, which is the memory of the bench."""
    try:
        descendants = children_of(pid)
    except OSError:
        return 0  # it has just ended
    return max([most_memory_of(pid) >> 10, *map(_peak_kb, descendants)])
