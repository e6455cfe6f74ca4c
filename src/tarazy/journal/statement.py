"""Checkpoint statements: what the facility signs about its own state, as a frame of the journal.

Layout of the payload, 208 bytes, little-endian:
    0    16  facility_id
    16   u64 seq: the TakeCheckpoint command
    24   u64 frame_number and 32 its frame_hash (at 32): the frame that holds this command as its last
    64   32  state_digest
    96   32  liabilities_root
    128  u64 ts_ns
    136  u32 edition, then four zero bytes
    144  64  Ed25519 signature of the line `tarazy checkpoint statement 1\\n` and bytes 0 to 143
The fixed line in front keeps the signature from meaning anything in another protocol that uses the same key.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

STATEMENT_SIZE = 208
SIGNED_PREFIX = b"tarazy checkpoint statement 1\n"

_FIELDS = struct.Struct("<16sQQ32s32s32sQIxxxx")


class Statement(NamedTuple):
    """One signed statement: at command `seq` the state had this digest and the liabilities this root."""

    facility_id: bytes
    seq: int
    frame_number: int
    frame_hash: bytes
    state_digest: bytes
    liabilities_root: bytes
    ts_ns: int
    edition: int
    signature: bytes = bytes(64)

    def signed_bytes(self) -> bytes:
        """Return what the signature covers."""
        return SIGNED_PREFIX + _FIELDS.pack(*self[:-1])

    def signed(self, key: Ed25519PrivateKey) -> Statement:
        """Return the statement with the key's signature."""
        return self._replace(signature=key.sign(self.signed_bytes()))

    def is_signed_by(self, public_key: bytes) -> bool:
        """Say whether the signature is that of the owner of `public_key`."""
        try:
            Ed25519PublicKey.from_public_bytes(public_key).verify(self.signature, self.signed_bytes())
        except InvalidSignature:
            return False
        return True

    def pack(self) -> bytes:
        """Return the payload of the statement's frame."""
        return _FIELDS.pack(*self[:-1]) + self.signature

    @staticmethod
    def unpack(payload: bytes) -> Statement:
        """Read a statement from its frame's payload; a payload of another length is a ValueError."""
        if len(payload) != STATEMENT_SIZE:
            raise ValueError(f"a checkpoint statement has {STATEMENT_SIZE} bytes, this payload has {len(payload)}")
        return Statement(*_FIELDS.unpack_from(payload))._replace(signature=payload[_FIELDS.size :])
