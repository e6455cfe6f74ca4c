"""One HTTP POST to a node, with one deadline for the whole of it and a bound on the size of what is read.

http.client applies a timeout to each read, so that a server that drips a byte at a time is waited for without end.
Here every read of the socket, headers included, gets what is left until the deadline.
Not bounded: the look-up of the host's name, which the system's resolver limits.
"""

from __future__ import annotations

import base64
import io
import socket
import ssl
import threading
import time
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import unquote, urlsplit

from tarazy.chains.errors import (
    NodeAddressError,
    NodeMalformedError,
    NodeTimeoutError,
    NodeTooLargeError,
    NodeUnreachableError,
)

READ_BYTES = 65_536
IDLE_CONNECTIONS_MAX = 4
BUSY_STATUSES = frozenset({429, 502, 503, 504})


class _TimedReader(io.RawIOBase):
    """What a response reads from: each read of the socket gets the time that is left."""

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._raw = connection.stream.makefile("rb", buffering=0)  # keeps the socket open until it is closed itself

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int | None:
        """Read what has come; nothing at the end of the stream."""
        self._connection.stream.settimeout(self._connection.left_s())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        """Let go of the socket."""
        self._raw.close()
        super().close()


class _TimedSocket:
    """The part of a socket that http.client uses.

    http.client sends head and body of a request apart; here they wait for one another and go out at once, before the
    answer is read: each time that something is sent costs more than all that is done with it here.
    """

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self._unsent = bytearray()

    def makefile(self, *_: Any, **__: Any) -> io.BufferedReader:
        """Send what waits, in the time that is left, and return what a response reads from."""
        self._connection.stream.settimeout(self._connection.left_s())
        self._connection.stream.sendall(self._unsent)
        self._unsent.clear()
        return io.BufferedReader(_TimedReader(self._connection))

    def sendall(self, data: Any) -> None:
        """Keep what is to be sent."""
        self._unsent += data

    def close(self) -> None:
        """Close the socket once nothing reads from it."""
        self._connection.stream.close()


class _Connection(HTTPConnection):
    """A kept connection whose every operation ends at `deadline`."""

    stream: socket.socket

    def __init__(self, host: str, port: int, context: ssl.SSLContext | None) -> None:
        super().__init__(host, port)
        self.context = context
        self.deadline = 0.0
        self.used = False

    def left_s(self) -> float:
        """Return the seconds until the deadline.

        Raises: TimeoutError where none is left.
        """
        left = self.deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left

    def connect(self) -> None:
        """Open the connection, encrypted where the URL says so, in the time that is left."""
        stream = socket.create_connection((self.host, self.port), self.left_s())
        try:
            stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self.context:
                stream.settimeout(self.left_s())
                stream = self.context.wrap_socket(stream, server_hostname=self.host)
        except BaseException:
            stream.close()
            raise
        self.stream = stream
        self.sock = _TimedSocket(self)


class BusyError(Exception):
    """The server asks to come again later; caught by the client that retries."""


class Transport:
    """POSTs to one URL over kept connections; safe to use from several threads."""

    def __init__(self, url: str, max_bytes: int) -> None:
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise NodeAddressError("node", "a URL", str(error)) from error
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise NodeAddressError("node", "an http or https URL with a host", repr(parts.scheme + "://..."))
        self.max_bytes = max_bytes
        self._host, self._port = parts.hostname, port or (443 if parts.scheme == "https" else 80)
        self._context = ssl.create_default_context() if parts.scheme == "https" else None
        self._target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self.where = f"node {self._host}:{self._port}"
        self._headers = {"Content-Type": "application/json", "Accept-Encoding": "identity"}
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}".encode()
            self._headers["Authorization"] = "Basic " + base64.b64encode(pair).decode()
        self._idle: list[_Connection] = []
        self._lock = threading.Lock()

    def __del__(self) -> None:
        if hasattr(self, "_lock"):
            self.close()

    def close(self) -> None:
        """Close the connections that wait for use."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def post(self, body: bytes, deadline: float) -> bytes:
        """Send a body, return the answer's.

        Units: `deadline` on the monotonic clock.
        Raises: NodeError; BusyError where the server asks to come later; StaleError where a kept connection was dead.
        """
        connection = self._take()
        connection.deadline = deadline
        try:
            connection.request("POST", self._target, body, self._headers)
            response = connection.getresponse()
            with response:
                answer = self._read(response)
        except TimeoutError as error:
            connection.close()
            raise NodeTimeoutError(self.where, "the whole answer in time", "time ran out") from error
        except (OSError, HTTPException, ValueError) as error:
            connection.close()
            if connection.used and isinstance(error, ConnectionError):
                raise StaleError from error
            raise self._broken(error) from error
        except BaseException:
            connection.close()
            raise
        self._give_back(connection)
        return answer

    def _broken(self, error: Exception) -> NodeMalformedError | NodeUnreachableError:
        found = f"{type(error).__name__}: {str(error)[:200]}"
        if isinstance(error, OSError):
            return NodeUnreachableError(self.where, "a connection", found)
        return NodeMalformedError(self.where, "a whole HTTP answer", found)

    def _read(self, response: HTTPResponse) -> bytes:
        announced = response.length or 0
        if announced > self.max_bytes:
            raise NodeTooLargeError(self.where, f"at most {self.max_bytes} bytes", f"{announced} announced")
        parts, size = [], 0
        while part := response.read1(READ_BYTES):
            size += len(part)
            if size > self.max_bytes:
                raise NodeTooLargeError(self.where, f"at most {self.max_bytes} bytes", "more")
            parts.append(part)
        if response.length:
            raise NodeMalformedError(self.where, "the announced length", f"{response.length} bytes less")
        body = b"".join(parts)
        if response.status in BUSY_STATUSES:
            raise BusyError(f"status {response.status}")
        if response.status != 200 and not body.lstrip().startswith((b"{", b"[")):
            raise NodeMalformedError(self.where, "HTTP status 200", f"{response.status} {response.reason[:80]!r}")
        encoding = response.getheader("Content-Encoding", "identity")
        if encoding != "identity":
            raise NodeMalformedError(self.where, "an answer that is not compressed", f"encoding {encoding[:40]!r}")
        return body

    def _take(self) -> _Connection:
        with self._lock:
            return self._idle.pop() if self._idle else _Connection(self._host, self._port, self._context)

    def _give_back(self, connection: _Connection) -> None:
        connection.used = True
        with self._lock:
            if connection.sock is not None and len(self._idle) < IDLE_CONNECTIONS_MAX:
                self._idle.append(connection)
                return
        connection.close()


class StaleError(Exception):
    """A kept connection had been closed by the server meanwhile; caught by the client, which sends anew."""
