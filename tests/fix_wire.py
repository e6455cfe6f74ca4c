"""FIX by hand for tests: keys, messages as bytes, and a plain socket for what a FIX engine would not send."""

from __future__ import annotations

import base64
import socket
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .trading_stage import new_key

WAIT_S = 15.0
SOH = "\x01"
Fields = dict[int, str]


class FixKey:
    """An Ed25519 key of an account."""

    def __init__(self, directory: Path, account_id: int, scopes: tuple[str, ...] = ("trade", "read"), **terms: Any):
        self.private = Ed25519PrivateKey.generate()
        public = self.private.public_key().public_bytes_raw()
        self.key_id, _ = new_key(directory, account_id, scopes, public_key=public, **terms)

    def signature(self, *fields: str) -> str:
        """Return RawData over the fields of a Logon."""
        return base64.b64encode(self.private.sign(SOH.join(fields).encode())).decode()


class SocketClient:
    """A plain socket: sends what it is told, and keeps numbers only where it makes messages itself."""

    opened: ClassVar[list[SocketClient]] = []

    def __init__(self, url: str, key: FixKey | None = None, comp_id: str = "RAW") -> None:
        self.opened.append(self)
        address = urlsplit(url)
        self.socket = socket.create_connection((address.hostname, address.port), timeout=WAIT_S)
        if "tls" in address.scheme:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            self.socket = context.wrap_socket(self.socket)
        self.key, self.comp_id, self.seq, self.rest = key, comp_id, 1, b""

    def raw(self, data: bytes) -> None:
        """Send bytes."""
        self.socket.sendall(data)

    def say(self, kind: str, fields: list[tuple[int, object]], **header: object) -> None:
        """Send a message with the next number; `seq`, `at` and `sender` in the header are as given."""
        seq = header.get("seq", self.seq)
        self.seq = int(str(seq)) + 1
        self.raw(wire(kind, seq, header.get("sender", self.comp_id), header.get("at", sending_time()), fields))

    def log_on(self, **terms: Any) -> None:
        """Send a Logon; `at` its time, `seq` its number, `resets`, `signature`, `extra` fields."""
        assert self.key is not None
        at, seq = terms.get("at") or sending_time(), str(terms.get("seq", 1))
        signature = terms.get("signature") or self.key.signature("A", self.comp_id, "SPOT", seq, at)
        fields: list[tuple[int, object]] = [(98, 0), (108, terms.get("heartbeat", 30)), (95, len(signature))]
        fields += [(96, signature), (141, "Y" if terms.get("resets", True) else "N")]
        fields += [(553, terms.get("key_id", self.key.key_id)), (25035, 2), *terms.get("extra", [])]
        self.say("A", fields, at=at, seq=seq)

    def next(self, kind: str | None = None) -> Fields:
        """Return the next message, or the next of a kind; empty where the connection has ended."""
        while True:
            end = self.rest.find(b"\x0110=")
            if end >= 0 and len(self.rest) >= end + 8:
                message, self.rest = self.rest[: end + 8], self.rest[end + 8 :]
                found: Fields = {}
                for part in message.decode().split(SOH):
                    tag, _, value = part.partition("=")
                    if tag:
                        found.setdefault(int(tag), value)
                if kind is None or found[35] == kind:
                    return found
                continue
            try:
                data = self.socket.recv(65_536)
            except ConnectionResetError:
                data = b""
            if not data:
                return {}
            self.rest += data

    def close(self) -> None:
        """Disconnect."""
        self.socket.close()


def close_sockets() -> None:
    """Disconnect all plain sockets that were opened."""
    while SocketClient.opened:
        SocketClient.opened.pop().close()


def sending_time(ahead_s: float = 0.0) -> str:
    """Return a time as SendingTime has it."""
    return (datetime.now(UTC) + timedelta(seconds=ahead_s)).strftime("%Y%m%d-%H:%M:%S.%f")[:-3]


def wire(kind: str, seq: object, sender: object, at: object, fields: list[tuple[int, object]]) -> bytes:
    """Return a message as bytes."""
    pairs = [(35, kind), (49, sender), (56, "SPOT"), (34, seq), (52, at), *fields]
    inner = "".join(f"{tag}={value}{SOH}" for tag, value in pairs).encode()
    message = b"8=FIX.4.4\x019=%d\x01" % len(inner) + inner
    return message + b"10=%03d\x01" % (sum(message) % 256)
