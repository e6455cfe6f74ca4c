"""One TCP connection: bytes in become messages of its session, within bounds; nobody waits for a slow client."""

from __future__ import annotations

import asyncio
import logging
from typing import Protocol, cast

from tarazy.facility.gateway.fix.codec import FixFieldError, FrameError, Framer, Stamps, body_of, framed, printable
from tarazy.facility.gateway.fix.configuration import FixSection
from tarazy.facility.gateway.fix.logon import COMP_ID_PROBLEM, LogonError
from tarazy.facility.gateway.fix.market_data import MarketClient
from tarazy.facility.gateway.fix.message import ClientMessage, message_of
from tarazy.facility.gateway.fix.session import (
    HEARTBEAT,
    LOGON,
    LOGOUT,
    REJECT,
    RESEND,
    RESET,
    TEST,
    Fields,
    FixSession,
)
from tarazy.facility.gateway.fix.trader import UNDER_WAY_MAX, Trader

GARBLED_MAX = 10
ROOM_BYTES = 256 * 1024
LOG = logging.getLogger("tarazy.gateway")
TOO_MANY_MESSAGES = -1003


class FixHost(Protocol):
    """Who takes connections in, and lets clients log on."""

    limits: FixSection

    def now_s(self) -> float:
        """Return the time of the event loop."""

    def admit(self, connection: FixConnection) -> bool:
        """Say whether one more connection may be."""

    def gone(self, connection: FixConnection) -> None:
        """Let a connection go."""

    def log_on(self, connection: FixConnection, message: ClientMessage) -> None:
        """Let a client log on. Raises: LogonError, FixFieldError."""


class FixConnection(asyncio.Protocol):
    """A client; who it is is known when it has logged on."""

    def __init__(self, server: FixHost, *, is_market: bool) -> None:
        self._server, self.is_market = server, is_market
        self._framer = Framer(server.limits.message_bytes_max)
        self._transport: asyncio.Transport | None = None
        self._may_write = asyncio.Event()
        self._may_write.set()
        self._is_paused = False
        self.address = "unknown"
        self.opened_s = 0.0
        self.client: Trader | MarketClient | None = None

    @property
    def session(self) -> FixSession | None:
        """Return the session of a client that has logged on."""
        return self.client.session if self.client is not None else None

    # ------------------------------------------------------------ of asyncio

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a client in, or not."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=ROOM_BYTES)
        peer = transport.get_extra_info("peername")
        self.address = peer[0] if peer else "unknown"
        self.opened_s = self._server.now_s()
        if not self._server.admit(self):
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take bytes; what is no FIX ends the connection."""
        try:
            for raw in self._framer.feed(data):
                if self._transport is None or self._transport.is_closing():
                    return
                self._received(raw)
            if self._framer.garbled > GARBLED_MAX:
                raise FrameError("expected checksums that are right")
        except FrameError as error:
            self._end(str(error))
        except Exception:
            LOG.exception("a message over FIX")
            self._end("an unknown error occurred")
        if self.client is not None and self.client.under_way >= UNDER_WAY_MAX and not self._is_paused:
            self._is_paused = True
            asyncio.get_running_loop().create_task(self._go_on())

    async def _go_on(self) -> None:
        """Read on when less is under way."""
        transport, client = self._transport, self.client
        if transport is not None and client is not None and not transport.is_closing():
            transport.pause_reading()
            while client.under_way >= UNDER_WAY_MAX // 2:
                await asyncio.sleep(0.005)
            if not transport.is_closing():
                transport.resume_reading()
        self._is_paused = False

    def pause_writing(self) -> None:
        """Note that much waits for the client."""
        self._may_write.clear()

    def resume_writing(self) -> None:
        """Note that little waits for the client."""
        self._may_write.set()

    def connection_lost(self, error: Exception | None) -> None:
        """Let the client go."""
        self._may_write.set()
        self._transport = None
        self._server.gone(self)

    # ------------------------------------------------------------ of the session

    def write(self, data: bytes) -> None:
        """Send bytes; a client for which too much waits is dropped."""
        if self._transport is None or self._transport.is_closing():
            return
        self._transport.write(data)
        if self._transport.get_write_buffer_size() > self._server.limits.waiting_bytes_max:
            LOG.warning("a client of FIX at %s takes nothing and is dropped", self.address)
            self._transport.abort()

    async def room(self) -> None:
        """Wait until little waits for the client."""
        await self._may_write.wait()

    def close(self) -> None:
        """End the connection behind what was written."""
        if self._transport is not None and not self._transport.is_closing():
            self._transport.close()

    # ------------------------------------------------------------ messages

    def _received(self, raw: bytes) -> None:
        """Take one message."""
        try:
            message = message_of(raw)
        except FixFieldError as error:
            self._framer.garbled += 1  # without type, names and number nobody can answer it
            if self.client is None:
                self._end(error.text)
            return
        problem = None
        try:
            message.read()
        except FixFieldError as error:
            problem = error
        if self.client is None:
            self._log_on(message, problem)
        else:
            self._take(self.client, message, problem)

    def _log_on(self, message: ClientMessage, problem: FixFieldError | None) -> None:
        """Let a client log on, or say why not."""
        if message.kind != LOGON:
            return self._end("expected a Logon first")
        try:
            if problem is not None:
                raise LogonError(problem.reason, problem.tag, -1130, problem.text)
            self._server.log_on(self, message)
        except LogonError as error:
            self._refuse_logon(message, error)
        except FixFieldError as error:
            self._refuse_logon(message, LogonError(error.reason, error.tag, -1130, error.text))
        return None

    def _refuse_logon(self, message: ClientMessage, error: LogonError) -> None:
        """Say why a client cannot log on. No session is touched: nobody has proven to be its client."""
        stamps = Stamps()
        names = f"49={printable(message.header[56])}\x0156={printable(message.header[49])}\x01"
        tag: Fields = [(371, error.tag)] if error.tag else []
        text = printable(error.text)
        reject: Fields = [(45, message.seq), (372, LOGON), (373, error.reason), *tag, (25016, error.code), (58, text)]
        self.write(framed(REJECT, names, 1, stamps.now(), body_of(reject)))
        self.write(framed(LOGOUT, names, 2, stamps.now(), body_of([(58, text)])))
        self.close()

    def _take(self, client: Trader | MarketClient, message: ClientMessage, problem: FixFieldError | None) -> None:
        """Take a message of a client that has logged on."""
        session = client.session
        session.heard(self._server.now_s())
        if client.window.add("session", 1) > client.window.limit.limit:
            session.reject(message, 99, 0, "too many messages", TOO_MANY_MESSAGES)
            return session.logout("too many messages: the limit stands in the answer to LimitQuery")
        if (message.header[49], message.header[56]) != (session.name.comp_id, self._server.limits.comp_id):
            session.reject(message, COMP_ID_PROBLEM, 49, "expected the names of the Logon")
            return session.logout("SenderCompID or TargetCompID is not that of the Logon")
        if problem is not None and message.kind in (RESEND, RESET):
            message.kind = ""  # what it asks for cannot be read
        if not session.take(message):
            return None
        if problem is not None:
            session.reject(message, problem.reason, problem.tag, problem.text)
            session.done(message.seq)
        elif message.kind in ADMINISTRATIVE:
            self._administrative(session, message)
            session.done(message.seq)
        else:
            client.take(message)
        return None

    def _administrative(self, session: FixSession, message: ClientMessage) -> None:
        """Take a message of the session layer."""
        fields = message.body.fields
        if message.kind == TEST:
            session.send(HEARTBEAT, [(112, fields[112])])
        elif message.kind == RESEND:
            session.resend(message)
        elif message.kind == RESET:
            session.skip_to(message)
        elif message.kind == LOGOUT:
            session.logout("Logout acknowledgment.")
        elif message.kind == LOGON:
            session.reject(message, 99, 0, "a Logon is sent once")

    def _end(self, text: str) -> None:
        """End the connection, and say why where somebody has logged on."""
        if self.session is not None:
            self.session.logout(text)
        else:
            self.close()


ADMINISTRATIVE = (HEARTBEAT, TEST, RESEND, REJECT, RESET, LOGOUT, LOGON)
