"""Who listens to which stream. A message is encoded once, and all who listen share its text."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Any, Protocol

from tarazy.facility.feeds.streams.names import Stream
from tarazy.platform.web.encoding import encode


class StreamMessage:
    """What a stream says once: as it is, and wrapped for those who listen to several."""

    def __init__(self, stream: str, plain: Any) -> None:
        self._stream, self.plain = stream, plain

    @cached_property
    def raw(self) -> str:
        """Return the text for a connection to streams by their paths."""
        return encode(self.plain).decode()

    @cached_property
    def combined(self) -> str:
        """Return the text for a connection to combined streams."""
        return f'{{"stream":"{self._stream}","data":{self.raw}}}'


class Listening(Protocol):
    """A connection: it takes a message and never waits."""

    def offer(self, message: StreamMessage) -> None:
        """Put a message behind those that wait for the client."""


class Hub:
    """The streams that somebody listens to, on the event loop's thread."""

    def __init__(self) -> None:
        self.streams: dict[Stream, dict[Listening, None]] = {}
        self._of_market: dict[tuple[str, int], list[Stream]] = {}

    def add(self, stream: Stream, listener: Listening) -> None:
        """Let a connection listen to a stream."""
        listeners = self.streams.get(stream)
        if listeners is None:
            listeners = self.streams[stream] = {}
            self._of_market.setdefault((stream.kind, stream.market_id), []).append(stream)
        listeners[listener] = None

    def remove(self, stream: Stream, listener: Listening) -> None:
        """Let a connection listen no longer; a stream without listeners is not made."""
        listeners = self.streams.get(stream, {})
        listeners.pop(listener, None)
        if not listeners and stream in self.streams:
            del self.streams[stream]
            self._of_market[stream.kind, stream.market_id].remove(stream)

    def of(self, kind: str, market_id: int) -> list[Stream]:
        """Return the streams of a kind and a market that somebody listens to."""
        return self._of_market.get((kind, market_id), [])

    def wants(self, *kinds: str) -> bool:
        """Say whether somebody listens to a stream of some kinds."""
        return any(streams and kind in kinds for (kind, _), streams in self._of_market.items())

    def due(self, tick: int) -> list[Stream]:
        """Return the streams that say something at a tick."""
        return [stream for stream in self.streams if stream.every and tick % stream.every == 0]

    def publish(self, stream: Stream, plains: Iterable[Any]) -> None:
        """Give messages to all who listen."""
        listeners = tuple(self.streams.get(stream, ()))
        for plain in plains:
            message = StreamMessage(stream.name, plain)
            for listener in listeners:
                listener.offer(message)
