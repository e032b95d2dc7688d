"""Damaged archives (fault map E1 to E5, E11): every flip, cut and exchange must be noticed, and nothing may crash."""

import random

from .judge import OK, fails_with, ill_manners, last_words
from .score import Score
from .rows import of_source, of_target, wrong_rows

CODECS = ("none", "gzip", "lz4", "zstd")
DAMAGE = {30, 31, 32, 34}
DESCRIPTIONS = ("toc.dat", "pgfast.manifest", "SHA256SUMS")


def campaigns():
    yield flips_of_descriptions
    yield flips_of_data
    yield flips_before_a_restore
    yield cuts_of_descriptions
    yield cuts_of_data
    yield exchanged_files
    yield hostile_tables_of_contents


# Mutations.  Each is (file name, what, function of bytes); done to a copy, which is put right again.


def flip(name, at, bit):
    def change(content):
        return content[:at] + bytes([content[at] ^ 1 << bit]) + content[at + 1 :]

    return name, f"bit {bit} of byte {at}", change


def cut(name, length):
    return name, f"cut to {length}", lambda content: content[:length]


def is_description(name):
    return name in DESCRIPTIONS or name.startswith("blobs")


def description_files(archive):
    return [file for file in sorted(archive.iterdir()) if is_description(file.name)]


def data_files(archive):
    return [file for file in sorted(archive.iterdir()) if not is_description(file.name) and file.stat().st_size > 0]


def random_places(archive, count, seed):
    """(file name, byte) drawn evenly from all bytes of rows."""
    chance = random.Random(seed)
    sizes = [(file.name, file.stat().st_size) for file in data_files(archive)]
    total = sum(size for _, size in sizes)
    for _ in range(count):
        at = chance.randrange(total)
        for name, size in sizes:
            if at < size:
                yield name, at, chance.randrange(8)
                break
            at -= size


def with_damage(worker, archive, mutation, look):
    """look(folder) while the mutation is in place."""
    name, _, change = mutation
    folder = worker.own_copy(archive)
    file = folder / name
    original = file.read_bytes()
    file.write_bytes(change(original))
    try:
        return look(folder)
    finally:
        file.write_bytes(original)


def must_be_noticed(*options):
    def attempt(worker, case):
        archive, mutation = case
        return with_damage(
            worker,
            archive,
            mutation,
            lambda folder: _named(mutation, fails_with(worker.forked("verify", "-j1", *options, folder), DAMAGE)),
        )

    return attempt


def _named(mutation, miss):
    return miss and f"{mutation[0]}, {mutation[1]}: {miss}"


def _finish(crew, score, cases, attempt):
    crew.try_all(score, [Case(case) for case in cases], lambda worker, case: attempt(worker, case.value))
    return score.end()


class Case:
    """A case whose name is short: the miss itself tells which it was."""

    def __init__(self, value):
        self.value = value

    def __str__(self):
        return "damage"


# Campaigns


def flips_of_descriptions(crew):
    score = Score("one bit flipped in every byte of table of contents, manifest and lists", "verify notices (30 to 34)")
    bits = crew.scaled([None], range(8))
    archive = crew.archive(source="tiny")
    cases = [
        (archive, flip(file.name, at, at % 8 if bit is None else bit))
        for file in description_files(archive)
        for at in range(0, file.stat().st_size, crew.scaled(4, 1))
        for bit in bits
    ]
    score.stock = _stock_flips(crew, "toc.dat", crew.scaled(8, 120))
    return _finish(crew, score, cases, must_be_noticed())


def flips_of_data(crew):
    score = Score("one bit flipped at random places of data, each codec", "verify notices (30)")
    cases = []
    for codec in CODECS:
        archive = crew.archive("-Z", codec, "--split-size=64kB")
        places = random_places(archive, crew.scaled(120, 10000), codec)
        cases += [(archive, flip(*place)) for place in places]
    score.stock = _stock_flips(crew, None, crew.scaled(4, 60))
    return _finish(crew, score, cases, must_be_noticed())


def flips_before_a_restore(crew):
    score = Score("one bit flipped at random places of data, then restored, each codec", "no wrong row is committed")
    cases = []
    for codec in CODECS:
        archive = crew.archive("-Z", codec, "--split-size=64kB")
        cases += [(archive, flip(*place)) for place in random_places(archive, crew.scaled(5, 50), codec + "r")]

    def attempt(worker, case):
        archive, mutation = case

        def restore(folder):
            done = worker.pgfast("restore", "-j2", "-d", worker.renew_target(), folder)
            return fails_with(done, {30, 41}) or wrong_rows(worker)

        return with_damage(worker, archive, mutation, restore)

    return _finish(crew, score, cases, attempt)


def cuts_of_descriptions(crew):
    score = Score("table of contents, manifest and lists cut to every length", "verify notices (30 to 34)")
    archive = crew.archive(source="tiny")
    cases = [
        (archive, cut(file.name, length))
        for file in description_files(archive)
        for length in range(0, file.stat().st_size, crew.scaled(12, 1))
    ]
    return _finish(crew, score, cases, must_be_noticed())


def cuts_of_data(crew):
    score = Score("data files cut to random lengths, each codec", "verify notices (30)")
    cases = []
    for codec in CODECS:
        archive = crew.archive("-Z", codec, "--split-size=64kB")
        cases += [(archive, cut(name, at)) for name, at, _ in random_places(archive, crew.scaled(30, 250), codec + "c")]
    score.stock = _stock_cuts(crew, crew.scaled(4, 60))
    return _finish(crew, score, cases, must_be_noticed())


def exchanged_files(crew):
    score = Score("files missing, emptied, extended, doubled, exchanged, of another dump", "verify notices (30 to 32)")
    cases = []
    for codec in CODECS:
        archive = crew.archive("-Z", codec, "--split-size=64kB")
        other = crew.archive("-Z", codec, "--split-size=64kB", "--no-comments")
        names = [file.name for file in sorted(archive.iterdir())]
        for name in names:
            cases += [(archive, change) for change in _changes_of_a_file(archive, other, name)]
    cases = cases[:: crew.scaled(4, 1)]

    def attempt(worker, case):
        archive, (what, change) = case
        copy = worker.copy_of(archive)
        if change(copy) is False:
            return None
        miss = fails_with(worker.forked("verify", "-j1", copy), DAMAGE)
        return miss and f"{what}: {miss}"

    score.stock = _stock_exchanges(crew)
    return _finish(crew, score, cases, attempt)


def _changes_of_a_file(archive, other, name):
    content = (archive / name).read_bytes()
    if name != "pgfast.manifest":  # without one an archive is as good as pg_dump's, and verify says so
        yield f"{name} is missing", lambda copy: (copy / name).unlink()
    yield f"{name} is empty", lambda copy: _write(copy / name, b"", content)
    for tail in (b"\0", b"\n", b"garbage", content):
        yield f"{name} has {len(tail)} bytes more", lambda copy, tail=tail: _write(copy / name, content + tail, content)
    sisters = [file for file in data_files(archive) if file.suffix == (archive / name).suffix and file.name != name]
    if not is_description(name) and sisters:
        sister = sisters[sum(map(ord, name)) % len(sisters)]
        yield f"{name} is {sister.name}", lambda copy: _swap(copy / name, copy / sister.name)
    if (other / name).exists():
        foreign = (other / name).read_bytes()
        yield f"{name} is of another dump", lambda copy: _write(copy / name, foreign, content)


def _write(file, content, original):
    if content == original:
        return False  # no damage at all
    file.write_bytes(content)
    return True


def _swap(one, other):
    first, second = one.read_bytes(), other.read_bytes()
    if first == second:
        return False
    one.write_bytes(second)
    other.write_bytes(first)
    return True


def hostile_tables_of_contents(crew):
    score = Score("bits flipped in pg_dump's table of contents, which has no digest", "list, verify: no crash, no hang")
    cases = []
    archive = crew.archive("-Z", "gzip", source="tiny", by="pg_dump")
    size = (archive / "toc.dat").stat().st_size
    cases = [(archive, flip("toc.dat", at, at % 8 if bit is None else bit)) for at in range(size) for bit in crew.scaled([None], (1, 6))]
    cases = cases[:: crew.scaled(6, 1)]

    def attempt(worker, case):
        archive, mutation = case

        def look(folder):
            for command in ("list", "verify"):
                miss = ill_manners(worker.forked(command, folder))
                if miss:
                    return f"{command}, {mutation[1]}: {miss}"
            return None

        return with_damage(worker, archive, mutation, look)

    return _finish(crew, score, cases, attempt)


# The stock tools, treated alike


def _stock_flips(crew, name, count):
    return _stock_damage(crew, "flips", name, count, lambda place: flip(*place))


def _stock_cuts(crew, count):
    return _stock_damage(crew, "cuts", None, count, lambda place: cut(place[0], place[1]))


def _stock_damage(crew, seed, name, count, mutate):
    right, silent, crashed, tried = of_source(crew.cluster), 0, 0, 0
    worker = crew.workers[0]
    for codec in ("gzip",) if name else CODECS:
        archive = crew.archive("-Z", codec if codec != "none" else "0", by="pg_dump")
        places = [
            (name, place, place % 8)
            for place in random.Random(seed).sample(range((archive / "toc.dat").stat().st_size), count)
        ] if name else random_places(archive, count, seed + codec)
        for place in places:
            done, rows = with_damage(worker, archive, mutate(place), lambda folder: _stock_restore(worker, folder))
            tried += 1
            silent += done.returncode == OK and rows != right
            crashed += done.returncode < 0
    crash = f", {crashed} crashes" if crashed else ""
    return f"pg_restore {crew.cluster.server.version} restores {silent} of {tried} wrongly with exit code 0{crash}"


def _stock_restore(worker, folder):
    done = worker.stock("pg_restore", "-d", worker.renew_target(), folder)
    if done.returncode != OK:
        return done, {}
    return done, of_target(worker)


def _stock_exchanges(crew):
    """Two tables of one shape, each with the other's rows; a data file emptied."""
    worker, right = crew.workers[0], of_source(crew.cluster)
    silent = tried = 0
    for codec in CODECS:
        archive = crew.archive("-Z", codec if codec != "none" else "0", by="pg_dump")
        largest = sorted(data_files(archive), key=lambda file: -file.stat().st_size)[:3]
        for what in ("swap", "empty"):
            copy = worker.copy_of(archive)
            if what == "swap":
                _swap(copy / largest[1].name, copy / largest[2].name)
            else:
                (copy / largest[1].name).write_bytes(b"")
            done, rows = _stock_restore(worker, copy)
            tried += 1
            silent += done.returncode == OK and rows != right
    return f"pg_restore restores {silent} of {tried} wrongly with exit code 0"
