"""One session: its numbers both ways, what is sent again, heartbeats. It lives on when its connection ends.

The session layer of FIX 4.4: a message with too high a number is not taken and everything from the missing one on is
asked for; one with too low a number ends the connection, unless it says that it may be known. The number up to which
messages count as taken moves on when they are done, so that after a crash the client is asked for those that were not.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Protocol

from tarazy.facility.gateway.fix.codec import Stamps, body_of, framed, printable
from tarazy.facility.gateway.fix.message import MISSING, ClientMessage
from tarazy.facility.gateway.fix.store import MARKETS, Numbers, SentMessage, SessionName, SessionStore

ADMIN = frozenset("01245A")  # not sent again; a Reject is
HEARTBEAT, TEST, RESEND, REJECT, RESET, LOGOUT, LOGON = "0", "1", "2", "3", "4", "5", "A"
RESEND_ROWS = 500
PATIENCE = 2.4  # heartbeat intervals without a word from the client until it counts as gone
Fields = list[tuple[int, "str | int"]]


class Wire(Protocol):
    """A connection as a session sees it."""

    def write(self, data: bytes) -> None:
        """Send bytes; never waits."""

    async def room(self) -> None:
        """Wait until little is waiting for the client."""

    def close(self) -> None:
        """End the connection behind what was written."""


class SessionKeeper(Protocol):
    """Who writes sessions to the store and to their connections, once for many messages."""

    store: SessionStore

    def flush_soon(self, session: FixSession) -> None:
        """Write what a session has for its store and its client before the event loop goes on."""

    def flush(self) -> None:
        """Write it now."""


class FixSession:
    """The session layer for one name."""

    def __init__(self, name: SessionName, numbers: Numbers, our_id: str, keeper: SessionKeeper, stamps: Stamps) -> None:
        self.name, self.numbers, self._keeper, self._stamps = name, numbers, keeper, stamps
        self._names = f"49={our_id}\x0156={name.comp_id}\x01"
        self.wire: Wire | None = None
        self.heartbeat_s = 30
        self.expected = numbers.next_in  # of the next message; behind `numbers.next_in` while some are under way
        self.request_names: dict[int, str] = {}  # of cancels and changes under way, by order or list
        self.unsaved: list[SentMessage] = []
        self.unsent: list[bytes] = []
        self._under_way: deque[list[int]] = deque()
        self._resending: asyncio.Task[None] | None = None
        self._asked_up_to = 0
        self.last_in_s = self.last_out_s = 0.0
        self._tested = False

    @property
    def is_kept(self) -> bool:
        """Say whether messages are kept for a client that asks for them again; market data is not."""
        return self.name.role != MARKETS

    # ------------------------------------------------------------ out

    def send(self, kind: str, fields: Fields) -> None:
        """Send a message: it is kept first, and sent with what else happens at this moment."""
        seq, sent_at, body = self.numbers.next_out, self._stamps.now(), body_of(fields)
        self.numbers.next_out += 1
        if self.is_kept and kind not in ADMIN:
            self.unsaved.append(SentMessage(seq, kind, sent_at, body))
        if self.wire is not None and self._resending is None:
            self.unsent.append(framed(kind, self._names, seq, sent_at, body))
        self._keeper.flush_soon(self)

    def sent(self, now_s: float) -> None:
        """Hand to the connection what is in the store now."""
        if self.wire is not None and self.unsent:
            self.last_out_s = now_s
            self.wire.write(b"".join(self.unsent))
        self.unsent.clear()
        self.unsaved.clear()

    def reject(self, message: ClientMessage, reason: int, tag: int, text: str, code: int = 0) -> None:
        """Refuse a message that breaks the rules of its form."""
        fields: Fields = [(45, message.seq), (372, message.kind), (373, reason)]
        fields += [(371, tag)] if tag else []
        fields += [(25016, code)] if code else []
        self.send(REJECT, [*fields, (58, printable(text))])

    def logout(self, text: str) -> None:
        """Say why the connection ends, and end it."""
        self.send(LOGOUT, [(58, printable(text))])
        self.end_soon()

    def end_soon(self) -> None:
        """End the connection behind what is sent already."""
        wire = self.wire
        if wire is not None:
            asyncio.get_running_loop().call_soon(lambda: asyncio.get_running_loop().call_soon(wire.close))

    # ------------------------------------------------------------ connections

    def attach(self, wire: Wire, heartbeat_s: int, now_s: float) -> None:
        """Let a connection that has logged on be the session's."""
        self.wire, self.heartbeat_s = wire, heartbeat_s
        self.last_in_s = self.last_out_s = now_s
        self._tested, self._asked_up_to = False, 0
        self.expected = self.numbers.next_in
        self._under_way.clear()

    def logged_on(self, seq: int) -> None:
        """Note the number of the Logon, which may say that messages before it are missing."""
        if seq > self.expected:
            self.ask_for_missing(seq)
        else:
            self.expected = self.numbers.next_in = seq + 1

    def broken(self) -> None:
        """End the connection at once: what was to be sent could not be kept, and is sent when it can be."""
        self.unsent.clear()
        if self.wire is not None:
            self.wire.close()

    def detach(self) -> None:
        """Go on without a connection; what is sent now is kept until somebody asks for it."""
        self.wire = None
        self.unsent.clear()
        if self._resending is not None:
            self._resending.cancel()
            self._resending = None

    def tick(self, now_s: float) -> None:
        """Send a heartbeat where nothing else was sent, ask a silent client, and end one that does not answer."""
        if self.wire is None:
            return None
        silent_s = now_s - self.last_in_s
        if silent_s > PATIENCE * self.heartbeat_s:
            return self.logout("no heartbeat")
        if silent_s > 1.2 * self.heartbeat_s and not self._tested:
            self._tested = True
            return self.send(TEST, [(112, "are you there")])
        if now_s - self.last_out_s >= self.heartbeat_s:
            self.send(HEARTBEAT, [])
        return None

    # ------------------------------------------------------------ in

    def heard(self, now_s: float) -> None:
        """Note that the client is there."""
        self.last_in_s, self._tested = now_s, False

    def take(self, message: ClientMessage) -> bool:
        """Say whether a message is the next one; where it is not, do what is to be done."""
        if message.kind == RESET and message.body.fields.get(123) != "Y":
            return self._reset(message)
        if message.kind == LOGOUT and message.seq > self.expected:  # who leaves waits for no missing message
            self.logout("Logout acknowledgment.")
            return False
        if message.seq == self.expected:
            self.expected += 1
            self._under_way.append([message.seq, 0])
            return True
        if message.seq > self.expected:
            self.ask_for_missing(message.seq)
            if message.kind == RESEND:  # both sides may miss something: answer first
                self.resend(message)
            return False
        if message.header.get(43) != "Y":
            self.logout(f"MsgSeqNum too low, expecting {self.expected} but received {message.seq}")
        return False

    def ask_for_missing(self, found: int) -> None:
        """Ask for all messages from the missing one on, once."""
        if self._asked_up_to < self.expected:
            self._asked_up_to = found
            self.send(RESEND, [(7, self.expected), (16, 0)])

    def done(self, seq: int) -> None:
        """Note that a message was dealt with; messages before it may still be under way."""
        for each in self._under_way:
            if each[0] == seq:
                each[1] = 1
                break
        while self._under_way and self._under_way[0][1]:
            self.numbers.next_in = self._under_way.popleft()[0] + 1
        self._keeper.flush_soon(self)

    def skip_to(self, message: ClientMessage) -> None:
        """Go on behind a gap that the client will not fill."""
        new = int(message.body.fields[36])
        if new <= message.seq:
            self.reject(message, 5, 36, f"expected NewSeqNo above {message.seq}, found {new}")
        elif new > self.expected:
            self.expected = new
            self._under_way.append([new - 1, 1])

    def _reset(self, message: ClientMessage) -> bool:
        """Go on where the client says, whatever the number of its message is; never back."""
        new = message.body.fields.get(36)
        if new is None:
            self.reject(message, MISSING, 36, "expected NewSeqNo")
        elif int(new) < self.expected:
            self.reject(message, 5, 36, f"expected NewSeqNo of at least {self.expected}, found {new}")
        else:
            self.expected = self.numbers.next_in = int(new)
            self._under_way.clear()
            self._keeper.flush_soon(self)
        return False

    # ------------------------------------------------------------ again

    def resend(self, message: ClientMessage) -> None:
        """Send again what the client asks for, while nothing new is sent; that follows behind."""
        self._keeper.flush()
        first, last = int(message.body.fields[7]), int(message.body.fields[16])
        newest = self.numbers.next_out - 1
        if first < 1 or (last and last < first) or first > newest:
            return self.reject(message, 5, 7, f"expected numbers from 1 to {newest}, found {first} to {last}")
        if self._resending is not None:
            return None  # everything up to the newest is on its way already
        task = asyncio.get_running_loop().create_task(self._resend(first, min(last or newest, newest), newest + 1))
        self._resending = task
        return None

    async def _resend(self, first: int, last: int, held_from: int) -> None:
        """Send kept messages again, gaps where there are none, and then what was held back meanwhile."""
        at = await self._send_kept(first, last)
        at = max(at, held_from)
        while at < self.numbers.next_out:
            at = await self._send_kept(at, self.numbers.next_out - 1)
        self._resending = None

    async def _send_kept(self, first: int, last: int) -> int:
        """Send a range again; return the number behind it."""
        at, wire = first, self.wire
        while at <= last and wire is not None:
            self._keeper.flush()
            kept = self.is_kept
            rows = self._keeper.store.messages(self.numbers.number, at, last, RESEND_ROWS) if kept else []
            parts = []
            for row in rows:
                if row.seq > at:
                    parts.append(self._gap(at, row.seq))
                resent = f"43=Y\x01122={row.sent_at}\x01"
                parts.append(framed(row.kind, self._names, row.seq, self._stamps.now(), row.body, resent))
                at = row.seq + 1
            if not rows:
                parts.append(self._gap(at, last + 1))
                at = last + 1
            wire.write(b"".join(parts))
            await wire.room()
            wire = self.wire
        return at

    def _gap(self, seq: int, next_seq: int) -> bytes:
        """Return the message that says that numbers are not sent again."""
        resent = f"43=Y\x01122={self._stamps.now()}\x01"
        return framed(RESET, self._names, seq, self._stamps.now(), f"123=Y\x0136={next_seq}\x01", resent)
