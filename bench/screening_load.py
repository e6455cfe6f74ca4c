"""A load client of plain sockets: many connections that are kept, requests of GET and POST, latencies.

Two ways to ask. Closed: every connection asks again as soon as it is answered, which finds how much is served. Open:
requests come at their own pace whether answers come or not, and latency counts from when a request was due, so a
server that stalls cannot hide it.
"""

from __future__ import annotations

import asyncio
import functools
import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import common

Make = Callable[[], bytes]  # the next request, whole
Done = Callable[[tuple[int, bytes] | None], None]  # told status and body, None where the connection ended


@dataclass
class Seen:
    """What came of one kind of request. Units: seconds."""

    latencies: list[float] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)
    errors: int = 0

    def note(self, answer: tuple[int, bytes] | None, seconds: float) -> None:
        """Count one answer, or that none came."""
        if answer is None:
            self.errors += 1
            return
        self.latencies.append(seconds)
        self.codes[code_of(*answer)] += 1

    def facts(self, seconds: float) -> dict[str, Any]:
        """Return rate and latencies."""
        ordered = sorted(self.latencies)
        answered = {"answered": len(ordered), "per_second": round(len(ordered) / seconds, 2), "errors": self.errors}
        if not ordered:
            return answered
        shares = {"p50_ms": 0.5, "p99_ms": 0.99, "p999_ms": 0.999, "max_ms": 1.0}
        told = {name: round(1_000 * common.percentile(ordered, share), 3) for name, share in shares.items()}
        return answered | told | {"codes": dict(sorted(self.codes.items()))}


class Connection(asyncio.Protocol):
    """One kept connection, with one request at a time; callbacks, because tasks and streams cost the most here."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._transport: asyncio.Transport | None = None
        self._opening: asyncio.Task[None] | None = None
        self._done: Done | None = None
        self._got = bytearray()
        self._start = self._end = 0  # of the body among what was got; 0 until the head is there

    def ask(self, request: bytes, done: Done) -> None:
        """Send a request; `done` is told status and body, or None where the connection ends."""
        self._done = done
        if self._transport is None:
            self._opening = asyncio.ensure_future(self._open(request))
        else:
            self._transport.write(request)

    async def _open(self, request: bytes) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: self, self._host, self._port)
        except OSError:
            self._tell(None)
            return
        assert self._transport is not None
        self._transport.write(request)

    def connection_made(self, transport: Any) -> None:
        """Keep what requests are written to."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Gather an answer, and tell it once it is whole."""
        self._got += data
        if not self._end:
            head = self._got.find(b"\r\n\r\n")
            if head < 0:
                return
            told = bytes(self._got[:head]).lower().partition(b"content-length:")[2]
            self._start = head + 4
            self._end = self._start + int(told.split(b"\r\n", 1)[0])
        if len(self._got) >= self._end:
            answer = int(self._got[9:12]), bytes(self._got[self._start : self._end])
            self._got.clear()
            self._start = self._end = 0
            self._tell(answer)

    def connection_lost(self, error: Exception | None) -> None:
        """Tell that no answer will come; the next request opens again."""
        self._transport = None
        self._got.clear()
        self._start = self._end = 0
        self._tell(None)

    def _tell(self, answer: tuple[int, bytes] | None) -> None:
        done, self._done = self._done, None
        if done is not None:
            done(answer)

    def close(self) -> None:
        """Close."""
        if self._transport is not None:
            self._transport.close()


def code_of(status: int, body: bytes) -> str:
    """Return the status, and the code of the envelope where there is one."""
    if not body.startswith(b'{"code":'):
        return str(status)
    return f"{status}/{body[8:16].partition(b',')[0].decode()}"


async def closed(host: str, port: int, make: Make, connections: int, seconds: float) -> Seen:
    """Ask as fast as answers come."""
    seen, ends = Seen(), time.perf_counter() + seconds

    async def run() -> None:
        connection, loop = Connection(host, port), asyncio.get_running_loop()
        while (start := time.perf_counter()) < ends:
            answered: asyncio.Future[tuple[int, bytes] | None] = loop.create_future()
            connection.ask(make(), answered.set_result)
            seen.note(await answered, time.perf_counter() - start)
        connection.close()

    await asyncio.gather(*(run() for _ in range(connections)))
    return seen


class Open:
    """Requests at a steady pace, over as many connections as that takes."""

    def __init__(self, host: str, port: int, connections_max: int = 512) -> None:
        self._connections = [Connection(host, port) for _ in range(connections_max)]
        self._idle = deque(self._connections)
        self._free = asyncio.Event()  # set at each answer
        self.seen: dict[str, Seen] = {}
        self.overrun = 0  # requests that found no connection

    async def run(self, kinds: dict[str, tuple[float, Make]], seconds: float) -> None:
        """Ask each kind at its rate for a time; then wait for what is under way."""
        self.seen = {name: Seen() for name in kinds}
        began = time.perf_counter()
        for due, name in schedule({name: rate for name, (rate, _) in kinds.items()}, seconds):
            wait = began + due - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            if not self._idle:
                self.overrun += 1
                self.seen[name].errors += 1
                await asyncio.sleep(0)  # those late in a row let answers in between
                continue
            connection = self._idle.popleft()
            connection.ask(kinds[name][1](), functools.partial(self._answered, connection, name, began + due))
        while len(self._idle) < len(self._connections):
            self._free.clear()
            await self._free.wait()
        for connection in self._connections:
            connection.close()

    def _answered(self, connection: Connection, name: str, due: float, answer: tuple[int, bytes] | None) -> None:
        self.seen[name].note(answer, time.perf_counter() - due)
        self._idle.appendleft(connection)
        self._free.set()


def schedule(rates: dict[str, float], seconds: float) -> Iterator[tuple[float, str]]:
    """Yield when each request is due, in order; every kind is evenly spaced."""
    due = {name: 0.5 / rate for name, rate in rates.items() if rate > 0}
    while due:
        name = min(due, key=lambda each: due[each])
        if due[name] >= seconds:
            return
        yield due[name], name
        due[name] += 1 / rates[name]


def get(target: str, token: str) -> bytes:
    """Return a GET request."""
    return f"GET {target} HTTP/1.1\r\nHost: bench\r\nAuthorization: {token}\r\n\r\n".encode()


def post(target: str, token: str, body: dict[str, Any]) -> bytes:
    """Return a POST request of JSON."""
    content = json.dumps(body).encode()
    head = f"POST {target} HTTP/1.1\r\nHost: bench\r\nAuthorization: {token}\r\nContent-Type: application/json\r\n"
    return head.encode() + f"Content-Length: {len(content)}\r\n\r\n".encode() + content
