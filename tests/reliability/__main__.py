"""`./run test --reliability[=quick|full] [--write] [NAME…]`: attacks every promise, prints the scoreboard, ends with 1 on any miss."""

import argparse
import signal
import sys
import time

from harness import close_all

from . import concurrency, damage, faultmap, moments, network, places, points, power
from .report import keep_result, write_report
from .worker import Crew, processors

# In the order of the scoreboard; the map judges by what came before it.
CHAPTERS = (damage, points, moments, network, places, power, concurrency, faultmap)


def main():
    options = _parse_arguments()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    started = time.monotonic()
    everything = {_name(campaign): campaign for chapter in CHAPTERS for campaign in chapter.campaigns()}
    crew = Crew(processors(), options.scale == "quick")
    try:
        for name, campaign in everything.items():
            if not options.names or any(wanted in name for wanted in options.names):
                crew.scores[name] = score = campaign(crew)
                print(score.line(), *score.details(), sep="\n", flush=True)
                if options.write and not score.skipped:
                    write_report(keep_result(name, score, crew), everything)
    except KeyboardInterrupt:
        print("interrupted")
        return 130
    finally:
        crew.close()
        close_all()
    return _conclude(crew, options, time.monotonic() - started)


def _conclude(crew, options, seconds):
    scores = crew.scores.values()
    missed = sum(bool(score.misses) for score in scores)
    cases = sum(score.cases for score in scores)
    print(f"{len(scores)} campaigns, {cases} cases, {missed} with misses, {seconds:.0f} s")
    if options.summary:
        with open(options.summary, "a") as summary:
            summary.write(f"{len(scores) - missed} {missed} 0\n")
    return 1 if missed else 0


def _name(campaign):
    return f"{campaign.__module__.rsplit('.', 1)[1]}.{campaign.__name__}"


def _parse_arguments():
    parser = argparse.ArgumentParser(prog="reliability", description=__doc__)
    parser.add_argument("--scale", choices=("quick", "full"), default="full")
    parser.add_argument("--summary", metavar="FILE", help="append the counts to this file")
    parser.add_argument("--write", action="store_true", help="keep the scoreboard in RELIABILITY.md")
    parser.add_argument("names", nargs="*", metavar="name", help="part of a campaign's name")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
