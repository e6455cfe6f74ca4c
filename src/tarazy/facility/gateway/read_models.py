"""The read models of a running gateway: projections that follow the record in a thread, and who waits for them.

They are stored, so that a start goes on where the last one ended, and a database that is lost is made anew from the
record. Whoever was told that a command is durable finds it here: `reached` waits for the command's frame.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from tarazy.facility.database.opener import Database
from tarazy.facility.projections.balances import Balances
from tarazy.facility.projections.base import Projection
from tarazy.facility.projections.candles import Candles
from tarazy.facility.projections.order_terms import OrderTerms
from tarazy.facility.projections.orders import Orders
from tarazy.facility.projections.projector import Applied, Projector
from tarazy.facility.projections.sql import SqlStore
from tarazy.facility.projections.tape import Tape
from tarazy.facility.projections.trades import Trades
from tarazy.facility.projections.transfers import Transfers
from tarazy.facility.projections.venue import VenueTerms
from tarazy.facility.projections.withdrawals import Withdrawals
from tarazy.oversight.requests.errors import SERVER_BUSY, DialectError

WAIT_S = 10.0
LOG = logging.getLogger(__name__)


class ReadModels:
    """Projections in a database, kept up to date; `venue` is also read from memory."""

    def __init__(self, directory: Path, target: str | Path) -> None:
        """Open the database. Raises: DatabaseError."""
        self.directory = Path(directory)
        self.venue, self.orders, self.terms = VenueTerms(), Orders(), OrderTerms()
        self.trades, self.balances, self.candles, self.tape = Trades(), Balances(), Candles(), Tape()
        self.transfers, self.withdrawals = Transfers(), Withdrawals()
        self.projections: tuple[Projection, ...] = (
            self.venue,
            self.orders,
            self.terms,
            self.trades,
            self.transfers,
            self.withdrawals,
            self.balances,
            self.candles,
            self.tape,
        )
        self.failure: BaseException | None = None
        self.reached_seq = 0
        self.reading = Database(target)
        self._store = SqlStore(target)
        self._projector = Projector(directory, self.projections, self._store)
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tarazy-read-models")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._numbers = itertools.count()

    def catch_up(self, progress: Callable[[int], None] | None = None) -> None:
        """Apply all that is durable now. Raises: DamageError, StorageError, DatabaseError."""
        while self._projector.step(0, progress).frames:
            pass
        self.reached_seq = self.venue.cursor.next_seq - 1

    async def start(self) -> None:
        """Follow the record from now on."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def stop(self) -> None:
        """End the thread and close the database; what was not applied is at the next start."""
        self._stopped.set()
        if self._thread.is_alive():
            await asyncio.to_thread(self._thread.join)
        self.close()

    def close(self) -> None:
        """Close files and connections."""
        self._projector.close()
        self._store.close()
        self.reading.close()

    async def reached(self, seq: int) -> None:
        """Wait until a command is in the read models.

        Raises: DialectError where they stand still.
        """
        if seq > self.reached_seq and self.failure is None:
            future = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (seq, next(self._numbers), future))
            await asyncio.wait((future,), timeout=WAIT_S)
        if seq > self.reached_seq:
            message = "The read models stand still; orders go on. Please try again later."
            raise DialectError(SERVER_BUSY, message, 503, retry_after_s=5)

    # ------------------------------------------------------------ inside

    def _run(self) -> None:
        """Follow the record until told to stop, in a thread of its own."""
        try:
            self._projector.run(self._stopped, self._applied)
        except BaseException as error:
            LOG.exception("the read models stand still until the next start")
            self.failure = error
            self._notify()

    def _applied(self, applied: Applied) -> None:
        self._notify()

    def _notify(self) -> None:
        """Wake the event loop once for what was stored."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._advance, self.venue.cursor.next_seq - 1)

    def _advance(self, seq: int) -> None:
        """Let those go on who waited for what is stored now."""
        if self.failure is None:
            self.reached_seq = seq
        while self._waiting and (self._waiting[0][0] <= seq or self.failure is not None):
            _, _, future = heapq.heappop(self._waiting)
            if not future.done():
                future.set_result(None)
