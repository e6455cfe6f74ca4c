"""The key that the facility signs with, at the place in the journal where the writer is."""

from __future__ import annotations

from collections.abc import Callable

from tarazy.domain.signer import Signer

LoadSigner = Callable[[bytes], Signer]


def no_other(public_key: bytes) -> Signer:
    """Refuse a rotation where no other key can be had."""
    raise LookupError(f"expected the private key of {public_key.hex()}, found no place to look for it")


class FacilitySigner:
    """The facility's signer; a journaled rotation replaces its key from its frame on."""

    def __init__(self, signer: Signer, load: LoadSigner = no_other) -> None:
        self._signer = signer
        self._load = load

    @property
    def public_key(self) -> bytes:
        """Return the public key that counts now."""
        return self._signer.public_key

    def sign(self, message: bytes) -> bytes:
        """Return the signature of a message with the key that counts now."""
        return self._signer.sign(message)

    def rotate(self, public_key: bytes) -> None:
        """Sign with another key from here on.

        Raises: what loading it raises; a writer without the key that counts must sign nothing more.
        """
        self._signer = self._load(public_key)
