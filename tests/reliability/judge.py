"""What must hold after every run, whatever was done to it: fault map, U1 to U10, as far as a run can show it."""

import shutil

from .source import ROWS
from .worker import CANARY

OK = 0
DOCUMENTED = {0, 2, 3, 10, 11, 12, 13, 14, 15, 20, 21, 22, 30, 31, 32, 34, 40, 41, 42, 50, 70, 129, 130, 131, 143}
OUT_OF_REACH = {10, 11, 13}


def ill_manners(done):
    """None, or what the run did that no run may do: an undocumented end, no last line, a bug, a secret told."""
    words = done.stdout + done.stderr
    if CANARY in words:
        return "it told the password"
    if done.returncode not in DOCUMENTED or done.returncode == 70:
        return f"it ended with {done.returncode}: {last_words(done)}"
    if done.returncode == OK:
        return None
    lines = [line for line in done.stderr.splitlines() if not line.startswith("pgfast: hint: ")]
    errors = [line for line in lines if line.startswith("pgfast: error: ")]
    if len(errors) != 1 or lines[-1] != errors[0]:
        return f"it ended with {done.returncode} and {len(errors)} final lines: {last_words(done)}"
    return None


def fails_with(done, codes):
    """None when it failed, with manners, and with one of these exit codes."""
    if done.returncode not in codes:
        return f"exit code {done.returncode} and not {sorted(codes)}: {last_words(done)}"
    return ill_manners(done)


def last_words(done):
    return done.stderr.strip()[-600:].replace("\n", " / ")


def partial_is_taken(worker, folder):
    """None when neither pgfast nor pg_restore takes what a failed dump left behind for an archive.

    All of it may be there, and only the name not yet: then pg_restore may take it, for it is whole.
    """
    partial = folder.with_name(folder.name + ".partial")
    if partial.exists():
        if worker.forked("list", partial).returncode == OK or worker.forked("verify", partial).returncode == OK:
            return "pgfast takes the partial for an archive"
        if worker.stock("pg_restore", "-l", partial).returncode == OK and not _holds_all(worker, partial):
            return "pg_restore takes the partial for an archive"
    return None


def _holds_all(worker, partial):
    """As many rows as the source has, in files that are whole by themselves."""
    copy = worker.new_folder("found")
    shutil.copytree(partial, copy)
    for name in ("pgfast.partial", "pgfast.manifest"):
        (copy / name).unlink(missing_ok=True)
    done = worker.forked("verify", "--deep", copy)
    return done.returncode == OK and f" {ROWS} rows checked" in done.stderr


def unproven_archive(worker, folder):
    """None when there is no archive under the final name, or it is whole to its last row."""
    if not folder.exists():
        return partial_is_taken(worker, folder)
    done = worker.forked("verify", "--deep", folder)
    if done.returncode != OK:
        return f"an archive has its name and is not whole: {last_words(done)}"
    return None
