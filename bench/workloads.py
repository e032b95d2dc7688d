"""What is measured: workloads as data.

A workload is a database, an action and the contestants.  Ours come with the ratio to the best stock variant that they
must reach; stock's are variants of which the best counts.
"""

from dataclasses import dataclass

from . import sources


@dataclass(frozen=True)
class Contestant:
    """One way to do it.  `options` go to the program that is measured; `dump_options`, for restores, to the one
    that made the archive."""

    label: str
    tool: str  # "pgfast", "stock" or "pgcopydb"
    jobs: int
    options: tuple = ()
    target: float = None
    archive: str = None  # whose archive a restore reads, where it is not its own tool's
    dump_options: tuple = ()

    @property
    def is_ours(self):
        return self.tool == "pgfast"


@dataclass(frozen=True)
class Workload:
    """`name` is what the command line calls it; `codec` is that of every contestant.  `share` is the part of a processor
    that each process of the server gets, where that is limited."""

    name: str
    action: str  # "dump", "restore" or "clone"
    source: sources.Source
    codec: str
    contestants: tuple
    share: float = None


def _ours(label="pgfast", *options, target=None, jobs=2, **more):
    return Contestant(f"{label} -j{jobs}", "pgfast", jobs, options, target, **more)


def _stock(tool, jobs, *options):
    suffix = "".join(f" {option}" for option in options)
    return tuple(Contestant(f"{tool} -j{count}{suffix}", "stock", count, options) for count in jobs)


BINARY = "--data-format=binary"
PACKED = "--large-objects=packed"
IN_BATCHES = "--transaction-size=1000"

DUMPS = (
    Workload(
        "big-lz4", "dump", sources.BIG, "lz4",
        (_ours(target=0.65), _ours("pgfast, binary", BINARY, target=0.50), *_stock("pg_dump", [2])),
    ),
    Workload("big-zstd", "dump", sources.BIG, "zstd:1", (_ours(target=0.65), *_stock("pg_dump", [2]))),
    Workload("beside", "dump", sources.BIG_AND_SMALLER, "lz4", (_ours(), *_stock("pg_dump", [2]))),
    Workload("small", "dump", sources.SMALL_TABLES, "zstd:1", (_ours(target=0.70), *_stock("pg_dump", [1, 2, 4]))),
    Workload(
        "blobs", "dump", sources.LARGE_OBJECTS, "zstd:1",
        (_ours(target=0.50), _ours("pgfast, packed", PACKED, target=0.12), *_stock("pg_dump", [1, 2, 4])),
    ),
    Workload("json", "dump", sources.JSON, "lz4", (_ours(), *_stock("pg_dump", [2]))),
    Workload("bytea", "dump", sources.BYTES, "lz4", (_ours(), _ours("pgfast, binary", BINARY), *_stock("pg_dump", [2]))),
    Workload("wide", "dump", sources.WIDE, "lz4", (_ours(), *_stock("pg_dump", [2]))),
    Workload("parts", "dump", sources.PARTITIONED, "lz4", (_ours(), *_stock("pg_dump", [2]))),
)

RESTORES = (
    Workload(
        "big", "restore", sources.ORDERS, "lz4",
        (
            _ours(target=0.85),
            _ours("pgfast, binary", target=0.75, dump_options=(BINARY,)),
            _ours("pgfast, pg_dump's archive", archive="stock"),
            *_stock("pg_restore", [2]),
        ),
    ),
    Workload(
        "star", "restore", sources.STAR, "lz4",
        (_ours(target=0.80), _ours(jobs=4), *_stock("pg_restore", [2, 4])),
    ),
    Workload(
        "small", "restore", sources.SMALL_TABLES, "zstd:1",
        (
            _ours(target=0.45),
            *_stock("pg_restore", [1, 2, 4]),
            *_stock("pg_restore", [1, 2, 4], IN_BATCHES),
        ),
    ),
    Workload(
        "blobs", "restore", sources.LARGE_OBJECTS, "zstd:1",
        (
            _ours(target=0.25),
            _ours("pgfast, packed", dump_options=(PACKED,)),
            *_stock("pg_restore", [1, 2, 4]),
        ),
    ),
)

# A big server in the small: sixteen processors of a twentieth each.
_SHARE = 0.05
_JOBS = (1, 2, 4, 8, 16)

SCALING = (
    Workload(
        "dump", "dump", sources.BIG, "lz4",
        (
            *(_ours(jobs=jobs, target=0.09 if jobs == 16 else None) for jobs in _JOBS),
            *_stock("pg_dump", [1, 16]),
        ),
        share=_SHARE,
    ),
    Workload(
        "restore", "restore", sources.MILLION, "lz4",
        (
            *(_ours(jobs=jobs, target=0.25 if jobs == 16 else None) for jobs in _JOBS),
            *_stock("pg_restore", [1, 4, 16]),
        ),
        share=_SHARE,
    ),
)

# From one server to another: through a folder, or straight where a tool can do that.
_CLONERS = (
    _ours("pgfast dump, restore"),
    Contestant("pg_dump, pg_restore -j2", "stock", 2),
    Contestant("pgcopydb clone -j2", "pgcopydb", 2),
)

CLONES = tuple(
    Workload(name, "clone", source, "lz4", _CLONERS)
    for name, source in (("big", sources.ORDERS), ("star", sources.STAR), ("small", sources.SMALL_TABLES))
)

WORKLOADS = {"dump": DUMPS, "restore": RESTORES, "clone": CLONES, "scaling": SCALING}


def choose(kind, words):
    """The workloads of this kind, or those to profile, whose names begin with one of the words; all without a word.
    LookupError."""
    there = DUMPS + RESTORES if kind == "profile" else WORKLOADS[kind]
    for word in words:
        if not any(workload.name.startswith(word) for workload in there):
            names = ", ".join(dict.fromkeys(workload.name for workload in there))
            raise LookupError(f"no {kind} workload {word}; there are {names}")
    return [one for one in there if not words or any(one.name.startswith(word) for word in words)]


def choose_sources(words):
    """The sources of all workloads that have one of these names; all without a word.  LookupError."""
    there = {one.source.name: one.source for kind in WORKLOADS.values() for one in kind}
    for word in words:
        if word not in there:
            raise LookupError(f"no database {word}; there are {', '.join(there)}")
    return [source for name, source in there.items() if not words or name in words]
