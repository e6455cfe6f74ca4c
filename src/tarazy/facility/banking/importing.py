"""Files of banks into the book, whole or not at all, and as often as one likes.

The same file again changes nothing; a statement that is known is compared and not taken twice, in whatever file, order
or company it comes. What cannot be read keeps its whole file out; what does not add up holds all statements of its file
(see `holds`). A gap or a broken chain between statements holds those behind it: files come late and out of order, and
the missing one lifts the hold. `gaps` tells what is missing after all that came.
Booked statements alone (camt.053, MT940) are kept. Reports within the day and notices say the same bookings earlier,
without balances: they are read, and nothing is booked from them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from tarazy.facility.accounts.trail import canonical
from tarazy.facility.banking.amounts import decimal_text, scale_of
from tarazy.facility.banking.book import BankAccount, BankBook, accounts
from tarazy.facility.banking.errors import BankActRefusedError, BankFieldError
from tarazy.facility.banking.holds import SUMS, hold_statement, judge_chain
from tarazy.facility.banking.iban import checked_iban
from tarazy.facility.banking.items import take_items
from tarazy.facility.banking.plain import detail_plain
from tarazy.facility.banking.reading import WholeStatement, read_bank_file, whole_statements
from tarazy.facility.banking.statements import BankEntry, ReversalSign, StatementEnd, StatementHead

BETWEEN = ("chain", "sequence", "duplicate")  # judged over all that came, not within one file
NOT_ADDED_UP = ("balance", "count")
CHUNK_BYTES = 1 << 20


class ImportedFile(NamedTuple):
    """What a file brought: new statements, those that were known, entries and items; `held` of the new ones."""

    sha256: str
    is_known: bool
    new: int
    known: int
    entries: int
    items: int
    held: int = 0


class StatementGap(NamedTuple):
    """Two booked statements of an account that do not follow each other."""

    account: str
    currency: str
    after_statement: str
    before_statement: str
    expected: str
    found: str


def import_file(book: BankBook, path: Path, only: Collection[str] | None = None) -> ImportedFile:
    """Take in a file; `only`: the accounts of the channel that it came by, None where a person brings it.

    Raises: BankFileError, BankActRefusedError, which names what keeps it out; OSError.
    """
    digest = file_sha256(path)
    if book.all("SELECT 1 FROM files WHERE sha256 = ?", (digest,)):
        return ImportedFile(digest, True, 0, 0, 0, 0)
    known_accounts = {(each.account, each.currency): each for each in accounts(book)}
    new, known, entries, items = dict[int, BankAccount](), 0, 0, 0
    unsound = ""
    with book.changing():
        values = (digest, path.name, book.moment)
        book.connection.execute("INSERT INTO files VALUES (?, ?, ?, 0)", values)
        for statement in whole_statements(path, turned_by_account(path, known_accounts)):
            account = account_of(statement.head, known_accounts)
            require_bound(account.account, only, f"statement {statement.head.statement_id}")
            unsound = require_readable(statement) or unsound
            if not statement.head.form.needs_balances:
                continue
            number = take_statement(book, account, statement, digest)
            if number is None:
                known += 1
                continue
            new[number], entries = account, entries + len(statement.entries)
            if account.estate == "client":
                items += take_items(book, account, number, statement)
        held = hold_new(book, new, unsound)
        book.connection.execute("UPDATE files SET statements = ? WHERE sha256 = ?", (len(new) + known, digest))
    return ImportedFile(digest, False, len(new), known, entries, items, held)


def hold_new(book: BankBook, new: dict[int, BankAccount], unsound: str) -> int:
    """Hold what does not follow, or all that came where something does not add up; return how many are held."""
    if unsound:
        for number in new:
            hold_statement(book, number, SUMS, unsound)
        return len(new)
    places = {(each.account, each.currency) for each in new.values()}
    return sum(judge_chain(book, *place, frozenset(new)) for place in sorted(places))


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


def require_bound(account: str, only: Collection[str] | None, where: str) -> None:
    """Refuse what a bank's channel says of an account that is not its own. Raises: BankActRefusedError."""
    if only is not None and account not in only:
        action = "Ask the bank whose channel it is; a statement of another bank comes by that bank's channel"
        expected = f"an account of this channel ({', '.join(sorted(only))})"
        raise BankActRefusedError(where, expected=expected, found=account, action=action)


def require_readable(statement: WholeStatement) -> str:
    """Refuse a statement that cannot be read whole; return how one does not add up, empty where it does.

    Raises: BankActRefusedError.
    """
    faults = [each for each in statement.end.faults if each.code not in BETWEEN]
    unreadable = [each for each in faults if each.code not in NOT_ADDED_UP]
    if unreadable:
        more = f" (and {len(unreadable) - 1} more)" if len(unreadable) > 1 else ""
        raise BankActRefusedError(
            f"statement {statement.head.statement_id}",
            expected=unreadable[0].expected,
            found=f"{unreadable[0].found} on line {unreadable[0].line}{more}",
            action="Nothing of the file was taken: ask the bank, or look at it with tarazy bank read",
        )
    where = f"statement {statement.head.statement_id}"
    return f"{where}: expected {faults[0].expected}, found {faults[0].found}" if faults else ""


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
    row = "INSERT INTO statements VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '')"
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
