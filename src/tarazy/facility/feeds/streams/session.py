"""A stream connection: which streams it listens to, and what it may change of that."""

from __future__ import annotations

from typing import Any

from tarazy.facility.feeds.configuration import FeedsSection
from tarazy.facility.feeds.streams.connection import Connection
from tarazy.facility.feeds.streams.hub import Hub
from tarazy.facility.feeds.streams.names import USER, Stream, UnknownStreamError, parse
from tarazy.facility.feeds.streams.requests import (
    INVALID_REQUEST,
    INVALID_VALUE,
    UNKNOWN_PROPERTY,
    StreamRequestError,
    read,
)
from tarazy.facility.feeds.users.listening import ListenKeys
from tarazy.facility.feeds.views import MarketViews


class StreamSession:
    """One client's streams."""

    def __init__(
        self, connection: Connection, hub: Hub, views: MarketViews, limits: FeedsSection, listen_keys: ListenKeys
    ) -> None:
        self._connection, self._hub, self._views, self._limits = connection, hub, views, limits
        self._listen_keys = listen_keys
        self.streams: dict[str, Stream] = {}

    def subscribe(self, names: list[Any]) -> None:
        """Listen to streams: to all of them or, where one is refused, to none.

        Raises: StreamRequestError.
        """
        found = [self._parse(name) for name in names]
        together = self.streams | {stream.name: stream for stream in found}
        if len(together) > self._limits.streams_of_connection_max:
            most = self._limits.streams_of_connection_max
            raise StreamRequestError(INVALID_REQUEST, f"Invalid request: at most {most} streams on a connection")
        for stream in found:
            if stream.name not in self.streams:
                self._hub.add(stream, self._connection)
                if stream.kind == USER:
                    self._listen_keys.begin(stream.market_id)
                self.streams[stream.name] = stream

    def unsubscribe(self, names: list[Any]) -> None:
        """Listen to streams no longer; one that was not listened to makes no difference."""
        for name in names:
            stream = self.streams.pop(name, None) if isinstance(name, str) else None
            if stream is not None:
                self._hub.remove(stream, self._connection)
                if stream.kind == USER:
                    self._listen_keys.end(stream.market_id)

    def close(self) -> None:
        """Listen to nothing any more."""
        self.unsubscribe(list(self.streams))

    async def handle(self, text: str) -> None:
        """Do what a message asks, and answer."""
        try:
            method, parameters, request_id = read(text)
        except StreamRequestError as error:
            self._connection.say(error.plain)
            return
        try:
            answer = {"result": self._result(method, parameters), "id": request_id}
        except StreamRequestError as error:
            answer = {**error.plain, "id": request_id}
        self._connection.say(answer)

    def _result(self, method: str, parameters: list[Any]) -> Any:
        """Return what a request comes to."""
        if method == "SUBSCRIBE":
            return self.subscribe(parameters)
        if method == "UNSUBSCRIBE":
            return self.unsubscribe(parameters)
        if method == "LIST_SUBSCRIPTIONS":
            return list(self.streams)
        if len(parameters) != (2 if method == "SET_PROPERTY" else 1):
            raise StreamRequestError(INVALID_REQUEST, "Invalid request: wrong number of parameters")
        if not isinstance(parameters[0], str):
            raise StreamRequestError(INVALID_REQUEST, "Invalid request: property name must be a string")
        if parameters[0] != "combined":
            raise StreamRequestError(UNKNOWN_PROPERTY, "Unknown property")
        if method == "GET_PROPERTY":
            return self._connection.is_combined
        if not isinstance(parameters[1], bool):
            raise StreamRequestError(INVALID_VALUE, "Invalid value type: expected Boolean")
        self._connection.is_combined = parameters[1]
        return None

    def _parse(self, name: Any) -> Stream:
        """Return a stream by its name. Raises: StreamRequestError."""
        if not isinstance(name, str):
            raise StreamRequestError(INVALID_REQUEST, "Invalid request: the name of a stream must be a string")
        account_id = self._listen_keys.account_of(name)
        if account_id is not None:
            return Stream(name, USER, account_id)
        try:
            return parse(name, self._market_of)
        except UnknownStreamError as error:
            raise StreamRequestError(INVALID_REQUEST, f"Invalid request: {error}") from None

    def _market_of(self, name: str) -> int | None:
        """Return the number of a market by its symbol in lower case."""
        return next((each.market_id for each in self._views.all_symbols() if each.name.lower() == name), None)
