"""Files of banks read whatever their format: camt.052, camt.053, camt.054 and MT940.

`read_bank_file` streams; `whole_statements` gathers one statement at a time for who needs all of its entries at once.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from tarazy.facility.banking.camt import CamtReader
from tarazy.facility.banking.errors import BankFileError
from tarazy.facility.banking.mt940 import Mt940Reader
from tarazy.facility.banking.statements import (
    BankEntry,
    ReversalSign,
    StatementEnd,
    StatementHead,
    StatementPart,
)

PEEK_BYTES = 1 << 14
MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
NONE_TURNED: frozenset[int] = frozenset()


class WholeStatement(NamedTuple):
    """A statement with all of its entries."""

    head: StatementHead
    entries: tuple[BankEntry, ...]
    end: StatementEnd


def read_bank_file(path: Path, turned: frozenset[int] = NONE_TURNED) -> Iterator[StatementPart]:
    """Yield head, entries and end of each statement of a file.

    `turned` are the numbers of statements whose reversals carry the sign of the entry that they undo.
    Raises: BankFileError where the file cannot be read on; OSError.
    """
    with path.open("rb") as file:
        yield from reader_for(file, path.name, turned).parts()


def reader_for(file: BinaryIO, where: object, turned: frozenset[int] = NONE_TURNED) -> CamtReader | Mt940Reader:
    """Return the reader for a file, by its beginning. Raises: BankFileError."""
    start = file.read(PEEK_BYTES)
    file.seek(0)
    bare = start
    for mark in MARKS:
        bare = bare.removeprefix(mark)
    if bare.lstrip(b" \t\r\n\0").startswith(b"<"):
        return CamtReader(file, where, turned)
    if b":20:" in bare or bare.lstrip().startswith(b"{1:"):
        return Mt940Reader(file, where)
    action = "Unpack it first" if start.startswith(b"PK") else "Is it the right file?"
    found = "an empty file" if not start else "neither XML nor a field :20:"
    raise BankFileError(where, 1, expected="camt.052, camt.053, camt.054 or MT940", found=found, action=action)


def whole_statements(path: Path, turned: frozenset[int] = NONE_TURNED) -> Iterator[WholeStatement]:
    """Yield each statement with its entries: memory holds the largest one. Raises: as `read_bank_file`."""
    head: StatementHead | None = None
    entries: list[BankEntry] = []
    for part in read_bank_file(path, turned):
        if isinstance(part, StatementHead):
            head, entries = part, []
        elif isinstance(part, BankEntry):
            entries.append(part)
        elif head is not None:
            yield WholeStatement(part.head, tuple(entries), part)


def turned_statements(path: Path, sign: ReversalSign | None = None) -> frozenset[int]:
    """Return which statements of a file have reversals with the sign of the entry that they undo.

    `sign` is what is known of the bank; without it the balances decide: a statement that ties only so is such a one.
    Raises: as `read_bank_file`.
    """
    if sign is ReversalSign.own:
        return NONE_TURNED
    ends = [part for part in read_bank_file(path) if isinstance(part, StatementEnd)]
    return frozenset(end.head.number for end in ends if end.ties_turned or sign is ReversalSign.original)
