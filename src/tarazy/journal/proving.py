"""Find the signed heads of a journal and prove frames and growth under them.

A head of size n stands as frame n + 1. The journal is read twice, once for the head and once for the hashes below it.
Every byte that is passed is checked, and so are the signatures and roots of all heads up to the one that is used.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from tarazy.journal.attestation import Attestation
from tarazy.journal.coverage import Coverage
from tarazy.journal.errors import TornTailError
from tarazy.journal.frame import Frame, FrameKind
from tarazy.journal.identity import load_identity
from tarazy.journal.merkle import Frontier, prove_consistency, prove_inclusion
from tarazy.journal.merkle_check import check_consistency, check_inclusion
from tarazy.journal.note import TreeHead, VerifierKey, parse_head, split_note, verifier_key
from tarazy.journal.proof_errors import NoSuchHeadError
from tarazy.journal.proof_text import ConsistencyProof, InclusionProof
from tarazy.journal.reader import JournalReader
from tarazy.journal.signatures import SignaturePool


class SignedHead(NamedTuple):
    """A head as the journal holds it, and the key that signed it."""

    head: TreeHead
    note: bytes
    key: VerifierKey


def newest_key(directory: Path) -> VerifierKey:
    """Return the key with which the facility has signed last, its first one where it has signed nothing yet.

    Raises: DamageError, StorageError where the journal cannot be read.
    """
    last = deque(_attested(directory), maxlen=1)
    identity = load_identity(directory)
    return last[0][0] if last else verifier_key(identity.facility_id, identity.public_key)


def find_head(directory: Path, size: int | None = None, *, at_least: int = 1) -> SignedHead:
    """Return the head of this size, or the newest one; it has at least so many frames.

    Raises: NoSuchHeadError; DamageError, StorageError where the journal cannot be read.
    """
    newest = None
    for key, frame in _attested(directory):
        if frame.header.kind == FrameKind.head:
            newest = SignedHead(parse_head(split_note(frame.commands)[0]), frame.commands, key)
            if newest.head.size == size:
                break
    if newest is None or newest.head.size < at_least or size not in (None, newest.head.size):
        raise NoSuchHeadError(
            expected=f"a signed head of size {size}" if size else f"a signed head of {at_least} frames or more",
            found="none in the journal" if newest is None else f"the newest of size {newest.head.size}",
            path=directory,
        )
    return newest


def _attested(directory: Path) -> Iterator[tuple[VerifierKey, Frame]]:
    """Iterate over the frames with the facility's key at each; checks heads, statements and officers' signatures.

    A last frame that a running writer is just writing, or that a crash tore, ends the journal here.
    """
    reader = JournalReader(directory)
    with SignaturePool(1) as pool, suppress(TornTailError):
        attestation = Attestation(reader.directory, reader.identity, pool)
        coverage = Coverage(reader.directory, reader.identity, attestation.facility_keys)
        for frame in reader:
            coverage.add(frame)
            if frame.header.kind == FrameKind.commands:
                attestation.add(frame)
            else:
                attestation.finish()
            yield verifier_key(reader.identity.facility_id, coverage.public_key), frame


def prove_frame(directory: Path, frame_number: int, size: int | None = None) -> InclusionProof:
    """Return the proof that a head holds a frame: the head of `size`, else the newest.

    Raises: NoSuchHeadError; DamageError, StorageError where the journal cannot be read.
    """
    head, note, _ = find_head(directory, size, at_least=frame_number)
    index = frame_number - 1
    kept = {}

    def keep(at: int, entry: bytes) -> None:
        if at == index:
            kept[at] = entry

    entries = _entries(directory, head.size, keep)
    proof = InclusionProof(frame_number, b"", tuple(prove_inclusion(entries, index, head.size)), note)
    _drain(entries)
    check_inclusion(kept[index], index, head.size, proof.hashes, head.root)
    return proof._replace(frame_hash=kept[index])


def prove_growth(directory: Path, old_size: int, size: int | None = None) -> ConsistencyProof:
    """Return the proof that a head (of `size`, else the newest) begins with the tree of `old_size`.

    Raises: NoSuchHeadError; DamageError, StorageError where the journal cannot be read.
    """
    head, note, _ = find_head(directory, size, at_least=old_size)
    old = Frontier()

    def grow(at: int, entry: bytes) -> None:
        if at < old_size:
            old.append(entry)

    entries = _entries(directory, head.size, grow)
    proof = ConsistencyProof(old_size, tuple(prove_consistency(entries, old_size, head.size)), note)
    _drain(entries)
    check_consistency(old_size, old.root(), head.size, head.root, proof.hashes)
    return proof


def _entries(directory: Path, size: int, watch: Callable[[int, bytes], None]) -> Iterator[bytes]:
    """Iterate over the hashes of the first frames, and show each to `watch` as it goes by."""
    for index, frame in enumerate(islice(JournalReader(directory), size)):
        watch(index, frame.frame_hash)
        yield frame.frame_hash


def _drain(entries: Iterator[bytes]) -> None:
    """Read what a proof did not need, so that `watch` has seen every frame of the head."""
    for _ in entries:
        pass
