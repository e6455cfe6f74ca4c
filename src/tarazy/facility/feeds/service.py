"""The feeds of a running facility: its views, its streams, and who is connected."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable
from pathlib import Path

from starlette.websockets import WebSocket

from tarazy.facility.feeds.configuration import FeedsSection
from tarazy.facility.feeds.source import FrameSource
from tarazy.facility.feeds.streams.connection import GOING_AWAY, INTERNAL_ERROR, TRY_LATER, Connection
from tarazy.facility.feeds.streams.hub import Hub
from tarazy.facility.feeds.streams.publisher import Publisher
from tarazy.facility.feeds.users.balances import UserBalances
from tarazy.facility.feeds.users.listening import ListenKeys
from tarazy.facility.feeds.users.orders import UserOrders
from tarazy.facility.feeds.users.records import AccountRecords
from tarazy.facility.feeds.views import MarketViews
from tarazy.facility.sequencer.sequencer import Sequencer
from tarazy.platform.refusals import RefusedError
from tarazy.platform.web.sites import Sites

CHECK_S = 1.0
SHUTDOWN_S = 0.5  # between the news and the closing frames
GOODBYE_S = 5.0
ATTEMPTS_S = 300
_log = logging.getLogger(__name__)


class Feeds:
    """Everything that goes out of a facility as it happens. Starts and stops with the server."""

    def __init__(
        self,
        sequencer: Sequencer,
        directory: Path,
        limits: FeedsSection,
        *,
        hosts: Iterable[str] = (),
    ) -> None:
        self.limits = limits
        self.views = MarketViews()
        self.hub = Hub()
        self.listen_keys = ListenKeys(limits.listen_key_minutes * 60)
        self.users = UserOrders(self.views.symbols, self.listen_keys.accounts)
        balances = UserBalances(self.views.venue, self.listen_keys.accounts)
        self.records = AccountRecords(directory)
        for each in (self.users, balances, self.records):
            self.views.add(each)
        self.publisher = Publisher(self.views, self.hub, (self.users, balances, self.records))
        self.reaching = self.publisher.reaching
        self.source = FrameSource(sequencer, directory, self.views, self.publisher.on_frame)
        self.sites = Sites(hosts)
        self.connections: dict[Connection, str] = {}
        self._of_address: Counter[str] = Counter()
        self._attempts: dict[str, deque[float]] = {}
        self._task: asyncio.Task[None] | None = None
        self.is_stopping = False

    def catch_up(self, progress: Callable[[int], None] = lambda commands: None) -> None:
        """Read what is recorded. `progress(commands)`. Raises: DamageError, StorageError."""
        self.source.catch_up(progress)

    async def start(self) -> None:
        """Join the sequencer, and say from now on what happens."""
        await asyncio.to_thread(self.source.join)
        await self.publisher.start()
        self._task = asyncio.create_task(self._watch())

    async def stop(self) -> None:
        """Take no more frames."""
        self.is_stopping = True
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
        await self.publisher.stop()
        await asyncio.to_thread(self.source.stop)

    async def say_goodbye(self) -> None:
        """Tell everybody that the server stops, then end all connections."""
        self.is_stopping = True
        for connection in list(self.connections):
            connection.say({"e": "serverShutdown", "E": time.time_ns() // 1_000_000})
        if self.connections:
            await asyncio.sleep(SHUTDOWN_S)
        for connection in list(self.connections):
            connection.close(GOING_AWAY, "the server stops, connect again")
        deadline = time.monotonic() + GOODBYE_S
        while self.connections and time.monotonic() < deadline:
            await asyncio.sleep(0.05)

    def heard(self, account_id: int) -> int:
        """Return the last command that an account may have heard of over a stream, 0 where it does not listen."""
        listens = account_id in self.listen_keys.accounts or account_id in self.records.listening
        return self.views.book.update_id if listens else 0

    # ------------------------------------------------------------ connections

    async def connect(self, socket: WebSocket, *, per_second_max: int) -> Connection | None:
        """Return a new connection, None where it was refused.

        A browser's page of another site is refused as in HTTP, with 403; one client, and all together, are bounded.
        """
        address = (socket.client.host if socket.client else None) or "unknown"
        headers = socket.headers
        host, origin = headers.get("host", "").encode(), headers.get("origin", "").encode()
        try:
            self.sites.check_host(host)
            self.sites.check_origin("POST", host, origin, b"")
        except RefusedError:
            await socket.close()  # before it is accepted: 403
            return None
        if not self._may_connect(address):
            await socket.accept()
            await socket.close(TRY_LATER, "too many connections, try later")
            return None
        connection = Connection(socket, self.limits, per_second_max=per_second_max)
        self.connections[connection] = address
        self._of_address[address] += 1
        return connection

    def _may_connect(self, address: str) -> bool:
        """Count an attempt of an address, and say whether one more connection may be."""
        now = time.monotonic()
        if len(self._attempts) > 10 * self.limits.connections_max:
            self._attempts = {who: times for who, times in self._attempts.items() if times[-1] > now - ATTEMPTS_S}
        attempts = self._attempts.setdefault(address, deque())
        while attempts and attempts[0] < now - ATTEMPTS_S:
            attempts.popleft()
        if self.is_stopping or len(attempts) >= self.limits.connection_attempts_max:
            return False
        attempts.append(now)
        is_room = len(self.connections) < self.limits.connections_max
        return is_room and self._of_address[address] < self.limits.connections_of_address_max

    def gone(self, connection: Connection) -> None:
        """Forget a connection that is over."""
        address = self.connections.pop(connection)
        self._of_address[address] -= 1
        if not self._of_address[address]:
            del self._of_address[address]

    async def _watch(self) -> None:
        """Go on where the listener was dropped; where the views cannot, say so and end the connections."""
        while True:
            await asyncio.sleep(CHECK_S)
            try:
                if self.source.was_dropped():
                    await asyncio.to_thread(self.source.rejoin_if_dropped)
            except Exception:
                _log.exception("the feeds stand still until the next start")
                for connection in list(self.connections):
                    connection.close(INTERNAL_ERROR, "the feed stands still")
                self.is_stopping = True
                return
