"""The stream of a person's page: the market's streams, the account's own, the market's state, and a heartbeat.

A heartbeat each second says how far the feed is, so that a page knows that what it shows is stale, although nothing
happens in its market. When the session is over the connection ends: `is_valid` is asked again and again.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from starlette.websockets import WebSocket

from tarazy.domain.records import MarketState
from tarazy.facility.feeds.service import Feeds
from tarazy.facility.feeds.streams.connection import POLICY_VIOLATION, Connection
from tarazy.facility.feeds.streams.hub import StreamMessage
from tarazy.facility.feeds.streams.names import USER, Stream
from tarazy.facility.feeds.streams.requests import StreamRequestError
from tarazy.facility.feeds.streams.session import StreamSession
from tarazy.facility.projections.venue import REFERENCE, STATE

LOOK_S, HEARTBEAT_LOOKS = 0.1, 10
SESSION_OVER = 4401  # of those that applications choose


class OwnData:
    """User data of an account, wrapped as combined streams are."""

    def __init__(self, connection: Connection, account_id: int) -> None:
        self._connection = connection
        self.stream = Stream(f"user {account_id}", USER, account_id)

    def offer(self, message: StreamMessage) -> None:
        """Put a message behind those that wait for the page."""
        self._connection.say_text(f'{{"stream":"user","data":{message.raw}}}')


async def serve_person(
    feeds: Feeds, socket: WebSocket, account_id: int, symbol: str, streams: list[str], is_valid: Callable[[], bool]
) -> None:
    """Serve one page until it leaves, or its session is over."""
    connection = await feeds.connect(socket, per_second_max=feeds.limits.messages_per_second_max)
    if connection is None:
        return
    connection.is_combined = True
    session = StreamSession(connection, feeds.hub, feeds.views, feeds.limits, feeds.listen_keys)
    own = OwnData(connection, account_id)
    feeds.hub.add(own.stream, own)
    feeds.listen_keys.begin(account_id)
    watching = asyncio.create_task(watch(feeds, connection, symbol, is_valid))
    try:
        try:
            session.subscribe(list(streams))
        except StreamRequestError as error:
            connection.close(POLICY_VIOLATION, error.plain["msg"])
        await connection.run(session.handle)
    finally:
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
        feeds.hub.remove(own.stream, own)
        feeds.listen_keys.end(account_id)
        session.close()
        feeds.gone(connection)


async def watch(feeds: Feeds, connection: Connection, symbol: str, is_valid: Callable[[], bool]) -> None:
    """Say the market's state when it changes, a heartbeat each second, and the end of the session."""
    said: tuple[str, str] | None = None
    looks = 0
    while True:
        state = state_of(feeds, symbol)
        if state != said:
            said = state
            connection.say({"stream": "state", "data": {"state": state[0], "reference": state[1]}})
        if looks % HEARTBEAT_LOOKS == 0:
            if not is_valid():
                connection.close(SESSION_OVER, "the session is over")
                return
            data = {"E": time.time_ns() // 1_000_000, "u": feeds.views.book.update_id}
            connection.say({"stream": "heartbeat", "data": data})
        looks += 1
        await asyncio.sleep(LOOK_S)


def state_of(feeds: Feeds, symbol: str) -> tuple[str, str]:
    """Return the state of a market and its reference price, as names and text."""
    views = feeds.views
    with views.lock:
        found = next((each for each in views.symbols.all() if each.name == symbol), None)
        if found is None:
            return "closed", "0"
        row = views.venue.markets.rows[found.market_id]
        return MarketState(row[STATE]).name, found.price(row[REFERENCE])
