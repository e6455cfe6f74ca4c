"""Bytes of FIX 4.4 and what they say: frames out of a stream, fields out of a frame, and the way back.

A frame that is no frame ends the connection, since nobody knows where the next one begins. One whose checksum is wrong
is passed over, as the specification has it: its sender is asked for it again by its number.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime

SOH = b"\x01"
BEGIN = b"8=FIX.4.4\x019="
LENGTH = re.compile(rb"8=FIX\.4\.4\x019=([0-9]{1,9})\x01")
TRAILER = re.compile(rb"10=([0-9]{3})\x01")
LENGTH_BYTES_MAX = len(BEGIN) + 10
TRAILER_BYTES = 7
TIME = re.compile(r"([0-9]{8})-([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{3}|[0-9]{6}))?")
PRINTABLE = re.compile(r"[\x20-\x7e]*")
TEXT_MAX = 500
US_PER_S = 1_000_000
Pair = tuple[int, str]


class FrameError(Exception):
    """A stream is no FIX any more: says what was expected and what was found."""


class FixFieldError(Exception):
    """A message is not taken: the reason and the tag of its Reject, and a text."""

    def __init__(self, reason: int, tag: int, text: str) -> None:
        super().__init__(reason, tag, text)
        self.reason, self.tag, self.text = reason, tag, text


class Framer:
    """Cuts a stream into messages."""

    def __init__(self, bytes_max: int) -> None:
        self._bytes_max = bytes_max
        self._rest = b""
        self.garbled = 0

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Yield the messages that are whole now. Raises: FrameError."""
        rest = self._rest + data if self._rest else data
        at = 0
        try:
            while True:
                found = LENGTH.match(rest, at)
                if found is None:
                    self._require_begin(rest, at)
                    return
                end = found.end() + int(found[1]) + TRAILER_BYTES
                if end - at > self._bytes_max:
                    raise FrameError(f"expected a message of at most {self._bytes_max} bytes, found {end - at}")
                if end > len(rest):
                    return
                message, at = rest[at:end], end
                if is_whole(message):
                    yield message
                else:
                    self.garbled += 1
        finally:
            self._rest = rest[at:]

    def _require_begin(self, rest: bytes, at: int) -> None:
        """Raise FrameError where what is there cannot become the begin of a message."""
        start = rest[at : at + LENGTH_BYTES_MAX]
        is_prefix = BEGIN.startswith(start) or (start.startswith(BEGIN) and start[len(BEGIN) :].isdigit())
        if start and not (is_prefix and len(start) < LENGTH_BYTES_MAX):
            raise FrameError("expected a message that begins with 8=FIX.4.4 and 9=LENGTH")


def is_whole(message: bytes) -> bool:
    """Say whether a message ends with its checksum."""
    found = TRAILER.fullmatch(message, len(message) - TRAILER_BYTES)
    return found is not None and sum(message[:-TRAILER_BYTES]) & 0xFF == int(found[1])


def pairs_of(message: bytes) -> list[Pair]:
    """Return the fields between the length and the checksum, in their order.

    Raises: FixFieldError.
    """
    start = message.index(SOH, len(BEGIN)) + 1
    try:
        text = message[start : -TRAILER_BYTES - 1].decode("ascii")
    except UnicodeDecodeError:
        raise FixFieldError(6, 0, "expected printable ASCII") from None
    pairs = []
    for part in text.split("\x01"):
        tag, sign, value = part.partition("=")
        if not sign or not tag.isdecimal() or tag[0] == "0" or len(tag) > 9:
            raise FixFieldError(0, 0, f"expected TAG=VALUE, found {printable(part)[:40]!r}")
        if not value or PRINTABLE.fullmatch(value) is None:
            raise FixFieldError(6 if value else 4, int(tag), f"expected a value of printable ASCII in tag {tag}")
        pairs.append((int(tag), value))
    return pairs


def printable(text: str) -> str:
    """Return a text with everything but printable ASCII replaced, so that it can stand in a field."""
    return "".join(char if " " <= char <= "~" else "?" for char in text[:TEXT_MAX])


def body_of(pairs: Iterable[tuple[int, str | int]]) -> str:
    """Return fields as text, each with its end."""
    return "".join(f"{tag}={value}\x01" for tag, value in pairs)


def framed(kind: str, names: str, seq: int, sent_at: str, body: str, resent: str = "") -> bytes:
    """Return a message. `names` are the fields 49 and 56 as text, `resent` the fields of one that is sent again."""
    inner = f"35={kind}\x01{names}34={seq}\x01{resent}52={sent_at}\x01{body}".encode("ascii", "replace")
    message = BEGIN + b"%d\x01" % len(inner) + inner
    return message + b"10=%03d\x01" % (sum(message) & 0xFF)


class Stamps:
    """The time as fields have it; the second's text is made once."""

    def __init__(self) -> None:
        self._second, self._text = -1, ""

    def now(self) -> str:
        """Return the time with microseconds."""
        return self.of_us(time.time_ns() // 1_000)

    def of_us(self, stamp_us: int) -> str:
        """Return a time, microseconds since 1970, as text."""
        second, part = divmod(stamp_us, US_PER_S)
        if second != self._second:
            self._second = second
            self._text = datetime.fromtimestamp(second, UTC).strftime("%Y%m%d-%H:%M:%S")
        return f"{self._text}.{part:06d}"


def time_us(text: str) -> int:
    """Return a time in microseconds since 1970.

    Raises: ValueError.
    """
    found = TIME.fullmatch(text)
    if found is None:
        raise ValueError(text)
    date, hour, minute, second, part = found.groups()
    moment = datetime(int(date[:4]), int(date[4:6]), int(date[6:]), int(hour), int(minute), int(second), tzinfo=UTC)
    return int(moment.timestamp()) * US_PER_S + int((part or "").ljust(6, "0"))
