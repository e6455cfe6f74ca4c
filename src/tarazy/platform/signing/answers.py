"""Signed answers: Ed25519 over what was asked, when it was answered, and the bytes of the answer.

Statement, as lines of text that each end with a newline:
    Tarazy answer 1
    METHOD TARGET                  target: path and query as they were sent
    SHA-256 of the request's body  hexadecimal; of nothing for GET
    TIME                           as in the header X-Signed-At
    SHA-256 of the answer's body   hexadecimal
The first line keeps the signature from meaning anything in another protocol. The line of the request keeps an answer
for one chain from being shown as one for another.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tarazy.domain.signer import KeySigner, Signer
from tarazy.platform.signing.key_file import KEY_BYTES, secret_file

FIRST_LINE = "Tarazy answer 1"
NOTHING = hashlib.sha256(b"").hexdigest()


def statement(method: str, target: str, asked: str, signed_at: str, body: bytes) -> bytes:
    """Return the bytes that a signature covers; `asked` is the SHA-256 of the request's body as digits."""
    answered = hashlib.sha256(body).hexdigest()
    return f"{FIRST_LINE}\n{method} {target}\n{asked}\n{signed_at}\n{answered}\n".encode()


def verify_answer(
    public_key: bytes,
    signature: bytes,
    *,
    method: str,
    target: str,
    signed_at: str,
    body: bytes,
    request_body: bytes = b"",
) -> bool:
    """Say whether an answer was signed by the owner of a public key, for this request and at this time.

    Units: raw bytes of key (32) and signature (64), as decoded from the headers.
    """
    if len(public_key) != KEY_BYTES:
        return False
    try:
        asked = hashlib.sha256(request_body).hexdigest()
        signed = statement(method, target, asked, signed_at, body)
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, signed)
    except InvalidSignature:
        return False
    return True


def now_text() -> str:
    """Return the time as it is signed."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class AnswerSigner:
    """Signs answers with one key."""

    def __init__(self, key: Signer) -> None:
        self._key = key
        self.public_key = key.public_key
        self.key_id = hashlib.sha256(self.public_key).hexdigest()[:16]

    @classmethod
    def open(cls, path: Path) -> AnswerSigner:
        """Read the key from a file, or make one at the first start.

        Raises: KeyFileError.
        """
        return cls(KeySigner.from_seed(secret_file(path)))

    def sign(self, method: str, target: str, signed_at: str, body: bytes, asked: str = NOTHING) -> str:
        """Return the signature of an answer as base64 text; `asked` is the SHA-256 of the request's body."""
        signed = self._key.sign(statement(method, target, asked, signed_at, body))
        return base64.b64encode(signed).decode()

    def is_own(self, signature: str, method: str, target: str, signed_at: str, body: bytes) -> bool:
        """Say whether this key signed an answer to a request without a body."""
        try:
            raw = base64.b64decode(signature, validate=True)
        except ValueError:
            return False
        return verify_answer(self.public_key, raw, method=method, target=target, signed_at=signed_at, body=body)
