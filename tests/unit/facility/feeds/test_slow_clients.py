"""A client that reads too slowly is dropped and told, over real sockets, and nobody else misses or waits."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from granian.server.embed import Server
from starlette.routing import WebSocketRoute
from starlette.websockets import WebSocket
from websockets.asyncio.client import connect

from tarazy.facility.feeds.configuration import FeedsSection
from tarazy.facility.feeds.streams.connection import Connection
from tarazy.facility.feeds.streams.hub import Hub
from tarazy.facility.feeds.streams.names import Stream
from tarazy.platform.web.serving import ServeOptions, free_port, server_settings

STREAM = Stream("btcusd@trade", "trade", 1)
LIMITS = FeedsSection(waiting_messages_max=50)
MESSAGES, PADDING = 600, "x" * 50_000


class Hall:
    """A server whose every client listens to one stream."""

    def __init__(self) -> None:
        self.hub = Hub()
        self.open: dict[str, Connection] = {}
        self.ended: dict[str, tuple[int, str] | None] = {}

    async def serve(self, socket: WebSocket) -> None:
        """Let a client listen until it goes or is dropped."""
        connection, name = Connection(socket, LIMITS, per_second_max=5), socket.query_params["name"]
        self.open[name] = connection
        self.hub.add(STREAM, connection)

        async def ignore(text: str) -> None:
            return

        try:
            await connection.run(ignore)
        finally:
            self.hub.remove(STREAM, connection)
            self.ended[name] = connection._closing


@asynccontextmanager
async def running(hall: Hall) -> AsyncIterator[str]:
    """Serve until the block ends."""
    port = free_port("127.0.0.1", 0)
    app = FastAPI(routes=[WebSocketRoute("/ws", hall.serve)])
    server = Server(app, **server_settings(ServeOptions(websockets=True), port))
    serving = asyncio.create_task(server.serve())
    await asyncio.sleep(0.5)
    try:
        yield f"ws://127.0.0.1:{port}/ws"
    finally:
        server.stop()  # type: ignore[no-untyped-call]
        await serving


async def play() -> tuple[Hall, list[int], list[float]]:
    """Publish numbered messages while one client reads all and another nothing."""
    hall = Hall()
    heard: list[int] = []
    late: list[float] = []
    async with (
        running(hall) as url,
        connect(f"{url}?name=quick", max_size=None) as quick,
        connect(f"{url}?name=slow", max_size=None, max_queue=1, ping_interval=None) as slow,
    ):
        slow.transport.pause_reading()
        await asyncio.sleep(0.1)

        async def read() -> None:
            while len(heard) < MESSAGES:
                found = json.loads(await quick.recv())
                heard.append(found["number"])
                late.append(time.monotonic() - found["sent"])

        reading = asyncio.create_task(read())
        for number in range(MESSAGES):
            hall.hub.publish(STREAM, [{"number": number, "sent": time.monotonic(), "padding": PADDING}])
            await asyncio.sleep(0.005)
        await asyncio.wait_for(reading, 20)
        for _ in range(200):
            if "slow" in hall.ended:
                break
            await asyncio.sleep(0.1)
        slow.transport.abort()
    return hall, heard, late


def test_slow_client_is_dropped_with_a_reason_and_the_quick_one_misses_nothing() -> None:
    hall, heard, late = asyncio.run(play())
    assert heard == list(range(MESSAGES))
    assert hall.ended["slow"] == (1008, "too slow: 50 messages wait")
    assert sorted(late)[len(late) // 2] < 0.5
