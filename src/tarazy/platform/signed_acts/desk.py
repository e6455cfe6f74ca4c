"""What every desk of signed acts does: it replays its record, prepares an act to be signed, writes it, applies it.

Which acts there are, who may do them and what they change is said by the desk of a room.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, Self

from tarazy.domain.signer import Signer
from tarazy.platform.signed_acts.errors import ActRecordError, ActRefusedError
from tarazy.platform.signed_acts.record import ActLine, ActRecord, UnsignedAct

SKEW_S = 600


class SignedActDesk(ABC):
    """A desk over its record. May be used from several threads."""

    def __init__(self, record: ActRecord, clock: Callable[[], float]) -> None:
        self.record = record
        self.state_head = record.start  # hash of the last act that has taken effect
        self._clock, self._lock = clock, threading.Lock()

    @abstractmethod
    def _check(self, unsigned: UnsignedAct, public_key: bytes | None) -> None:
        """Check who acts, which fields, and what the state allows. `public_key` None: it is not signed yet.

        Raises: ActRefusedError.
        """

    @abstractmethod
    def _check_replayed(self, line: ActLine) -> None:
        """Check a line of the record as far as it can be checked later. Raises: ActRefusedError."""

    @abstractmethod
    def _apply(self, unsigned: UnsignedAct) -> None:
        """Let an act that was checked take effect."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.record.close()

    def now(self) -> str:
        """Return the time, UTC, to the second."""
        return datetime.fromtimestamp(int(self._clock()), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def today(self) -> str:
        """Return the day, UTC."""
        return self.now()[:10]

    def prepare(self, officer_id: int, act: str, subject: str, body: dict[str, Any]) -> UnsignedAct:
        """Return what an officer signs, checked. Raises: ActRefusedError."""
        with self._lock:
            unsigned = self._next(officer_id, act, subject, body)
            self._check(unsigned, None)
            return unsigned

    def commit(self, unsigned: UnsignedAct, public_key: bytes, signature: bytes) -> ActLine:
        """Write a signed act and let it take effect.

        Raises: ActRefusedError, ActRecordError; nothing is written then.
        """
        with self._lock:
            if unsigned.previous != self.record.head:
                action = "Look at it once more and sign again"
                raise ActRefusedError("the record", expected="no act since", found="another act", action=action)
            self._check_time(unsigned)
            self._check(unsigned, public_key)
            line = self.record.append(unsigned, public_key, signature)
            self._take_effect(line)
            return line

    def act(self, officer_id: int, signer: Signer, act: str, subject: str, body: dict[str, Any]) -> ActLine:
        """Prepare, sign and commit in one step, where the key is at hand. Raises: as both."""
        unsigned = self.prepare(officer_id, act, subject, body)
        return self.commit(unsigned, signer.public_key, signer.sign(unsigned.message))

    def _next(self, officer_id: int, act: str, subject: str, body: dict[str, Any]) -> UnsignedAct:
        return UnsignedAct(len(self.record.lines) + 1, self.now(), officer_id, act, subject, body, self.record.head)

    def _replay(self, lines: Iterable[ActLine]) -> None:
        """Let lines take effect again. Raises: ActRecordError where one could not have been written."""
        try:
            for line in lines:
                self._replay_line(line)
        except BaseException:
            self.record.close()
            raise

    def _replay_line(self, line: ActLine) -> None:
        try:
            self._check_replayed(line)
        except ActRefusedError as error:
            where = f"{self.record.path}, act {line.unsigned.number}"
            raise ActRecordError(where, expected="an act that the rules allow", found=str(error)) from error
        self._take_effect(line)

    def _take_effect(self, line: ActLine) -> None:
        self._apply(line.unsigned)
        self.state_head = line.hash

    def _check_time(self, unsigned: UnsignedAct) -> None:
        last = self.record.lines[-1].unsigned.at if self.record.lines else ""
        try:
            written = datetime.strptime(unsigned.at, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC).timestamp()
        except ValueError:
            raise ActRefusedError("at", expected="a time as 2026-01-31T12:00:00Z", found=unsigned.at[:40]) from None
        if unsigned.at < last or abs(written - self._clock()) > SKEW_S:
            expected = f"a time not before {last or 'now'} and within {SKEW_S} s of now"
            raise ActRefusedError("at", expected=expected, found=unsigned.at, action="Prepare it anew")
