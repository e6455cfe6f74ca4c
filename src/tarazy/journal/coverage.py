"""What of a journal a signature covers: the facility's signed statements and heads, followed frame by frame.

A statement names the hash of its mark's frame, and a head the root over all frames before it; either covers the whole
past. What comes after the last one is only chained: whoever holds the folder could write it anew.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tarazy.domain.records import RECORD_SIZE, CommandKind
from tarazy.journal.errors import DamageError, HeadError, SignatureError, StatementError
from tarazy.journal.frame import Frame, FrameKind
from tarazy.journal.identity import Identity
from tarazy.journal.marks import Mark, Marks
from tarazy.journal.merkle import Frontier
from tarazy.journal.note import TreeHead, VerifierKey, open_note, origin_of, parse_head, split_note
from tarazy.journal.proof_errors import NoteFormatError, NoteSignatureError
from tarazy.journal.statement import Statement


class Coverage:
    """Follow a journal from its first frame and check every statement and head.

    `frame_number`, `seq` and `ts_ns` are those of the last frame that a signature covers and of its last command;
    `public_key` is the facility's key at this point, `public_keys` are all that it had so far. `next_keys` are keys that
    a signed act has named for it: from the first statement or head on that one of them signed, the keys before it no
    longer count.
    """

    def __init__(self, directory: Path, identity: Identity, next_keys: set[bytes]) -> None:
        self._next_keys = next_keys
        self._directory = directory
        self._identity = identity
        self._marks = Marks()
        self._command_frames = self._covered_frames = self._last_seq = 0
        self.public_key = identity.public_key
        self.public_keys = {identity.public_key}
        self.tree = Frontier()
        self.frame_number = self.seq = self.ts_ns = 0
        self.last_ts_ns = 0
        self.last_statement: Statement | None = None
        self.last_head: TreeHead | None = None

    def add(self, frame: Frame) -> None:
        """Take the next frame.

        Raises: SignatureError, StatementError, HeadError.
        """
        if frame.header.kind == FrameKind.statement:
            self._add_statement(frame)
        elif frame.header.kind == FrameKind.head:
            self._add_head(frame)
        self.tree.append(frame.frame_hash)
        if frame.header.kind == FrameKind.commands:
            self._add_commands(frame)

    def _add_commands(self, frame: Frame) -> None:
        """Remember where a frame of commands ends, and whether it may be a mark."""
        header, last = frame.header, frame.commands[-RECORD_SIZE:]
        self.last_ts_ns, self._last_seq = int.from_bytes(last[8:16], "little"), header.next_seq - 1
        self._command_frames += 1
        if int.from_bytes(last[:2], "little") == CommandKind.take_checkpoint:
            mark = Mark(self._last_seq, header.frame_number, frame.frame_hash, ts_ns=self.last_ts_ns)
            self._marks.add(mark._replace(tree_root=self.tree.root(), command_frames=self._command_frames))

    def _add_statement(self, frame: Frame) -> None:
        """Refuse a statement that the facility did not sign, or that speaks of something else than stands here."""
        try:
            statement = Statement.unpack(frame.commands)
        except ValueError as error:
            raise self._error(StatementError, frame, "a signed statement", str(error)) from error
        if not self._is_signed(statement.is_signed_by):
            raise self._error(SignatureError, frame, f"a signature by {self.public_key.hex()}", "another signature")
        mark = self._marks.take(statement.seq)
        if mark is None or not self._is_about(statement, mark):
            what = "no mark" if mark is None else f"frame {mark.frame_number} with hash {mark.frame_hash.hex()}"
            said = f"frame {statement.frame_number} with hash {statement.frame_hash.hex()}"
            raise self._error(StatementError, frame, f"a statement on {what} at command {statement.seq}", said)
        self.last_statement = statement
        if mark.frame_number > self.frame_number:
            self.frame_number, self.seq, self.ts_ns = mark.frame_number, mark.seq, mark.ts_ns
            self._covered_frames = mark.command_frames

    def _is_about(self, statement: Statement, mark: Mark) -> bool:
        """Say whether a statement names the facility and the frame and tree of a mark."""
        whose = (statement.facility_id, statement.edition) == (self._identity.facility_id, self._identity.edition)
        said = (statement.frame_number, statement.frame_hash, statement.tree_size, statement.tree_root)
        return whose and said == (mark.frame_number, mark.frame_hash, mark.frame_number, mark.tree_root)

    def _add_head(self, frame: Frame) -> None:
        """Refuse a head that the facility did not sign, or whose tree is not the one before it."""
        try:
            head = parse_head(split_note(frame.commands)[0])
        except NoteFormatError as error:
            raise self._error(HeadError, frame, error.expected, error.found) from error
        if head.origin != origin_of(self._identity.facility_id) or not self._is_signed(_holds(frame.commands, head)):
            raise self._error(
                SignatureError, frame, f"a head of this facility, signed by {self.public_key.hex()}", "another one"
            )
        expected = (self.tree.size, self.tree.root())
        if (head.size, head.root) != expected:
            said = f"size {head.size} with root {head.root.hex()}"
            raise self._error(HeadError, frame, f"a head of size {expected[0]} with root {expected[1].hex()}", said)
        self.last_head = head
        self.frame_number, self.seq, self.ts_ns = head.size, self._last_seq, self.last_ts_ns
        self._covered_frames = self._command_frames

    def _is_signed(self, holds: Callable[[bytes], bool]) -> bool:
        """Say whether a signature is by the facility's key, or by one that follows it from here on."""
        if holds(self.public_key):
            return True
        signer = next((key for key in sorted(self._next_keys) if holds(key)), None)
        if signer is None:
            return False
        self.public_key = signer
        self.public_keys.add(signer)
        self._next_keys.clear()
        return True

    @property
    def chained_frames(self) -> int:
        """Return how many frames of commands stand behind the last one that a signature covers."""
        return self._command_frames - self._covered_frames

    def _error(self, kind: type[DamageError], frame: Frame, expected: str, found: str) -> DamageError:
        return kind(self._directory, expected=expected, found=found, frame=frame.header.frame_number)


def _holds(note: bytes, head: TreeHead) -> Callable[[bytes], bool]:
    """Return what says whether a key has signed the note of a head."""

    def holds(public_key: bytes) -> bool:
        try:
            open_note(note, [VerifierKey(head.origin, public_key)])
        except NoteSignatureError:
            return False
        return True

    return holds
