"""Proofs as text that other tools read, and as plain values for JSON.

A frame in a head (C2SP tlog-proof: https://c2sp.org/tlog-proof):
    c2sp.org/tlog-proof@v1
    extra <base64 of the frame's hash, which is the entry>
    index <frame number - 1>
    <base64 of each hash, the leaf's sibling first>

    <the head, as it was signed>
One head going on from another: what a witness takes as `add-checkpoint` (C2SP tlog-witness: https://c2sp.org/tlog-witness):
    old <size of the older head>
    <base64 of each hash>

    <the newer head, as it was signed>
Nothing in a text is trusted when it is parsed; `check` does that, with a key from elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from tarazy.journal.merkle import HASH_SIZE
from tarazy.journal.merkle_check import check_consistency, check_inclusion
from tarazy.journal.note import TreeHead, VerifierKey, decode_base64, encode_base64, open_head, parse_head, split_note
from tarazy.journal.proof_errors import ProofError, ProofFormatError

INCLUSION_LINE = "c2sp.org/tlog-proof@v1"
HASHES_MAX = 64
DIGITS_MAX = 20


class InclusionProof(NamedTuple):
    """That the tree of a head holds a frame."""

    frame_number: int
    frame_hash: bytes
    hashes: tuple[bytes, ...]
    note: bytes

    def text(self) -> bytes:
        """Return the proof as a C2SP tlog-proof."""
        lines = [INCLUSION_LINE, f"extra {encode_base64(self.frame_hash)}", f"index {self.frame_number - 1}"]
        return _joined(lines, self.hashes, self.note)

    def check(self, keys: Sequence[VerifierKey], frame_hash: bytes | None = None) -> TreeHead:
        """Return the head that holds the frame; `frame_hash` is the hash known from elsewhere (a receipt's).

        Raises: ProofError where proof, signature or hash do not hold.
        """
        head = open_head(self.note, *keys)
        if frame_hash is not None and frame_hash != self.frame_hash:
            raise ProofError(expected=f"the frame hash {frame_hash.hex()}", found=self.frame_hash.hex())
        check_inclusion(self.frame_hash, self.frame_number - 1, head.size, self.hashes, head.root)
        return head

    def values(self) -> dict[str, Any]:
        """Return the proof as plain values, for JSON."""
        found = {"proof": "inclusion", "frame": self.frame_number, "frame_hash": self.frame_hash.hex()}
        return found | _values(self.hashes, self.note)


class ConsistencyProof(NamedTuple):
    """That the tree of a head begins with the tree of an older one."""

    old_size: int
    hashes: tuple[bytes, ...]
    note: bytes

    def text(self) -> bytes:
        """Return the proof as a request that a C2SP witness takes."""
        return _joined([f"old {self.old_size}"], self.hashes, self.note)

    def check(self, keys: Sequence[VerifierKey], old: TreeHead) -> TreeHead:
        """Return the newer head, where it goes on from the older one.

        Raises: ProofError where proof, signature or sizes do not hold.
        """
        head = open_head(self.note, *keys)
        if (old.origin, old.size) != (head.origin, self.old_size):
            raise ProofError(
                expected=f"an older head of {head.origin} with size {self.old_size}",
                found=f"one of {old.origin} with size {old.size}",
                what="the proof goes on from another head",
                action="Give the older head that the proof was asked for.",
            )
        check_consistency(old.size, old.root, head.size, head.root, self.hashes)
        return head

    def values(self) -> dict[str, Any]:
        """Return the proof as plain values, for JSON."""
        return {"proof": "consistency", "old_size": self.old_size} | _values(self.hashes, self.note)


def parse_proof(data: bytes) -> InclusionProof | ConsistencyProof:
    """Read a proof of either form. Raises: ProofFormatError, NoteFormatError."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise _format_error(data) from error
    top, gap, note = text.partition("\n\n")
    lines = top.split("\n")
    if not gap:
        raise _format_error(data)
    proof = _inclusion(lines, note.encode()) if lines[0] == INCLUSION_LINE else _consistency(lines, note.encode())
    if proof is None or proof.text() != data:
        raise _format_error(data)
    split_note(proof.note)
    return proof


def _inclusion(lines: list[str], note: bytes) -> InclusionProof | None:
    """Return the proof that a frame is held, or None where the lines are none."""
    if len(lines) < 3:
        return None
    frame_hash = _hashes([lines[1].removeprefix("extra ")])
    index = _number(lines[2], "index ")
    hashes = _hashes(lines[3:])
    if frame_hash is None or index is None or hashes is None:
        return None
    return InclusionProof(index + 1, frame_hash[0], hashes, note)


def _consistency(lines: list[str], note: bytes) -> ConsistencyProof | None:
    """Return the proof that a head goes on from another, or None where the lines are none."""
    old_size, hashes = _number(lines[0], "old "), _hashes(lines[1:])
    return None if old_size is None or hashes is None else ConsistencyProof(old_size, hashes, note)


def _number(line: str, word: str) -> int | None:
    """Return the number behind a word, or None."""
    digits = line.removeprefix(word)
    is_number = line.startswith(word) and digits.isascii() and digits.isdecimal() and len(digits) <= DIGITS_MAX
    return int(digits) if is_number else None


def _hashes(lines: Sequence[str]) -> tuple[bytes, ...] | None:
    """Return the hashes of some lines, or None where one is none."""
    found = tuple(decoded for line in lines if (decoded := decode_base64(line)) and len(decoded) == HASH_SIZE)
    return found if len(found) == len(lines) <= HASHES_MAX else None


def _joined(lines: list[str], hashes: Sequence[bytes], note: bytes) -> bytes:
    """Return lines, hashes, an empty line and the note."""
    return "".join(f"{line}\n" for line in (*lines, *map(encode_base64, hashes), "")).encode() + note


def _values(hashes: Sequence[bytes], note: bytes) -> dict[str, Any]:
    """Return what both proofs share, as plain values."""
    return {"hashes": [each.hex() for each in hashes]} | head_values(note)


def head_values(note: bytes) -> dict[str, Any]:
    """Return a head as plain values; `note` is the text that is signed and its signatures."""
    head = parse_head(split_note(note)[0])
    return {"origin": head.origin, "size": head.size, "root": head.root.hex(), "note": note.decode()}


def _format_error(data: bytes) -> ProofFormatError:
    """Return the error for a text that is no proof."""
    return ProofFormatError(
        expected=f"`{INCLUSION_LINE}` or `old SIZE`, hashes in base64, an empty line and a head",
        found=repr(data[:120]),
    )
