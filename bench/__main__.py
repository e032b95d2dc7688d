"""Measures pgfast against the tools that users have today."""

import argparse
import re
import signal
import sys
import time
from pathlib import Path

from harness import CommandFailed, close_all, pgfast_binary, run_command
from servers import find_servers
from servers.fetch import FetchFailed, fetch_program

from . import journal, workloads
from .contest import Settings, profile_workload, run_workload
from .floor import run_floor
from .place import Place
from .report import write_report

CONTESTS = tuple(workloads.WORKLOADS)
MEASURING = (*CONTESTS, "floor", "profile")
QUICK = {"scale": 0.02, "rounds": 1, "no_warm_up": True}


def measure(action, options, place):
    log = journal.Journal(options.log)
    settings = Settings(
        scale=options.scale,
        rounds=options.rounds,
        warms_up=not options.no_warm_up,
        all_variants=options.all_variants,
        checks=not options.no_check,
        only=options.only,
        continues=getattr(options, "continue"),
        say=say,
    )
    if action == "floor":
        run_floor(place, log, settings)
    elif action == "profile":
        for workload in workloads.choose("profile", options.workloads):
            profile_workload(workload, place, log, settings)
    else:
        for workload in workloads.choose(action, options.workloads):
            run_workload(workload, place, log, settings)


def prepare(options, place):
    """Build the databases of a place that stays, all or those of the sources named."""
    for source in workloads.choose_sources(options.workloads):
        place.database(source, options.scale, say)


def positive(convert):
    """A type of argument: more than nothing."""
    def read(text):
        value = convert(text)
        if not value > 0:
            raise argparse.ArgumentTypeError(f"{text} is not above 0")
        return value
    read.__name__ = convert.__name__  # which argparse tells
    return read


def pattern(text):
    try:
        return re.compile(text)
    except re.error as wrong:
        raise argparse.ArgumentTypeError(f"{text} is no regular expression: {wrong}") from None


def check_workloads(options):
    """A word that names nothing would be measured as nothing, or as everything."""
    if options.action == "prepare":
        workloads.choose_sources(options.workloads)
    elif options.action in CONTESTS or options.action == "profile":
        workloads.choose(options.action, options.workloads)
    elif options.workloads:
        raise LookupError(f"{options.action} takes no workload")


def say(text):
    print(time.strftime("%H:%M:%S"), text, file=sys.stderr, flush=True)


def parse_arguments(majors):
    parser = argparse.ArgumentParser(prog="./run bench", description=__doc__)
    parser.add_argument(
        "action", nargs="?", default="all", choices=("all", *MEASURING, "report", "prepare", "clear"),
        help="all (default), a kind of workload, report (PERFORMANCE.md from the logs), prepare or clear a --place",
    )
    parser.add_argument("workloads", nargs="*", metavar="workload", help="beginnings of names (default: all)")
    parser.add_argument("--scale", type=positive(float), default=1.0, help="size of the data, 1 for all of it")
    parser.add_argument("--rounds", type=positive(int), default=5, help="rounds that count (default 5)")
    parser.add_argument("--quick", action="store_true", help="little data, one round, no warm-up: is the bench itself whole?")
    parser.add_argument("--no-warm-up", action="store_true", help="no first round that does not count")
    parser.add_argument("--all-variants", action="store_true", help="keep measuring stock variants that lost clearly")
    parser.add_argument("--no-check", action="store_true", help="do not compare what was restored with the source")
    parser.add_argument("--no-image", action="store_true", help="use a folder where a file system could be made afresh")
    parser.add_argument("--only", type=pattern, metavar="REGEX", help="only contestants whose label matches, such as pgfast or 'j2$'")
    parser.add_argument("--continue", action="store_true", help="add to the newest session of the workload, not a new one")
    parser.add_argument("--place", type=Path, help="folder that keeps the server and its data for the next time")
    parser.add_argument("--install-pgcopydb", action="store_true", help="fetch it from Debian into the test cache, for clone")
    parser.add_argument("--major", type=int, choices=majors, default=max(majors), help="server (default: the newest)")
    parser.add_argument("--log", type=Path, default=journal.WORKING_LOG, help="gets a JSON line a run")
    options = parser.parse_intermixed_args()
    if options.quick:
        vars(options).update(QUICK)
    if options.action in ("prepare", "clear") and options.place is None:
        parser.error(f"{options.action} needs a --place")
    return options


def run(options, servers):
    check_workloads(options)
    if options.action == "report":
        write_report(options.log, say)
        return
    run_command([pgfast_binary(), "--version"])
    if options.install_pgcopydb:
        fetch_program("pgcopydb")
    place = Place(servers[options.major], options.place, wants_images=not options.no_image)
    try:
        if options.action == "clear":
            place.clear()
        elif options.action == "prepare":
            prepare(options, place)
        else:
            for action in MEASURING if options.action == "all" else (options.action,):
                measure(action, options, place)
    finally:
        place.close()


def _interrupt(number, frame):
    raise KeyboardInterrupt


def main():
    # The default would skip what unmounts and stops.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    servers = find_servers()
    if not servers:
        print("no PostgreSQL here; ./run setup demo installs one", file=sys.stderr)
        return 1
    try:
        run(parse_arguments(sorted(servers)), servers)
        return 0
    except (CommandFailed, FetchFailed, FileNotFoundError, LookupError) as failure:
        print(f"the bench failed: {failure}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    finally:
        close_all()


if __name__ == "__main__":
    sys.exit(main())
