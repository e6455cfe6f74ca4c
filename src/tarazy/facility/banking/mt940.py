"""MT940 read line by line: several messages in a file, with or without their SWIFT blocks, in bounded memory.

A message begins with :20: and ends with a line `-`, with `-}`, or where the next one begins. Lines before the first tag
are a bank's own headers and are passed over. Encodings: UTF-8 with or without a mark at the start; a line that is not
UTF-8 is read as Latin-1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from tarazy.facility.banking.amounts import scale_of
from tarazy.facility.banking.checks import FileCheck, StatementCheck
from tarazy.facility.banking.errors import BankFieldError, BankFileError
from tarazy.facility.banking.mt940_fields import (
    BALANCE_CODES,
    Booking,
    balance_from,
    booking_from,
    detail_from,
    information_from,
)
from tarazy.facility.banking.statements import (
    BankBalance,
    BankEntry,
    StatementForm,
    StatementHead,
    StatementPart,
)

LINE_BYTES_MAX = 1 << 14
FIELD_LINES_MAX = 200
TAG = re.compile(r":(\d{2}[A-Z]?):")
NUMBER = re.compile(r"(\d{1,12})(?:/(\d{1,9}))?$")
END = "-"
FALLBACK_CURRENCY = "KZT"


class TaggedField(NamedTuple):
    """A field: its tag, the line where it begins, its lines without the tag. `END` as tag ends a message."""

    tag: str
    line: int
    lines: list[str]


class PendingBooking(NamedTuple):
    """A booking that waits for its :86:."""

    line: int
    booking: Booking
    position: int


class Mt940Reader:
    """Turns one file into parts. Used once."""

    def __init__(self, file: BinaryIO, where: object) -> None:
        self.file, self.where = file, where
        self.files = FileCheck()
        self.statements = 0
        self._forget()

    def _forget(self) -> None:
        self.reference = self.account = self.number = ""
        self.line = 0
        self.balances: list[BankBalance] = []
        self.check: StatementCheck | None = None
        self.pending: PendingBooking | None = None
        self.is_open = False
        self.faults: list[tuple[int, BankFieldError]] = []

    def parts(self) -> Iterator[StatementPart]:
        """Yield head, entries and end of each statement. Raises: BankFileError where the file cannot be read on."""
        for field in fields_of(lines_of(self.file, self.where), self.where):
            yield from self._take(field)
        yield from self._finish()
        if self.statements == 0:
            raise BankFileError(self.where, 1, expected="a message of MT940 with :20:", found="none")

    def _take(self, field: TaggedField) -> Iterator[StatementPart]:
        tag, text = field.tag, field.lines[0].strip()
        if tag in ("20", END):
            yield from self._finish()
            if tag == "20":
                self.is_open, self.reference, self.line = True, text, field.line
        elif not self.is_open:
            return
        elif tag in ("25", "25P"):
            yield from self._next_account(field)
        elif tag in ("28", "28C"):
            self.number = text
        elif tag in BALANCE_CODES:
            yield from self._take_balance(field)
        elif tag == "61":
            yield from self._take_booking(field)
        elif tag == "86" and self.pending is not None:
            yield from self._release(field.lines)

    def _next_account(self, field: TaggedField) -> Iterator[StatementPart]:
        """Take the account; a second one within a message begins the next statement."""
        reference = self.reference
        if self.check is not None:
            yield from self._finish()
            self.is_open, self.reference, self.line = True, reference, field.line
        self.account = field.lines[0].strip()

    def _take_balance(self, field: TaggedField) -> Iterator[StatementPart]:
        yield from self._release([])
        try:
            found = balance_from(field.tag, field.lines[0], field.line)
        except BankFieldError as error:
            if self.check is None:
                yield self._begin()
            self._drop(field.line, error, 0)
            return
        is_opening = field.tag.startswith("60")
        if is_opening and any(each.code == found.code for each in self.balances):
            self._checked().fault("field", field.line, "one opening balance", f"a second :{field.tag}:")
            return
        self.balances.append(found)
        if self.check is None:
            yield self._begin()

    def _take_booking(self, field: TaggedField) -> Iterator[StatementPart]:
        yield from self._release([])
        if self.check is None:
            yield self._begin()
        check = self._checked()
        position = check.entry_count + 1
        try:
            booking = booking_from(field.lines, scale_of(check.head.currency or FALLBACK_CURRENCY))
            self.pending = PendingBooking(field.line, booking, position)
        except BankFieldError as error:
            self._drop(field.line, error, position)
            check.entry_count += 1

    def _release(self, told_lines: list[str]) -> Iterator[StatementPart]:
        """Yield the booking that waits, with what is told of it."""
        if self.pending is None:
            return
        line, booking, position = self.pending
        self.pending = None
        check = self._checked()
        currency = check.head.currency or FALLBACK_CURRENCY
        told = information_from(told_lines) if told_lines else information_from([""])
        entry = BankEntry(
            position,
            line,
            booking.amount_minor,
            currency,
            "PDNG" if booking.is_expected else "BOOK",
            booking.is_reversal,
            booking.entry_on,
            booking.value_on,
            booking.reference,
            booking.servicer_reference,
            booking.kind,
            " ".join(part for part in (told.text, booking.supplement) if part),
            (detail_from(booking, told, currency),),
            (),
        )
        check.add(entry)
        yield entry

    def _begin(self) -> StatementHead:
        self.statements += 1
        number = NUMBER.match(self.number)
        opening = tuple(self.balances)
        page = int(number.group(2)) if number and number.group(2) else 0
        sequence = int(number.group(1)) if number else None
        head = StatementHead(
            self.statements,
            self.line,
            StatementForm.mt940,
            "MT940",
            self.reference,
            self.number,
            self.account.rpartition("/")[2],
            opening[0].currency if opening else "",
            self.account.rpartition("/")[0],
            "",
            sequence or None,
            None,
            page,
            True,
            "",
            "",
            opening,
        )
        self.check = StatementCheck(head)
        if not head.account:
            self.check.fault("field", self.line, "an account in :25:", "none")
        if self.number and not number:
            self.check.fault("field", self.line, "a number in :28C:", repr(self.number[:30]))
        self.files.begin(self.check)
        return head

    def _finish(self) -> Iterator[StatementPart]:
        """End the statement that is open."""
        if self.is_open:
            yield from self._release([])
            if self.check is None:
                yield self._begin()
            check = self._checked()
            closing = next((each for each in self.balances if each.code == "CLBD"), None)
            check.head = check.head._replace(is_last_page=closing is None or not closing.is_interim)
            end = check.end(tuple(self.balances))
            self.files.end(check, end)
            yield end._replace(faults=tuple(check.faults))
        self._forget()

    def _drop(self, line: int, error: BankFieldError, position: int) -> None:
        self._checked().drop(line, f"{error.expected} as {error.where}", error.found, position)

    def _checked(self) -> StatementCheck:
        if self.check is None:
            raise BankFileError(self.where, self.line, expected="a statement that has begun", found="none")
        return self.check


def lines_of(file: BinaryIO, where: object) -> Iterator[tuple[int, str]]:
    """Yield number and text of each line. Raises: BankFileError for one that is too long."""
    number = 0
    while raw := file.readline(LINE_BYTES_MAX + 1):
        number += 1
        if len(raw) > LINE_BYTES_MAX:
            raise BankFileError(
                where, number, expected=f"lines of at most {LINE_BYTES_MAX:,} bytes", found="a longer one"
            )
        if number == 1:
            raw = raw.removeprefix(b"\xef\xbb\xbf")
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            text = raw.decode("latin-1")
        yield number, text.rstrip("\r\n")


def fields_of(lines: Iterator[tuple[int, str]], where: object) -> Iterator[TaggedField]:
    """Yield fields, each with the lines that go on with it. Raises: BankFileError."""
    field: TaggedField | None = None
    for number, whole in lines:
        ended, text = without_blocks(whole)
        tagged = TAG.match(text)
        if ended or tagged or text == END:
            if field:
                yield field
            field = None
            if ended or text == END:
                yield TaggedField(END, number, [""])
            if tagged:
                field = TaggedField(tagged.group(1), number, [text[tagged.end() :]])
        elif field is not None:
            if len(field.lines) >= FIELD_LINES_MAX:
                expected = f"fields of at most {FIELD_LINES_MAX} lines"
                raise BankFileError(where, number, expected=expected, found=f"a longer :{field.tag}:")
            field.lines.append(text)
    if field:
        yield field


def without_blocks(text: str) -> tuple[bool, str]:
    """Return whether a message ends in a line, and the line without the blocks of SWIFT around a message's text."""
    ended = text.startswith("-}")
    if ended:
        text = text[2:]
    while text.startswith("{"):
        if text.startswith("{4:"):
            return ended, text[3:].strip()
        text = text[block_length(text) :]
    return ended, text


def block_length(text: str) -> int:
    """Return the length of the block in braces with which a text begins; one that is not closed is all of it."""
    depth = 0
    for place, character in enumerate(text, 1):
        depth += (character == "{") - (character == "}")
        if depth == 0:
            return place
    return len(text)
