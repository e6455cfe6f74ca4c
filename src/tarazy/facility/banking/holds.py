"""Statements that are held whole: nothing of one is credited, settled or believed until it is explained.

A statement is held where the chain of its account is broken (it does not open where the one before closed, does not
close where the one behind opens, or a number is missing), and where it does not add up in itself. A chain that the
missing file closes lifts the hold by itself. Anything else takes two officers of finance: one asks with a reason,
another one releases with a reason. One officer may refuse a statement for good; its place is free for the right one.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from typing import NamedTuple

from tarazy.domain.records import ROLE_FINANCE
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.banking.amounts import decimal_text, scale_of
from tarazy.facility.banking.book import BankBook
from tarazy.facility.banking.errors import BankActRefusedError
from tarazy.facility.banking.kept import KeptStatement, kept_statements

CHAIN, SUMS = "chain", "sums"
OPEN_HOLDS = ("held", "asked")
REASON_MAX = 400


class StatementHold(NamedTuple):
    """A hold: `held`, `asked` (by an officer), `released` (by another), `refused`, or `followed` (the chain closed)."""

    hold: int
    statement: int
    account: str
    currency: str
    statement_id: str
    digest: str
    code: str
    reason: str
    at: str
    state: str
    asked_by: int
    asked_key: str
    asked_reason: str
    decided_by: int
    decided_reason: str


def holds(book: BankBook, *states: str) -> list[StatementHold]:
    """Return holds by number: all, or those of some states."""
    marks = ", ".join("?" * len(states))
    where = f"WHERE state IN ({marks})" if states else ""
    return [StatementHold(*row) for row in book.all(f"SELECT * FROM holds {where} ORDER BY hold", states)]


def find_hold(book: BankBook, hold: int) -> StatementHold:
    """Return a hold. Raises: NotInBankBookError."""
    return StatementHold(*book.one("hold", "SELECT * FROM holds WHERE hold = ?", (hold,)))


def hold_statement(book: BankBook, statement: int, code: str, reason: str) -> None:
    """Hold a statement of the book, inside the transaction that took it."""
    book.connection.execute("UPDATE statements SET hold = ? WHERE statement = ?", (code, statement))
    book.connection.execute(
        "INSERT INTO holds SELECT NULL, statement, account, currency, statement_id, digest, ?, ?, ?, 'held', 0, '', '',"
        " 0, '' FROM statements WHERE statement = ?",
        (code, reason, book.moment, statement),
    )


def judge_chain(book: BankBook, account: str, currency: str, new: frozenset[int] = frozenset()) -> int:
    """Hold what does not follow in an account's chain, and lift what follows now; return how many new are held.

    `new` are statements that came just now. Those in the chain count alone: a held one proves nothing of another.
    """
    rows = kept_statements(book, account, currency)
    chain = [each for each in rows if not each.hold and each.statement not in new]
    chain.sort(key=place)
    left = [each for each in rows if each.hold == CHAIN or (each.statement in new and not each.hold)]
    while found := next((each for each in left if not broken_link(chain, each)), None):
        left.remove(found)
        insort(chain, found, key=place)
        if found.hold:
            lift(book, found.statement)
    fresh = [each for each in left if each.statement in new]
    for each in fresh:
        hold_statement(book, each.statement, CHAIN, broken_link(chain, each))
    return len(fresh)


def place(statement: KeptStatement) -> tuple[str, int, int, int]:
    """Return what orders the statements of an account: day, number, page, and then how they came."""
    number = -1 if statement.sequence is None else statement.sequence
    return statement.closing_day, number, statement.page, statement.statement


def broken_link(chain: list[KeptStatement], statement: KeptStatement) -> str:
    """Return how a statement does not fit between its neighbours in a chain, empty where it does."""
    at = bisect_left(chain, place(statement), key=place)
    before = chain[at - 1] if at else None
    behind = chain[at] if at < len(chain) else None
    why = break_between(before, statement) if before else ""
    return why or (break_between(statement, behind) if behind else "")


def break_between(before: KeptStatement, after: KeptStatement) -> str:
    """Return why a statement does not follow another one, empty where it does."""
    if before.closing_minor != after.opening_minor:
        scale = scale_of(after.currency)
        closed, opened = (decimal_text(each, scale) for each in (before.closing_minor, after.opening_minor))
        return f"{before.statement_id} closed with {closed}, {after.statement_id} opens with {opened}"
    if before.sequence is None or after.sequence is None:
        return ""
    is_page = after.sequence == before.sequence and after.page == before.page + 1
    is_new_year = after.sequence == 1 and after.closing_day[:4] > before.closing_day[:4]
    if is_page or is_new_year or after.sequence == before.sequence + 1:
        return ""
    return f"expected number {before.sequence + 1} after {before.sequence}, found {after.sequence}"


def lift(book: BankBook, statement: int) -> None:
    """Note that a statement's chain has closed."""
    book.connection.execute("UPDATE statements SET hold = '' WHERE statement = ?", (statement,))
    update = "UPDATE holds SET state = 'followed' WHERE statement = ? AND state IN ('held', 'asked')"
    book.connection.execute(update, (statement,))


def release_hold(book: BankBook, actor: Actor, hold: int, reason: str) -> StatementHold:
    """Ask for the release of a held statement, or release what another officer asked for; return the hold after it.

    Raises: BankActRefusedError, NotInBankBookError.
    """
    with book.acting(actor, ROLE_FINANCE):
        found = open_hold(book, hold, reason)
        if found.state == "held":
            book.write(actor, "statement.ask", hold, {"digest": found.digest, "reason": reason})
            update = "UPDATE holds SET state = 'asked', asked_by = ?, asked_key = ?, asked_reason = ? WHERE hold = ?"
            values = (actor.officer_id, actor.signer.public_key.hex(), reason, hold)
            book.connection.execute(update, values)
            return find_hold(book, hold)
        if actor.officer_id == found.asked_by or actor.signer.public_key.hex() == found.asked_key:
            expected = f"another officer than {found.asked_by}, who asked for it"
            raise BankActRefusedError(f"hold {hold}", expected=expected, found=f"officer {actor.officer_id}")
        book.write(actor, "statement.release", hold, {"digest": found.digest, "reason": reason})
        decide(book, found, actor, "released", reason)
        book.connection.execute("UPDATE statements SET hold = '' WHERE statement = ?", (found.statement,))
        judge_chain(book, found.account, found.currency)
    return find_hold(book, hold)


def refuse_hold(book: BankBook, actor: Actor, hold: int, reason: str) -> StatementHold:
    """Refuse a held statement for good: it leaves the book, of which nothing was credited; its hold stays.

    Raises: BankActRefusedError, NotInBankBookError.
    """
    with book.acting(actor, ROLE_FINANCE):
        found = open_hold(book, hold, reason)
        book.write(actor, "statement.refuse", hold, {"digest": found.digest, "reason": reason})
        decide(book, found, actor, "refused", reason)
        file = book.one("statement", "SELECT file FROM statements WHERE statement = ?", (found.statement,))[0]
        entries = "SELECT entry FROM entries WHERE statement = ?"
        book.connection.execute(f"DELETE FROM items WHERE entry IN ({entries})", (found.statement,))
        for table in ("entries", "statements"):
            book.connection.execute(f"DELETE FROM {table} WHERE statement = ?", (found.statement,))
        unused = "DELETE FROM files WHERE sha256 = ? AND NOT EXISTS (SELECT 1 FROM statements WHERE file = sha256)"
        book.connection.execute(unused, (file,))
    return find_hold(book, hold)


def open_hold(book: BankBook, hold: int, reason: str) -> StatementHold:
    """Return a hold that waits for a decision. Raises: BankActRefusedError, NotInBankBookError."""
    found = find_hold(book, hold)
    if found.state not in OPEN_HOLDS:
        raise BankActRefusedError(f"hold {hold}", expected="one that is open", found=found.state)
    if not 1 <= len(reason.strip()) <= REASON_MAX or not reason.isprintable():
        expected = f"a reason of 1 to {REASON_MAX} printable letters"
        raise BankActRefusedError(f"hold {hold}", expected=expected, found=repr(reason[:40]))
    return found


def decide(book: BankBook, hold: StatementHold, actor: Actor, state: str, reason: str) -> None:
    """Note an officer's decision."""
    update = "UPDATE holds SET state = ?, decided_by = ?, decided_reason = ? WHERE hold = ?"
    book.connection.execute(update, (state, actor.officer_id, reason, hold.hold))


def held_items(book: BankBook) -> set[int]:
    """Return the items of held statements."""
    query = (
        "SELECT i.item FROM items i JOIN entries e ON e.entry = i.entry JOIN statements s ON s.statement = e.statement"
        " WHERE s.hold <> ''"
    )
    return {int(row[0]) for row in book.all(query)}
