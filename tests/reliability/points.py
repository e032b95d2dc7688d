"""Faults injected from within, at the k-th passing of each fault point (fault map C1, C3 to C6, D1 to D3, D7, D8, M11)."""

import random

from .judge import OK, fails_with, ill_manners, last_words, unproven_archive
from .rows import missing, wrong_rows
from .score import Score

IO_ENGINES = ("uring", "threads", "sync")
ERRORS = {"EIO": {20}, "ENOSPC": {21}}
RARE_ERRORS = {"EDQUOT": {21}, "EFBIG": {20}, "EROFS": {20}, "EACCES": {20}, "ESTALE": {20}, "EMFILE": {22}}
# Of these a program needs more than it had left; which words it finds depends on where it stood.
SCARCE = {"memory": ("ENOMEM", {22}), "thread": ("EAGAIN", {22}), "codec": ("ENOMEM", {22, 30}), "child": ("EAGAIN", {15, 20, 22})}
FILES = ("io", "file", "folder", "scratch", "seal", "definitions")
# A folder that cannot be synced as EINVAL is no error, and looking at what is there may fail as if it were not there.
NO_ERRORS = ("_short", ".before", ".after", "uring.open")


def campaigns():
    yield errors_in_a_dump
    yield rare_errors_in_a_dump
    yield errors_in_a_restore
    yield errors_that_pass
    yield no_io_uring
    yield little_memory_in_a_dump
    yield little_memory_in_a_restore
    yield little_memory_without_a_server
    yield cuts_of_a_dump
    yield cuts_of_a_restore
    yield kills_of_a_dump
    yield signals_in_a_dump
    yield kills_of_a_restore


# Runs


def dump(worker, *options, env=None):
    folder = worker.new_folder("dump")
    return worker.pgfast("dump", "-j2", "--split-size=64kB", *options, "-f", folder, worker.source, env=env), folder


def restore(worker, archive, *options, env=None):
    return worker.pgfast("restore", "-j2", *options, "-d", worker.renew_target(), archive, env=env)


def passes(worker, run):
    """{point: how often a run without faults passes it}."""
    counts = worker.folder / "counts"
    done = run(worker, {"PGFAST_FAULT_COUNTS": counts})
    assert done.returncode == OK, done.describe()
    return read_counts(counts)


def read_counts(file):
    if not file.exists():
        return {}
    pairs = (line.split() for line in file.read_text().splitlines())
    return {point: int(hits) for point, hits in pairs if hits != "0"}


def faulty(worker, point, k, action):
    """The environment of a run with one fault, and a function that tells afterwards whether it struck."""
    counts = worker.folder / "counts"
    counts.unlink(missing_ok=True)
    env = {"PGFAST_FAULT": f"{point}:{k}:{action}", "PGFAST_FAULT_COUNTS": counts}
    return env, lambda: read_counts(counts).get(point, 0) >= int(str(k).rstrip("+")) or not counts.exists()


def some_of(numbers, most):
    """All, or so many of them with the first and the last."""
    numbers = list(numbers)
    if len(numbers) <= most:
        return numbers
    if most == 1:
        return numbers[:1]
    return sorted({numbers[round(i * (len(numbers) - 1) / (most - 1))] for i in range(most)})


def dump_passes(crew, *options):
    return passes(crew.workers[0], lambda worker, env: dump(worker, *options, env=env)[0])


def restore_passes(crew, archive):
    return passes(crew.workers[0], lambda worker, env: restore(worker, archive, env=env))


def is_of(point, families):
    return point.split(".")[0] in families


def can_fail(point):
    return not any(point.endswith(end) for end in NO_ERRORS)


# Campaigns


def errors_in_a_dump(crew):
    score = Score("k-th operation on a file fails in a dump, each I/O engine (EIO, ENOSPC)", "20 or 21, no archive")
    cases = []
    for engine in IO_ENGINES:
        counts = dump_passes(crew, "--io-engine", engine)
        most = crew.scaled(2 if engine == "uring" else 1, 1000)
        points = [point for point in counts if is_of(point, FILES) and can_fail(point)]
        cases += [
            (engine, point, k, error)
            for point in sorted(points)
            for k in some_of(range(1, counts[point] + 1), most)
            for error in ERRORS
        ]

    return crew.try_all(score, cases, fail_in_a_dump).end()


def fail_in_a_dump(worker, case):
    engine, point, k, error = case
    env, has_struck = faulty(worker, point, k, error)
    done, folder = dump(worker, "--io-engine", engine, env=env)
    if not has_struck():
        return done.returncode != OK and f"no fault struck, but: {last_words(done)}" or unproven_archive(worker, folder)
    if done.returncode == OK and point == "seal.remove_marker":
        return "it was not told"
    return fails_with(done, {**ERRORS, **RARE_ERRORS}[error]) or unproven_archive(worker, folder)


def rare_errors_in_a_dump(crew):
    """The last time that each point is passed."""
    score = Score("an operation on a file fails in a dump for quota, size, a read-only or stale file system, rights, descriptors", "20, 21 or 22, no archive")
    counts = dump_passes(crew, "--io-engine", "threads")
    points = sorted(point for point in counts if is_of(point, FILES) and can_fail(point))
    cases = [("threads", point, counts[point], error) for point in points for error in RARE_ERRORS]
    return crew.try_all(score, some_of(cases, crew.scaled(30, 1000)), fail_in_a_dump).end()


def errors_in_a_restore(crew):
    score = Score("k-th reading of the archive fails in a restore (EIO)", "20 or 41, no wrong row")
    archive = crew.archive("--split-size=64kB")
    counts = restore_passes(crew, archive)
    points = [point for point in counts if is_of(point, FILES) and can_fail(point)]
    cases = [(point, k) for point in sorted(points) for k in some_of(range(1, counts[point] + 1), crew.scaled(4, 1000))]

    def attempt(worker, case):
        env, has_struck = faulty(worker, *case, "EIO")
        done = restore(worker, archive, env=env)
        # What fails in a group of small tables is tried again one by one, and the fault comes only once.
        if done.returncode == OK:
            return missing(worker)
        return has_struck() and fails_with(done, {20, 41}) or wrong_rows(worker)

    return crew.try_all(score, cases, attempt).end()


def errors_that_pass(crew):
    score = Score("EINTR, EAGAIN and half of the bytes at the k-th operation, each I/O engine", "exact bytes at exact offsets")
    cases = []
    for engine in IO_ENGINES:
        counts = dump_passes(crew, "--io-engine", engine, "--direct-io=off")
        for point, actions in (("io.write", ("EINTR", "EAGAIN")), ("io.sync", ("EINTR",)), ("io.write_short", ("SHORT",))):
            if engine != "uring":
                actions = [action for action in actions if action != "EAGAIN"]
            numbers = some_of(range(1, counts.get(point, 0) + 1), crew.scaled(2, 1000))
            cases += [(engine, point, k, action) for k in numbers for action in actions]
        cases += [(engine, "io.write_short", "1+", "SHORT"), (engine, "file.write_short", "1+", "SHORT")]

    def attempt(worker, case):
        engine, point, k, action = case
        env, _ = faulty(worker, point, k, action)
        done, folder = dump(worker, "--io-engine", engine, env=env)
        if done.returncode != OK:
            return last_words(done)
        miss = unproven_archive(worker, folder)
        if miss:
            return miss
        done = worker.pgfast("verify", "--deep", folder, env={"PGFAST_FAULT": "file.read_short:1+:SHORT"})
        return done.returncode != OK and f"read by halves: {last_words(done)}"

    return crew.try_all(score, cases, attempt).end()


def no_io_uring(crew):
    score = Score("io_uring forbidden, unknown, or out of memory", "threads take its place, the archive is whole")

    def attempt(worker, error):
        done, folder = dump(worker, "-v", env={"PGFAST_FAULT": f"uring.open:1+:{error}"})
        if done.stderr.count("io_uring is not to be had here") != 1:
            return f"not told: {last_words(done)}"
        return done.returncode != OK and last_words(done) or unproven_archive(worker, folder)

    return crew.try_all(score, ("EPERM", "EACCES", "ENOSYS", "ENOMEM"), attempt).end()


def scarce_cases(counts, most):
    for point in sorted(counts):
        family = point.split(".")[0]
        if family in SCARCE:
            action, codes = SCARCE[family]
            for k in some_of(range(1, counts[point] + 1), most):
                yield point, k, action, frozenset(codes)


def little_memory_in_a_dump(crew):
    score = Score("k-th request for memory, thread or child fails in a dump", "22 (15 for pg_dump), no crash, no archive")
    cases = list(scarce_cases(dump_passes(crew), crew.scaled(6, 400)))

    def attempt(worker, case):
        point, k, action, codes = case
        env, has_struck = faulty(worker, point, k, action)
        done, folder = dump(worker, env=env)
        if not has_struck() or done.returncode == OK:
            return ill_manners(done) or unproven_archive(worker, folder)
        return fails_with(done, codes) or unproven_archive(worker, folder)

    return crew.try_all(score, cases, attempt).end()


def little_memory_in_a_restore(crew):
    score = Score("k-th request for memory or thread fails in a restore", "22, no crash, no wrong row")
    archive = crew.archive("--split-size=64kB")
    cases = list(scarce_cases(restore_passes(crew, archive), crew.scaled(6, 400)))

    def attempt(worker, case):
        point, k, action, codes = case
        env, has_struck = faulty(worker, point, k, action)
        done = restore(worker, archive, env=env)
        if done.returncode == OK:
            return missing(worker)
        return has_struck() and fails_with(done, codes | {41}) or wrong_rows(worker)

    return crew.try_all(score, cases, attempt).end()


def little_memory_without_a_server(crew):
    score = Score("k-th request for memory or thread fails in verify and list", "22, no crash")
    archive = crew.archive("--split-size=64kB")
    cases = []
    for command in (("verify",), ("verify", "--deep"), ("list",)):
        counts = passes(crew.workers[0], lambda worker, env, command=command: worker.pgfast(*command, archive, env=env))
        cases += [(command, *case) for case in scarce_cases(counts, crew.scaled(5, 1500))]

    def attempt(worker, case):
        command, point, k, action, codes = case
        env, has_struck = faulty(worker, point, k, action)
        done = worker.pgfast(*command, archive, env=env)
        return fails_with(done, codes) if has_struck() else ill_manners(done)

    return crew.try_all(score, cases, attempt).end()


def kills_of_a_dump(crew):
    score = Score("SIGKILL at the fault points of a dump", "nothing is taken for an archive that is none, the next dump is whole")
    counts = dump_passes(crew)
    cases = [(point, k) for point in sorted(counts) for k in some_of(range(1, counts[point] + 1), crew.scaled(1, 12))]

    def attempt(worker, case):
        folder = worker.new_folder("dump")
        options = ("-j2", "--split-size=64kB", "-f", folder, worker.source)
        done = worker.pgfast("dump", *options, env={"PGFAST_FAULT": f"{case[0]}:{case[1]}:KILL"})
        if done.returncode == OK:
            return unproven_archive(worker, folder)
        if done.returncode != -9:
            return last_words(done)
        miss = unproven_archive(worker, folder)
        left = worker.sessions_left(worker.source)
        if miss or left:
            return miss or f"sessions left: {left}"
        if folder.exists():
            return None
        again = worker.pgfast("dump", *options)
        return again.returncode != OK and f"the next dump: {last_words(again)}" or unproven_archive(worker, folder)

    return crew.try_all(score, cases, attempt).end()


def signals_in_a_dump(crew):
    score = Score("SIGINT, SIGTERM, SIGHUP at the fault points of a dump", "130, 143, 129; sessions gone, no archive")
    counts = dump_passes(crew)
    ends = {"INT": 130, "TERM": 143, "HUP": 129}
    chance = random.Random("signals")
    points = [point for point in sorted(counts) if not is_of(point, ("memory",))]
    cases = [
        (point, k, chance.choice(sorted(ends))) for point in points for k in some_of(range(1, counts[point] + 1), crew.scaled(1, 8))
    ]

    def attempt(worker, case):
        point, k, signal_name = case
        env, _ = faulty(worker, point, k, signal_name)
        done, folder = dump(worker, env=env)
        # One that comes before the program listens, or after all is done, does what it does to any program.
        number = ends[signal_name] - 128
        if done.returncode in (OK, -number):
            return unproven_archive(worker, folder)
        left = worker.sessions_left(worker.source)
        return fails_with(done, {ends[signal_name]}) or unproven_archive(worker, folder) or (left and f"sessions left: {left}")

    return crew.try_all(score, cases, attempt).end()


def kills_of_a_restore(crew):
    score = Score("SIGKILL at the fault points of a restore, then restore --resume", "no wrong row before, everything once after, no journal left")
    archive = crew.archive("--split-size=64kB")
    counts = restore_passes(crew, archive)
    score.notes.append(f"{len(counts)} fault points, passed {sum(counts.values())} times by a restore without faults")
    cases = [(point, k) for point in sorted(counts) for k in some_of(range(1, counts[point] + 1), crew.scaled(1, 12))]

    def attempt(worker, case):
        done = restore(worker, archive, env={"PGFAST_FAULT": f"{case[0]}:{case[1]}:KILL"})
        if done.returncode == OK:
            return missing(worker)
        if done.returncode != -9:
            return last_words(done)
        left = worker.sessions_left(worker.target)
        miss = (left and f"sessions left: {left}") or wrong_rows(worker)
        return miss or _resume(worker, archive)

    return crew.try_all(score, cases, attempt).end()


def _resume(worker, archive):
    done = worker.pgfast("restore", "-j2", "--resume", "-d", worker.target, archive)
    # Killed behind the last step, there is nothing left to go on with.
    if done.returncode != OK and "there is no interrupted restore" not in done.stderr:
        return f"--resume ended with {done.returncode}: {last_words(done)}"
    return missing(worker)


def cuts_of_a_dump(crew):
    score = Score("connection cut where a session connects, sends, receives, has copied, in a dump", "10, 13 or 15 and no archive, or a whole one")
    counts = dump_passes(crew)
    survived = []

    def attempt(worker, case):
        env, has_struck = faulty(worker, *case, "EIO")
        done, folder = dump(worker, env=env)
        if done.returncode == OK:
            survived.append(has_struck())
            return unproven_archive(worker, folder)
        return fails_with(done, {10, 13, 15}) or unproven_archive(worker, folder)

    crew.try_all(score, _sessions_cases(counts, crew.scaled(3, 200)), attempt)
    score.notes.append(f"{sum(survived)} dumps lost a connection, and are whole all the same")
    return score.end()


def cuts_of_a_restore(crew):
    score = Score("the same in a restore", "10, 13 or 41 and no wrong row, or all rows")
    archive = crew.archive("--split-size=64kB")
    counts = restore_passes(crew, archive)

    def attempt(worker, case):
        env, _ = faulty(worker, *case, "EIO")
        done = restore(worker, archive, env=env)
        if done.returncode == OK:
            return missing(worker)
        return fails_with(done, {10, 13, 41}) or wrong_rows(worker)

    return crew.try_all(score, _sessions_cases(counts, crew.scaled(3, 200)), attempt).end()


def _sessions_cases(counts, most):
    return [(point, k) for point in sorted(counts) if is_of(point, ("session",)) for k in some_of(range(1, counts[point] + 1), most)]
