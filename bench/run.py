"""Measures pgfast against stock pg_dump and pg_restore on a throw-away server: `./run bench [--help]`.

The contestants take turns, each run writes into a new folder or database (a file system is slow for minutes after many
files were deleted), the first round is thrown away, and what counts is the median of the ratios of neighbours.  The
server runs with fsync on.  Every run is a JSON line in the log; a Markdown table goes to stdout.
"""

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from harness import Cluster, CommandFailed, Database, close_all, pgfast, pgfast_binary, row_digests, run_command
from servers import find_servers

REPOSITORY = Path(__file__).resolve().parent.parent
# As on a server that matters; only the size of shared memory and the WAL are fitted to the test.
HONEST_SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "wal_level": "replica",
    "max_wal_size": "16GB",
    "shared_buffers": "1GB",
}

BIG_TABLE = """
CREATE TABLE big (id bigint, customer integer, amount numeric(12,2), at timestamptz, state text, note text);
INSERT INTO big SELECT g, g % 100000, (g % 1000000) / 7.0, timestamptz '2024-01-01 00:00+00' + g * interval '1 second',
       (ARRAY['new', 'paid', 'sent'])[1 + g % 3], md5(g::text) || repeat(' and more', (g % 7)::int)
  FROM generate_series(1, {rows}) g;
ALTER TABLE big ADD PRIMARY KEY (id);
CREATE INDEX ON big (customer);
"""
SMALL_TABLES = """
SELECT format('CREATE TABLE small_%s (id integer PRIMARY KEY, body text)', g),
       format('INSERT INTO small_%s SELECT i, md5(i::text) FROM generate_series(1, 20) i', g)
  FROM generate_series(1, {tables}) g
\\gexec
"""
LARGE_OBJECTS = """
SELECT count(lo_from_bytea(0, decode(repeat(md5(g::text), 40), 'hex'))) FROM generate_series(1, {blobs}) g;
"""
CASES = {"big": BIG_TABLE, "small": SMALL_TABLES, "blobs": LARGE_OBJECTS}


@dataclass(frozen=True)
class Run:
    """One measured run."""

    case: str
    action: str
    tool: str
    round: int
    seconds: float
    cpu_seconds: float
    archive_bytes: int


class Bench:
    """A server, a folder, and the runs so far."""

    def __init__(self, options, folder):
        self.options = options
        self.folder = Path(folder)
        self.cluster = Cluster(find_servers()[options.major], settings=HONEST_SETTINGS)
        self.runs = []

    def measure(self, case):
        source = self.cluster.createdb(case)
        sizes = {"rows": self.options.rows, "tables": self.options.tables, "blobs": self.options.blobs}
        # One commit for all: with fsync on, each statement's own would be what we wait for.
        self.cluster.psql(source, "BEGIN;" + CASES[case].format(**sizes) + "COMMIT; VACUUM ANALYZE;", timeout_s=3600)
        for number in range(self.options.rounds + 1):
            # Whoever goes first finds colder caches, so they take turns at that too.
            tools = ("pgfast", "stock") if number % 2 == 0 else ("stock", "pgfast")
            for tool in tools:
                self._measure_tool(case, tool, number, source)

    def _measure_tool(self, case, tool, number, source):
        archive = self.folder / f"{case}-{tool}-{number}"
        target = self.cluster.createdb(f"{case}_{tool}_{number}")
        self._time(case, "dump", tool, number, archive, lambda: self._dump(tool, archive, source))
        self._time(case, "restore", tool, number, archive, lambda: self._restore(tool, archive, target))
        if number == 0:
            self._check_equal(source, target)

    def _dump(self, tool, archive, source):
        jobs, codec = str(self.options.jobs), self.options.codec
        if tool == "pgfast":
            pgfast("dump", "-j", jobs, "-Z", codec, "-f", str(archive), source, cluster=self.cluster, timeout_s=7200)
        else:
            self.cluster.run_tool("pg_dump", "-Fd", "-j", jobs, "-Z", codec, "-f", archive, source, timeout_s=7200)

    def _restore(self, tool, archive, target):
        jobs = str(self.options.jobs)
        if tool == "pgfast":
            pgfast("restore", "-j", jobs, "-d", target, str(archive), cluster=self.cluster, timeout_s=7200)
        else:
            self.cluster.run_tool("pg_restore", "-j", jobs, "-d", target, archive, timeout_s=7200)

    def _time(self, case, action, tool, number, archive, work):
        self.cluster.psql("postgres", "CHECKPOINT;")
        os.sync()
        cpu_before, started_s = children_cpu_seconds(), time.monotonic()
        work()
        seconds, cpu = time.monotonic() - started_s, children_cpu_seconds() - cpu_before
        size = sum(entry.stat().st_size for entry in archive.iterdir())
        run = Run(case, action, tool, number, round(seconds, 3), round(cpu, 3), size)
        self.runs.append(run)
        self._log(run)

    def _log(self, run):
        line = f"{run.case:6} round {run.round} {run.action:8}{run.tool:7}{run.seconds:9.2f} s"
        print(line, file=sys.stderr, flush=True)
        about = {
            "jobs": self.options.jobs,
            "codec": self.options.codec,
            "rows": self.options.rows,
            "tables": self.options.tables,
            "blobs": self.options.blobs,
            "server": self.cluster.server.version,
            "commit": current_commit(),
            "kernel": platform.release(),
            "processors": os.cpu_count(),
        }
        with open(self.options.log, "a") as log:
            log.write(json.dumps({**vars(run), **about}) + "\n")

    def _check_equal(self, source, target):
        """A fast tool that loses rows would win every bench."""
        if row_digests(Database(self.cluster, source)) != row_digests(Database(self.cluster, target)):
            raise CommandFailed(f"{target} is not equal to {source}")

    def table(self):
        """Markdown: medians of each contestant, and the median of the ratios within the rounds."""
        lines = [
            f"`-j {self.options.jobs} -Z {self.options.codec}`, PostgreSQL {self.cluster.server.version},"
            f" {os.cpu_count()} processors, {self.options.rounds} rounds, commit {current_commit()}",
            "",
            "| case | action | pgfast s | stock s | times as fast | spread | pgfast client CPU s | stock client CPU s |",
            "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        ]
        for case in self.options.cases:
            lines += [self._table_row(case, action) for action in ("dump", "restore")]
        return "\n".join(lines)

    def _table_row(self, case, action):
        ours, theirs = (self._counted(case, action, tool) for tool in ("pgfast", "stock"))
        ratios = [their.seconds / our.seconds for our, their in zip(ours, theirs)]
        cells = [
            case,
            action,
            f"{statistics.median(run.seconds for run in ours):.2f}",
            f"{statistics.median(run.seconds for run in theirs):.2f}",
            f"{statistics.median(ratios):.2f}",
            f"{min(ratios):.2f} to {max(ratios):.2f}",
            f"{statistics.median(run.cpu_seconds for run in ours):.2f}",
            f"{statistics.median(run.cpu_seconds for run in theirs):.2f}",
        ]
        return "| " + " | ".join(cells) + " |"

    def _counted(self, case, action, tool):
        wanted = (case, action, tool)
        return [run for run in self.runs if (run.case, run.action, run.tool) == wanted and run.round > 0]


def children_cpu_seconds():
    """Processor time of the clients we waited for; the server is nobody's child here."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def current_commit():
    command = ["git", "-C", str(REPOSITORY), "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return done.stdout.decode().strip() or "unknown"


def parse_arguments(majors):
    parser = argparse.ArgumentParser(prog="./run bench", description="measure pgfast against pg_dump and pg_restore")
    parser.add_argument("cases", nargs="*", metavar="case", help=f"of {', '.join(CASES)} (default: all)")
    parser.add_argument("--rows", type=int, default=3_000_000, help="rows of the big table (default 3,000,000)")
    parser.add_argument("--tables", type=int, default=2000, help="number of small tables (default 2,000)")
    parser.add_argument("--blobs", type=int, default=5000, help="number of large objects (default 5,000)")
    parser.add_argument("--jobs", "-j", type=int, default=2, help="connections (default 2)")
    parser.add_argument("--codec", "-Z", help="as pg_dump -Z (default zstd:1, before PostgreSQL 16 the level 1 of gzip)")
    parser.add_argument("--rounds", type=int, default=5, help="rounds that count, after one that does not (default 5)")
    parser.add_argument("--major", type=int, choices=majors, default=max(majors), help="server (default: the newest)")
    parser.add_argument("--log", default=str(REPOSITORY / "build/bench.jsonl"), help="file that gets a JSON line a run")
    options = parser.parse_args()
    unknown = set(options.cases) - set(CASES)
    if unknown:
        parser.error(f"no such case: {', '.join(sorted(unknown))}")
    options.cases = options.cases or list(CASES)
    options.codec = options.codec or ("zstd:1" if options.major >= 16 else "1")
    return options


def main():
    servers = find_servers()
    if not servers:
        print("no PostgreSQL here; ./run setup demo installs one", file=sys.stderr)
        return 1
    options = parse_arguments(sorted(servers))
    try:
        run_command([pgfast_binary(), "--version"])
        with tempfile.TemporaryDirectory(prefix="bench-") as folder:
            bench = Bench(options, folder)
            for case in options.cases:
                bench.measure(case)
            print(bench.table())
        return 0
    except (CommandFailed, FileNotFoundError) as failure:
        print(f"the bench failed: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    finally:
        close_all()


if __name__ == "__main__":
    sys.exit(main())
