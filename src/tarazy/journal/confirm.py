"""What a replay compares: the events of a frame with its digest of them, a signed state with the one at its mark."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from tarazy.domain.engine import Engine
from tarazy.domain.records import RECORD_SIZE
from tarazy.journal.errors import ReplayDivergedError, StatementError
from tarazy.journal.frame import Frame
from tarazy.journal.marks import Mark, Marks
from tarazy.journal.statement import Statement


def check_events(directory: Path, frame: Frame, events: bytes, digest: bytes = b"") -> None:
    """Compare the events with the frame's digest of them; `digest` is their SHA-256 where it is known.

    Raises: ReplayDivergedError.
    """
    digest = digest or sha256(events).digest()
    if digest == frame.header.events_digest and len(events) == frame.header.event_count * RECORD_SIZE:
        return
    raise diverged(
        directory,
        frame,
        f"{frame.header.event_count} events with digest {frame.header.events_digest.hex()}",
        f"{len(events) // RECORD_SIZE} events with digest {digest.hex()}",
    )


def check_state(directory: Path, frame: Frame, marks: Marks, first_seq: int) -> None:
    """Compare a signed statement with the state at the mark that it names.

    Raises: ReplayDivergedError; StatementError where the frame holds no statement.
    """
    try:
        statement = Statement.unpack(frame.commands)
    except ValueError as error:
        number = frame.header.frame_number
        raise StatementError(directory, expected="a signed statement", found=str(error), frame=number) from error
    mark = marks.take(statement.seq)
    if mark is None and statement.seq < first_seq:
        return
    expected = f"state {statement.state_digest.hex()} with root {statement.liabilities_root.hex()}, as was signed"
    found = "no mark at that command"
    if mark is not None:
        if (mark.state_digest, mark.liabilities_root) == (statement.state_digest, statement.liabilities_root):
            return
        found = f"state {mark.state_digest.hex()} with root {mark.liabilities_root.hex()}"
    raise diverged(directory, frame, expected, found, statement.seq)


def diverged(directory: Path, frame: Frame, expected: str, found: str, mark_seq: int = 0) -> ReplayDivergedError:
    """Return the error for a frame that the engine does not confirm; a statement speaks of the command at its mark."""
    header = frame.header
    return ReplayDivergedError(
        Path(directory),
        first_seq=mark_seq or header.first_seq,
        last_seq=mark_seq or header.next_seq - 1,
        expected=expected,
        found=found,
        frame=header.frame_number,
    )


def mark_of(frame: Frame, engine: Engine) -> Mark:
    """Return what is known at a mark: the state just after its frame, added up again from the ground.

    Raises: InvariantBroken where it does not add up.
    """
    number, seq = frame.header.frame_number, frame.header.next_seq - 1
    engine.audit()
    return Mark(seq, number, frame.frame_hash, engine.state_digest(), engine.liabilities_root())
