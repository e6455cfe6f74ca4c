"""Check inclusion and consistency proofs; needs the proof and the roots, no journal.

Source: RFC 9162, sections 2.1.3.2 and 2.1.4.2, the algorithms of which are followed step by step.
"""

from __future__ import annotations

from collections.abc import Sequence

from tarazy.journal.merkle import HASH_SIZE, leaf_hash, node_hash
from tarazy.journal.proof_errors import ProofError


def root_from_inclusion(entry: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """Return the root that a tree of `size` must have if `proof` leads from entry `index` to it.

    Raises: ProofError when the proof has too few or too many hashes for that place.
    """
    if not 0 <= index < size:
        raise ProofError(expected=f"an entry below the tree's size {size}", found=str(index))
    _check_hashes(proof)
    node, last = index, size - 1
    found = leaf_hash(entry)
    for each in proof:
        if last == 0:
            raise _length_error("fewer hashes", proof)
        if node & 1 or node == last:
            found = node_hash(each, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, each)
        node, last = node >> 1, last >> 1
    if last:
        raise _length_error("more hashes", proof)
    return found


def check_inclusion(entry: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return when `proof` shows that the tree with this size and root holds the entry at `index`.

    Raises: ProofError otherwise.
    """
    found = root_from_inclusion(entry, index, size, proof)
    if found != root:
        raise _root_error(f"the root {root.hex()} of the tree of {size}", found)


def check_consistency(old_size: int, old_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> None:
    """Return when `proof` shows that the newer tree begins with the entries of the older one.

    Raises: ProofError otherwise.
    """
    if not 0 < old_size <= size:
        raise ProofError(expected=f"an older tree of 1 to {size} entries", found=str(old_size))
    _check_hashes(proof)
    if old_size == size:
        if proof:
            raise _length_error("no hash for two trees of one size", proof)
        if old_root != root:
            raise _root_error(f"one root {old_root.hex()} for the size {size}", root)
        return
    old_found, found = _roots_from_consistency(old_size, size, old_root, proof)
    if old_found != old_root:
        raise _root_error(f"the older root {old_root.hex()}", old_found)
    if found != root:
        raise _root_error(f"the newer root {root.hex()}", found)


def _roots_from_consistency(old_size: int, size: int, old_root: bytes, proof: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return the older and the newer root that a proof leads to."""
    # An older tree that is complete is its own first hash and is left out of the proof.
    hashes = list(proof) if old_size & (old_size - 1) else [old_root, *proof]
    if not hashes or not proof:
        raise _length_error("one hash or more", proof)
    node, last = old_size - 1, size - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    old_found = found = hashes[0]
    for each in hashes[1:]:
        if last == 0:
            raise _length_error("fewer hashes", proof)
        if node & 1 or node == last:
            old_found, found = node_hash(each, old_found), node_hash(each, found)
            while not node & 1 and node:
                node, last = node >> 1, last >> 1
        else:
            found = node_hash(found, each)
        node, last = node >> 1, last >> 1
    if last:
        raise _length_error("more hashes", proof)
    return old_found, found


def _check_hashes(proof: Sequence[bytes]) -> None:
    """Refuse a proof of anything but hashes."""
    wrong = [len(each) for each in proof if len(each) != HASH_SIZE]
    if wrong:
        raise ProofError(expected=f"hashes of {HASH_SIZE} bytes", found=f"{wrong[0]} bytes")


def _length_error(expected: str, proof: Sequence[bytes]) -> ProofError:
    """Return the error for a proof of the wrong length."""
    return ProofError(expected=expected, found=f"{len(proof)}")


def _root_error(expected: str, found: bytes) -> ProofError:
    """Return the error for a proof that leads elsewhere."""
    return ProofError(expected=expected, found=f"a proof that leads to {found.hex()}")
