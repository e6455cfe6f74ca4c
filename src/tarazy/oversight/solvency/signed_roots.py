"""Find what the facility signed about its liabilities: statements in the journal, and the heads that hold them.

The journal is read from its first frame; every byte that is passed is checked, and so are the signatures of officers
and facility, as `tarazy verify` does.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from tarazy.journal.attestation import Attestation
from tarazy.journal.coverage import Coverage
from tarazy.journal.durable_position import published_frame
from tarazy.journal.errors import TornTailError
from tarazy.journal.frame import FrameKind
from tarazy.journal.identity import load_identity
from tarazy.journal.proof_errors import NoSuchHeadError
from tarazy.journal.proving import prove_frame
from tarazy.journal.reader import JournalReader
from tarazy.journal.signatures import SignaturePool
from tarazy.journal.statement import Statement


class SignedRoot(NamedTuple):
    """A statement of the facility, the frame that holds it, and the key that signed it."""

    statement: Statement
    frame_number: int
    frame: bytes
    public_key: bytes


class HeadOverStatement(NamedTuple):
    """The frame of a statement and the proof (C2SP tlog-proof) that a signed head holds it."""

    frame: bytes
    proof: bytes


def signed_roots(directory: Path) -> Iterator[SignedRoot]:
    """Iterate over the statements of a journal, in order.

    Raises: DamageError, StorageError where the journal cannot be read or a signature does not hold.
    """
    identity = load_identity(directory)
    reader = JournalReader(directory, identity=identity, last_frame=published_frame(directory, identity.facility_id))
    with SignaturePool(1) as pool, suppress(TornTailError):
        attestation = Attestation(reader.directory, identity, pool)
        coverage = Coverage(reader.directory, identity, attestation.facility_keys)
        for frame in reader:
            coverage.add(frame)
            if frame.header.kind == FrameKind.commands:
                attestation.add(frame)
                continue
            attestation.finish()
            if frame.header.kind == FrameKind.statement:
                statement = Statement.unpack(frame.commands)
                yield SignedRoot(statement, frame.header.frame_number, frame.encode(), coverage.public_key)


def root_at(directory: Path, seq: int | None) -> SignedRoot | None:
    """Return the statement on a command (None: the newest), or None."""
    found = None
    for each in signed_roots(directory):
        if seq in (None, each.statement.seq):
            found = each
    return found


def head_over(directory: Path, root: SignedRoot) -> HeadOverStatement | None:
    """Return the proof that a signed head holds the statement; None where no head covers it yet."""
    try:
        return HeadOverStatement(root.frame, prove_frame(directory, root.frame_number).text())
    except NoSuchHeadError:
        return None
