"""PERFORMANCE.md: the tables between its markers and the charts beside it, from the newest session of each workload.

`./run bench report` reads what was published before and what was measured since, keeps the newest of each, and writes
both: bench/results.jsonl for the next time, and PERFORMANCE.md for people.
"""

import re

from . import chart, floor, workloads
from .journal import PUBLISHED_LOG, REPOSITORY, newest_of_each, read_sessions, write_sessions

PERFORMANCE = REPOSITORY / "PERFORMANCE.md"
CHARTS = REPOSITORY / "bench/charts"


def write_report(working_log, say):
    sessions = newest_of_each(session for session in read_sessions(PUBLISHED_LOG, working_log) if session.about["scale"] == 1)
    if not sessions:
        raise LookupError("nothing was measured yet at full size")
    write_sessions(PUBLISHED_LOG, sessions.values())
    sections = {name: "\n".join(make(sessions)) for name, make in SECTIONS.items()}
    PERFORMANCE.write_text(fill(PERFORMANCE.read_text(), sections))
    CHARTS.mkdir(exist_ok=True)
    for name, picture in charts(sessions).items():
        (CHARTS / f"{name}.svg").write_text(picture)
    say(f"wrote {PERFORMANCE.name} from {len(sessions)} sessions")


def fill(text, sections):
    """The text with what stands between "<!-- bench:NAME -->" and "<!-- end -->" replaced."""
    for name, body in sections.items():
        pattern = re.compile(rf"(<!-- bench:{name} -->\n).*?(<!-- end -->)", re.DOTALL)
        text = pattern.sub(lambda match: match[1] + body + "\n" + match[2], text)
    return text


# Ratios

def rows_of(session):
    """For each contestant of ours: (label, seconds, the stock variant it is measured against, its seconds, ratio, target)."""
    for label in session.labels():
        ours = session.counted(label)[0]
        if ours["tool"] != "pgfast":
            continue
        against = _against(session, ours)
        if against is None:
            continue
        seconds, stock_s = session.median(label, "total_seconds"), session.median(against, "total_seconds")
        yield label, seconds, against, stock_s, seconds / stock_s, session.about["targets"].get(label)


def _against(session, ours):
    """The best stock variant; where jobs are what is compared, the one with as many."""
    stock = {label: session.counted(label)[0] for label in session.labels() if session.counted(label)[0]["tool"] != "pgfast"}
    if session.about["kind"] == "scaling":
        stock = {label: run for label, run in stock.items() if run["jobs"] == ours["jobs"]}
    return min(stock, key=lambda label: session.median(label, "total_seconds"), default=None)


def _spread(session, label):
    values = [run["total_seconds"] for run in session.counted(label)]
    return f"{min(values):.2f} to {max(values):.2f}"


# Tables

def _table(head, rows):
    marks = ["---" if name[0] != ">" else "---:" for name in head]
    lines = [[name.lstrip(">") for name in head], marks, *rows]
    return ["| " + " | ".join(line) + " |" for line in lines]


def _target_cells(ratio, target):
    if target is None:
        return ["", ""]
    return [f"{target:.2f}", "yes" if ratio <= target else "**no**"]


def machine_section(sessions):
    about = max((session.about for session in sessions.values()), key=lambda about: about["session"])
    machine = about["machine"]
    commits = ", ".join(sorted({session.about["commit"] for session in sessions.values()}))
    return [
        f"{machine['processors']} processors ({machine['processor']}), {machine['memory_gb']} GB of memory, Linux {machine['kernel']},"
        f" {machine['system']}; PostgreSQL, pg_dump and pg_restore {about['server']}; pgfast at {commits}.",
    ]


def _contests(sessions, kind, action):
    """Sessions of this kind, in the order of the tables in workloads.py."""
    names = [workload.name for workload in workloads.WORKLOADS["scaling" if kind == "scaling" else action]]
    found = [session for key, session in sessions.items() if key[:2] == (kind, action) and key[2] in names]
    return sorted(found, key=lambda session: names.index(session.about["workload"]))


def contest_section(action):
    def make(sessions):
        rows = []
        for session in _contests(sessions, "contest", action):
            for label, seconds, against, stock_s, ratio, target in rows_of(session):
                rows.append([
                    f"{session.about['workload']}", label, f"{seconds:.2f}", _spread(session, label),
                    against, f"{stock_s:.2f}", _spread(session, against), f"**{ratio:.2f}**", *_target_cells(ratio, target),
                    *_cpu_cells(session, label, against), _memory_cell(session, label),
                ])
        head = ["workload", "pgfast", ">s", ">spread", "best stock variant", ">s", ">spread", ">ratio", ">at most", "met", ">client CPU s, ratio", ">server CPU s, ratio", ">client MB"]
        return _table(head, rows)
    return make


def _cpu_cells(session, label, against):
    cells = []
    for what in ("client_cpu_seconds", "server_cpu_seconds"):
        ours, theirs = session.median(label, what), session.median(against, what)
        cells.append(f"{ours:.2f}, {ours / theirs:.2f}" if theirs else f"{ours:.2f}")
    return cells


def _memory_cell(session, label):
    """Empty for sessions of before the client's memory was measured rightly."""
    peak_mb = session.median(label, "client_peak_mb")
    return "" if peak_mb is None else f"{peak_mb:.0f}"


def clone_section(sessions):
    """From server to server: ours against each of the others, since users choose among them."""
    rows = []
    for session in _contests(sessions, "contest", "clone"):
        label = session.labels()[0]
        seconds = session.median(label, "total_seconds")
        for other in session.labels()[1:]:
            other_s = session.median(other, "total_seconds")
            rows.append([
                session.about["workload"], f"{seconds:.2f}", _spread(session, label),
                other, f"{other_s:.2f}", _spread(session, other), f"**{seconds / other_s:.2f}**",
            ])
    return _table(["workload", ">pgfast dump, restore -j2, s", ">spread", "against", ">s", ">spread", ">ratio"], rows)


def workload_section(sessions):
    """What each workload is, and how often and with which commands it ran."""
    rows = []
    for action in workloads.WORKLOADS:
        for session in _contests(sessions, "contest", action):
            label = session.labels()[0]
            rounds = len(session.counted(label))
            rows.append([f"{action} {session.about['workload']}", session.about["what"], session.about["codec"], str(rounds), session.about["commit"]])
    return _table(["workload", "data", "codec", ">rounds", "commit"], rows)


def command_section(sessions):
    """One command of each contestant, as it ran."""
    lines = ["```"]
    for action in ("dump", "restore"):
        for session in _contests(sessions, "contest", action):
            lines += [f"{session.counted(label)[0]['command']}" for label in session.labels()]
    return [*dict.fromkeys(_without_places(line) for line in lines), "```"]


def _without_places(command):
    """Archives and targets have names of their own in every run."""
    return re.sub(r"(-f|-d) \S+", r"\1 …", re.sub(r" archive-\d+$", " ARCHIVE", command))


def scaling_section(sessions):
    rows = []
    for action in ("dump", "restore"):
        for session in _contests(sessions, "scaling", action):
            stock = {row[0]: row for row in rows_of(session)}
            ours = [label for label in session.labels() if session.counted(label)[0]["tool"] == "pgfast"]
            for label in sorted(ours, key=lambda label: session.counted(label)[0]["jobs"]):
                run = session.counted(label)[0]
                cells = [action, str(run["jobs"]), f"{session.median(label, 'total_seconds'):.2f}"]
                if label in stock:
                    _, _, _, stock_s, ratio, target = stock[label]
                    cells += [f"{stock_s:.2f}", f"**{ratio:.3f}**", *_target_cells(ratio, target)]
                else:
                    cells += ["", "", "", ""]
                rows.append(cells)
    return _table(["action", ">-j", ">pgfast s", ">stock s, same -j", ">ratio", ">at most", "met"], rows)


def floor_section(sessions):
    """Client CPU for each GB, and the whole dump against the floor."""
    rows = []
    measured = sessions.get(("floor", "dump", "big"))
    for name, codec in (("big-lz4", "lz4"), ("big-zstd", "zstd:1")):
        session = sessions.get(("contest", "dump", name))
        if session is None:
            continue
        for label, seconds, against, _, _, _ in rows_of(session):
            if label != "pgfast -j2":
                continue
            gigabytes = session.median(label, "raw_bytes") / 1e9
            ours, theirs = (session.median(one, "client_cpu_seconds") / gigabytes for one in (label, against))
            target = 1.0 if codec == "lz4" else None
            rows.append([f"client CPU seconds for a GB, {codec}", f"{ours:.2f}", f"pg_dump {theirs:.2f}", f"**{ours / theirs:.2f}**", *_target_cells(ours / theirs, target)])
            if measured:
                rows += _floor_rows(session, measured, codec, seconds)
    return _table(["what", ">pgfast", "against", ">ratio", ">at most", "met"], rows)


def _floor_rows(session, measured, codec, seconds):
    """The whole dump against what server and codec need at least, and against that with sockets between them."""
    processors = session.about["machine"]["processors"]
    for name, label, target in (("floor", floor.SERVER, 1.35 if codec == "lz4" else None), ("floor with sockets", floor.READER, None)):
        rows_s, codec_s = measured.median(label, "cpu_seconds"), measured.median(codec, "cpu_seconds")
        if rows_s is None:
            continue
        lowest = (rows_s + codec_s) / processors
        told = f"{name} ({rows_s:.2f} {label} + {codec_s:.2f} codec) / {processors} = {lowest:.2f}"
        yield [f"whole dump s, {codec}", f"{seconds:.2f}", told, f"**{seconds / lowest:.2f}**", *_target_cells(seconds / lowest, target)]


LEAST_SHARE = 0.03


def profile_section(sessions):
    rows = []
    for action in ("dump", "restore"):
        for session in _contests(sessions, "profile", action):
            for run in session.runs:
                told = ", ".join(f"{part} {share:.0%}" for part, share in run["shares"].items() if share >= LEAST_SHARE)
                rows.append([f"{action} {session.about['workload']}", run["contestant"], told])
    return _table(["workload", "pgfast", f"parts of the client's processor time from {LEAST_SHARE:.0%} on"], rows)


SECTIONS = {
    "machine": machine_section,
    "dump": contest_section("dump"),
    "restore": contest_section("restore"),
    "clone": clone_section,
    "workloads": workload_section,
    "commands": command_section,
    "scaling": scaling_section,
    "floor": floor_section,
    "profile": profile_section,
}


# Charts

def charts(sessions):
    pictures = {}
    for action in ("dump", "restore"):
        rows = [
            (f"{session.about['workload']}: {label}", ratio, target)
            for session in _contests(sessions, "contest", action)
            for label, _, _, _, ratio, target in rows_of(session)
        ]
        if rows:
            pictures[action] = chart.ratio_bars(f"{action}: pgfast against the best stock variant", rows)
        for session in _contests(sessions, "scaling", action):
            pictures[f"scaling-{action}"] = _scaling_chart(session)
    return pictures


def _scaling_chart(session):
    action, rows = session.about["action"], session.about["sizes"]["rows"]
    series = []
    for tool, name in (("pgfast", "pgfast"), ("stock", f"pg_{action}")):
        points = {
            session.counted(label)[0]["jobs"]: rows / session.median(label, "total_seconds") / 1000
            for label in session.labels() if session.counted(label)[0]["tool"] == tool
        }
        if points:
            series.append((name, points))
    first = min(series[0][1].values())
    title = f"{action} of one table of {rows / 1e6:g} million rows"
    return chart.rate_lines(title, f"thousand rows a second; each server session limited to {session.about['share']:.0%} of a processor", series, first)
