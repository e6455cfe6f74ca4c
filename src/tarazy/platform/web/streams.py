"""Streams that stay open: how many one caller and all may have, counted before the first byte is sent."""

from __future__ import annotations

from collections import Counter
from typing import Any

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from tarazy.platform.refusals import RATE_LIMIT, RefusedError

OF_CALLER_MAX = 16
ALL_MAX = 512
RETRY_S = 5


class Streams:
    """The open streams of a service, on the event loop's thread."""

    def __init__(self, of_caller_max: int = OF_CALLER_MAX, all_max: int = ALL_MAX) -> None:
        self._of_caller_max = of_caller_max
        self._all_max = all_max
        self._open: Counter[str] = Counter()

    def total(self) -> int:
        """Return how many are open."""
        return self._open.total()

    def take(self, caller: str) -> None:
        """Count one more.

        Raises: RefusedError (rate limit).
        """
        if self._open[caller] >= self._of_caller_max:
            raise RefusedError(RATE_LIMIT, f"at most {self._of_caller_max} streams at once", RETRY_S)
        if self.total() >= self._all_max:
            raise RefusedError(RATE_LIMIT, "this service has too many streams open", RETRY_S)
        self._open[caller] += 1

    def free(self, caller: str) -> None:
        """Count one less."""
        self._open[caller] -= 1
        if not self._open[caller]:
            del self._open[caller]


class CountedStream(StreamingResponse):
    """A stream that counts among its caller's from now until it is over, whether or not anybody reads it."""

    def __init__(self, content: Any, streams: Streams, caller: str, **more: Any) -> None:
        super().__init__(content, **more)
        streams.take(caller)
        self._streams, self._caller = streams, caller

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._streams.free(self._caller)
