"""The Merkle tree over the frames of a journal: frontier, inclusion proofs, consistency proofs.

Entry `i` of the tree is the hash of frame `i + 1`. Hashing is that of RFC 6962, section 2.1 (RFC 9162 keeps it):
leaf SHA-256(0x00 || entry), node SHA-256(0x01 || left || right), root of nothing SHA-256 of nothing. A tree of n
entries is split at the largest power of two below n, so a complete subtree never changes when the journal grows.

Proofs are built from a stream of entries, so memory is some kilobytes whatever the journal's length: the hashes that
a proof holds are roots of runs of entries, and each run has its own frontier while the entries go by.
Cost: about 2 hashes for each entry. A proof of n entries has at most ceil(log2 n) + 1 hashes.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from hashlib import sha256

from tarazy.journal.proof_errors import ProofError

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()

_SIZE = struct.Struct("<Q")

Run = tuple[int, int]
"""Entries [first, end) whose root a proof holds."""


def leaf_hash(entry: bytes) -> bytes:
    """Return the hash of one entry as a leaf."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees side by side."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """What has to be kept of a tree to go on with it: the roots of its complete subtrees, the largest first.

    Shape: one hash for each bit of `size` that is set. `encode` gives u64 size, little-endian, and the hashes.
    """

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        if len(hashes) != size.bit_count() or any(len(each) != HASH_SIZE for each in hashes):
            raise ProofError(
                expected=f"{size.bit_count()} hashes of {HASH_SIZE} bytes for a tree of {size} entries",
                found=f"{len(hashes)} hashes",
                what="the frontier does not fit its size",
                action="Start from an older snapshot; the frontier is then computed anew from the frames.",
            )
        self._size = size
        self._hashes = list(hashes)

    @property
    def size(self) -> int:
        """Return how many entries the tree has."""
        return self._size

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """Return the roots of the complete subtrees, the largest first."""
        return tuple(self._hashes)

    def append(self, entry: bytes) -> None:
        """Add one entry on the right."""
        found = leaf_hash(entry)
        bit = self._size
        while bit & 1:
            found = node_hash(self._hashes.pop(), found)
            bit >>= 1
        self._hashes.append(found)
        self._size += 1

    def root(self) -> bytes:
        """Return the root of the tree as it stands."""
        if not self._hashes:
            return EMPTY_ROOT
        found = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            found = node_hash(left, found)
        return found

    def copy(self) -> Frontier:
        """Return a frontier that goes on by itself."""
        return Frontier(self._size, self._hashes)

    def encode(self) -> bytes:
        """Return the bytes that `decode` reads."""
        return _SIZE.pack(self._size) + b"".join(self._hashes)

    @classmethod
    def decode(cls, data: bytes) -> Frontier:
        """Return the frontier that was encoded. Raises: ProofError where the length does not fit the size."""
        body = data[_SIZE.size :]
        if len(data) < _SIZE.size or len(body) % HASH_SIZE:
            raise ProofError(
                expected=f"8 bytes and a multiple of {HASH_SIZE}", found=f"{len(data)} bytes", what="no frontier"
            )
        size: int = _SIZE.unpack_from(data)[0]
        return cls(size, [body[at : at + HASH_SIZE] for at in range(0, len(body), HASH_SIZE)])


def encoded_size(size: int) -> int:
    """Return how many bytes the frontier of a tree of `size` entries takes."""
    return _SIZE.size + HASH_SIZE * size.bit_count()


def root_of(entries: Iterable[bytes]) -> bytes:
    """Return the root over all entries."""
    frontier = Frontier()
    for entry in entries:
        frontier.append(entry)
    return frontier.root()


def inclusion_runs(index: int, size: int) -> list[Run]:
    """Return the runs whose roots prove entry `index` of a tree of `size`, the leaf's sibling first.

    Source: RFC 6962, section 2.1.1 (PATH).
    """
    if not 0 <= index < size:
        raise ProofError(
            expected=f"an entry from 0 to {size - 1}",
            found=str(index),
            what="the tree does not hold this entry",
            action="Take a larger head.",
        )
    runs: list[Run] = []
    first, end = 0, size
    while end - first > 1:
        middle = first + _split(end - first)
        if index < middle:
            runs.append((middle, end))
            end = middle
        else:
            runs.append((first, middle))
            first = middle
    return runs[::-1]


def consistency_runs(old_size: int, size: int) -> list[Run]:
    """Return the runs whose roots prove that a tree of `size` goes on from one of `old_size`.

    Source: RFC 6962, section 2.1.2 (PROOF, SUBPROOF).
    """
    _check_sizes(old_size, size)
    runs: list[Run] = []
    first, end, is_known = 0, size, True
    while old_size != end:
        middle = first + _split(end - first)
        if old_size <= middle:
            runs.append((middle, end))
            end = middle
        else:
            runs.append((first, middle))
            first, is_known = middle, False
    if not is_known:
        runs.append((first, end))
    return runs[::-1]


def subtree_roots(entries: Iterable[bytes], runs: Sequence[Run]) -> list[bytes]:
    """Return the root of each run of the stream, in the order of `runs`; reads no entry behind the last run.

    Raises: ProofError when the stream ends before a run does.
    """
    frontiers = {run: Frontier() for run in runs}
    waiting = sorted(runs, reverse=True)
    for index, entry in enumerate(entries if waiting else ()):
        first, end = waiting[-1]
        if index < first:
            continue
        frontiers[first, end].append(entry)
        if index + 1 == end:
            waiting.pop()
            if not waiting:
                break
    if waiting:
        raise ProofError(
            expected=f"entries up to {waiting[0][1]}", found="a stream that ends before", what="entries are missing"
        )
    return [frontiers[run].root() for run in runs]


def prove_inclusion(entries: Iterable[bytes], index: int, size: int) -> list[bytes]:
    """Return the proof that the tree over the first `size` entries holds entry `index`."""
    return subtree_roots(entries, inclusion_runs(index, size))


def prove_consistency(entries: Iterable[bytes], old_size: int, size: int) -> list[bytes]:
    """Return the proof that the tree of `size` entries begins with the tree of `old_size`."""
    return subtree_roots(entries, consistency_runs(old_size, size))


def _split(size: int) -> int:
    """Return the largest power of two below `size`, for a size of two or more."""
    return 1 << (size - 1).bit_length() - 1


def _check_sizes(old_size: int, size: int) -> None:
    """Refuse sizes between which there is nothing to prove."""
    if not 0 < old_size <= size:
        raise ProofError(
            expected=f"an older tree of 1 to {size} entries", found=str(old_size), what="there is nothing to prove"
        )
