"""A load client of plain sockets: many connections that are kept, requests of GET and POST, latencies.

Two ways to ask. Closed: every connection asks again as soon as it is answered, which finds how much is served. Open:
requests come at their own pace whether answers come or not, and latency counts from when a request was due, so a
server that stalls cannot hide it.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections import Counter, deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import common

Make = Callable[[], bytes]  # the next request, whole


@dataclass
class Seen:
    """What came of one kind of request. Units: seconds."""

    latencies: list[float] = field(default_factory=list)
    codes: Counter[str] = field(default_factory=Counter)
    errors: int = 0

    def add(self, seconds: float, code: str) -> None:
        """Count one answer."""
        self.latencies.append(seconds)
        self.codes[code] += 1

    def facts(self, seconds: float) -> dict[str, Any]:
        """Return rate and latencies."""
        ordered = sorted(self.latencies)
        answered = {"answered": len(ordered), "per_second": round(len(ordered) / seconds, 2), "errors": self.errors}
        if not ordered:
            return answered
        shares = {"p50_ms": 0.5, "p99_ms": 0.99, "p999_ms": 0.999, "max_ms": 1.0}
        told = {name: round(1_000 * common.percentile(ordered, share), 3) for name, share in shares.items()}
        return answered | told | {"codes": dict(sorted(self.codes.items()))}


class Connection:
    """One kept connection."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, request: bytes) -> tuple[int, bytes]:
        """Return status and body.

        Raises: OSError, EOFError where the connection ends.
        """
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port, limit=1 << 22)
        try:
            self._writer.write(request)
            head = await self._reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().partition(b"content-length:")[2].split(b"\r\n", 1)[0])
            return int(head[9:12]), await self._reader.readexactly(length)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Close; the next request opens again."""
        if self._writer is not None:
            self._writer.close()
        self._reader = self._writer = None


def code_of(status: int, body: bytes) -> str:
    """Return the status, and the code of the envelope where there is one."""
    if not body.startswith(b'{"code":'):
        return str(status)
    return f"{status}/{body[8:16].partition(b',')[0].decode()}"


async def closed(host: str, port: int, make: Make, connections: int, seconds: float) -> Seen:
    """Ask as fast as answers come."""
    seen, ends = Seen(), time.perf_counter() + seconds

    async def run() -> None:
        connection = Connection(host, port)
        while (start := time.perf_counter()) < ends:
            try:
                status, body = await connection.ask(make())
                seen.add(time.perf_counter() - start, code_of(status, body))
            except (OSError, EOFError):
                seen.errors += 1
        connection.close()

    await asyncio.gather(*(run() for _ in range(connections)))
    return seen


class Open:
    """Requests at a steady pace, over as many connections as that takes."""

    def __init__(self, host: str, port: int, connections_max: int = 512) -> None:
        self._host, self._port = host, port
        self._idle: deque[Connection] = deque(Connection(host, port) for _ in range(connections_max))
        self.seen: dict[str, Seen] = {}
        self.overrun = 0  # requests that found no connection

    async def run(self, kinds: dict[str, tuple[float, Make]], seconds: float) -> None:
        """Ask each kind at its rate for a time; then wait for what is under way."""
        self.seen = {name: Seen() for name in kinds}
        under_way: set[asyncio.Task[None]] = set()
        began = time.perf_counter()
        for due, name in schedule({name: rate for name, (rate, _) in kinds.items()}, seconds):
            wait = began + due - time.perf_counter()
            if wait > 0:
                await asyncio.sleep(wait)
            if not self._idle:
                self.overrun += 1
                self.seen[name].errors += 1
                continue
            task = asyncio.create_task(self._one(self._idle.popleft(), name, kinds[name][1](), began + due))
            under_way.add(task)
            task.add_done_callback(under_way.discard)
        await asyncio.gather(*under_way)
        for connection in self._idle:
            connection.close()

    async def _one(self, connection: Connection, name: str, request: bytes, due: float) -> None:
        try:
            status, body = await connection.ask(request)
            self.seen[name].add(time.perf_counter() - due, code_of(status, body))
        except (OSError, EOFError):
            self.seen[name].errors += 1
        finally:
            self._idle.appendleft(connection)


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
