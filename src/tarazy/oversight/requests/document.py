"""A signed request as it is kept: where it went, and its bytes as they arrived with the signature in them.

    tarazy request 1
    rest POST /api/v3/order
    symbol=BTCKZT&side=BUY&type=LIMIT&...&timestamp=1764500000000&signature=...   (the query)
    ...                                                                            (the form body, to the end)

Over the WebSocket API the third line is the signature in base64 and the rest is what it covers: the parameters in the
order of their names (binance/binance-spot-api-docs, web-socket-api.md, "SIGNED request security"). The SHA-256 of the
whole is what the record names. The dialect signs parameters alone, neither method nor path: the second line is the
operator's word (docs/concepts/signed-requests.md says what follows from that). A body that is no form (`raw`) is not
covered by the signature: what reads it compares it with the hash that the query names.
"""

from __future__ import annotations

import base64
import binascii
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import unquote

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tarazy.oversight.requests.errors import illegal
from tarazy.oversight.requests.parameters import Parameters

REST, SOCKET, RAW = "rest", "ws", "raw"
DOCUMENT_BYTES_MAX = 1 << 17
KEYS_READY_MAX = 10_000
_FIRST_LINE = b"tarazy request 1"
_SIGNATURE = b"signature="


class RequestDocumentError(ValueError):
    """Bytes are no signed request."""


class RequestDocument(NamedTuple):
    """A signed request. `head` is the query or the signature, `rest` the body or what the signature covers."""

    channel: str
    method: str
    path: str
    head: bytes
    rest: bytes

    def encode(self) -> bytes:
        """Return the bytes that are kept."""
        return b"\n".join((_FIRST_LINE, f"{self.channel} {self.method} {self.path}".encode(), self.head, self.rest))

    @property
    def payload(self) -> bytes:
        """Return the bytes that the signature covers."""
        return self.rest if self.channel == SOCKET else signed_payload(self.head, self.form)[0]

    @property
    def form(self) -> bytes:
        """Return the form body, empty where the body is none."""
        return b"" if self.channel == RAW else self.rest

    @property
    def signature(self) -> str:
        """Return the signature as it was sent, empty where there is none."""
        if self.channel == SOCKET:
            return self.head.decode("latin-1")
        return signed_payload(self.head, self.form)[1] or ""

    def is_signed_by(self, public_key: bytes) -> bool:
        """Say whether a key signed it."""
        return verifies(public_key, self.payload, self.signature)

    def parameters(self) -> Parameters:
        """Return what was asked.

        Raises: DialectError.
        """
        if self.channel == SOCKET:
            return Parameters(socket_values(self.rest))
        return Parameters.of(self.head, self.form)


def said_parameters(document: RequestDocument) -> Parameters:
    """Return what was asked, without what every request of its channel has: key, signature, time and window.

    The channel is the operator's word, and a value reads differently in each: what is percent-encoded over REST is as
    it stands over the WebSocket API. There the key's id is signed too (web-socket-api.md), and over REST it is none of
    the parameters, so neither can be shown as the other. Raises: DialectError.
    """
    found = document.parameters()
    if document.channel == SOCKET:
        found.required("apiKey")
        if socket_payload(socket_values(document.rest)) != document.rest:
            raise illegal("apiKey", "parameters in the order of their names, each once")
    else:
        found.pass_over("signature")
    found.pass_over("timestamp", "recvWindow")
    return found


def decode_document(data: bytes) -> RequestDocument:
    """Return the request of some bytes.

    Raises: RequestDocumentError.
    """
    lines = data.split(b"\n", 3)
    if len(lines) != 4 or lines[0] != _FIRST_LINE:
        raise RequestDocumentError(f"expected a signed request, found bytes that begin with {data[:32]!r}")
    target = lines[1].decode("ascii", "replace").split(" ")
    if len(target) != 3 or target[0] not in (REST, SOCKET, RAW):
        raise RequestDocumentError(f"expected channel, method and path, found {lines[1][:80]!r}")
    return RequestDocument(target[0], target[1], target[2], lines[2], lines[3])


def document_hash(document: bytes) -> bytes:
    """Return the hash by which the record names a request."""
    return sha256(document).digest()


def verifies(public_key: bytes, payload: bytes, signature: str) -> bool:
    """Say whether an Ed25519 signature in base64 is a key's over a payload."""
    try:
        given = base64.b64decode(signature, validate=True)
        _public(public_key).verify(given, payload)
    except (ValueError, binascii.Error, InvalidSignature):
        return False
    return True


@lru_cache(KEYS_READY_MAX)
def _public(key: bytes) -> Ed25519PublicKey:
    """Return a public key, read. Raises: ValueError."""
    return Ed25519PublicKey.from_public_bytes(key)


def socket_payload(values: dict[str, str]) -> bytes:
    """Return what is signed over the WebSocket API: the parameters in the order of their names."""
    return "&".join(f"{name}={value}" for name, value in sorted(values.items())).encode()


def socket_values(payload: bytes) -> dict[str, str]:
    """Return the parameters of what was signed. One reading alone: what a value contains ends at the next `&`."""
    parts = payload.decode("utf-8", "replace").split("&")
    return {name: value for name, _, value in (part.partition("=") for part in parts if part)}


def signed_payload(query: bytes, body: bytes) -> tuple[bytes, str | None]:
    """Return the bytes that are signed, and the signature, None where there is none."""
    signature, parts = None, []
    for raw in (query, body):
        kept = []
        for part in raw.split(b"&"):
            if part.startswith(_SIGNATURE):
                signature = unquote(part[len(_SIGNATURE) :].decode("latin-1"))
            else:
                kept.append(part)
        parts.append(b"&".join(kept))
    return b"".join(parts), signature
