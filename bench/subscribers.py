"""subscribers: one book's diffs every 100 ms to many clients while the book changes thousands of times a second.

A writer with the core, its feeds and the server run in one process, the clients in another, over loopback. Every client
must hear every diff: each names the update id at which the one before ended. `value` is messages a second.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

import common

PIECE = 50
SAMPLE_EVERY = 50  # one client of so many checks its messages one by one
UPGRADE = (
    "GET {} HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
)
IDS = re.compile(rb'"E":(\d+),.*?"U":(\d+),"u":(\d+)')


# ---------------------------------------------------------------- the server's process


def serve(folder: Path, rate: int, seconds: float) -> None:
    """Serve a facility's streams and, after a line on standard input, change its book at a pace."""
    from events_parts import open_facility, orders, set_up
    from fastapi import FastAPI

    from tarazy.domain.records import RECORD_SIZE
    from tarazy.facility.feeds.configuration import FeedsSection
    from tarazy.facility.feeds.routes import StreamRoutes
    from tarazy.facility.feeds.service import Feeds
    from tarazy.facility.publication import publish
    from tarazy.platform.jobs.parts import running
    from tarazy.platform.web import serving

    sequencer, desk = open_facility(folder)
    publication = publish(sequencer, folder)
    set_up(sequencer, desk)
    limits = FeedsSection(connections_of_address_max=100_000, connection_attempts_max=100_000, connections_max=50_000)
    feeds = Feeds(sequencer, folder, limits)
    commands = orders(sequencer.engine.next_seq, round(rate * seconds))

    def lifespan(app: FastAPI) -> Any:
        return running((feeds,))

    app = FastAPI(lifespan=lifespan)
    app.router.routes += StreamRoutes(feeds).mounted().router.routes

    def drive() -> None:
        sys.stdin.readline()
        begin, cpu = time.monotonic(), time.process_time()
        for number, at in enumerate(range(0, len(commands), PIECE * RECORD_SIZE)):
            time.sleep(max(0.0, begin + number * PIECE / rate - time.monotonic()))
            sequencer.submit(commands[at : at + PIECE * RECORD_SIZE])
        took, used = time.monotonic() - begin, time.process_time() - cpu
        time.sleep(0.5)
        done = len(commands) // RECORD_SIZE
        facts: dict[str, Any] = {
            "seconds": round(took, 2),
            "commands_per_s": round(done / took),
            "server_cpu": round(used / took, 2),
            "connected_at_end": len(feeds.connections),
        }
        facts["stale_listeners"] = [each.name for each in sequencer.listeners() if each.is_stale]
        print(json.dumps(facts), flush=True)

    threading.Thread(target=drive, daemon=True).start()
    options = serving.ServeOptions(
        port=0, ready=lambda url: print(url, feeds.views.all_symbols()[0].name.lower(), flush=True), websockets=True
    )
    serving.serve(lambda: app, options)
    sequencer.close()
    publication.close()


# ---------------------------------------------------------------- the clients' process


class Client(asyncio.Protocol):
    """One subscriber: counts messages; a sampled one checks that no diff is missing and how late each is."""

    def __init__(self, symbol: str, is_sampled: bool) -> None:
        self.path = f"/ws/{symbol}@depth@100ms"
        self.is_sampled, self.messages, self.gaps, self.is_lost = is_sampled, 0, 0, False
        self.late_ms: list[float] = []
        self._buffer, self._is_open, self._reached = bytearray(), False, 0

    def connection_made(self, transport: Any) -> None:
        """Ask for the stream."""
        transport.write(UPGRADE.format(self.path).encode())

    def connection_lost(self, error: Exception | None) -> None:
        """Note that the server let go."""
        self.is_lost = True

    def data_received(self, data: bytes) -> None:
        """Count whole frames."""
        self._buffer += data
        if not self._is_open:
            head = self._buffer.find(b"\r\n\r\n")
            if head < 0:
                return
            del self._buffer[: head + 4]
            self._is_open = True
        at = 0
        while len(self._buffer) >= at + 2:
            size, begin = self._buffer[at + 1], at + 2
            if size == 126:
                size, begin = int.from_bytes(self._buffer[at + 2 : at + 4], "big"), at + 4
            elif size == 127:
                size, begin = int.from_bytes(self._buffer[at + 2 : at + 10], "big"), at + 10
            if len(self._buffer) < begin + size:
                break
            if self._buffer[at] == 0x81:
                self.messages += 1
                if self.is_sampled:
                    self.check(bytes(self._buffer[begin : begin + min(size, 200)]))
            at = begin + size
        del self._buffer[:at]

    def check(self, text: bytes) -> None:
        """Compare a diff with the one before."""
        found = IDS.search(text)
        assert found is not None, text
        event_ms, first_id, last_id = map(int, found.groups())
        self.late_ms.append(time.time() * 1_000 - event_ms)
        self.gaps += bool(self._reached) and first_id != self._reached + 1
        self._reached = last_id


def itself(client: Client) -> Client:
    """Return the client, for a loop that wants a function which makes it."""
    return client


async def subscribe(port: int, symbol: str, count: int) -> list[Client]:
    """Connect all clients, some at a time."""
    loop, clients = asyncio.get_running_loop(), [Client(symbol, number % SAMPLE_EVERY == 0) for number in range(count)]
    for begin in range(0, count, 100):
        part = clients[begin : begin + 100]
        await asyncio.gather(*(loop.create_connection(partial(itself, each), "127.0.0.1", port) for each in part))
    await asyncio.sleep(1)
    return clients


def one_run(folder: Path, subscribers: int, rate: int, seconds: float) -> dict[str, Any]:
    """Run server and clients once."""
    command = [sys.executable, __file__, "serve", str(folder), str(rate), str(seconds)]
    server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    told, said_by = server.stdin, server.stdout
    assert told is not None
    assert said_by is not None
    address, symbol = said_by.readline().split()
    port = int(address.rsplit(":", 1)[1])

    async def listen() -> dict[str, Any]:
        clients = await subscribe(port, symbol, subscribers)
        before = sum(each.messages for each in clients)
        told.write("go\n")
        told.flush()
        said = json.loads(await asyncio.to_thread(said_by.readline))
        lost = sum(each.is_lost for each in clients)
        late = sorted(ms for each in clients for ms in each.late_ms)
        messages = sum(each.messages for each in clients) - before
        return {
            **said,
            "messages_per_s": round(messages / said["seconds"]),
            "messages_of_each_min": min(each.messages for each in clients),
            "messages_of_each_max": max(each.messages for each in clients),
            "late_ms_p50": round(common.percentile(late, 0.5), 1),
            "late_ms_p99": round(common.percentile(late, 0.99), 1),
            "gaps": sum(each.gaps for each in clients),
            "lost_connections": lost,
        }

    try:
        return asyncio.run(listen())
    finally:
        server.terminate()
        server.wait(30)


def main() -> None:
    """Run the bench."""
    made = common.parser(__doc__ or "")
    made.set_defaults(runs=1)
    made.add_argument("--subscribers", type=int, default=2_000, help="clients (default 2,000)")
    made.add_argument("--rate", type=int, default=5_000, help="commands a second that change the book (default 5,000)")
    made.add_argument("--seconds", type=float, default=8, help="of each run (default 8)")
    chosen = made.parse_args()
    runs = []
    for run in range(chosen.runs):
        with common.scratch() as scratch:
            runs.append(one_run(scratch / "facility", chosen.subscribers, chosen.rate, chosen.seconds))
        common.say(f"run {run + 1} of {chosen.runs}: {runs[-1]}")
    facts = {"load_average": os.getloadavg()[0], "subscribers": chosen.subscribers, "rate": chosen.rate, "runs": runs}
    common.finish(chosen, "subscribers", common.median([run["messages_per_s"] for run in runs]), "messages/s", **facts)


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        serve(Path(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
    else:
        main()
