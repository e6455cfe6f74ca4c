"""A paper that an authority publishes: data in one spelling, its desk's public key, its signature.

Shape: `{NAME: {...}, "public_key": 64 digits, "signature": 128 digits}` with one NAME for each kind of paper. What is
signed is the domain of the kind and the canonical text of the data, so that a list is never taken for a register.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tarazy.domain.signer import Signer
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import is_date
from tarazy.platform.signed_acts.record import canonical

PAPER_BYTES_MAX = 900_000
GREEN_LIST, REGISTER = "list", "register"
DOMAINS = {GREEN_LIST: b"tarazy green list 1\n", REGISTER: b"tarazy register 1\n"}


class SignedPaper(NamedTuple):
    """A paper whose signature was checked: its kind, its data, the SHA-256 of the data's canonical text."""

    kind: str
    data: Mapping[str, Any]
    sha256: str
    public_key: str

    @property
    def on(self) -> str:
        """Return the day of which it speaks."""
        return str(self.data["on"])


def sign_paper(kind: str, data: dict[str, Any], signer: Signer) -> dict[str, Any]:
    """Return data as a signed paper."""
    signature = signer.sign(DOMAINS[kind] + canonical(data).encode())
    return {kind: data, "public_key": signer.public_key.hex(), "signature": signature.hex()}


def read_paper(kind: str, text: str, public_key: str) -> SignedPaper:
    """Return a paper of this kind that this key has signed; `text` is JSON, as the authority's page has it.

    Raises: ActRefusedError.
    """
    where = f"the authority's {kind}"
    if len(text) > PAPER_BYTES_MAX:
        raise ActRefusedError(where, expected=f"at most {PAPER_BYTES_MAX:,} letters", found=f"{len(text):,}")
    try:
        found = json.loads(text)
        data, key, signature = found[kind], found["public_key"], bytes.fromhex(found["signature"])
        message = DOMAINS[kind] + canonical(data).encode()
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        expected = f"JSON with {kind}, public_key and signature"
        raise ActRefusedError(where, expected=expected, found=f"{type(error).__name__}: {error}"[:120]) from None
    if key != public_key:
        action = "Another desk's paper, or the authority has a new key: change the charter then"
        raise ActRefusedError(where, expected=f"the key {public_key[:16]}", found=str(key)[:16], action=action)
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public_key)).verify(signature, message)
    except (InvalidSignature, ValueError):
        raise ActRefusedError(where, expected="the signature of its desk", found="another") from None
    if not isinstance(data, dict) or not is_date(data.get("on")):
        raise ActRefusedError(where, expected="the day of which it speaks", found="none")
    return SignedPaper(kind, data, sha256(canonical(data).encode()).hexdigest(), public_key)
