"""The program under test."""

import os
from pathlib import Path

from .process import run_command, start_command

REPOSITORY = Path(__file__).resolve().parent.parent.parent


def pgfast_binary():
    """PGFAST_BINARY, or else the release build; FileNotFoundError tells what to do when there is none."""
    binary = Path(os.environ.get("PGFAST_BINARY") or REPOSITORY / "build/release/pgfast").resolve()
    if not os.access(binary, os.X_OK):
        raise FileNotFoundError(f"no pgfast at {binary}; build it with ./run build or set PGFAST_BINARY")
    return str(binary)


def plain_pgfast_binary():
    """For tests of the process itself: where the chosen binary carries a sanitizer, the release build, if there is one."""
    chosen, release = Path(pgfast_binary()), REPOSITORY / "build/release/pgfast"
    is_plain = b"__asan_init" not in chosen.read_bytes()
    return str(chosen if is_plain or not os.access(release, os.X_OK) else release)


def pgfast_environment(cluster=None, env=None):
    """The environment pgfast gets: connected to `cluster` and with its client tools, unless `env` says otherwise."""
    variables = {}
    if cluster is not None:
        variables.update(cluster.environment(), PGFAST_PG_BINDIR=str(cluster.server.bindir))
    # A sanitizer's finding must not look like one of pgfast's own exit codes.
    variables.setdefault("ASAN_OPTIONS", os.environ.get("ASAN_OPTIONS", "exitcode=99:detect_leaks=1"))
    variables.setdefault("UBSAN_OPTIONS", os.environ.get("UBSAN_OPTIONS", "halt_on_error=1:exitcode=99"))
    variables.update(env or {})
    return variables


def pgfast(*arguments, cluster=None, env=None, check=True, **options):
    """Run pgfast to its end; `options` are those of run_command (check=False to look at a failure)."""
    return run_command([pgfast_binary(), *arguments], env=pgfast_environment(cluster, env), check=check, **options)


def start_pgfast(*arguments, binary=None, cluster=None, env=None, **options):
    """Start pgfast as a `subprocess.Popen`, for tests that disturb it while it runs."""
    return start_command([binary or pgfast_binary(), *arguments], env=pgfast_environment(cluster, env), **options)
