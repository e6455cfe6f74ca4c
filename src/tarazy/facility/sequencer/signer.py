"""The key that the facility signs with, at the place in the journal where the writer is."""

from __future__ import annotations

from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

LoadKey = Callable[[bytes], Ed25519PrivateKey]


def keep_key(public_key: bytes) -> Ed25519PrivateKey:
    """Refuse a rotation where no other key can be had."""
    raise LookupError(f"expected the private key of {public_key.hex()}, found no place to look for it")


class Signer:
    """The facility's key; a journaled rotation replaces it from its frame on."""

    def __init__(self, key: Ed25519PrivateKey, load: LoadKey = keep_key) -> None:
        self.key = key
        self._load = load

    def rotate(self, public_key: bytes) -> None:
        """Sign with another key from here on.

        Raises: what loading it raises; a writer without the key that counts must sign nothing more.
        """
        self.key = self._load(public_key)
