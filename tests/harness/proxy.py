"""A proxy that speaks enough of PostgreSQL's protocol to do harm at the k-th message, and no other.

    with Proxy(cluster, Harm("server", 17, "reset")) as proxy:
        pgfast("dump", …, cluster=cluster, env=proxy.environment())
    proxy.has_struck, proxy.seen["server"], proxy.seen["server but rows"]

Messages are counted over all connections, in the order in which they come, for each direction by itself.
"""

import asyncio
import socket
import struct
import threading
from collections import Counter
from dataclasses import dataclass

HEADER_BYTES = 5
CHUNK_BYTES = 1 << 16
CANCEL_REQUEST = 80877102
ROWS = b"Dd"  # DataRow and CopyData, of which there are many and all are alike
COPY_DATA = b"d"
TERMINATE = b"X"
BETWEEN = b"ZH"  # ReadyForQuery and CopyOutResponse
NOTICES_IN_A_FLOOD = 20000
FATAL = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection due to administrator command\0\0"
STATUSES = (b"TimeZone\0Mars\0", b"client_encoding\0SJIS\0", b"standard_conforming_strings\0off\0")
NOTICE = b"SNOTICE\0VNOTICE\0C00000\0Mthe flood is coming\0\0"

# What may be done; each is a method of _Connection.
HARMS = ("close", "reset", "half", "flip", "fatal", "farewell", "flood", "oversize", "stall")


@dataclass(frozen=True)
class Harm:
    """`side` is who sends the message ("server" or "client"); of types in `passing` none is counted, of `kinds` only those."""

    side: str
    at: int
    what: str
    kinds: bytes = b""
    passing: bytes = b""

    def concerns(self, side, kind):
        return side == self.side and kind not in self.passing and (not self.kinds or kind in self.kinds)


class Proxy:
    def __init__(self, cluster, harm=None, *, other=None, first=0, linger_s=0):
        """Where there is an `other` cluster, only the first so many connections go to `cluster`. The server hears
        `linger_s` later that a client is leaving, and has its session until then."""
        self.upstream = f"{cluster.root}/.s.PGSQL.{cluster.port}"
        self.other = other and f"{other.root}/.s.PGSQL.{other.port}"
        self.first = first
        self.linger_s = linger_s
        self.connections = 0
        self.harm = harm
        self.seen = Counter()
        self.has_struck = False
        self.port = None
        self._matching = 0
        self._loop = asyncio.new_event_loop()
        self._is_listening = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def environment(self):
        return {"PGHOST": "127.0.0.1", "PGPORT": str(self.port), "PGSSLMODE": "disable", "PGGSSENCMODE": "disable"}

    def __enter__(self):
        self._thread.start()
        self._is_listening.wait()
        return self

    def __exit__(self, *exception):
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def strikes(self, side, kind):
        """Counts a message; true for the one that harm is to come to."""
        self.seen[side] += 1
        if kind not in ROWS:
            self.seen[side + " but rows"] += 1
        if side == "server" and kind == COPY_DATA:
            self.seen["rows of COPY"] += 1
        if side == "server" and kind in BETWEEN:
            self.seen["between"] += 1
        harm = self.harm
        if harm is None or self.has_struck or not harm.concerns(side, kind):
            return False
        self._matching += 1
        self.has_struck = self._matching == harm.at
        return self.has_struck

    def _run(self):
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, "127.0.0.1", 0, limit=CHUNK_BYTES))
        self.port = server.sockets[0].getsockname()[1]
        self._is_listening.set()
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.run_until_complete(server.wait_closed())
        self._loop.run_until_complete(asyncio.sleep(0.01))  # closed transports say their last words
        self._loop.close()

    async def _serve(self, reader, writer):
        connection = None
        try:
            self.connections += 1
            upstream = self.other if self.other and self.connections > self.first else self.upstream
            upstream_reader, upstream_writer = await asyncio.open_unix_connection(upstream)
            connection = _Connection(self, writer, upstream_writer)
            await asyncio.gather(
                connection.carry("client", reader, upstream_writer), connection.carry("server", upstream_reader, writer)
            )
        except (OSError, asyncio.CancelledError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()
            if connection is not None:
                connection.upstream.close()


class _Connection:
    def __init__(self, proxy, client, upstream):
        self.proxy = proxy
        self.client = client
        self.upstream = upstream

    async def carry(self, side, reader, writer):
        try:
            if side == "client" and not await self._carry_greeting(reader, writer):
                return
            await self._carry_messages(side, reader, writer)
        finally:
            self.client.close()
            self.upstream.close()

    async def _carry_greeting(self, reader, writer):
        """The first packet has no type.  False after a cancel request, which has no second."""
        head = await reader.readexactly(8)
        length, code = struct.unpack("!II", head)
        writer.write(head + await reader.readexactly(length - 8))
        await writer.drain()
        return code != CANCEL_REQUEST

    async def _carry_messages(self, side, reader, writer):
        waiting = bytearray()
        while True:
            chunk = await reader.read(CHUNK_BYTES)
            if not chunk:
                writer.write(waiting)
                return
            waiting += chunk
            passed = 0
            while len(waiting) - passed >= HEADER_BYTES:
                end = passed + 1 + struct.unpack_from("!I", waiting, passed + 1)[0]
                if end > len(waiting):
                    break
                if self.proxy.strikes(side, bytes(waiting[passed : passed + 1])):
                    writer.write(bytes(waiting[:passed]))
                    if not await getattr(self, self.proxy.harm.what)(writer, bytes(waiting[passed:end])):
                        return
                    del waiting[:end]
                    passed = 0
                    continue
                if side == "client" and waiting[passed : passed + 1] == TERMINATE:
                    await asyncio.sleep(self.proxy.linger_s)
                passed = end
            writer.write(bytes(waiting[:passed]))
            del waiting[:passed]
            await writer.drain()

    # Harms.  Each gets the message in place of which it acts, and says whether the connection goes on.

    async def close(self, writer, message):
        return False

    async def reset(self, writer, message):
        self._reset()
        return False

    async def half(self, writer, message):
        writer.write(message[: (len(message) + 1) // 2])
        await writer.drain()
        return False

    async def flip(self, writer, message):
        at = HEADER_BYTES + (len(message) - HEADER_BYTES) // 2
        writer.write(message[:at] + bytes([message[at] ^ 1]) + message[at + 1 :] if at < len(message) else message)
        return True

    async def fatal(self, writer, message):
        writer.write(_message(b"E", FATAL))
        await writer.drain()
        return False

    async def farewell(self, writer, message):
        """The message arrives, and with it the last word of the session."""
        writer.write(message + _message(b"E", FATAL))
        await writer.drain()
        return False

    async def flood(self, writer, message):
        for _ in range(NOTICES_IN_A_FLOOD):
            writer.write(_message(b"N", NOTICE))
            await writer.drain()
        for status in STATUSES:
            writer.write(_message(b"S", status))
        writer.write(message)
        return True

    async def oversize(self, writer, message):
        writer.write(message[:1] + struct.pack("!I", 0x7FFFFFFF) + message[HEADER_BYTES:])
        await writer.drain()
        return False

    async def stall(self, writer, message):
        await asyncio.sleep(3600)
        return False

    def _reset(self):
        self.client.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.client.transport.abort()


def _message(kind, body):
    return kind + struct.pack("!I", len(body) + 4) + body
