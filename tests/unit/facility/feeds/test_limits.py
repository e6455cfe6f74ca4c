"""Bounds of connections and streams, over real sockets."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI
from granian.server.embed import Server
from websockets import ConnectionClosed
from websockets.asyncio.client import connect

from tarazy.facility.feeds.configuration import FeedsSection
from tarazy.facility.feeds.routes import StreamRoutes
from tarazy.facility.feeds.service import Feeds
from tarazy.facility.publication import publish
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.platform.jobs.parts import running
from tarazy.platform.web.serving import ServeOptions, free_port, server_settings
from tarazy.spec.venue import Venue

from ....trading_stage import make_facility

STREAMS = [f"btcusd@{name}" for name in ("trade", "depth", "ticker", "bookTicker")]


@asynccontextmanager
async def serving(directory: Path, limits: FeedsSection) -> AsyncIterator[str]:
    """Serve a facility's streams with some limits."""
    port = free_port("127.0.0.1", 0)
    with Sequencer.open(directory, Venue) as sequencer:
        publication = publish(sequencer, directory)
        feeds = Feeds(sequencer, directory, limits)
        app = FastAPI(lifespan=lambda app: running((feeds,)))
        app.router.routes += StreamRoutes(feeds).mounted().router.routes
        server = Server(app, **server_settings(ServeOptions(websockets=True), port))
        task = asyncio.create_task(server.serve())
        await asyncio.sleep(1)
        try:
            yield f"ws://127.0.0.1:{port}"
        finally:
            server.stop()  # type: ignore[no-untyped-call]
            await task
    publication.close()


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    """Return the folder of a new facility."""
    make_facility(tmp_path / "facility", 1)
    return tmp_path / "facility"


def test_address_has_so_many_connections_at_once_and_begins_so_many(directory: Path) -> None:
    async def play() -> list[int]:
        limits = FeedsSection(connections_of_address_max=2, connection_attempts_max=4)
        codes = []
        async with serving(directory, limits) as url, connect(f"{url}/ws"), connect(f"{url}/ws") as second:
            async with connect(f"{url}/ws") as third:
                with pytest.raises(ConnectionClosed) as refused:
                    await third.recv()
                codes.append(refused.value.rcvd.code)
            await second.close()
            await asyncio.sleep(0.3)
            async with connect(f"{url}/ws") as fourth:
                await fourth.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": 1}))
                assert json.loads(await fourth.recv())["result"] == []
            async with connect(f"{url}/ws") as fifth:
                with pytest.raises(ConnectionClosed) as refused:
                    await fifth.recv()
                codes.append(refused.value.rcvd.code)
        return codes

    assert asyncio.run(play()) == [1013, 1013]


def test_connection_has_so_many_streams_and_one_too_many_adds_none(directory: Path) -> None:
    async def play() -> tuple[dict[str, object], list[str]]:
        limits = FeedsSection(streams_of_connection_max=3)
        async with serving(directory, limits) as url, connect(f"{url}/ws/{STREAMS[0]}") as socket:
            await socket.send(json.dumps({"method": "SUBSCRIBE", "params": STREAMS, "id": 1}))
            refused = json.loads(await socket.recv())
            await socket.send(json.dumps({"method": "LIST_SUBSCRIPTIONS", "id": 2}))
            return refused, json.loads(await socket.recv())["result"]

    refused, listed = asyncio.run(play())
    assert (refused["code"], refused["id"]) == (2, 1)
    assert listed == STREAMS[:1]
