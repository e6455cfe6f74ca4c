"""QuickFIX as initiator, which we did not write, for tests.

QuickFIX holds every message of the gateway to our dictionary: one that breaks it is rejected and seen in `rejected`.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from .fix_wire import SOH, WAIT_S, Fields, FixKey

fix = pytest.importorskip("quickfix", reason="quickfix-ssl has wheels for Python 3.11 alone")

DICTIONARY = Path(__file__).resolve().parents[1] / "schemas" / "fix" / "tarazy-fix44.xml"


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
