"""The power cut (fault map C11): what a file system holds at that moment, seen in a copy of its device.

The archive is written to ext4 in an image.  Where the dump is stopped, the image holds what was written out and
nothing that only the page cache knew; a copy of it is mounted as after the cut, journal replayed.
"""

import filecmp
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

from .judge import OK, last_words, unproven_archive
from .moments import DUMP, ended, start
from .points import dump_passes, some_of
from .score import Score
from .worker import CANARY

IMAGE_BYTES = 24 << 20
THE_END = ("the end of the dump", 0)


def campaigns():
    yield power_cuts_of_a_dump


def power_cuts_of_a_dump(crew):
    score = Score("power cut at fault points of a dump, and when it has ended", "absent, partial or whole; whole after exit code 0")
    score.skipped = _why_not()
    if score.skipped:
        return score.end()
    cases = [(point, (hits + 1) // 2) for point, hits in sorted(dump_passes(crew).items())]
    late = [case for case in cases if case[0].startswith("seal.")]
    others = [case for case in cases if case not in late]
    chosen = [*some_of(late, crew.scaled(5, 1000)), *some_of(others, crew.scaled(4, 1000)), THE_END]
    return crew.try_all(score, chosen, _cut).end()


def _cut(worker, case):
    room = worker.new_folder("power")
    room.mkdir()
    image, copy = room / "image", room / "copy"
    _make_file_system(image)
    with Mounted(image, room / "before") as before:
        has_ended = _dump_until(worker, before / "dump", case, lambda: _copy_at_rest(image, copy))
    with Mounted(copy, room / "after") as after:
        if has_ended and not (after / "dump").exists():
            return "the dump ended with 0, and the cut took its archive"
        return unproven_archive(worker, after / "dump")


def _dump_until(worker, folder, case, cut_power):
    """Cut the power where the dump stops; True when it had ended with 0 before."""
    point, passing = case
    fault = {"PGFAST_FAULT": f"{point}:{passing}:STOP"} if passing else {}
    process = start(worker, *DUMP, folder, worker.source, env={"PGPASSWORD": CANARY, **fault})
    try:
        has_ended = _ends_rather_than_stops(process)
        cut_power()
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGCONT)
        done = ended(process)
    assert done.returncode == OK, last_words(done)
    return has_ended


def _ends_rather_than_stops(process):
    """Waits for either; leaves the end of the process to be asked for by others."""
    which = os.waitid(os.P_PID, process.pid, os.WEXITED | os.WSTOPPED | os.WNOWAIT)
    return which.si_code not in (os.CLD_STOPPED, os.CLD_TRAPPED)


def _copy_at_rest(image, copy):
    """A copy of one moment: nothing was written into the image while it was made."""
    deadline = time.monotonic() + 20
    shutil.copyfile(image, copy)
    while not filecmp.cmp(image, copy, shallow=False):
        assert time.monotonic() < deadline, "the image does not come to rest"
        shutil.copyfile(image, copy)


def _make_file_system(image):
    with open(image, "wb") as file:
        file.truncate(IMAGE_BYTES)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-E", "lazy_itable_init=0", image], check=True, capture_output=True)


class Mounted:
    """An image as a folder, while the block runs."""

    def __init__(self, image, folder):
        self._image, self._folder = image, folder

    def __enter__(self):
        self._folder.mkdir()
        subprocess.run(["mount", "-o", "loop", self._image, self._folder], check=True, capture_output=True)
        return self._folder

    def __exit__(self, *_):
        subprocess.run(["umount", self._folder], check=True, capture_output=True)


def _why_not():
    """Why no power can be cut here; empty when it can."""
    if os.geteuid() != 0:
        return "only root can mount an image"
    if not shutil.which("mkfs.ext4"):
        return "no mkfs.ext4 here"
    with tempfile.TemporaryDirectory(prefix="pgf-power-") as room:
        try:
            _make_file_system(Path(room) / "image")
            with Mounted(Path(room) / "image", Path(room) / "mounted"):
                return ""
        except subprocess.CalledProcessError as refused:
            return f"may not mount here: {refused.stderr.decode().strip()}"
