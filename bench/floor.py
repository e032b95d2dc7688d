"""The floor of a dump: what the server spends on COPY and the codec on the same bytes, shared out to all processors.

Nothing that lets the server write rows as text and this codec shrink them can be faster. Rows have to leave the server,
too: what a reader that looks at nothing costs, and the server that sends to it, is the floor of whatever has a socket.
"""

import json
import os
import subprocess

from harness import CommandFailed, pgfast_binary

from . import journal, sources
from .measure import settle, timed

CODECS = ("lz4", "zstd:1")
SERVER = "server"
READER = "server and reader"
SESSIONS = 2


def _program(name):
    """One of the bench's own, which are built beside pgfast."""
    path = os.path.join(os.path.dirname(pgfast_binary()), name)
    if not os.access(path, os.X_OK):
        raise FileNotFoundError(f"no {name} at {path}; ./run bench builds it")
    return path


def run_floor(place, log, settings):
    """Runs of `server` and of each codec, for the big table."""
    cluster = place.sources
    database = place.database(sources.BIG, settings.scale, settings.say)
    session = log.begin({
        "kind": "floor",
        "action": "dump",
        "workload": sources.BIG.name,
        "scale": settings.scale,
        "sizes": sources.BIG.scaled_sizes(settings.scale),
        "server": place.server.version,
        "commit": journal.current_commit(),
        "machine": journal.machine(),
    })
    for number in range(0 if settings.warms_up else 1, settings.rounds + 1):
        settle(cluster)
        cost = timed(_psql(cluster, database, "COPY big TO '/dev/null'"), cluster.environment(), cluster)
        _note(log, session, settings, number, SERVER, cost.server_cpu_seconds)
        cost = timed(_drain(cluster, database), cluster.environment(), cluster)
        _note(log, session, settings, number, READER, cost.server_cpu_seconds + cost.client_cpu_seconds)
        for codec in CODECS:
            _note(log, session, settings, number, codec, _codec_cpu_seconds(cluster, database, codec))


def _codec_cpu_seconds(cluster, database, codec):
    producer = subprocess.Popen(
        _psql(cluster, database, "COPY big TO STDOUT"), stdout=subprocess.PIPE, env={**os.environ, **cluster.environment()}
    )
    with producer:
        done = subprocess.run([_program("codec_cost"), codec], stdin=producer.stdout, stdout=subprocess.PIPE)
    if producer.returncode != 0 or done.returncode != 0:
        raise CommandFailed(f"could not measure codec {codec}")
    return json.loads(done.stdout)["cpu_seconds"]


def _drain(cluster, database):
    """The command that reads the table over `SESSIONS` sessions and throws it away."""
    (pages,), = cluster.query(database, "SELECT pg_relation_size('big') / current_setting('block_size')::int")
    cuts = [int(pages) * number // SESSIONS for number in range(SESSIONS)]
    ranges = [f"ctid >= '({first},0)'" for first in cuts]
    for number, following in enumerate(cuts[1:]):
        ranges[number] += f" AND ctid < '({following},0)'"
    statements = [f"COPY (SELECT * FROM big WHERE {one}) TO STDOUT" for one in ranges]
    socket = cluster.root / f".s.PGSQL.{cluster.port}"
    return [_program("drain"), str(socket), cluster.superuser, database, *statements]


def _note(log, session, settings, number, label, cpu_seconds):
    log.add(session, {"contestant": label, "round": number, "counts": number > 0, "cpu_seconds": round(cpu_seconds, 3)})
    settings.say(f"floor round {number} {label:18}{cpu_seconds:8.2f} s of a processor")


def _psql(cluster, database, sql):
    return [cluster.tool("psql"), "-Xq", "-d", database, "-c", sql]
