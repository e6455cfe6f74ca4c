"""One WebSocket connection: what waits for the client, within bounds, and what the client asks for.

Nobody waits for a client. Messages wait here for it; where more wait than may, the closing frame (1008) says so and it
is dropped, and no other connection notices. Pings of clients are answered by the server below; it sends none itself,
because ASGI has no word for it: who is gone is found when something is sent, or at the end of the day.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from tarazy.facility.feeds.configuration import FeedsSection
from tarazy.facility.feeds.streams.hub import StreamMessage
from tarazy.platform.web.encoding import encode

POLICY_VIOLATION, TOO_BIG, TRY_LATER, GOING_AWAY, UNSUPPORTED = 1008, 1009, 1013, 1001, 1003
INTERNAL_ERROR = 1011
CLOSE_S = 5.0  # a client that takes nothing more is not waited for longer
CLOSING_S = 0.05
ROOM_S = 0.01
Handler = Callable[[str], Awaitable[None]]


class Connection:
    """A client. `offer` and `say` never wait; `run` lives as long as the connection."""

    def __init__(self, socket: WebSocket, limits: FeedsSection, *, per_second_max: int) -> None:
        self.socket = socket
        self.is_combined = False
        self._limits = limits
        self._per_second_max = per_second_max
        self._waiting: deque[str] = deque()
        self._bytes = 0
        self._wake: asyncio.Future[None] | None = None
        self._closing: tuple[int, str] | None = None
        self._over = asyncio.get_running_loop().create_future()
        self._is_gone = False
        self._second = self._count = 0

    # ------------------------------------------------------------ out

    def offer(self, message: StreamMessage) -> None:
        """Put a stream's message behind those that wait."""
        self.say_text(message.combined if self.is_combined else message.raw)

    def say(self, plain: Any) -> None:
        """Put an answer behind what waits."""
        self.say_text(encode(plain).decode())

    def say_text(self, text: str) -> None:
        """Put a text behind what waits; a client that is too slow is told and dropped."""
        if self._closing is not None:
            return
        if len(self._waiting) >= self._limits.waiting_messages_max or self._bytes > self._limits.waiting_bytes_max:
            self.close(POLICY_VIOLATION, f"too slow: {len(self._waiting)} messages wait")
            self._waiting.clear()
            return
        self._waiting.append(text)
        self._bytes += len(text)
        self._notify()

    def close(self, code: int, reason: str) -> None:
        """End the connection behind what waits; the first reason counts."""
        if self._closing is None:
            self._closing = (code, reason[:120])
            self._over.set_result(None)
            self._notify()

    async def room(self) -> None:
        """Wait until half of what may wait for the client has gone out, or the connection is over."""
        while len(self._waiting) > self._limits.waiting_messages_max // 2 and self._closing is None:
            await asyncio.sleep(ROOM_S)

    def _notify(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)

    async def _write(self) -> None:
        """Send what waits, as fast as the client takes it, until the connection is to end."""
        loop, send = asyncio.get_running_loop(), self.socket.send
        while True:
            while self._waiting:
                text = self._waiting.popleft()
                self._bytes -= len(text)
                await send({"type": "websocket.send", "text": text})
            if self._closing is not None:
                return
            self._wake = loop.create_future()
            await self._wake

    # ------------------------------------------------------------ in

    async def run(self, handle: Handler) -> None:
        """Accept the client and handle its messages one after the other until one side ends it."""
        await self.socket.accept()
        reading, writing = asyncio.create_task(self._read(handle)), asyncio.create_task(self._write())
        try:
            hours = self._limits.connection_hours_max
            ends: tuple[asyncio.Future[None], ...] = (reading, writing, self._over)
            await asyncio.wait(ends, timeout=hours * 3_600, return_when=asyncio.FIRST_COMPLETED)
            self.close(GOING_AWAY, f"{hours} hours are over, connect again")
            if not self._is_gone:
                await self._finish(reading, writing)
        finally:
            for task in (reading, writing):
                task.cancel()
            await asyncio.gather(reading, writing, return_exceptions=True)

    async def _finish(self, reading: asyncio.Task[None], writing: asyncio.Task[None]) -> None:
        """Let what waits go out, then tell the client why the connection ends.

        The server sends the closing frame only when nobody reads any more, and none at all where the reading ended
        before it was told to close: so it is told first, and then the reading ends.
        """
        assert self._closing is not None  # noqa: S101 - somebody has said why
        await asyncio.wait((writing,), timeout=CLOSE_S)
        writing.cancel()
        closing = asyncio.ensure_future(self.socket.close(*self._closing))
        await asyncio.wait((closing,), timeout=CLOSING_S)
        reading.cancel()
        await asyncio.wait((closing,), timeout=CLOSE_S)
        closing.cancel()
        await asyncio.gather(closing, return_exceptions=True)

    async def _read(self, handle: Handler) -> None:
        """Read messages within the limits."""
        while True:
            try:
                message = await self.socket.receive()
            except (WebSocketDisconnect, RuntimeError):
                self._is_gone = True
                return
            if message["type"] == "websocket.disconnect":
                self._is_gone = True
                return
            text = message.get("text")
            if text is None:
                self.close(UNSUPPORTED, "expected text, found binary data")
                return
            if len(text) > self._limits.message_bytes_max:
                self.close(TOO_BIG, f"expected at most {self._limits.message_bytes_max} bytes")
                return
            if not self._may_send():
                self.close(POLICY_VIOLATION, f"expected at most {self._per_second_max} messages a second")
                return
            await handle(text)

    def _may_send(self) -> bool:
        """Count a message in this second."""
        second = int(time.monotonic())
        self._count = self._count + 1 if second == self._second else 1
        self._second = second
        return self._count <= self._per_second_max
