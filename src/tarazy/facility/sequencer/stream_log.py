"""The log as a replicated stream: several frames on their way at once, each called back when it is durable.

`append` seals a frame, hands it to the stream's thread and returns; it waits only while `in_flight_max` frames are on
their way. There, frames are sent in their order without waiting for one another, and settled in their order:

    acknowledged with its own number   durable: it is called back
    anything else, or nothing in time  sent again, alone, until the server says something definite
    refused: another last frame        it was stored already and only the answer was lost (then it is durable), or
                                       another writer has gone on, and this one stops

A frame behind one that was lost is refused by the server, because its past is not there, and comes again when its turn
is there; so the stream holds one chain at any moment. After an error the log is dead, like the local one.
Known limit: `append` must not be called from within `on_durable`, which runs in the stream's thread.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import NamedTuple

from tarazy.facility.sequencer.stream import (
    NETWORK_ERRORS,
    RECONNECT_WAIT_S,
    WRONG_LAST,
    FrameStream,
    SealedFrame,
    Sending,
    StreamSettings,
)
from tarazy.facility.sequencer.stream_errors import StreamFencedError
from tarazy.journal.errors import FrameTooLargeError, ShortenedError
from tarazy.journal.frame import FrameDraft, FrameHeader, Position, Written, seal
from tarazy.journal.identity import Identity
from tarazy.journal.segment import genesis

OnDurable = Callable[[Written], None]


class Flight(NamedTuple):
    """A frame on its way."""

    header: FrameHeader
    frame: SealedFrame
    on_durable: OnDurable


class StreamLog:
    """Write frames behind `position`, which is the end of the stream as a start has read it."""

    def __init__(self, settings: StreamSettings, identity: Identity, position: Position) -> None:
        self._identity = identity
        self._on_failure: Callable[[BaseException], None] = lambda error: None
        self._failure: BaseException | None = None
        self._changed = threading.Condition()
        self._in_flight = 0
        self._is_closed = False
        self.position = self._durable = position
        self._stream = FrameStream(settings, identity)
        self._waiting: asyncio.Queue[Flight | None] = asyncio.Queue()
        self._sent: asyncio.Queue[tuple[Flight, Sending] | None] = asyncio.Queue()
        try:
            self.writer_term = self._stream.run(self._last_term()) + 1
        except BaseException:
            self._stream.close()
            raise
        self._tasks = [
            asyncio.run_coroutine_threadsafe(each, self._stream.loop) for each in (self._send(), self._settle())
        ]

    @property
    def durable_seq(self) -> int:
        """Return the number of the last command that the stream has acknowledged."""
        return self._durable.next_seq - 1

    @property
    def frame_bytes_max(self) -> int:
        """Return the most bytes that one frame may take."""
        return self._stream.frame_bytes_max

    def tell_failure(self, on_failure: Callable[[BaseException], None]) -> None:
        """Tell a failure once, from the stream's thread: frames that were appended are not going to be durable."""
        with self._changed:
            self._on_failure, failure = on_failure, self._failure
        if failure is not None:
            on_failure(failure)

    def append(self, draft: FrameDraft, on_durable: OnDurable = lambda written: None) -> None:
        """Send one frame; `on_durable` is called later, in the frames' order, when the stream has it.

        Raises: FrameTooLargeError (nothing happened), else the error that killed the log.
        """
        if draft.frame_bytes > self.frame_bytes_max:
            found = f"{draft.frame_bytes} bytes"
            raise FrameTooLargeError(self._stream.path, expected=f"at most {self.frame_bytes_max} bytes", found=found)
        with self._changed:
            while self._failure is None and self._in_flight >= self._stream.settings.in_flight_max:
                self._changed.wait()
            if self._failure is not None:
                raise self._failure
            header, buffers = seal(draft, self.position, self._identity.edition, self.writer_term)
            frame = SealedFrame(self.position, buffers[-1], b"".join(buffers))
            self.position = self.position.after(header, buffers[-1])
            self._in_flight += 1
            self._stream.loop.call_soon_threadsafe(self._waiting.put_nowait, Flight(header, frame, on_durable))

    def close(self) -> None:
        """Wait for what is on its way, then let the stream go. A second call does nothing."""
        with self._changed:
            while self._in_flight and self._failure is None:
                self._changed.wait()
            if self._is_closed:
                return
            self._is_closed = True
        self._stream.loop.call_soon_threadsafe(self._waiting.put_nowait, None)
        self._stream.loop.call_soon_threadsafe(self._sent.put_nowait, None)
        for task in self._tasks:
            task.result()
        self._stream.close()

    # ------------------------------------------------------------ the stream's thread

    async def _last_term(self) -> int:
        """Return the term of the newest frame; refuse a stream that does not end where the start has read it to."""
        number = await self._stream.last_number()
        last = None if number == 0 else await self._stream.frame_of(number)
        found = (
            genesis(self._identity)
            if last is None
            else Position(last.header.frame_number + 1, last.frame_hash, last.header.next_seq)
        )
        if found.frame_number < self.position.frame_number:
            raise self._shortened(self.position.frame_number - 1, number)
        if found != self.position:
            raise self._fenced(self.position.frame_number, f"frame {found.frame_number - 1} as the last one")
        return 0 if last is None else last.header.writer_term

    async def _send(self) -> None:
        """Send frame after frame; what becomes of them is for `_settle` to see."""
        while (flight := await self._waiting.get()) is not None and self._failure is None:
            self._sent.put_nowait((flight, self._stream.send(flight.frame)))

    async def _settle(self) -> None:
        """Settle frame after frame, until the first that cannot become durable."""
        while (sent := await self._sent.get()) is not None:
            try:
                await self._confirm(*sent)
                self._release(sent[0])
            except BaseException as error:
                self._fail(error)
                return

    async def _confirm(self, flight: Flight, first: Sending) -> None:
        """Return when the stream has the frame. Raises: StreamFencedError, StreamUnreachableError, ShortenedError."""
        loop = asyncio.get_running_loop()
        give_up = loop.time() + self._stream.settings.give_up_s
        reason = await self._attempt(flight, first, is_alone=False)
        while reason is not None:
            if loop.time() > give_up:
                raise self._stream.unreachable(reason)
            reason = await self._attempt(flight, self._stream.send(flight.frame), is_alone=True)
            if reason is not None:
                await asyncio.sleep(RECONNECT_WAIT_S)

    async def _attempt(self, flight: Flight, sending: Sending, *, is_alone: bool) -> BaseException | None:
        """Return None when a sending has brought the frame into the stream, else why that is not known.

        A frame that was sent behind others may be refused because one of them was lost, so only a refusal of a frame
        that was sent alone says that its number is taken.
        """
        try:
            ack = await self._stream.acknowledgement(sending)
        except NETWORK_ERRORS as error:
            is_taken = is_alone and getattr(error, "err_code", None) in WRONG_LAST
            return None if is_taken and await self._is_stored(flight) else error
        if ack.seq != flight.header.frame_number:
            raise self._fenced(flight.header.frame_number, f"its message as number {ack.seq}")
        return None

    async def _is_stored(self, flight: Flight) -> bool:
        """Say whether a refused frame is in the stream already; the frames before it are, so it is this or fenced.

        Raises: StreamFencedError where another frame has its number, ShortenedError where the stream ends before it.
        """
        number = flight.header.frame_number
        try:
            data = await self._stream.data_of(number)
            last = number if data is not None else await self._stream.last_number()
        except NETWORK_ERRORS:
            return False
        if data == flight.frame.data:
            return True
        if data is not None:
            raise self._fenced(number, "another frame with this number")
        raise self._shortened(number - 1, last)

    def _release(self, flight: Flight) -> None:
        """Call a durable frame back and make room."""
        self._durable = flight.frame.position.after(flight.header, flight.frame.frame_hash)
        flight.on_durable(Written(flight.header, flight.frame.frame_hash))
        with self._changed:
            self._in_flight -= 1
            self._changed.notify_all()

    def _fail(self, error: BaseException) -> None:
        """Die: nothing that is on its way is called back."""
        with self._changed:
            self._failure, on_failure = error, self._on_failure
            self._changed.notify_all()
        on_failure(error)

    def _fenced(self, frame_number: int, found: str) -> StreamFencedError:
        """Return the error for a stream that another writer has gone on with."""
        return StreamFencedError(
            self._stream.path, expected=f"to write frame {frame_number}", found=found, frame=frame_number
        )

    def _shortened(self, frame_number: int, last: int) -> ShortenedError:
        """Return the error for a stream that ends before a frame that it had."""
        found = f"frame {last} as the last one" if last else "no frame"
        return ShortenedError(self._stream.path, expected=f"frame {frame_number}", found=found)
