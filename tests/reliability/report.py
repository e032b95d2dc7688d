"""RELIABILITY.md: the scoreboard between its markers, of the newest full run of each campaign."""

import json
import os
import platform
import re
import subprocess
from datetime import date
from pathlib import Path

from .faultmap import FAULTS, NOT_COVERED

REPOSITORY = Path(__file__).resolve().parent.parent.parent
REPORT = REPOSITORY / "RELIABILITY.md"
RESULTS = Path(__file__).resolve().parent / "results.json"


def keep_result(name, score, crew):
    """What was measured joins what was measured before; a campaign's newest run counts."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    about = {"date": date.today().isoformat(), "commit": _commit(), "server": crew.cluster.server.version, "machine": _machine()}
    results[name] = {**score.as_dict(), **about}
    RESULTS.write_text(json.dumps(results, indent=1, sort_keys=True) + "\n")
    return results


def write_report(results, order):
    rows = [results[name] for name in order if name in results]
    text = REPORT.read_text()
    for name, lines in (("scoreboard", _scoreboard(rows)), ("about", _about(rows)), ("map", _map()), ("gaps", _gaps())):
        pattern = re.compile(rf"(<!-- reliability:{name} -->\n).*?(<!-- end -->)", re.DOTALL)
        text = pattern.sub(lambda match: match[1] + "\n".join(lines) + "\n" + match[2], text)
    REPORT.write_text(text)


def _scoreboard(rows):
    yield "| attack | must | cases | as expected | seconds | the stock tools, in the same run |"
    yield "| --- | --- | ---: | ---: | ---: | --- |"
    for row in rows:
        good = f"{row['good']:,}" if row["good"] == row["cases"] else f"**{row['good']:,}**"
        yield f"| {row['attack']} | {row['expected']} | {row['cases']:,} | {good} | {row['seconds']:.0f} | {row['stock']} |"
    cases, good = sum(row["cases"] for row in rows), sum(row["good"] for row in rows)
    yield f"| **together** | | **{cases:,}** | **{good:,}** | **{sum(row['seconds'] for row in rows):.0f}** | |"


def _about(rows):
    for key in sorted({(row["date"], row["commit"], row["server"], row["machine"]) for row in rows}):
        campaigns = sum((row["date"], row["commit"], row["server"], row["machine"]) == key for row in rows)
        yield f"* {campaigns} campaigns on {key[0]}, commit {key[1]}, PostgreSQL {key[2]}, {key[3]}: `./run test --reliability --write`"


def _map():
    yield "| fault | what happens | attacked by |"
    yield "| --- | --- | --- |"
    for name, (what, references) in FAULTS.items():
        yield f"| {name} | {what} | {', '.join(f'`{reference}`' for reference in references.split())} |"


def _gaps():
    yield from (f"* {name}: {why}" for name, why in NOT_COVERED.items())


def _commit():
    return subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=REPOSITORY, capture_output=True, text=True).stdout.strip()


def _machine():
    kernel = ".".join(platform.release().split(".")[:2])
    return f"{len(os.sched_getaffinity(0))} processors, Linux {kernel}"
