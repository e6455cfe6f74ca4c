"""Who signs: everything of the product that is signed is signed by a `Signer`, whatever holds its key.

A key in memory, read from a file, is `KeySigner`; a module of hardware is another class of the same shape, and no
caller changes.
"""

from __future__ import annotations

from typing import Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey


class Signer(Protocol):
    """The holder of one Ed25519 key. Units: public key 32 bytes, signature 64 (RFC 8032)."""

    @property
    def public_key(self) -> bytes:
        """Return the public key."""
        ...

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message."""
        ...


class KeySigner:
    """Signs with a private key that lies in memory; `private_key` is for the one who writes its file."""

    __slots__ = ("private_key", "public_key")

    def __init__(self, private_key: Ed25519PrivateKey) -> None:
        self.private_key = private_key
        self.public_key = private_key.public_key().public_bytes_raw()

    @classmethod
    def from_seed(cls, seed: bytes) -> KeySigner:
        """Return the signer of a seed of 32 bytes. Raises: ValueError for another length."""
        return cls(Ed25519PrivateKey.from_private_bytes(seed))

    @classmethod
    def generate(cls) -> KeySigner:
        """Return a signer with a new key."""
        return cls(Ed25519PrivateKey.generate())

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message."""
        return self.private_key.sign(message)
