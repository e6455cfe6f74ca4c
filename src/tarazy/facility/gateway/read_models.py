"""The read models of a running gateway: projections that a process of their own follows, and who waits for them.

They are stored, so that a start goes on where the last one ended, and a database that is lost is made anew from the
record. Whoever was told that a command is durable finds it here: `reached` waits for the command's frame. The process
is another one than that which takes orders, because one interpreter does one thing at a time; where it ends, it is
started again.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tarazy.facility.database.errors import DatabaseError
from tarazy.facility.database.opener import Database
from tarazy.facility.gateway.reaching import Reaching
from tarazy.facility.projections.balances import Balances
from tarazy.facility.projections.blocks import Blocks
from tarazy.facility.projections.candles import Candles
from tarazy.facility.projections.order_terms import OrderTerms
from tarazy.facility.projections.orders import Orders
from tarazy.facility.projections.tape import Tape
from tarazy.facility.projections.trades import Trades
from tarazy.facility.projections.transfers import Transfers
from tarazy.facility.projections.venue import VenueTerms
from tarazy.facility.projections.withdrawals import Withdrawals
from tarazy.oversight.requests.errors import SERVER_BUSY, DialectError

MODULE = "tarazy.facility.gateway.model_process"
STARTS_MAX = 3  # in a row without a word of progress
AGAIN_S = 0.5
END_S = 20.0
LOG = logging.getLogger(__name__)


class ReadModelsError(DatabaseError):
    """The process of the read models ended, and why."""

    what = "the read models stand still"
    action = "Orders go on. Find the cause in the log and start again; the read models are made from the record."


class ReadModels:
    """The stored projections, of which this process knows the tables; `venue` is one in memory, fed elsewhere."""

    def __init__(self, directory: Path, target: str | Path, venue: VenueTerms, fed: Reaching) -> None:
        """Open the database; `fed` says how far `venue` has come. Raises: DatabaseError."""
        self.directory = Path(directory)
        self.venue, self.orders, self.terms = venue, Orders(), OrderTerms()
        self.trades, self.balances, self.candles, self.tape = Trades(), Balances(), Candles(), Tape()
        self.transfers, self.withdrawals, self.blocks = Transfers(), Withdrawals(), Blocks()
        self.failure: BaseException | None = None
        self.reading = Database(target)
        self._asked = json.dumps({"directory": str(self.directory), "target": str(target)}) + "\n"
        self._process: subprocess.Popen[str] | None = None
        self._lines: Iterator[tuple[str, str]] = iter(())
        self._is_stopping = False
        self._thread = threading.Thread(target=self._listen, name="tarazy-read-models")
        self._loop: asyncio.AbstractEventLoop | None = None
        self._reaching, self._fed = Reaching(), fed
        self._why = ""

    @property
    def reached_seq(self) -> int:
        """Return the last command that is in the read models."""
        return self._reaching.seq

    def catch_up(self, progress: Callable[[int], None] = lambda commands: None) -> None:
        """Start the process and wait until it has applied all that is durable now. Raises: DatabaseError."""
        self._lines = self._words()
        for word, value in self._lines:
            if word == "progress":
                progress(int(value))
            elif word == "reached":
                self._reaching.seq = int(value)
            elif word == "ready":
                return
        self.close()
        raise ReadModelsError(self.reading.place, expected="a process that follows the record", found=str(self.failure))

    async def start(self) -> None:
        """Follow the record from now on."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def stop(self) -> None:
        """End the process and close the database; what was not applied is at the next start."""
        await asyncio.to_thread(self.close)

    def close(self) -> None:
        """End the process, and close connections."""
        self._is_stopping = True
        if self._process is not None:
            end(self._process)
        if self._thread.is_alive():
            self._thread.join()
        self.reading.close()

    async def reached(self, seq: int) -> None:
        """Wait until a command is in the read models.

        Raises: DialectError where they stand still.
        """
        if not (await self._reaching.wait(seq) and await self._fed.wait(seq)):
            message = "The read models stand still; orders go on. Please try again later."
            raise DialectError(SERVER_BUSY, message, 503, retry_after_s=5)

    # ------------------------------------------------------------ inside

    def _words(self) -> Iterator[tuple[str, str]]:
        """Iterate over what the process says; one that ended is started again, unless it gets nowhere."""
        starts = 0
        while not self._is_stopping and starts < STARTS_MAX:
            starts += 1
            process = self._process = launch(self._asked)
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            for line in process.stdout:
                word, _, value = line.strip().partition(" ")
                if word == "failed":
                    self._why = value
                elif word == "reached" and int(value) > self._reaching.seq:
                    starts = 0
                yield word, value
            process.wait()
            if not self._is_stopping:
                LOG.error("the process of the read models ended: %s", self._why or f"status {process.returncode}")
                time.sleep(AGAIN_S)
        self.failure = RuntimeError(self._why or "it ended without a word")

    def _listen(self) -> None:
        """Hear how far the process is, in a thread of its own."""
        for word, value in self._lines:
            if word == "reached":
                self._tell(int(value))
        if not self._is_stopping:
            LOG.error("the read models stand still until the next start")
            self._tell(None)

    def _tell(self, seq: int | None) -> None:
        """Wake the event loop for what is stored now, or for good."""
        with contextlib.suppress(RuntimeError):  # the loop is closed
            if self._loop is not None:
                self._loop.call_soon_threadsafe(self._reaching.advance, seq)


def launch(asked: str) -> subprocess.Popen[str]:
    """Start a process of the read models and tell it what to follow."""
    process = subprocess.Popen([sys.executable, "-m", MODULE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None  # noqa: S101 - it is a pipe
    with contextlib.suppress(BrokenPipeError):  # it ended at once: its output says so
        process.stdin.write(asked)
        process.stdin.flush()
    return process


def end(process: subprocess.Popen[str]) -> None:
    """Let a process end its transaction and then itself; kill one that does not."""
    with contextlib.suppress(BrokenPipeError):
        if process.stdin is not None:
            process.stdin.close()
    try:
        process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
