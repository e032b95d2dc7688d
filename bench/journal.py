"""The log: a JSON line a run, each with the session that it belongs to.

A session is one workload measured once: same server, same sizes, same programs.  Its first line says all that its runs
share.
"""

import json
import os
import platform
import re
import statistics
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
WORKING_LOG = REPOSITORY / "build/bench.jsonl"
PUBLISHED_LOG = REPOSITORY / "bench/results.jsonl"


@dataclass
class Session:
    """Facts about a session, and its runs in order."""

    about: dict
    runs: list = field(default_factory=list)

    @property
    def key(self):
        return self.about["kind"], self.about["action"], self.about["workload"]

    def counted(self, label):
        return [run for run in self.runs if run["contestant"] == label and run["counts"]]

    def labels(self):
        """Contestants with runs that count, in the order of the workload's table."""
        found = dict.fromkeys(run["contestant"] for run in self.runs if run["counts"])
        order = self.about.get("contestants", [])
        return sorted(found, key=lambda label: order.index(label) if label in order else len(order))

    def median(self, label, what):
        values = [run[what] for run in self.counted(label) if run.get(what) is not None]
        return statistics.median(values) if values else None


class Journal:
    """Appends to a log."""

    def __init__(self, path):
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)

    def begin(self, about):
        session = f"{time.strftime('%Y%m%dT%H%M%S', time.gmtime())}-{os.getpid()}-{about['workload']}"
        self._append({"session": session, **about})
        return session

    def add(self, session, run):
        self._append({"session": session, **run})

    def _append(self, line):
        with open(self.path, "a") as log:
            log.write(json.dumps(line) + "\n")


def read_sessions(*paths):
    """All sessions of these logs, oldest first."""
    sessions = {}
    for path in paths:
        if not Path(path).exists():
            continue
        for line in Path(path).read_text().splitlines():
            fact = json.loads(line)
            name = fact["session"]
            if "contestant" not in fact:
                sessions[name] = Session(fact)
            elif name in sessions:
                sessions[name].runs.append(fact)
    return [sessions[name] for name in sorted(sessions)]


def newest_of_each(sessions):
    """{key: session}, oldest first; a later session replaces an earlier one of the same workload."""
    newest = {}
    for session in sessions:
        if any(run["counts"] for run in session.runs):
            newest.pop(session.key, None)  # its place, too: what is written and read again keeps its order
            newest[session.key] = session
    return newest


def write_sessions(path, sessions):
    lines = [json.dumps(fact) for session in sessions for fact in (session.about, *session.runs)]
    Path(path).write_text("\n".join(lines) + "\n")


def machine():
    """What a reader of figures wants to know of where they come from."""
    return {
        "processor": _processor(),
        "processors": os.cpu_count(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9),
        "kernel": platform.release(),
        "system": _system(),
    }


def current_commit():
    """The commit that was built, with a + where files of the program differ from it."""
    commit = _git("rev-parse", "--short", "HEAD")
    return (commit or "unknown") + ("+" if _git("status", "--porcelain", "engine", "io", "compress", "cli") else "")


def _git(*words):
    done = subprocess.run(["git", "-C", str(REPOSITORY), *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout.decode().strip()


def _processor():
    match = re.search(r"^model name\s*:\s*(.+)$", _text_of("/proc/cpuinfo"), re.MULTILINE)
    return match[1] if match else platform.machine()


def _system():
    match = re.search(r'^PRETTY_NAME="(.+)"$', _text_of("/etc/os-release"), re.MULTILINE)
    return match[1] if match else platform.system()


def _text_of(path):
    try:
        return Path(path).read_text()
    except OSError:
        return ""
