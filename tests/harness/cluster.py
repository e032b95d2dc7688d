"""Throw-away clusters: private folder, Unix socket only, gone at the end however the end comes."""

import atexit
import csv
import io
import os
import shutil
import signal
import tempfile
import threading
import time
from pathlib import Path

from servers import find_servers

from .process import CommandFailed, merged_environment, run_command, server_user
from .session import Session

PORT = 5432
NULL_MARK = "\\N"
EXTENSION_FOLDER = Path(__file__).resolve().parent / "extension"
TEST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "jit": "off",
    "wal_level": "logical",
    "max_connections": "200",
    "max_prepared_transactions": "10",
    "max_locks_per_transaction": "256",
    "max_wal_size": "4GB",
    "shared_buffers": "256MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


class Cluster:
    """One running server.  Any thread may use it; every call is a client process of its own."""

    def __init__(self, server, *, settings=None, initdb_options=()):
        self.server = server
        self.major = server.major
        self.user = server_user()
        self.superuser = "postgres"
        self.port = PORT
        self._settings = {**TEST_SETTINGS, **(settings or {})}
        self._names_used = 0
        self._lock = threading.Lock()
        self._is_running = False
        self.root = Path(tempfile.mkdtemp(prefix=f"pgf{self.major}-"))
        _remember(self)
        try:
            self._hand_over(self.root)
            self.bindir = self._make_private_installation()
            self._init_data(initdb_options)
            self.start()
        except BaseException:
            self.close()
            raise

    # Life and death

    def start(self):
        """Start (again) with the settings given at birth."""
        settings = " ".join(f"-c {name}={value}" for name, value in self._settings.items())
        self._pg_ctl("start", "-w", "-t", "120", "-l", self.root / "log", "-o", settings)
        self._is_running = True

    def stop(self, mode="immediate"):
        """Stop the server and keep its data; `mode` is that of pg_ctl."""
        self._is_running = False
        if (self.data / "postmaster.pid").exists():
            self._pg_ctl("stop", "-w", "-t", "60", "-m", mode, check=False)

    def restart(self, mode="fast"):
        self.stop(mode)
        self.start()

    def close(self):
        """Stop and remove everything; the second call does nothing."""
        _forget(self)
        if self.root.exists():
            self.stop()
            shutil.rmtree(self.root, ignore_errors=True)

    @property
    def data(self):
        return self.root / "data"

    def log_text(self):
        """What the server wrote into its log so far."""
        return (self.root / "log").read_text(errors="replace")

    # Connections

    def environment(self, db=None):
        """Variables with which any libpq program reaches this cluster as its superuser."""
        variables = {"PGHOST": str(self.root), "PGPORT": str(self.port), "PGUSER": self.superuser}
        if db is not None:
            variables["PGDATABASE"] = db
        return variables

    def conninfo(self, db, user=None):
        """A keyword/value connection string."""
        quoted = db.replace("\\", "\\\\").replace("'", "\\'")
        return f"host={self.root} port={self.port} user={user or self.superuser} dbname='{quoted}'"

    def tool(self, name):
        """Path of a client tool of this cluster's own major."""
        return str(self.server.bindir / name)

    def run_tool(self, name, *arguments, **options):
        """Run a client tool of this major (options: those of run_command); connected by environment."""
        env = {**self.environment(), **(options.pop("env", None) or {})}
        return run_command([self.tool(name), *arguments], env=env, **options)

    # SQL

    def psql(self, db, sql=None, *, file=None, check=True, variables=None, user=None, timeout_s=300):
        """Run SQL text or a file; returns stdout, unaligned and without headings.  The first error stops and raises."""
        command = [self.tool("psql"), "-XqAt", "-v", "ON_ERROR_STOP=1"]
        for name, value in (variables or {}).items():
            command += ["-v", f"{name}={value}"]
        command += ["-f", file if file is not None else "-", "-d", self.conninfo(db, user)]
        env = {"PGOPTIONS": "-c client_min_messages=warning"}
        return run_command(command, env=env, input=sql or "", check=check, timeout_s=timeout_s).stdout

    def query(self, db, sql, **options):
        """Rows of one query as lists of text; NULL is None.  `options` are those of psql()."""
        text = self.psql(db, f"\\pset format csv\n\\pset null '\\{NULL_MARK}'\n{sql}", **options)
        return [[None if value == NULL_MARK else value for value in row] for row in csv.reader(io.StringIO(text))]

    def value(self, db, sql, **options):
        """The single value of a query."""
        return self.query(db, sql, **options)[0][0]

    def session(self, db, user=None):
        """A connection that stays open, for holding locks and transactions; close it or use `with`."""
        command = [self.tool("psql"), "-XqAt", "-d", self.conninfo(db, user)]
        return Session(command, merged_environment({"PGOPTIONS": "-c client_min_messages=warning"}))

    # Databases

    def createdb(self, name=None, *, template="template0", options=""):
        """Create a database and return its name; without a name it gets a fresh one."""
        if name is None:
            with self._lock:
                self._names_used += 1
                name = f"db{self._names_used}"
        identifier, origin = quote_identifier(name), quote_identifier(template)
        self.psql("postgres", f"CREATE DATABASE {identifier} TEMPLATE {origin} {options};")
        return name

    def dropdb(self, name):
        """Drop a database, ending whatever is connected to it."""
        self.psql("postgres", f"DROP DATABASE IF EXISTS {quote_identifier(name)} WITH (FORCE);")

    def client_sessions(self, db=None):
        """Backends of clients other than the one asking: rows (pid, database, application_name, state, query)."""
        condition = "" if db is None else f"AND datname = {quote_literal(db)}"
        return self.query(
            "postgres",
            "SELECT pid, datname, application_name, state, query FROM pg_stat_activity"
            f" WHERE backend_type = 'client backend' AND pid <> pg_backend_pid() {condition};",
        )

    def wait_for_no_sessions(self, db, timeout_s=10):
        """True when the database has no client left within the time; a backend needs a moment to notice its end."""
        deadline = time.monotonic() + timeout_s
        while self.client_sessions(db):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True

    # Making

    def _make_private_installation(self):
        """Copy the server program into our folder, with links to all the rest, and add our own extension.

        A server reckons the place of its share folder from its own, so the copy sees an extension folder
        of ours and nothing of the machine's installation is touched.
        """
        prefix = Path(os.path.commonpath([self.server.bindir, self.server.sharedir, self.server.libdir]))
        base = self.root / "server"
        bindir, sharedir, libdir = (
            base / folder.relative_to(prefix)
            for folder in (self.server.bindir, self.server.sharedir, self.server.libdir)
        )
        bindir.mkdir(parents=True)
        for program in ("initdb", "postgres", "pg_ctl"):
            shutil.copy2((self.server.bindir / program).resolve(), bindir / program)
        _link_contents(self.server.sharedir, sharedir, leave_out="extension")
        _link_contents(self.server.sharedir / "extension", sharedir / "extension")
        _link_contents(EXTENSION_FOLDER, sharedir / "extension", copy=True)
        if not libdir.exists():
            libdir.parent.mkdir(parents=True, exist_ok=True)
            libdir.symlink_to(self.server.libdir)
        return bindir

    def _init_data(self, initdb_options):
        self._run_as_server(
            self.bindir / "initdb",
            *("-D", self.data, "-U", self.superuser, "-A", "trust", "-E", "UTF8", "--no-locale", "--no-sync"),
            *initdb_options,
        )
        with open(self.data / "postgresql.conf", "a") as conf:
            conf.write(f"listen_addresses = ''\nport = {self.port}\nunix_socket_directories = '{self.root}'\n")

    def _pg_ctl(self, verb, *arguments, check=True):
        done = self._run_as_server(self.bindir / "pg_ctl", verb, "-s", "-D", self.data, *arguments, check=False)
        if check and done.returncode != 0:
            log = self.root / "log"
            raise CommandFailed(done.describe() + (log.read_text(errors="replace")[-4000:] if log.exists() else ""))

    def _run_as_server(self, *command, check=True):
        return run_command(command, user=self.user, cwd=self.root, env={"HOME": str(self.root)}, check=check)

    def _hand_over(self, path):
        """The folder belongs to the server's user; others may pass through to the socket."""
        os.chmod(path, 0o755)
        if self.user.pw_uid != os.geteuid():
            os.chown(path, self.user.pw_uid, self.user.pw_gid)


def _link_contents(source, target, leave_out=None, copy=False):
    target.mkdir(parents=True, exist_ok=True)
    for entry in source.iterdir():
        if entry.name == leave_out:
            continue
        if copy:
            shutil.copyfile(entry, target / entry.name)
        else:
            (target / entry.name).symlink_to(entry)


def quote_identifier(name):
    return '"' + name.replace('"', '""') + '"'


def quote_literal(text):
    escaped = text.replace("'", "''")
    if "\\" not in text:
        return f"'{escaped}'"
    return "E'" + escaped.replace("\\", "\\\\") + "'"


# The clusters of this process.  Shared state, because the end of a process is one event for all of them.
_living = []
_by_major = {}
_registry_lock = threading.RLock()


def cluster_for(major):
    """The one cluster of this major in this run, started at first use.  LookupError when the machine lacks it."""
    with _registry_lock:
        if major not in _by_major:
            servers = find_servers()
            if major not in servers:
                raise LookupError(f"no PostgreSQL {major} here; have {', '.join(map(str, servers)) or 'none'}")
            _by_major[major] = Cluster(servers[major])
        return _by_major[major]


def close_all():
    """Stop every cluster; called at exit and on SIGTERM, SIGINT and SIGHUP."""
    with _registry_lock:
        for cluster in list(_living):
            cluster.close()


def _remember(cluster):
    with _registry_lock:
        if not _living:
            _install_last_words()
        _living.append(cluster)


def _forget(cluster):
    with _registry_lock:
        if cluster in _living:
            _living.remove(cluster)
        if _by_major.get(cluster.major) is cluster:
            del _by_major[cluster.major]


def _install_last_words():
    """A signal becomes KeyboardInterrupt, so that `finally` and atexit run; the interpreter's default skips both.

    Of all exceptions unittest lets only this one through.
    """
    atexit.unregister(close_all)
    atexit.register(close_all)
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)


def _interrupt(number, frame):
    raise KeyboardInterrupt
