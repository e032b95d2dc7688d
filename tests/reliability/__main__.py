"""`./run test --reliability[=quick|full] [NAME…]`: attacks every promise, prints the scoreboard, ends with 1 on any miss."""

import argparse
import signal
import sys
import time

from harness import close_all

from . import concurrency, damage, moments, network, places, points
from .worker import Crew, processors

CHAPTERS = (damage, points, moments, network, places, concurrency)


def main():
    options = _parse_arguments()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    started = time.monotonic()
    chosen = [campaign for chapter in CHAPTERS for campaign in chapter.campaigns() if _is_chosen(campaign, options.names)]
    crew = Crew(processors(), options.scale == "quick")
    scores = []
    try:
        for campaign in chosen:
            score = campaign(crew)
            scores.append(score)
            print(score.line(), *score.details(), sep="\n", flush=True)
    except KeyboardInterrupt:
        print("interrupted")
        return 130
    finally:
        crew.close()
        close_all()
    missed = sum(bool(score.misses) for score in scores)
    cases = sum(score.cases for score in scores)
    print(f"{len(scores)} campaigns, {cases} cases, {missed} with misses, {time.monotonic() - started:.0f} s")
    if options.summary:
        with open(options.summary, "a") as summary:
            summary.write(f"{len(scores) - missed} {missed} 0\n")
    return 1 if missed else 0


def _parse_arguments():
    parser = argparse.ArgumentParser(prog="reliability", description=__doc__)
    parser.add_argument("--scale", choices=("quick", "full"), default="full")
    parser.add_argument("--summary", metavar="FILE", help="append the counts to this file")
    parser.add_argument("names", nargs="*", metavar="name", help="part of a campaign's name")
    return parser.parse_args()


def _is_chosen(campaign, names):
    return not names or any(name in f"{campaign.__module__}.{campaign.__name__}" for name in names)


if __name__ == "__main__":
    sys.exit(main())
