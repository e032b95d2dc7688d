"""Gets PostgreSQL majors that this machine lacks, out of other Debian suites and without touching the system.

A private apt state downloads the server with every library it needs, the C library included; dpkg unpacks them
into the cache, and patchelf points the programs at the libraries beside them, so that they run in place.
"""

import contextlib
import fcntl
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from . import cache_dir, describe_server, find_servers

SUITE_OF_MAJOR = {13: "bullseye", 15: "bookworm", 17: "trixie", 18: "sid"}
# Holds the keys of all suites; where it is missing, apt takes those that the machine trusts anyway.
DEBIAN_KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"
DOWNLOAD_TIMEOUT_S = 300
# Wanted by parts that no test uses (JIT, maintenance scripts), and more than half of the bytes.
NOT_UNPACKED = re.compile(r"(libllvm|libclang|libz3|perl|libperl|python3|systemd|debconf|ssl-cert|ucf|locales|tzdata)")


class FetchFailed(Exception):
    """Why a major cannot be had here; the text is meant for people."""


def fetch_missing(majors, say):
    """Fetch those majors that are not there; returns {major: reason} for those that cannot be had."""
    failures = {}
    missing = [major for major in majors if major not in find_servers()]
    if not missing:
        return failures
    with _locked_cache() as cache:
        for major in missing:
            if major in find_servers():  # another run was faster
                continue
            say(f"fetching PostgreSQL {major}")
            try:
                _fetch(major, cache)
            except FetchFailed as failure:
                failures[major] = str(failure)
    return failures


def fetch_program(name, suite="sid"):
    """Path of a program out of a Debian package of the same name, fetched at first; FetchFailed."""
    path = cache_dir() / name / "usr/bin" / name
    if not path.exists():
        with _locked_cache() as cache:
            _unpack(name, suite, cache, cache / name, "usr/bin")
    return path


def _fetch(major, cache):
    suite = SUITE_OF_MAJOR.get(major)
    if suite is None:
        raise FetchFailed("no Debian suite has it")
    root = cache / f"postgresql-{major}"
    _unpack(f"postgresql-{major}", suite, cache, root, f"usr/lib/postgresql/{major}/bin")
    if describe_server(root / f"usr/lib/postgresql/{major}/bin", is_fetched=True) is None:
        shutil.rmtree(root, ignore_errors=True)
        raise FetchFailed("its programs do not run on this machine")


def _unpack(package, suite, cache, root, bindir):
    """A package with all it depends on, in a folder of its own; the programs in `bindir` run there."""
    for program in ("apt-get", "dpkg", "patchelf"):
        if shutil.which(program) is None:
            raise FetchFailed(f"{program} is not installed")
    with tempfile.TemporaryDirectory(prefix=".fetch-", dir=cache) as work:
        state, tree = Path(work) / "apt", Path(work) / "root"
        tree.mkdir(mode=0o755)
        for file in _download(package, suite, state):
            if not NOT_UNPACKED.match(file.name):
                _run(["dpkg", "-x", file, tree], f"could not unpack {file.name}")
        _use_own_libraries(tree / bindir, tree, root)
        shutil.rmtree(root, ignore_errors=True)
        os.rename(tree, root)


def _download(package, suite, state):
    """Package files of `package` and all it depends on."""
    mirror = _debian_mirror()
    for folder in ("lists/partial", "cache/archives/partial", "parts"):
        (state / folder).mkdir(parents=True)
    (state / "status").touch()
    signed_by = f"[signed-by={DEBIAN_KEYRING}] " if os.path.exists(DEBIAN_KEYRING) else ""
    (state / "sources.list").write_text(f"deb {signed_by}{mirror} {suite} main\n")
    options = {
        "Dir::State": state,
        "Dir::State::lists": state / "lists",
        "Dir::State::status": state / "status",
        "Dir::Cache": state / "cache",
        "Dir::Etc::SourceList": state / "sources.list",
        "Dir::Etc::SourceParts": state / "parts",
        "Dir::Etc::Preferences": "/dev/null",
        "Dir::Etc::PreferencesParts": state / "parts",
        "APT::Install-Recommends": "false",
        "APT::Sandbox::User": "root",
        "APT::Default-Release": "",
        "Acquire::Languages": "none",
        "Acquire::Retries": "2",
        "Acquire::Check-Valid-Until": "false",  # a suite that has moved on is as good for tests
        "Debug::NoLocking": "true",
    }
    apt = ["apt-get", "-q", *(f"-o{name}={value}" for name, value in options.items())]
    _run([*apt, "--error-on=any", "update"], f"the mirror of this machine does not offer Debian {suite}")
    _run([*apt, "--yes", "--download-only", "install", package], f"could not download {package} of Debian {suite}")
    return sorted((state / "cache/archives").glob("*.deb"))


def _debian_mirror():
    """Address of a Debian archive, as the machine's own apt sources have it."""
    fields = "$(REPO_URI)|$(ORIGIN)|$(COMPONENT)|$(RELEASE)"
    done = subprocess.run(
        ["apt-get", "indextargets", "--format", fields, "Created-By: Packages"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )
    for line in done.stdout.splitlines():
        address, origin, component, release = line.split("|")
        # Before the first update apt does not know the origin, only the address.
        is_debian = origin == "Debian" or (not origin and address.rstrip("/").endswith("/debian"))
        if is_debian and component == "main" and not re.search(r"security|updates|backports", release):
            return address.rstrip("/")
    raise FetchFailed("the apt sources of this machine name no Debian mirror")


def _use_own_libraries(bindir, tree, final_root):
    """Make the programs use the loader and the libraries of their own suite, at the place they will lie in."""
    loaders = [path for path in tree.glob("**/ld-linux*.so.*") if path.parent.name != "lib64" and path.exists()]
    if not loaders:
        raise FetchFailed("its C library has no loader")
    loader = loaders[0].relative_to(tree)
    triplet = loader.parent.name
    rpath = f"{final_root}/usr/lib/{triplet}:{final_root}/lib/{triplet}"
    for program in bindir.iterdir():
        if program.is_file() and not program.is_symlink() and program.read_bytes()[:4] == b"\x7fELF":
            _run(
                ["patchelf", "--set-interpreter", final_root / loader, "--force-rpath", "--set-rpath", rpath, program],
                f"could not adapt {program.name}",
            )


@contextlib.contextmanager
def _locked_cache():
    """The cache folder, ours alone for the while; the server's user must be able to pass through it."""
    cache = cache_dir()
    cache.mkdir(parents=True, exist_ok=True)
    os.chmod(cache, 0o755)
    with open(cache / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for leftover in cache.glob(".fetch-*"):  # of a run that was killed
            shutil.rmtree(leftover, ignore_errors=True)
        yield cache


def _run(command, complaint):
    try:
        done = subprocess.run(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            timeout=DOWNLOAD_TIMEOUT_S, env={**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"},
        )
    except subprocess.TimeoutExpired:
        raise FetchFailed(f"{complaint}: no end after {DOWNLOAD_TIMEOUT_S} s") from None
    if done.returncode != 0:
        told = [line for line in done.stdout.splitlines() if line.startswith(("E:", "W:", "Err"))]
        raise FetchFailed(f"{complaint}: {told[-1] if told else done.stdout.strip()[-200:]}")
