"""What happens to accounts that have sessions, from the frames of the record, live and after a start.

Each piece of news comes with the last command of its frame. A session remembers up to which command it was told, so
after a restart it is told what it missed and nothing twice, also of what happened while nobody was connected.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable
from typing import Any

from tarazy.facility.feeds.users.listening import ListenKeys
from tarazy.facility.feeds.users.messages import Plain
from tarazy.facility.feeds.users.orders import UserOrders
from tarazy.facility.projections.base import Handler, Projection
from tarazy.facility.projections.batch import Batch
from tarazy.facility.projections.table import Table

News = tuple[int, list[tuple[int, Plain]]]


class AccountNews(Projection):
    """Gathers the reports of each frame; `take` hands them over. Fed behind the open orders, in the same thread."""

    name = "fix_news"
    summary = "reports for sessions of FIX"

    def __init__(self, users: UserOrders, listening: ListenKeys, since: Iterable[tuple[int, int]] = ()) -> None:
        """`since`: accounts and the last command that they were told about."""
        self._users, self._listening = users, listening
        self._to_begin = sorted(((seq, account_id) for account_id, seq in since), reverse=True)
        self._guard = threading.Lock()
        self._waiting: list[News] = []
        self._wake: Callable[[], None] | None = None
        self.accounts: set[int] = set()
        super().__init__()
        self._begin_due(0)

    def make_tables(self) -> tuple[Table, ...]:
        """Return no tables."""
        return ()

    def make_handlers(self) -> dict[Any, Handler]:
        """Return no handlers: the open orders have read the frame."""
        return {}

    def apply_batch(self, batch: Batch) -> None:
        """Gather what a frame did to accounts that have sessions."""
        super().apply_batch(batch)
        last_seq = batch.frame.header.next_seq - 1
        fresh = [each for each in self._users.fresh if each[0] in self.accounts]
        if fresh:
            with self._guard:
                is_first = not self._waiting
                self._waiting.append((last_seq, fresh))
            if is_first and self._wake is not None:
                self._wake()
        if self._to_begin:
            self._begin_due(last_seq)

    def listen(self, account_id: int) -> None:
        """Gather reports of an account from the next frame on."""
        if account_id not in self.accounts:
            self.accounts.add(account_id)
            self._listening.begin(account_id)

    def join(self, loop: asyncio.AbstractEventLoop, tell: Callable[[], None]) -> None:
        """Call `tell` in the event loop when there is news, and now for what was gathered at the start."""
        while self._to_begin:  # of a record that is shorter than what sessions were told
            self.listen(self._to_begin.pop()[1])
        self._wake = lambda: None if loop.is_closed() else void(loop.call_soon_threadsafe(tell))
        tell()

    def take(self) -> list[News]:
        """Return what was gathered since the last time."""
        with self._guard:
            found, self._waiting = self._waiting, []
        return found

    def _begin_due(self, last_seq: int) -> None:
        """Listen to accounts that were told of everything up to here."""
        while self._to_begin and self._to_begin[-1][0] <= last_seq:
            self.listen(self._to_begin.pop()[1])


def void(_: object) -> None:
    """Return nothing."""
