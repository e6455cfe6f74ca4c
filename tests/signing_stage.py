"""Clients of the dialect that sign with Ed25519, none of them written here, and an operator who forges."""

from __future__ import annotations

import base64
import shutil
import time
from collections.abc import Container
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tarazy.domain.records import COMMANDS, RECORD_SIZE
from tarazy.journal.frame import FrameKind
from tarazy.journal.reader import JournalReader
from tarazy.journal.sections import RequestReference, decode_references

from .trading_stage import Served, new_key


class SigningClient(NamedTuple):
    """A client's key at home, and the id under which the facility knows its public half."""

    private: Ed25519PrivateKey
    key_id: str
    url: str

    @property
    def pem(self) -> str:
        """Return the private key as clients of the dialect take it."""
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def query(self, *, at_ms: int | None = None, **parameters: Any) -> str:
        """Return a signed query."""
        text = urlencode({**parameters, "timestamp": at_ms or time.time_ns() // 10**6})
        signature = base64.b64encode(self.private.sign(text.encode())).decode()
        return f"{text}&{urlencode({'signature': signature})}"

    def ask(self, method: str, path: str, **parameters: Any) -> Any:
        """Send a signed request and return its answer."""
        return self.send(method, path, self.query(**parameters))

    def send(self, method: str, path: str, query: str) -> Any:
        """Send a query that is signed already."""
        headers = {"X-MBX-APIKEY": self.key_id}
        return httpx.request(method, f"{self.url}{path}?{query}", headers=headers, timeout=30).json()


def signing_client(gateway: Served, account_id: int, **terms: Any) -> SigningClient:
    """Register a client's public key and return the client."""
    private = Ed25519PrivateKey.generate()
    terms = {"scopes": ("trade", "read", "withdraw"), **terms}
    key_id, _ = new_key(gateway.directory, account_id, public_key=private.public_key().public_bytes_raw(), **terms)
    return SigningClient(private, key_id, gateway.url)


def ccxt_of(client: SigningClient) -> Any:
    """Return ccxt's class for Binance, pointed at the gateway; it signs with the client's key."""
    import ccxt

    options = {"fetchMarkets": {"types": ["spot"]}, "fetchMargins": False, "fetchCurrencies": False}
    found = ccxt.binance({"apiKey": client.key_id, "secret": client.pem, "options": options})
    found.has["fetchCurrencies"] = False
    for name in ("public", "private"):
        found.urls["api"][name] = f"{client.url}/api/v3"
    found.urls["api"]["sapi"] = f"{client.url}/sapi/v1"
    return found


def requests_bytes(directory: Path) -> bytes:
    """Return everything that is kept of requests."""
    return b"".join(path.read_bytes() for path in sorted((directory / "requests").iterdir()))


class Recorded(NamedTuple):
    """A command with the reference to its request beside it, as they stand in a record."""

    seq: int
    command: Any
    reference: RequestReference | None


def recorded_commands(directory: Path, kinds: Container[int]) -> list[Recorded]:
    """Return the commands of some kinds in a record, oldest first."""
    found = []
    for frame in JournalReader(directory):
        if frame.header.kind != FrameKind.commands:
            continue
        beside = {each.command_index: each for each in decode_references(frame.references, frame.header.command_count)}
        for index in range(frame.header.command_count):
            record = frame.commands[index * RECORD_SIZE : (index + 1) * RECORD_SIZE]
            kind = int.from_bytes(record[:2], "little")
            if kind in kinds:
                seq = frame.header.first_seq + index
                found.append(Recorded(seq, COMMANDS[kind].unpack(record), beside.get(index)))
    return found


def copied_facility(directory: Path, folder: Path) -> Path:
    """Return a copy of a facility with its keys, for an operator to forge on."""
    target = folder / "facility"
    shutil.copytree(directory, target)
    shutil.copytree(directory.with_name(f"{directory.name}.keys"), target.with_name("facility.keys"))
    return target
