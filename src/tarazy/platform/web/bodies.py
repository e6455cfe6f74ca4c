"""Bodies of requests as they arrive: bounded in bytes and time each, and in bytes of one caller and of all at once."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections import Counter
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.exceptions import HTTPException

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
BUSY_RETRY_S = 5


class BodyError(HTTPException):
    """A request's body is too large or too slow, or too much is under way."""


class Underway:
    """Bytes of bodies that are in memory now, by caller and in all. Units: bytes."""

    def __init__(self, caller_max: int, all_max: int) -> None:
        self._caller_max = caller_max
        self._all_max = all_max
        self._by_caller: Counter[str] = Counter()
        self.total = 0

    def add(self, caller: str, count: int) -> None:
        """Count bytes that have arrived.

        Raises: BodyError (429) where the caller, or all together, send too much at once.
        """
        whose = ""
        if self._by_caller[caller] + count > self._caller_max:
            whose = f"this caller may have {self._caller_max:,} bytes under way"
        elif self.total + count > self._all_max:
            whose = f"this service takes {self._all_max:,} bytes at once"
        if whose:
            raise BodyError(429, f"{whose}: send it again later", {"retry-after": str(BUSY_RETRY_S)})
        self._by_caller[caller] += count
        self.total += count

    def free(self, caller: str, count: int) -> None:
        """Forget bytes that are no longer in memory."""
        self._by_caller[caller] -= count
        self.total -= count
        if not self._by_caller[caller]:
            del self._by_caller[caller]


class Bounded:
    """One request's body. What it holds counts until `close`."""

    def __init__(
        self, scope: Scope, receive: Receive, bytes_max: int, seconds: float, underway: Underway, caller: str
    ) -> None:
        self._receive = receive
        self._bytes_max = bytes_max
        self._deadline_s = time.monotonic() + seconds
        self._underway = underway
        self._caller = caller
        self._size = 0
        self._complete = False
        declared = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
        self._too_large = declared.isdigit() and (len(declared) > 18 or int(declared) > bytes_max)
        self._announced = any(name in (b"content-length", b"transfer-encoding") for name, _ in scope["headers"])
        self._digest = hashlib.sha256()

    def digest(self) -> str | None:
        """Return the SHA-256 of the body as digits, None where it was not read to its end."""
        return self._digest.hexdigest() if self._complete or not self._announced else None

    def close(self) -> None:
        """Say that the request is over."""
        self._underway.free(self._caller, self._size)
        self._size = 0

    async def receive(self) -> Message:
        """Return the next part of the body.

        Raises: BodyError.
        """
        if self._complete:
            return await self._receive()
        too_large = BodyError(413, f"expected a body of at most {self._bytes_max:,} bytes, found more")
        if self._too_large:
            raise too_large
        try:
            async with asyncio.timeout(max(0.0, self._deadline_s - time.monotonic())):
                message = await self._receive()
        except TimeoutError:
            raise BodyError(408, "the body did not arrive in time") from None
        part: bytes = message.get("body", b"")
        if self._size + len(part) > self._bytes_max:
            raise too_large
        self._underway.add(self._caller, len(part))
        self._size += len(part)
        self._digest.update(part)
        self._complete = not message.get("more_body", False)
        return message
