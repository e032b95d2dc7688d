"""Where a bench happens: a server with the source databases, and an arena that is thrown away after each workload.

ext4 creates files slowly for minutes after many were deleted, so the arena is a file system of its own in an image made
afresh, where root allows it; elsewhere it is a folder in which nothing is deleted before the end.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from harness import Cluster, run_command
from harness.cluster import PORT, TEST_SETTINGS
from harness.process import server_user

# As on a server that matters; only the size of shared memory and of the WAL are fitted to the test.
HONEST_SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    "max_wal_size": "16GB",
    "shared_buffers": "1GB",
    "jit": "on",
}


class BenchCluster(Cluster):
    """A server in a folder of ours.  With `stays` it outlives this process, and the next one finds it running."""

    def __init__(self, server, root, stays=False):
        self.server, self.major, self.user = server, server.major, server_user()
        self.superuser, self.port = "postgres", PORT
        self.root = Path(root)
        self._settings = {**TEST_SETTINGS, **HONEST_SETTINGS}
        self._stays = stays
        self.bindir = server.bindir
        self.root.mkdir(parents=True, exist_ok=True)
        self._hand_over(self.root)
        if not self.data.exists():
            self._init_data(())
        if not self._is_up():
            self.start()

    def close(self):
        if not self._stays:
            self.stop("immediate")

    def databases(self):
        return {row[0] for row in self.query("postgres", "SELECT datname FROM pg_database;")}

    def postmaster_pid(self):
        return int((self.data / "postmaster.pid").read_text().split()[0])

    def _is_up(self):
        return self._run_as_server(self.bindir / "pg_ctl", "status", "-D", self.data, check=False).returncode == 0


class Place:
    """A folder for everything.  A named one stays, server and sources with it, until `clear()`; another goes at the end."""

    def __init__(self, server, folder=None, wants_images=True):
        self.server, self._wants_images = server, wants_images
        self.stays = folder is not None
        self.folder = Path(folder or tempfile.mkdtemp(prefix="bench-"))
        self.folder.mkdir(parents=True, exist_ok=True)
        os.chmod(self.folder, 0o755)
        self._sources = None

    @property
    def sources(self):
        """The server that is dumped from."""
        if self._sources is None:
            self._sources = BenchCluster(self.server, self.folder / "sources", stays=self.stays)
        return self._sources

    def database(self, source, scale, say):
        """The name of a source's database, built if it is not there yet."""
        script = source.script(scale)
        name = f"{source.name}_{hashlib.sha256(script.encode()).hexdigest()[:8]}"
        if name not in self.sources.databases():
            say(f"building {source.name} at scale {scale:g}")
            unfinished = self.sources.createdb(name + "_unfinished")
            # What is committed here need not last before the CHECKPOINT.
            self.sources.psql(unfinished, "SET synchronous_commit = off;\n" + script, timeout_s=3600)
            self.sources.psql("postgres", f'ALTER DATABASE "{unfinished}" RENAME TO "{name}"; CHECKPOINT;')
        return name

    @contextlib.contextmanager
    def arena(self):
        """A fresh `Arena`, gone afterwards."""
        arena = Arena(self.folder, self.server, on_image=self._wants_images and can_mount())
        try:
            yield arena
        finally:
            arena.close()

    def close(self):
        if self._sources is not None:
            self._sources.close()
        if not self.stays:
            shutil.rmtree(self.folder, ignore_errors=True)

    def clear(self):
        """End a place that stayed."""
        if (self.folder / "sources/data").exists():
            self.sources.stop("immediate")
        shutil.rmtree(self.folder)


class Arena:
    """Archives and targets of one workload."""

    IMAGE_BYTES = 60 << 30  # sparse: it takes what is written

    def __init__(self, parent, server, on_image):
        self.root = Path(tempfile.mkdtemp(prefix="arena-", dir=parent))
        os.chmod(self.root, 0o755)
        self._server, self._targets = server, None
        self._image = self.root.with_suffix(".image") if on_image else None
        self.file_system = "fresh ext4 image" if on_image else "folder"
        if on_image:
            self._mount()

    @property
    def targets(self):
        """The server that is restored into; nothing was ever deleted on it."""
        if self._targets is None:
            self._targets = BenchCluster(self._server, self.root / "targets")
        return self._targets

    def close(self):
        if self._targets is not None:
            self._targets.close()
        if self._image is not None:
            self._unmount()
        shutil.rmtree(self.root, ignore_errors=True)

    def _mount(self):
        with open(self._image, "wb") as image:
            image.truncate(self.IMAGE_BYTES)
        try:
            # Without the kernel's thread that fills in the inode tables later, while we measure.
            run_command(["mkfs.ext4", "-q", "-m", "0", "-E", "nodiscard", self._image])
            # Direct: or every page would be cached twice.
            run_command(["mount", "-o", "noinit_itable,nodiscard,loop", self._image, self.root])
            self._make_direct()
            os.chmod(self.root, 0o755)
        except BaseException:
            self._image.unlink()
            raise

    def _make_direct(self):
        device = run_command(["findmnt", "-n", "-o", "SOURCE", self.root]).stdout.strip()
        run_command(["losetup", "--direct-io=on", device], check=False)

    def _unmount(self):
        for _ in range(20):
            if subprocess.run(["umount", self.root], stderr=subprocess.DEVNULL).returncode == 0:
                break
            time.sleep(0.25)  # a server that was just ended may still hold a file
        self._image.unlink()


_can_mount = None


def can_mount():
    """True where an image can be made and mounted; tried once."""
    global _can_mount
    if _can_mount is None:
        _can_mount = os.geteuid() == 0 and shutil.which("mkfs.ext4") is not None and _try_mount()
    return _can_mount


def _try_mount():
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        image, point = Path(folder) / "image", Path(folder) / "point"
        point.mkdir()
        with open(image, "wb") as file:
            file.truncate(8 << 20)
        steps = (["mkfs.ext4", "-q", image], ["mount", "-o", "loop", image, point], ["umount", point])
        return all(subprocess.run(step, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0 for step in steps)
