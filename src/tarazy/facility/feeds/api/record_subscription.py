"""One subscription to the record's events of an account: what is recorded first, then what is released."""

from __future__ import annotations

import asyncio
import logging

from tarazy.facility.feeds.service import Feeds
from tarazy.facility.feeds.streams.connection import INTERNAL_ERROR, POLICY_VIOLATION, Connection
from tarazy.facility.feeds.streams.hub import StreamMessage
from tarazy.facility.feeds.streams.names import RECORD, Stream
from tarazy.facility.feeds.users.records import Heard
from tarazy.platform.web.encoding import encode

_log = logging.getLogger(__name__)


class RecordSubscription:
    """Says every event of an account behind a command once, in order."""

    def __init__(self, feeds: Feeds, connection: Connection, number: int, account_id: int) -> None:
        self._feeds, self._connection, self.number = feeds, connection, number
        self.stream = Stream(f"record {account_id}", RECORD, account_id)
        self._waiting: list[StreamMessage] | None = []  # what is released while the record is read
        self._task: asyncio.Task[None] | None = None
        self._last_read = 0  # up to this command events are read, and not taken as they are released

    def begin(self, after: Heard) -> None:
        """Listen, and read what is recorded behind an event up to here."""
        feeds = self._feeds
        feeds.hub.add(self.stream, self)
        feeds.records.listening[self.stream.market_id] += 1
        with feeds.views.lock:  # frames behind this moment are told to this listener
            self._last_read = feeds.views.book.update_id
        self._task = asyncio.create_task(self._read(after))

    def end(self) -> None:
        """Listen no longer."""
        self._feeds.hub.remove(self.stream, self)
        listening, account_id = self._feeds.records.listening, self.stream.market_id
        listening[account_id] -= 1
        if listening[account_id] <= 0:
            del listening[account_id]
        if self._task is not None:
            self._task.cancel()

    def offer(self, message: StreamMessage) -> None:
        """Say a message, or keep it while older ones are read."""
        if message.plain["seq"] <= self._last_read:
            return
        if self._waiting is None:
            self._say(message.raw)
        elif len(self._waiting) < 10 * self._feeds.limits.waiting_messages_max:
            self._waiting.append(message)
        else:
            self._connection.close(POLICY_VIOLATION, "too slow: too much happens while the record is read")

    async def _read(self, after: Heard) -> None:
        """Say what is recorded, then what has waited."""
        parts = self._feeds.records.since(self.stream.market_id, after, self._last_read)
        try:
            while (part := await asyncio.to_thread(next, parts, None)) is not None:
                for plain in part:
                    self._say(encode(plain).decode())
                await self._connection.room()
        except Exception:
            _log.exception("the record cannot be read for a client")
            self._connection.close(INTERNAL_ERROR, "the record cannot be read now")
            return
        waiting, self._waiting = self._waiting or [], None
        for message in waiting:
            self._say(message.raw)

    def _say(self, text: str) -> None:
        self._connection.say_text(f'{{"subscriptionId":{self.number},"event":{text}}}')
