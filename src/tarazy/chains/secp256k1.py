"""Signatures over secp256k1 as chains want them: 64 bytes r | s with the lower s, and which key made one.

A signer may be an HSM, which gives any valid pair: `low_s` makes it the one that every chain takes (BIP-146, EIP-2).
"""

from __future__ import annotations

from collections.abc import Callable

from coincurve import PublicKey

ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
SIGNATURE_BYTES = 64
DIGEST_BYTES = 32
# The holder of keys: gives 64 bytes r | s over a digest of 32 bytes.
SignDigest = Callable[[bytes], bytes]


def low_s(signature: bytes) -> bytes:
    """Return the same signature with the lower of its two s.

    Raises: ValueError for what is no pair of numbers below the group's order.
    """
    if len(signature) != SIGNATURE_BYTES:
        raise ValueError(f"expected a signature of {SIGNATURE_BYTES} bytes, found {len(signature)}")
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not 0 < r < ORDER or not 0 < s < ORDER:
        raise ValueError("expected r and s between 0 and the group's order, found others")
    return signature[:32] + min(s, ORDER - s).to_bytes(32, "big")


def der(signature: bytes) -> bytes:
    """Return a signature as Bitcoin writes it (DER, without the hash type)."""
    parts = b"".join(_integer(signature[at : at + 32]) for at in (0, 32))
    return bytes((0x30, len(parts))) + parts


def _integer(number: bytes) -> bytes:
    short = number.lstrip(b"\0") or b"\0"
    if short[0] & 0x80:
        short = b"\0" + short
    return bytes((0x02, len(short))) + short


def recovered(signature: bytes, parity: int, digest: bytes) -> bytes:
    """Return the compressed public key whose signature with this parity it is.

    Raises: ValueError where there is none.
    """
    if parity not in (0, 1):
        raise ValueError(f"expected a parity of 0 or 1, found {parity}")
    try:
        key = PublicKey.from_signature_and_message(low_s(signature) + bytes((parity,)), digest, hasher=None)
    except Exception as error:  # the library raises its own root
        raise ValueError("expected a signature of some key, found one of none") from error
    found: bytes = key.format(compressed=True)
    return found


def parity_of(signature: bytes, digest: bytes, public_key: bytes) -> int:
    """Return the parity with which a signature gives back its public key.

    Raises: ValueError where it is another key's: nothing may be sent with it.
    """
    for parity in (0, 1):
        try:
            if recovered(signature, parity, digest) == public_key:
                return parity
        except ValueError:
            continue
    raise ValueError(f"expected a signature of {public_key.hex()}, found another key's")


def is_signature(signature: bytes, digest: bytes, public_key: bytes) -> bool:
    """Say whether a signature with the lower s is a public key's."""
    try:
        return bool(PublicKey(public_key).verify(der(low_s(signature)), digest, hasher=None))
    except Exception:  # a key or a signature of a wrong form does not hold
        return False


def uncompressed(public_key: bytes) -> bytes:
    """Return a public key as its two coordinates, 64 bytes.

    Raises: ValueError.
    """
    try:
        found: bytes = PublicKey(public_key).format(compressed=False)
    except Exception as error:
        raise ValueError("expected a public key of secp256k1, found none") from error
    return found[1:]
