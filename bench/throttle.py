"""A big server on a small machine: each session of a server gets a fixed part of a processor and no more.

Sixteen sessions of a twentieth of a processor each together ask for less than one, so that a client with sixteen sessions
meets what it would meet on a server with sixteen free processors: the sessions are what it waits for.  A thread moves every
new process of the server into a control group of its own within a few milliseconds.
"""

import os
import threading
import time
from pathlib import Path

from .measure import children_of

PERIOD_US = 40_000
POLL_S = 0.003


class _Groups:
    """A hierarchy of control groups that limits processors.  Both versions, which differ in how a limit is written."""

    def __init__(self, parent, limits):
        self._parent, self._limits = parent, limits

    def confine(self, pid, share):
        group = self._group_of(pid)
        group.mkdir()
        for file, text in self._limits(int(PERIOD_US * share)):
            (group / file).write_text(text)
        (group / "cgroup.procs").write_text(str(pid))

    def release(self, pid):
        try:
            self._group_of(pid).rmdir()
        except FileNotFoundError:
            pass

    def _group_of(self, pid):
        return self._parent / f"pgfast-bench-{pid}"


def find_groups():
    """Control groups that we may make, or None."""
    version_1 = _mount_of("cgroup", "cpu")
    if version_1 is not None:
        groups = _Groups(version_1, lambda quota: [("cpu.cfs_period_us", str(PERIOD_US)), ("cpu.cfs_quota_us", str(quota))])
        return groups if os.access(version_1, os.W_OK) else None
    version_2 = _mount_of("cgroup2", None)
    if version_2 is None or "cpu" not in (version_2 / "cgroup.controllers").read_text().split():
        return None
    try:
        (version_2 / "cgroup.subtree_control").write_text("+cpu")
    except OSError:
        return None
    return _Groups(version_2, lambda quota: [("cpu.max", f"{quota} {PERIOD_US}")])


class Throttle:
    """While it is entered, every process that the server starts gets `share` of a processor."""

    def __init__(self, cluster, share, groups):
        self._postmaster, self._share, self._groups = cluster.postmaster_pid(), share, groups
        self._confined = set()
        self._is_over = threading.Event()
        self._failure = None

    def __enter__(self):
        self._known = set(children_of(self._postmaster))
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._is_over.set()
        self._thread.join()
        self._let_go()
        if self._failure is not None:
            raise self._failure

    def _watch(self):
        try:
            while not self._is_over.wait(POLL_S):
                for pid in set(children_of(self._postmaster)) - self._known:
                    self._known.add(pid)
                    self._confine(pid)
        except OSError as failure:
            self._failure = failure

    def _confine(self, pid):
        self._confined.add(pid)
        try:
            self._groups.confine(pid, self._share)
        except ProcessLookupError:
            pass  # it was faster

    def _let_go(self):
        """A group can go once its process has gone."""
        deadline_s = time.monotonic() + 30
        while self._confined:
            for pid in list(self._confined):
                try:
                    self._groups.release(pid)
                    self._confined.discard(pid)
                except OSError:
                    if time.monotonic() > deadline_s:
                        raise
            time.sleep(0.01)


def _mount_of(kind, controller):
    for line in Path("/proc/self/mounts").read_text().splitlines():
        _, folder, type_, options = line.split()[:4]
        if type_ == kind and (controller is None or controller in options.split(",")):
            return Path(folder)
    return None
