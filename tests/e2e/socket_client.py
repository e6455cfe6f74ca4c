"""A client of streams and of the WebSocket API for tests, over the library `websockets`."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from itertools import count
from typing import Any

from websockets import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

WAIT_S = 10.0


class Socket:
    """One connection; what arrives is JSON."""

    def __init__(self, url: str, path: str, **options: Any) -> None:
        self._opened = ExitStack()
        opening = connect(url.replace("http", "ws", 1) + path, max_size=None, **options)
        self.connection: ClientConnection = self._opened.enter_context(opening)
        self._numbers = count(1)
        self.seen: list[Any] = []

    def receive(self, timeout_s: float = WAIT_S) -> Any:
        """Return the next message."""
        found = json.loads(self.connection.recv(timeout_s))
        self.seen.append(found)
        return found

    def until(self, is_it: Callable[[Any], bool], timeout_s: float = WAIT_S) -> Any:
        """Return the next message that is what is waited for."""
        deadline = time.monotonic() + timeout_s
        while True:
            found = self.receive(max(0.0, deadline - time.monotonic()))
            if is_it(found):
                return found

    def end(self) -> tuple[int, str]:
        """Return code and reason with which the server ends the connection, after what it still says."""
        try:
            while True:
                self.receive()
        except ConnectionClosed as closed:
            found = closed.rcvd
            return (found.code, found.reason) if found else (0, "no closing frame")

    def ask(self, method: str, params: Any = None) -> Any:
        """Send a request and return its answer."""
        number = next(self._numbers)
        request = {"id": number, "method": method} | ({"params": params} if params is not None else {})
        self.connection.send(json.dumps(request))
        return self.until(lambda found: isinstance(found, dict) and found.get("id") == number)

    def ask_signed(self, method: str, key: tuple[str, str], **params: Any) -> Any:
        """Send a request that a key signs and return its answer."""
        return self.ask(method, self.signed(key, **params))

    def signed(self, key: tuple[str, str], **params: Any) -> dict[str, Any]:
        """Return parameters with key, time and signature."""
        values = {**params, "apiKey": key[0], "timestamp": time.time_ns() // 1_000_000}
        payload = "&".join(f"{name}={value}" for name, value in sorted(values.items()))
        signature = hmac.new(key[1].encode(), payload.encode(), hashlib.sha256).hexdigest()
        return {**values, "signature": signature}

    def close(self) -> None:
        """End the connection."""
        self._opened.close()

    def __enter__(self) -> Socket:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()
