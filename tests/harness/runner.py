"""Runs the integration tests: `python3 -m harness.runner [--quick] [--jobs N] [--summary FILE] [filter…]`, from tests/.

A filter is a part of a test's full name (integration.test_round_trip.RoundTrip.test_codecs); a test runs when any
filter is in its name.  Prints a line a test with its seconds; `--summary` appends "passed failed skipped" to a file.

Test classes are dealt out to several processes, one a processor and four at most, each with clusters of its own.
"""

import argparse
import itertools
import multiprocessing
import os
import signal
import sys
import time
import unittest
from pathlib import Path

from .cluster import close_all

TESTS = Path(__file__).resolve().parent.parent


def main():
    options = _parse_arguments()
    # A shell's background job starts with SIGINT ignored, and the programs under test would inherit that.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if options.quick:
        os.environ["PGFAST_TEST_QUICK"] = "1"
    suite = unittest.defaultTestLoader.discover(
        str(TESTS / "integration"), pattern="test_*.py", top_level_dir=str(TESTS)
    )
    classes = _classes(test for test in _flatten(suite) if _is_chosen(test, options.filters))
    try:
        passed, failed, skipped = _run_side_by_side(classes, min(options.jobs, max(len(classes), 1)))
    except KeyboardInterrupt:
        print("interrupted")
        return 130
    if options.summary:
        with open(options.summary, "a") as summary:
            summary.write(f"{passed} {failed} {skipped}\n")
    return 1 if failed else 0


def _classes(tests):
    return [list(group) for _, group in itertools.groupby(tests, key=lambda test: type(test))]


def _run_side_by_side(classes, jobs):
    """The counts of all. A worker that ends without a word counts as one failure."""
    context = multiprocessing.get_context("fork")
    todo, counts = context.SimpleQueue(), context.SimpleQueue()
    for number in [*range(len(classes)), *[None] * jobs]:
        todo.put(number)
    workers = [context.Process(target=_work, args=(classes, todo, counts)) for _ in range(jobs)]
    for worker in workers:
        worker.start()
    try:
        for worker in workers:
            worker.join()
    except KeyboardInterrupt:
        for worker in workers:
            worker.terminate()
            worker.join()
        raise
    told = []
    while not counts.empty():
        told.append(counts.get())
    passed, failed, skipped = (sum(count) for count in zip((0, 0, 0), *told))
    return passed, failed + jobs - len(told), skipped


def _work(classes, todo, counts):
    try:
        supply = _Supply(classes, todo)
        result = unittest.TextTestRunner(stream=sys.stdout, resultclass=_LineResult, verbosity=0).run(supply)
    except KeyboardInterrupt:
        return
    finally:
        close_all()
    # By name: unittest takes all subtests for equal.
    failed = len({test.id() for test, _ in result.failures + result.errors}) + len(result.unexpectedSuccesses)
    counts.put((result.passed, failed, len(result.skipped)))


class _Supply(unittest.TestSuite):
    """The tests of one worker: those of the next class that no other has taken."""

    def __init__(self, classes, todo):
        super().__init__()
        self._classes, self._todo = classes, todo
        self._cleanup = False

    def __iter__(self):
        while (number := self._todo.get()) is not None:
            yield from self._classes[number]


def is_quick():
    """True when `./run test --quick` asked for the short way; a test may then try fewer combinations."""
    return os.environ.get("PGFAST_TEST_QUICK") == "1"


class _LineResult(unittest.TextTestResult):
    """One line a test: what became of it, how long it took, its name."""

    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        self.passed = 0
        self._started_s = time.monotonic()

    def startTest(self, test):
        super().startTest(test)
        self._started_s = time.monotonic()

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1
        self._say("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._say("FAILED", test)

    def addError(self, test, err):
        super().addError(test, err)
        self._say("FAILED", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._say("skipped", test, f" ({reason})")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._say("FAILED", subtest)

    def _say(self, outcome, test, detail=""):
        seconds = time.monotonic() - self._started_s
        self.stream.writeln(f"{outcome:8}{seconds:7.1f} s  {test.id()}{detail}")
        self.stream.flush()


def _parse_arguments():
    parser = argparse.ArgumentParser(prog="harness.runner", description="run the integration tests")
    parser.add_argument("--quick", action="store_true", help="fewer combinations")
    parser.add_argument("--jobs", type=int, default=min(os.cpu_count() or 1, 4), metavar="N", help="processes")
    parser.add_argument("--summary", metavar="FILE", help="append the counts to this file")
    parser.add_argument("filters", nargs="*", metavar="filter", help="part of a test's name")
    return parser.parse_args()


def _flatten(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from _flatten(test)
        else:
            yield test


def _is_chosen(test, filters):
    return not filters or any(wanted in test.id() for wanted in filters)


if __name__ == "__main__":
    sys.exit(main())
