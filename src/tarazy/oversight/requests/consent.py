"""The consent of two clients to a trade off the book: one document, whose SHA-256 the command carries.

It names both parties, the trade, and the three requests by hash with the numbers of the keys that signed them; 0 where
no key on record did. The rest of it, other quotes and what the book would have paid, is for the parties to read.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any, NamedTuple

HASH_CHARS = 64


class ConsentError(ValueError):
    """Bytes are no consent."""


class ConsentParty(NamedTuple):
    """One of the three requests: whose it is, its hash, and the number on record of the key that signed it."""

    account_id: int
    request_hash: bytes
    key_number: int


class Consent(NamedTuple):
    """A consent as a verifier reads it. Price and quantity are text, of the market `symbol`."""

    symbol: str
    side: str
    quantity: str
    price: str
    request: ConsentParty
    quote: ConsentParty


def consent_bytes(document: dict[str, Any]) -> bytes:
    """Return a consent as it is kept and hashed: canonical JSON."""
    return json.dumps(document, sort_keys=True, separators=(",", ":")).encode()


def consent_hash(document: bytes) -> bytes:
    """Return the hash that the command carries."""
    return sha256(document).digest()


def decode_consent(document: bytes) -> Consent:
    """Return the consent of some bytes.

    Raises: ConsentError.
    """
    try:
        plain = json.loads(document)
        symbol, side, quantity, price = (text_in(plain, name) for name in ("symbol", "side", "quantity", "price"))
        return Consent(symbol, side, quantity, price, party_in(plain["request"]), party_in(plain["quote"]))
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise ConsentError(f"expected a consent to a trade off the book, found {document[:40]!r}") from error


def text_in(plain: Any, name: str) -> str:
    """Return a text. Raises: KeyError, TypeError."""
    found = plain[name]
    if not isinstance(found, str):
        raise TypeError(name)
    return found


def party_in(plain: Any) -> ConsentParty:
    """Return one of the three requests. Raises: KeyError, TypeError, ValueError."""
    numbers = plain["account"], plain["keyNumber"]
    if any(type(number) is not int or number < 0 for number in numbers) or len(plain["digest"]) != HASH_CHARS:
        raise ValueError("party")
    return ConsentParty(numbers[0], bytes.fromhex(plain["digest"]), numbers[1])
