"""Checkpoint statements: what the facility signs about its own state at a mark, as a later frame of the journal.

Layout, 256 bytes, little-endian:
    0    16  facility_id
    16   u64 seq: the TakeCheckpoint command that marked the point
    24   u64 frame_number and 32 its frame_hash (at 32): the frame that holds this command as its last
    64   32  state_digest
    96   32  liabilities_root
    128  u64 ts_ns
    136  u32 edition, then four zero bytes
    144  u64 tree_size, 152 u64 state_bytes: how long the canonical state is
    160  32  tree_root: of the Merkle tree over the first tree_size frames, the mark's being the last
    192  64  Ed25519 signature of the line `tarazy checkpoint statement 1\\n` and bytes 0 to 191
The fixed line in front keeps the signature from meaning anything in another protocol that uses the same key. A mark
may have no statement, when the process ended before it was signed.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from tarazy.domain.signer import Signer
from tarazy.journal.frame import FrameDraft, FrameKind, Position
from tarazy.journal.signatures import is_signed

STATEMENT_SIZE = 256
SIGNED_PREFIX = b"tarazy checkpoint statement 1\n"

_FIELDS = struct.Struct("<16sQQ32s32s32sQIxxxxQQ32s")


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
    tree_size: int
    state_bytes: int
    tree_root: bytes
    signature: bytes = bytes(64)

    @property
    def next_position(self) -> Position:
        """Return what the frame behind the mark continues."""
        return Position(self.frame_number + 1, self.frame_hash, self.seq + 1)

    def signed_bytes(self) -> bytes:
        """Return what the signature covers."""
        return SIGNED_PREFIX + _FIELDS.pack(*self[:-1])

    def signed(self, key: Signer) -> Statement:
        """Return the statement with the key's signature."""
        return self._replace(signature=key.sign(self.signed_bytes()))

    def is_signed_by(self, public_key: bytes) -> bool:
        """Say whether the signature is that of the owner of `public_key`."""
        return is_signed(public_key, self.signature, self.signed_bytes())

    def pack(self) -> bytes:
        """Return the bytes of the statement."""
        return _FIELDS.pack(*self[:-1]) + self.signature

    def draft(self) -> FrameDraft:
        """Return the frame that carries the statement."""
        return FrameDraft(FrameKind.statement, self.pack())

    @staticmethod
    def unpack(data: bytes) -> Statement:
        """Read a statement; another length, or anything but zeros where zeros belong, is a ValueError."""
        if len(data) != STATEMENT_SIZE:
            raise ValueError(f"a checkpoint statement has {STATEMENT_SIZE} bytes, this one has {len(data)}")
        statement = Statement(*_FIELDS.unpack_from(data))._replace(signature=data[_FIELDS.size :])
        if statement.pack() != data:
            raise ValueError("a checkpoint statement has zeros where no field is, this one has not")
        return statement
