"""PostgreSQL installations of many majors: what the machine has, and what was fetched into the cache.

`find_servers()` only looks.  `python3 -m servers fetch` (with `tests` as PYTHONPATH) gets what is missing.
"""

import glob
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

INSTALLED_PATTERNS = (
    "/usr/lib/postgresql/*/bin",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/usr/local/pgsql-*/bin",
)
SERVER_TOOLS = ("initdb", "postgres", "pg_ctl", "psql", "pg_dump", "pg_restore", "pg_dumpall")


@dataclass(frozen=True)
class Server:
    """One installation.  `bindir` holds the server programs and the client tools of the same major."""

    major: int
    version: str
    bindir: Path
    sharedir: Path
    libdir: Path
    is_fetched: bool


def cache_dir():
    """Where fetched servers are kept.  The server's unprivileged user must reach it, so root's home will not do."""
    chosen = os.environ.get("PGFAST_TEST_CACHE")
    if chosen:
        return Path(chosen)
    if os.geteuid() == 0:
        return Path("/var/cache/pgfast-tests")
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base) / "pgfast-tests"


def describe_server(bindir, is_fetched=False):
    """The `Server` in this folder, or None when a program is missing or does not run."""
    bindir = Path(bindir)
    if not all(os.access(bindir / tool, os.X_OK) for tool in SERVER_TOOLS):
        return None
    version = _output_of([bindir / "postgres", "--version"])
    match = re.search(r"(\d+)(?:\.\d+|beta\d+|rc\d+|devel)", version or "")
    if not match:
        return None
    sharedir, libdir = _data_folders(bindir)
    if not (sharedir / "postgres.bki").exists():
        return None
    return Server(int(match[1]), match[0], bindir, sharedir, libdir, is_fetched)


def find_servers():
    """Every usable major as {major: Server}, lowest first; an installed one goes before a fetched one."""
    candidates = [(path, False) for pattern in INSTALLED_PATTERNS for path in glob.glob(pattern)]
    candidates += [
        (path, True) for path in glob.glob(str(cache_dir() / "postgresql-*/usr/lib/postgresql/*/bin"))
    ]
    found = {}
    for path, is_fetched in sorted(candidates, key=lambda candidate: candidate[1]):
        server = describe_server(path, is_fetched)
        if server and server.major not in found:
            found[server.major] = server
    return dict(sorted(found.items()))


def _data_folders(bindir):
    """Share and library folder as the server reckons them from its own place.

    Debian's pg_config tells the place of the machine's own installation even for an unpacked copy, so the layout
    goes first.
    """
    if bindir.parent.parent.name == "postgresql":
        prefix = bindir.parent.parent.parent.parent
        return prefix / "share/postgresql" / bindir.parent.name, bindir.parent / "lib"
    share = _output_of([bindir / "pg_config", "--sharedir"])
    lib = _output_of([bindir / "pg_config", "--pkglibdir"])
    return Path(share or bindir.parent / "share"), Path(lib or bindir.parent / "lib")


def _output_of(command):
    try:
        done = subprocess.run(
            [str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode().strip() if done.returncode == 0 else None
