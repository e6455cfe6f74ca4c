"""FIX clients for tests: QuickFIX as initiator, which we did not write, and a plain socket for what it would not send.

QuickFIX holds every message of the gateway to our dictionary: one that breaks it is rejected and seen in `rejected`.
"""

from __future__ import annotations

import base64
import queue
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import urlsplit

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from .trading_stage import new_key

fix = pytest.importorskip("quickfix", reason="quickfix-ssl has wheels for Python 3.11 alone")

DICTIONARY = Path(__file__).resolve().parents[1] / "schemas" / "fix" / "tarazy-fix44.xml"
WAIT_S = 6.0
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


def fields_of(message: Any) -> Fields:
    """Return a message's fields; of those of groups the first of each tag."""
    found: Fields = {}
    for part in message.toString().split(SOH):
        tag, _, value = part.partition("=")
        if tag:
            found.setdefault(int(tag), value)
    return found


class QuickFixClient(fix.Application):
    """An initiator with one session."""

    def __init__(self, url: str, key: FixKey, comp_id: str, folder: Path, logon: dict[int, str], **settings: str):
        super().__init__()
        self.key, self.logon, self.messages = key, logon, queue.Queue[Fields]()
        self.admin: queue.Queue[Fields] = queue.Queue()
        self.seen: list[Fields] = []
        self.rejected: list[Fields] = []
        self.on = threading.Event()
        self.session_id = fix.SessionID("FIX.4.4", comp_id, "SPOT")
        address = urlsplit(url)
        terms = {
            "ConnectionType": "initiator",
            "ReconnectInterval": "1",
            "StartTime": "00:00:00",
            "EndTime": "00:00:00",
            "UseDataDictionary": "Y",
            "DataDictionary": str(DICTIONARY),
            "ValidateUserDefinedFields": "Y",
            "ResetOnLogon": "Y",
            "HeartBtInt": "30",
            "SocketConnectHost": address.hostname or "",
            "SocketConnectPort": str(address.port),
            "FileStorePath": str(folder),
            "MillisecondsInTimeStamp": "Y",
            **settings,
        }
        lines = ["[DEFAULT]", *(f"{name}={value}" for name, value in terms.items())]
        lines += ["[SESSION]", "BeginString=FIX.4.4", f"SenderCompID={comp_id}", "TargetCompID=SPOT", ""]
        path = folder / f"{comp_id}.cfg"
        path.write_text("\n".join(lines))
        self.settings = fix.SessionSettings(str(path))
        self.store = fix.FileStoreFactory(self.settings)
        kind = fix.SSLSocketInitiator if "tls" in address.scheme else fix.SocketInitiator
        self.initiator = kind(self, self.store, self.settings)

    # called by QuickFIX, in its own thread
    def onCreate(self, session_id: Any) -> None:  # noqa: N802
        """Do nothing."""

    def onLogon(self, session_id: Any) -> None:  # noqa: N802
        """Note that the session is there."""
        self.on.set()

    def onLogout(self, session_id: Any) -> None:  # noqa: N802
        """Note that the session is gone."""
        self.on.clear()

    def toAdmin(self, message: Any, session_id: Any) -> None:  # noqa: N802
        """Sign a Logon; note what the gateway's messages are rejected for."""
        kind = message.getHeader().getField(35)
        if kind == "A":
            header = message.getHeader()
            signature = self.key.signature(*(header.getField(tag) for tag in (35, 49, 56, 34, 52)))
            values = {95: str(len(signature)), 96: signature, 553: self.key.key_id, 25035: "2", **self.logon}
            for tag, value in values.items():
                message.setField(tag, value)
        elif kind == "3":
            self.rejected.append(fields_of(message))

    def fromAdmin(self, message: Any, session_id: Any) -> None:  # noqa: N802
        """Take a message of the session layer."""
        self.admin.put(fields_of(message))

    def toApp(self, message: Any, session_id: Any) -> None:  # noqa: N802
        """Do nothing."""

    def fromApp(self, message: Any, session_id: Any) -> None:  # noqa: N802
        """Take a message."""
        found = fields_of(message)
        found[0] = message.toString()
        self.messages.put(found)

    # called by tests
    def start(self) -> None:
        """Connect, and log on."""
        self.initiator.start()
        assert self.on.wait(WAIT_S), [*self.admin.queue]

    def say(
        self, kind: str, fields: dict[int, object], *, groups: tuple[tuple[int, int, list[Fields]], ...] = ()
    ) -> None:
        """Send a message. `groups`: tag of the count, the first field, entries."""
        message = fix.Message()
        message.getHeader().setField(35, kind)
        for tag, value in fields.items():
            message.setField(tag, str(value))
        for count, first, entries in groups:
            for entry in entries:
                group = fix.Group(count, first)
                for tag, value in entry.items():
                    group.setField(tag, value)
                message.addGroup(group)
        assert fix.Session.sendToTarget(message, self.session_id)

    def next(self, kind: str, **wanted: object) -> Fields:
        """Return the next message of a kind with some values, such as f150="F"; what comes before it is in `seen`."""
        give_up = time.monotonic() + WAIT_S
        while (left := give_up - time.monotonic()) > 0:
            with suppress(queue.Empty):
                found = self.messages.get(timeout=left)
                self.seen.append(found)
                if found[35] == kind and all(found.get(int(name[1:])) == str(value) for name, value in wanted.items()):
                    return found
        raise AssertionError(f"no {kind} {wanted} came; {self.seen[-3:]} {self.rejected}")

    def stop(self) -> None:
        """Log out, and disconnect."""
        self.initiator.stop()
        del self.initiator  # closes sockets that are left


@contextmanager
def quickfix_client(
    url: str, key: FixKey, comp_id: str, folder: Path, logon: dict[int, str] | None = None, **settings: str
) -> Iterator[QuickFixClient]:
    """Have a client that is logged on until the block ends."""
    client = QuickFixClient(url, key, comp_id, folder, logon or {}, **settings)
    try:
        client.start()
        yield client
    finally:
        client.stop()
    assert client.rejected == [], "QuickFIX rejects what the gateway sent"


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
