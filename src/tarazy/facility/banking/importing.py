"""Files of banks into the book, whole or not at all, and as often as one likes.

The same file again changes nothing; a statement that is known is compared and not taken twice, in whatever file, order
or company it comes. What is wrong within a statement keeps its whole file out. What is wrong between statements (a gap,
a broken chain) does not: files come late and out of order; `gaps` tells what is missing after all that came.
Booked statements alone (camt.053, MT940) are kept. Reports within the day and notices say the same bookings earlier,
without balances: they are read, and nothing is booked from them.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import NamedTuple

from tarazy.facility.accounts.trail import canonical
from tarazy.facility.banking.amounts import decimal_text, scale_of
from tarazy.facility.banking.book import BankAccount, BankBook, accounts
from tarazy.facility.banking.errors import BankActRefusedError, BankFieldError
from tarazy.facility.banking.iban import checked_iban
from tarazy.facility.banking.items import take_items
from tarazy.facility.banking.plain import detail_plain
from tarazy.facility.banking.reading import WholeStatement, read_bank_file, whole_statements
from tarazy.facility.banking.statements import BankEntry, ReversalSign, StatementEnd, StatementHead

BETWEEN = ("chain", "sequence", "duplicate")  # judged over all that came, not within one file
CHUNK_BYTES = 1 << 20


class ImportedFile(NamedTuple):
    """What a file brought: new statements, those that were known, entries and items."""

    sha256: str
    is_known: bool
    new: int
    known: int
    entries: int
    items: int


class StatementGap(NamedTuple):
    """Two booked statements of an account that do not follow each other."""

    account: str
    currency: str
    after_statement: str
    before_statement: str
    expected: str
    found: str


def import_file(book: BankBook, path: Path) -> ImportedFile:
    """Take in a file.

    Raises: BankFileError, BankActRefusedError, which names what keeps it out; OSError.
    """
    digest = file_sha256(path)
    if book.all("SELECT 1 FROM files WHERE sha256 = ?", (digest,)):
        return ImportedFile(digest, True, 0, 0, 0, 0)
    known_accounts = {(each.account, each.currency): each for each in accounts(book)}
    new = known = entries = items = 0
    with book.changing():
        values = (digest, path.name, book.moment)
        book.connection.execute("INSERT INTO files VALUES (?, ?, ?, 0)", values)
        for statement in whole_statements(path, turned_by_account(path, known_accounts)):
            account = account_of(statement.head, known_accounts)
            require_sound(statement)
            if not statement.head.form.needs_balances:
                continue
            number = take_statement(book, account, statement, digest)
            if number is None:
                known += 1
                continue
            new, entries = new + 1, entries + len(statement.entries)
            if account.estate == "client":
                items += take_items(book, account, number, statement)
        book.connection.execute("UPDATE files SET statements = ? WHERE sha256 = ?", (new + known, digest))
    return ImportedFile(digest, False, new, known, entries, items)


def file_sha256(path: Path) -> str:
    """Return the hash of a file, read in pieces."""
    found = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(CHUNK_BYTES):
            found.update(chunk)
    return found.hexdigest()


def turned_by_account(path: Path, known: dict[tuple[str, str], BankAccount]) -> frozenset[int]:
    """Return which statements have reversals with the sign of the entry that they undo: as the account says, else
    as the balances show.
    """
    found = set[int]()
    for part in read_bank_file(path):
        if isinstance(part, StatementEnd):
            account = known.get((electronic(part.head.account), part.head.currency))
            sign = account.reversal_sign if account else ""
            if sign == ReversalSign.original.value or (not sign and part.ties_turned):
                found.add(part.head.number)
    return frozenset(found)


def electronic(account: str) -> str:
    """Return an account's number in its electronic form, where it is an IBAN."""
    try:
        return checked_iban(account)
    except BankFieldError:
        return account


def account_of(head: StatementHead, known: dict[tuple[str, str], BankAccount]) -> BankAccount:
    """Return the account that a statement is about. Raises: BankActRefusedError for one that was not entered."""
    found = known.get((electronic(head.account), head.currency))
    if found is None:
        action = "Enter it with tarazy bank account, as client money or as the house's"
        known_text = f"{head.account} {head.currency} on line {head.line}"
        raise BankActRefusedError("statement", expected="an account of the bank book", found=known_text, action=action)
    if found.form and head.form.needs_balances and found.form != head.form.value:
        raise BankActRefusedError(
            f"account {found.account}",
            expected=f"statements as {found.form}, as it has until now",
            found=f"{head.form.value}: the same bookings would count twice",
        )
    return found


def require_sound(statement: WholeStatement) -> None:
    """Refuse a statement with faults within it. Raises: BankActRefusedError."""
    faults = [each for each in statement.end.faults if each.code not in BETWEEN]
    if faults:
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise BankActRefusedError(
            f"statement {statement.head.statement_id}",
            expected=faults[0].expected,
            found=f"{faults[0].found} on line {faults[0].line}{more}",
            action="Nothing of the file was taken: ask the bank, or look at it with tarazy bank read",
        )


def take_statement(book: BankBook, account: BankAccount, statement: WholeStatement, file: str) -> int | None:
    """Keep a statement and return its number, or None where it is known already.

    Raises: BankActRefusedError where another statement has its place, or its entries.
    """
    head, end = statement.head, statement.end
    opening, closing = end.opening, end.closing
    if opening is None or closing is None:
        raise BankActRefusedError(head.statement_id, expected="both balances", found="one or none")
    digest = content_digest(statement)
    days = (str(opening.day or closing.day or ""), str(closing.day or ""))
    place = (account.account, account.currency, head.statement_id, head.page, days[1])
    where = "account = ? AND currency = ? AND statement_id = ? AND page = ? AND closing_day = ?"
    known = book.all(f"SELECT digest, file FROM statements WHERE {where}", place)
    if known:
        if known[0][0] == digest:
            return None
        found = f"another content than in file {known[0][1][:16]}"
        raise BankActRefusedError(f"statement {head.statement_id}", expected="what came before", found=found)
    refuse_overlap(book, account, statement)
    values = (*place[:2], head.form.value, *place[2:4], head.sequence, opening.amount_minor, days[0])
    rest = (closing.amount_minor, days[1], len(statement.entries), end.sum_minor, digest, file)
    row = "INSERT INTO statements VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
    number = book.connection.execute(row, (*values, *rest)).lastrowid
    update = "UPDATE bank_accounts SET form = ? WHERE account = ? AND currency = ?"
    book.connection.execute(update, (head.form.value, account.account, account.currency))
    rows = [entry_row(int(number or 0), each) for each in statement.entries]
    book.connection.executemany("INSERT INTO entries VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)
    return int(number or 0)


def entry_row(statement: int, entry: BankEntry) -> tuple[object, ...]:
    """Return an entry as the table keeps it."""
    days = (str(entry.booked_on or entry.value_on or ""), str(entry.value_on or entry.booked_on or ""))
    body = json.dumps([detail_plain(each) for each in entry.details], ensure_ascii=False, default=str)
    told = (entry.servicer_reference, entry.information, body)
    signs = (entry.amount_minor, entry.status, int(entry.is_reversal))
    return (statement, entry.position, *signs, *days, *told)


def refuse_overlap(book: BankBook, account: BankAccount, statement: WholeStatement) -> None:
    """Refuse a statement one of whose bookings, by the bank's own reference, amount and day, another statement has.

    A statement of a week beside those of its days would count them twice. Raises: BankActRefusedError.
    """
    query = (
        "SELECT s.statement_id FROM entries e JOIN statements s ON s.statement = e.statement"
        " WHERE e.servicer_reference = ? AND e.amount_minor = ? AND e.booked_on = ?"
        " AND s.account = ? AND s.currency = ? AND s.statement_id <> ?"
    )
    for each in statement.entries:
        if each.servicer_reference:
            day = str(each.booked_on or each.value_on or "")
            key = (each.servicer_reference, each.amount_minor, day)
            found = book.all(query, (*key, account.account, account.currency, statement.head.statement_id))
            if found:
                action = "Give either the statements of days or those of longer times"
                raise BankActRefusedError(
                    f"entry {each.position} ({each.servicer_reference})",
                    expected="a booking that no other statement has",
                    found=f"it in statement {found[0][0]}",
                    action=action,
                )


def content_digest(statement: WholeStatement) -> str:
    """Return what a statement says as one hash, whatever file and format's layout it came in."""
    edges = [each.amount_minor for each in (statement.end.opening, statement.end.closing) if each]
    rows = [
        [each.position, each.amount_minor, each.servicer_reference, str(each.booked_on)] for each in statement.entries
    ]
    return hashlib.sha256(canonical([edges, rows]).encode()).hexdigest()


def gaps(book: BankBook) -> list[StatementGap]:
    """Return where booked statements of an account do not follow each other, after all that came so far."""
    query = (
        "SELECT account, currency, statement_id, sequence, page, opening_minor, closing_minor FROM statements"
        " ORDER BY account, currency, closing_day, sequence, page, statement"
    )
    found: list[StatementGap] = []
    before: tuple[object, ...] | None = None
    for row in book.all(query):
        if before is not None and before[:2] == row[:2] and before[6] != row[5]:
            scale = scale_of(row[1])
            amounts = (decimal_text(int(str(each)), scale) for each in (before[6], row[5]))
            found.append(StatementGap(row[0], row[1], str(before[2]), row[2], *amounts))
        before = row
    return found
