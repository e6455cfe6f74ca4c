"""Detached JSON web signatures, as banks ask for them in the header `x-jws-signature`: header..signature over the body.

Source: RFC 7515, appendix F. RS256 by the bank's and the facility's own keys, HS256 where a bank gives a shared secret.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import json
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

HEADER_BYTES_MAX = 4_096
PrivateKey = rsa.RSAPrivateKey | bytes
PublicKey = rsa.RSAPublicKey | bytes


def sign_detached(body: bytes, key: PrivateKey, key_id: str) -> str:
    """Return the value of the header for a body."""
    algorithm = "HS256" if isinstance(key, bytes) else "RS256"
    header = encoded(json.dumps({"alg": algorithm, "kid": key_id, "typ": "JOSE"}).encode())
    message = f"{header}.{encoded(body)}".encode()
    if isinstance(key, bytes):
        signature = hmac.digest(key, message, "sha256")
    else:
        signature = key.sign(message, padding.PKCS1v15(), SHA256())
    return f"{header}..{encoded(signature)}"


def holds_detached(value: str, body: bytes, key: PublicKey) -> bool:
    """Say whether a header's value is a signature of this key over a body; the key decides the algorithm."""
    header, _, rest = value.partition(".")
    empty, _, last = rest.partition(".")
    fields = header_of(header) if len(value) <= HEADER_BYTES_MAX and not empty and last else {}
    if fields.get("alg") != ("HS256" if isinstance(key, bytes) else "RS256") or "crit" in fields:
        return False
    message = f"{header}.{encoded(body)}".encode()
    try:
        signature = decoded(last)
        if isinstance(key, bytes):
            return hmac.compare_digest(hmac.new(key, message, sha256).digest(), signature)
        key.verify(signature, message, padding.PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def header_of(text: str) -> dict[str, Any]:
    """Return the fields of a header, none where it is not one."""
    try:
        found = json.loads(decoded(text))
    except (binascii.Error, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def encoded(data: bytes) -> str:
    """Return base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """Return the bytes of base64url without padding. Raises: binascii.Error, ValueError."""
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
