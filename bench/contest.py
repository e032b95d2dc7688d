"""A workload, measured: the contestants take turns, round after round, on the same server."""

import json
import os
import re
import shlex
import shutil
from collections import namedtuple
from dataclasses import replace
from functools import lru_cache

from harness import CommandFailed, Database, pgfast_binary, pgfast_environment, row_digests, run_command
from servers import cache_dir

from . import journal
from .measure import settle, timed
from .profile import can_profile, profile_command
from .throttle import Throttle, find_groups

# A stock variant that is this much slower than the best one in the first round need not be measured again.
NO_CHANCE = 1.3

STRUCTURE = """
SELECT 'constraint', conrelid::regclass::text, conname, convalidated, pg_get_constraintdef(oid) FROM pg_constraint
 WHERE conrelid >= 16384
UNION ALL
SELECT 'index', indrelid::regclass::text, indexrelid::regclass::text, indisvalid, pg_get_indexdef(indexrelid)
  FROM pg_index WHERE indrelid >= 16384
   AND indrelid NOT IN (SELECT oid FROM pg_class WHERE relnamespace = 'pg_toast'::regnamespace)
 ORDER BY 1, 2, 3, 4, 5;
"""
TABLES_WITHOUT_STATISTICS = """
SELECT count(*) FROM pg_class c WHERE relkind = 'r' AND oid >= 16384 AND reltuples <> 0
   AND NOT EXISTS (SELECT FROM pg_statistic WHERE starelid = c.oid);
"""

Settings = namedtuple("Settings", "scale rounds warms_up all_variants checks only continues say")


@lru_cache(maxsize=None)
def knows(program, option):
    """Does a program, a tuple of words, have the option?  "--data-format=binary" must be one that takes a value."""
    name, takes_value, _ = option.partition("=")
    end = r"\[?=" if takes_value else r"(?![\w-])"
    return re.search(rf"(?<![\w-]){re.escape(name)}{end}", run_command([*program, "--help"]).stdout) is not None


class Contest:
    """One workload in one arena."""

    def __init__(self, workload, place, arena, log, settings):
        self.workload, self.place, self.arena, self.settings = workload, place, arena, settings
        self.log = log
        # Before 16 the stock tools know only gzip, by its level.
        self.codec = workload.codec if place.server.major >= 16 else "1"
        self.database = place.database(workload.source, settings.scale, settings.say)
        self.contestants = [one for one in workload.contestants if self._takes_part(one)]
        self.session = None

    def run(self):
        if not self.contestants:
            self.settings.say(f"{self.workload.action} {self.workload.name}: skipped, nobody takes part")
            return
        first = 0 if self.settings.warms_up else 1
        self.session, rounds_before = self._begin()
        self.prepare()
        self._is_first = True
        for number in range(first, self.settings.rounds + 1):
            number += rounds_before if number > 0 else 0
            # Whoever goes first finds colder caches, so they take turns at that too.
            turn = number % len(self.contestants)
            seconds = {one: self._run_once(one, number) for one in self.contestants[turn:] + self.contestants[:turn]}
            self._is_first = False
            if number == 0 and not self.settings.all_variants and self.workload.share is None:
                self._drop_the_hopeless(seconds)

    def _begin(self):
        """A new session, or the newest of this workload in the log with the number of its rounds."""
        about = self.about()
        newest = journal.newest_of_each(journal.read_sessions(self.log.path)) if self.settings.continues else {}
        session = newest.get((about["kind"], about["action"], about["workload"]))
        if session is None or session.about["sizes"] != about["sizes"]:
            return self.log.begin(about), 0
        return session.about["session"], max(run["round"] for run in session.runs)

    def _takes_part(self, contestant):
        if self.settings.only and not re.search(self.settings.only, contestant.label):
            return False
        if contestant.tool == "pgcopydb":
            return self._has_pgcopydb()
        missing = [
            option
            for action, options in ((self.workload.action, contestant.options), ("dump", contestant.dump_options))
            for option in options
            if not knows(self._program(action, contestant.tool), option)
        ]
        if missing:
            self.settings.say(f"{contestant.label}: skipped, there is no {', '.join(missing)} here")
        return not missing

    def _has_pgcopydb(self):
        if find_pgcopydb() is None:
            self.settings.say("pgcopydb: skipped, it is not installed; --install-pgcopydb fetches it")
        return find_pgcopydb() is not None

    def _program(self, action, tool):
        if tool == "pgfast":
            return pgfast_binary(), action
        return (self.place.server.bindir / f"pg_{action}",)

    def _drop_the_hopeless(self, seconds):
        stock = {one: spent for one, spent in seconds.items() if one.tool == "stock"}
        hopeless = [one for one, spent in stock.items() if spent > NO_CHANCE * min(stock.values())]
        for one in hopeless:
            self.settings.say(f"{one.label}: not measured again, it is not the best stock variant")
        self.contestants = [one for one in self.contestants if one not in hopeless]

    def about(self):
        source = self.workload.source
        return {
            "kind": "contest" if self.workload.share is None else "scaling",
            "action": self.workload.action,
            "workload": self.workload.name,
            "what": source.what,
            "codec": self.codec,
            "share": self.workload.share,
            "scale": self.settings.scale,
            "sizes": source.scaled_sizes(self.settings.scale),
            "contestants": [one.label for one in self.workload.contestants],
            "targets": {one.label: one.target for one in self.workload.contestants if one.target},
            "server": self.place.server.version,
            "file_system": self.arena.file_system,
            "commit": journal.current_commit(),
            "machine": journal.machine(),
        }

    def _note(self, contestant, number, command, cost, **more):
        run = {
            "contestant": contestant.label,
            "tool": contestant.tool,
            "jobs": contestant.jobs,
            "round": number,
            "counts": number > 0,
            "command": plain_command(command, self._plain_names),
            **vars(cost),
            **more,
        }
        run.setdefault("total_seconds", cost.seconds)
        self.log.add(self.session, run)
        line = f"{self.workload.action} {self.workload.name:9} round {number} {contestant.label:40}"
        self.settings.say(f"{line}{run['total_seconds']:9.2f} s, client cpu {cost.client_cpu_seconds:6.2f} s")
        return run["total_seconds"]

    @property
    def _plain_names(self):
        return {self.database: self.workload.source.name}

    def _dump_command(self, contestant, options, archive):
        common = ["-Fd", "-j", str(contestant.jobs), "-Z", self.codec, *options, "-f", str(archive), self.database]
        return [*map(str, self._program("dump", contestant.tool)), *common]

    def prepare(self):
        """What comes before the first round."""

    def _timed(self, command, env, cluster):
        if self.workload.share is None:
            return timed(command, env, cluster)
        with Throttle(cluster, self.workload.share, find_groups()):
            return timed(command, env, cluster)


class DumpContest(Contest):
    """Every dump writes into a new folder."""

    @property
    def measured_cluster(self):
        return self.place.sources

    def command(self, contestant, number):
        """What is measured, and the archive that it makes."""
        archive = self.arena.root / f"{slug(contestant.label)}-{number}"
        return self._dump_command(contestant, contestant.options, archive), archive

    def _run_once(self, contestant, number):
        command, archive = self.command(contestant, number)
        settle(self.place.sources)
        cost = self._timed(command, pgfast_environment(self.place.sources), self.place.sources)
        if self._is_first and self.settings.checks:
            run_command([pgfast_binary(), "verify", "--deep", str(archive)], timeout_s=600)
        return self._note(contestant, number, command, cost, **archive_sizes(archive))


class RestoreContest(Contest):
    """Every restore fills a new database.  Who leaves tables without statistics gets the time of an ANALYZE added, so that
    all end with the same: a database that is fast."""

    def prepare(self):
        self._archives = {}
        for one in self.contestants:
            self._archive_of(one)
        self._expected = None

    def _archive_of(self, contestant):
        """Made by the contestant's own tool, unless it is to read another's."""
        tool = contestant.archive or contestant.tool
        key = (tool, contestant.dump_options)
        if key not in self._archives:
            archive = self.arena.root / f"archive-{len(self._archives)}"
            command = self._dump_command(replace(contestant, tool=tool), contestant.dump_options, archive)
            run_command(command, env=pgfast_environment(self.place.sources), timeout_s=3600)
            self._archives[key] = archive
        return self._archives[key]

    @property
    def measured_cluster(self):
        return self.arena.targets

    def command(self, contestant, number):
        """What is measured, and the database that it fills."""
        target = self.arena.targets.createdb(f"{slug(contestant.label)}_{number}".replace("-", "_"))
        return self._restore_command(contestant, target, self._archive_of(contestant)), target

    def _run_once(self, contestant, number):
        targets = self.arena.targets
        command, target = self.command(contestant, number)
        settle(targets)
        cost = self._timed(command, pgfast_environment(targets), targets)
        analyze_s = self._analyze(contestant, target)
        if self._is_first and self.settings.checks:
            self._check_equal(contestant, target)
        total_s = round(cost.seconds + analyze_s, 3)
        return self._note(contestant, number, command, cost, analyze_seconds=analyze_s, total_seconds=total_s)

    def _restore_command(self, contestant, target, archive):
        common = ["-j", str(contestant.jobs), *contestant.options, "-d", target, str(archive)]
        return [*map(str, self._program("restore", contestant.tool)), *common]

    def _analyze(self, contestant, target):
        targets = self.arena.targets
        if targets.value(target, TABLES_WITHOUT_STATISTICS) == "0":
            return 0.0
        command = [targets.tool("vacuumdb"), "--analyze-only", "-j", str(contestant.jobs), "-d", target]
        if targets.major >= 16:
            command += ["-N", "pg_catalog", "-N", "information_schema"]
        return self._timed(command, targets.environment(), targets).seconds

    def _check_equal(self, contestant, target):
        """A fast tool that loses rows or leaves a constraint out would win every bench."""
        ours, theirs = Database(self.place.sources, self.database), Database(self.arena.targets, target)
        if self._expected is None:
            self._expected = row_digests(ours), ours.cluster.query(ours.name, STRUCTURE)
        if (row_digests(theirs), theirs.cluster.query(theirs.name, STRUCTURE)) != self._expected:
            raise CommandFailed(f"{contestant.label} did not restore what was dumped")


class CloneContest(RestoreContest):
    """From the server of the sources into a new database of the other server."""

    def prepare(self):
        self._expected = None

    def command(self, contestant, number):
        target = self.arena.targets.createdb(f"{slug(contestant.label)}_{number}".replace("-", "_"))
        between = self.arena.root / f"{slug(contestant.label)}-{number}"
        ends = self.place.sources.conninfo(self.database), self.arena.targets.conninfo(target)
        make = self._pgcopydb if contestant.tool == "pgcopydb" else self._dump_and_restore
        return make(contestant, *ends, between), target

    def _dump_and_restore(self, contestant, source, target, archive):
        jobs = str(contestant.jobs)
        dump = [*self._program("dump", contestant.tool), "-Fd", "-j", jobs, "-Z", self.codec, "-f", archive, "-d", source]
        restore = [*self._program("restore", contestant.tool), "-j", jobs, "-d", target, archive]
        return ["sh", "-c", " && ".join(shlex.join(map(str, one)) for one in (dump, restore))]

    def _pgcopydb(self, contestant, source, target, folder):
        jobs = str(contestant.jobs)
        split = max(1, int(self.place.sources.value(self.database, "SELECT pg_database_size(current_database());")) // 8)
        # It takes its stock tools from the path.  VACUUM is more than the others do.
        return [
            "env", f"PATH={self.place.server.bindir}:{os.environ['PATH']}", str(find_pgcopydb()), "clone",
            "--source", source, "--target", target, "--dir", str(folder), "--skip-vacuum",
            "--table-jobs", jobs, "--index-jobs", jobs, "--restore-jobs", jobs, "--split-tables-larger-than", str(split),
        ]


CONTEST_OF_ACTION = {"dump": DumpContest, "restore": RestoreContest, "clone": CloneContest}


def find_pgcopydb():
    """An installed one, or one that was fetched."""
    fetched = cache_dir() / "pgcopydb/usr/bin/pgcopydb"
    return shutil.which("pgcopydb") or (str(fetched) if fetched.exists() else None)


def run_workload(workload, place, log, settings):
    """Measure one workload in an arena of its own."""
    if workload.share is not None and find_groups() is None:
        settings.say(f"scaling of {workload.action}: skipped, no control group can be made here that limits processors")
        return
    with place.arena() as arena:
        CONTEST_OF_ACTION[workload.action](workload, place, arena, log, settings).run()


def profile_workload(workload, place, log, settings):
    """Where the cycles of each contestant of ours go: one run that fills the caches, and one under perf."""
    if not can_profile():
        settings.say(f"profile of {workload.action} {workload.name}: skipped, perf is not here or may not be used")
        return
    with place.arena() as arena:
        contest = CONTEST_OF_ACTION[workload.action](workload, place, arena, log, settings)
        session = log.begin({**contest.about(), "kind": "profile"})
        contest.prepare()
        for contestant in (one for one in contest.contestants if one.is_ours):
            environment = pgfast_environment(contest.measured_cluster)
            if settings.warms_up:
                run_command(contest.command(contestant, 0)[0], env=environment, timeout_s=900)
            settle(contest.measured_cluster)
            shares = profile_command(contest.command(contestant, 1)[0], environment)
            log.add(session, {"contestant": contestant.label, "round": 1, "counts": True, "shares": shares})
            told = ", ".join(f"{part} {share:.0%}" for part, share in shares.items() if share >= 0.02)
            settings.say(f"{workload.action} {workload.name} {contestant.label}: {told}")


def plain_command(command, names):
    """A command as a reader would type it: programs and places without folders, no shell or environment around it, our
    own names without what makes them unique."""
    words = [names.get(word, word) for word in command if word not in ("env", "sh", "-c") and not word.startswith("PATH=")]
    return " ".join(re.sub(r"(?<![^\s'=])/[^\s']*/", "", word) for word in words)


def slug(label):
    return re.sub(r"[^a-z0-9]+", "-", label.lower()).strip("-")


def archive_sizes(archive):
    """Bytes on disk and, where a manifest tells, before compression."""
    sizes = {"archive_bytes": sum(entry.stat().st_size for entry in archive.iterdir())}
    manifest = archive / "pgfast.manifest"
    if manifest.exists():
        sizes["raw_bytes"] = sum(file["raw"] for file in json.loads(manifest.read_text())["files"])
    return sizes
