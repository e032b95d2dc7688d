"""Running programs: with a time limit, with their words kept, and never as root where a server refuses it."""

import os
import pwd
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

DEFAULT_TIMEOUT_S = 300


class CommandFailed(AssertionError):
    """A program ended otherwise than the caller asked; the text holds the command and all it said."""


@dataclass(frozen=True)
class Completed:
    """What a program did.  `returncode` is negative for a signal, as in subprocess."""

    command: tuple
    returncode: int
    stdout: str
    stderr: str

    def describe(self):
        words = " ".join(self.command)
        return f"{words}\nexit code {self.returncode}\nstdout: {self.stdout[-4000:]}\nstderr: {self.stderr[-8000:]}"


def run_command(command, *, env=None, input=None, cwd=None, timeout_s=DEFAULT_TIMEOUT_S, check=True, user=None):
    """Run to the end and return `Completed`.  `env` is added to our own; a value of None removes the variable.

    With `check` an exit code other than 0 raises CommandFailed.  A program that outlives `timeout_s` is ended
    with its children and always raises.  `user` is a pwd entry or None for our own.
    """
    process = start_command(
        command,
        env=env,
        cwd=cwd,
        user=user,
        stdin=subprocess.DEVNULL if input is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    raw_input = input.encode() if isinstance(input, str) else input
    try:
        stdout, stderr = process.communicate(raw_input, timeout=timeout_s)
    except subprocess.TimeoutExpired:
        stop_process_group(process)
        stdout, stderr = process.communicate()
        said = _completed(command, process, stdout, stderr).describe()
        raise CommandFailed(f"still running after {timeout_s} s: {said}") from None
    except BaseException:
        stop_process_group(process)
        process.wait()
        raise
    completed = _completed(command, process, stdout, stderr)
    if check and completed.returncode != 0:
        raise CommandFailed(completed.describe())
    return completed


def start_command(command, *, env=None, user=None, **options):
    """A `subprocess.Popen` in a process group of its own, so that stop_process_group() reaches its children."""
    if user is not None and user.pw_uid != os.geteuid():
        options.update(user=user.pw_uid, group=user.pw_gid, extra_groups=[])
    return subprocess.Popen(
        [str(word) for word in command], env=merged_environment(env), start_new_session=True, **options
    )


def stop_process_group(process, signal_number=signal.SIGKILL):
    try:
        os.killpg(process.pid, signal_number)
    except ProcessLookupError:
        pass


def merged_environment(extra):
    """Our environment without anything that would steer PostgreSQL's tools, plus `extra`."""
    merged = {name: value for name, value in os.environ.items() if not _steers_postgres(name)}
    merged["LC_ALL"] = "C.UTF-8"
    for name, value in (extra or {}).items():
        if value is None:
            merged.pop(name, None)
        else:
            merged[name] = str(value)
    return merged


def server_user():
    """Who runs the servers: ourselves, or as root the account `postgres`, or else `nobody`."""
    if os.geteuid() != 0:
        return pwd.getpwuid(os.geteuid())
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise RuntimeError("a server refuses to run as root, and neither user postgres nor nobody exists")


def _steers_postgres(name):
    return name.startswith("PG") and not name.startswith("PGFAST_")


def _completed(command, process, stdout, stderr):
    return Completed(
        tuple(str(word) for word in command),
        process.returncode,
        stdout.decode(errors="replace"),
        stderr.decode(errors="replace"),
    )


def most_memory_of(pid):
    """The most that this process has had at a time; 0 once it is gone."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return max((int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:")), default=0)
