"""Connections to the WebSocket API: their numbers, and whose orders are canceled when a connection ends.

Which connections want that is kept, so that it happens at the next start where the gateway itself ended.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, Protocol, TypeVar

from tarazy.domain.records import CancelAll
from tarazy.facility.gateway.account_reads import AccountReads
from tarazy.facility.gateway.client_keys import ClientKeys, nothing
from tarazy.facility.gateway.order_entry import OrderEntry
from tarazy.facility.gateway.session_numbers import END, SOCKET_FROM
from tarazy.facility.projections.orders import OPEN
from tarazy.oversight.requests.errors import DialectError
from tarazy.platform.storage.sql import open_database, transaction

FILE_NAME = "sessions.sqlite"
RESERVED = 1_024  # numbers that are taken from the file at once
CANCEL_WAIT_S = 15.0
MIGRATIONS = (
    """
CREATE TABLE reserved (place INTEGER PRIMARY KEY CHECK (place = 1), next INTEGER NOT NULL) STRICT;
INSERT INTO reserved VALUES (1, 0);
CREATE TABLE canceled_at_end (
    session_id INTEGER NOT NULL, account_id INTEGER NOT NULL, PRIMARY KEY (session_id, account_id)
) STRICT;
""",
)
LOG = logging.getLogger("tarazy.gateway")
Answer = TypeVar("Answer")


class OrderGateway(Protocol):
    """What is asked of a gateway to cancel the orders of a session."""

    client_keys: ClientKeys
    entry: OrderEntry
    reads: AccountReads

    async def read(self, account_id: int, question: Callable[[], Answer]) -> Answer:
        """Ask the read models behind what an account was told. Raises: DialectError."""


class ConnectionSessions:
    """The numbers of connections, and whose orders go with them. On the event loop's thread."""

    def __init__(self, folder: Path) -> None:
        self._connection = open_database(folder / FILE_NAME, MIGRATIONS)
        self._next = self._until = 0

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def take(self) -> int:
        """Return the number of a new connection."""
        if self._next == self._until:
            self._reserve()
        self._next += 1
        return SOCKET_FROM + (self._next - 1) % (END - SOCKET_FROM)

    def _reserve(self) -> None:
        """Take numbers from the file, so that none of them is given again after a restart."""
        with transaction(self._connection):
            self._next = self._connection.execute("SELECT next FROM reserved").fetchone()[0]
            self._until = self._next + RESERVED
            self._connection.execute("UPDATE reserved SET next = ?", (self._until,))

    def cancel_at_end(self, session_id: int, account_id: int, wanted: bool) -> None:
        """Note whether the orders of an account that a connection placed are canceled when it ends."""
        query = "INSERT OR IGNORE INTO canceled_at_end VALUES (?, ?)"
        if not wanted:
            query = "DELETE FROM canceled_at_end WHERE session_id = ? AND account_id = ?"
        self._connection.execute(query, (session_id, account_id))

    def left_over(self) -> list[tuple[int, int]]:
        """Return sessions and accounts whose orders are to be canceled."""
        return [(row[0], row[1]) for row in self._connection.execute("SELECT * FROM canceled_at_end")]


class EndingSessions:
    """Cancels the orders of connections that have ended. On the event loop's thread."""

    def __init__(self, gateway: OrderGateway, sessions: ConnectionSessions) -> None:
        self._gateway, self._sessions = gateway, sessions
        self._ending: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Cancel what connections left that ended with the process before."""
        for session_id, account_id in self._sessions.left_over():
            self.begin(session_id, account_id)

    def begin(self, session_id: int, account_id: int, under_way: Collection[asyncio.Future[Any]] = ()) -> None:
        """Cancel the orders of a connection behind its requests that are under way."""

        async def end() -> None:
            if under_way:
                await asyncio.wait(under_way)
            if await cancel_session(self._gateway, account_id, session_id):  # else the next start tries again
                self._sessions.cancel_at_end(session_id, account_id, wanted=False)

        task = asyncio.get_running_loop().create_task(end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def settled(self) -> None:
        """Wait until what has begun has ended."""
        if self._ending:
            await asyncio.wait(self._ending)


async def cancel_session(gateway: OrderGateway, account_id: int, session_id: int) -> bool:
    """Cancel all open orders of a session whose connection has ended; try again while too much waits.

    Return whether it is done.
    """
    if gateway.client_keys.signs_everything(account_id):
        return True  # a session orders nothing for it, and nothing is canceled without its signature
    give_up = asyncio.get_running_loop().time() + CANCEL_WAIT_S
    while True:
        try:
            found = await gateway.read(account_id, lambda: gateway.reads.open_orders(account_id))
            markets = sorted({view.symbol.market_id for view in found if view.status == OPEN})
            commands = [CancelAll(session_id=session_id, market_id=each, account_id=account_id) for each in markets]
            if commands:
                await gateway.entry.enter(b"".join(each.pack() for each in commands), (), nothing)
            return True
        except DialectError as error:
            if asyncio.get_running_loop().time() > give_up:
                LOG.error("orders of account %d are not canceled: %r", account_id, error.message)
                return False
            await asyncio.sleep(0.2)
