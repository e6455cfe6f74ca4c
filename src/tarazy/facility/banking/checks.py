"""What must hold within a statement and between the statements of a file. Nothing here knows a format.

Within: opening + booked entries = closing, counts and sums as the bank states them, one currency. Between statements of
one account and currency: each comes once, numbers follow each other, and each opens where the one before it closed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tarazy.facility.banking.amounts import decimal_text, scale_of
from tarazy.facility.banking.statements import (
    BankBalance,
    BankEntry,
    StatementEnd,
    StatementFault,
    StatementForm,
    StatementHead,
)

FAULTS_MAX = 100
OPENING, PREVIOUS, INTERIM, CLOSING = "OPBD", "PRCD", "ITBD", "CLBD"


class StatedTotals(NamedTuple):
    """Counts and sums of the entries as the bank states them; None where it does not."""

    line: int
    entries: int | None = None
    net_minor: int | None = None
    credit_count: int | None = None
    debit_count: int | None = None


class StatementCheck:
    """Adds up one statement while its entries pass."""

    def __init__(self, head: StatementHead) -> None:
        self.head = head
        self.faults: list[StatementFault] = []
        self.notices: list[StatementFault] = []
        self.totals = StatedTotals(head.line)
        self.entry_count = self.sum_minor = self.reversed_minor = self.all_minor = 0
        self.credit_count = 0
        self.dropped = False

    def fault(self, code: str, line: int, expected: str, found: str, entry: int = 0) -> None:
        """Note what is wrong; only the first hundred are kept, the last of them says so."""
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(StatementFault(code, line, self.head.number, entry, expected, found))
        elif len(self.faults) == FAULTS_MAX:
            more = StatementFault("more", line, self.head.number, entry, f"at most {FAULTS_MAX} faults", "more of them")
            self.faults.append(more)

    def notice(self, code: str, line: int, expected: str, found: str, entry: int = 0) -> None:
        """Note what a person should look at."""
        if len(self.notices) < FAULTS_MAX:
            self.notices.append(StatementFault(code, line, self.head.number, entry, expected, found))

    def drop(self, line: int, expected: str, found: str, entry: int = 0) -> None:
        """Note an entry or a balance that cannot be read: the statement no longer ties by itself."""
        self.dropped = True
        self.fault("field", line, expected, found, entry)

    def add(self, entry: BankEntry) -> None:
        """Count an entry."""
        self.entry_count += 1
        self.all_minor += entry.amount_minor
        self.credit_count += entry.amount_minor >= 0
        if entry.status == "BOOK":
            self.sum_minor += entry.amount_minor
            if entry.is_reversal:
                self.reversed_minor += entry.amount_minor
        if entry.currency != self.head.currency and self.head.currency:
            found = f"{entry.currency}"
            self.fault("currency", entry.line, f"{self.head.currency}, the account's", found, entry.position)

    def end(self, balances: tuple[BankBalance, ...]) -> StatementEnd:
        """Return what is known at the end."""
        opening, closing = opening_of(balances), closing_of(balances)
        self._check_balances(balances, opening, closing)
        self._check_totals()
        balanced, turned = self._ties(opening, closing)
        faults, notices = tuple(self.faults), tuple(self.notices)
        sums = (self.entry_count, self.sum_minor)
        return StatementEnd(self.head, opening, closing, balances, *sums, balanced, turned, faults, notices)

    def _ties(self, opening: BankBalance | None, closing: BankBalance | None) -> tuple[bool | None, bool]:
        if opening is None or closing is None:
            return (False if self.dropped or self.head.form.needs_balances else None), False
        if self.dropped or opening.currency != closing.currency:
            return False, False
        missing = closing.amount_minor - opening.amount_minor - self.sum_minor
        turned = missing != 0 and missing == -2 * self.reversed_minor
        if missing:
            amounts = (opening.amount_minor, self.sum_minor, opening.amount_minor + self.sum_minor)
            was, entries, expected = (self._money(each) for each in amounts)
            why = "; it would tie if reversals had the sign of the entry that they undo" if turned else ""
            stated = f"{self._money(closing.amount_minor)} as closing balance{why}"
            self.fault("balance", closing.line, f"{was} + {entries} = {expected}", stated)
        return missing == 0, turned

    def _check_balances(
        self, balances: tuple[BankBalance, ...], opening: BankBalance | None, closing: BankBalance | None
    ) -> None:
        form, line = self.head.form, self.head.line
        for name, found in (("an opening", opening), ("a closing", closing)):
            if found is None and form.needs_balances and not self.dropped:
                self.fault("missing_balance", line, f"{name} balance", "none")
        named = {each.code: each for each in balances if not each.is_interim}
        previous, first = named.get(PREVIOUS), named.get(OPENING)
        if previous and first and previous.amount_minor != first.amount_minor:
            expected = f"{self._money(first.amount_minor)} as on opening"
            self.fault("balance", previous.line, expected, f"{self._money(previous.amount_minor)} as previous closing")
        for each in balances:
            if self.head.currency and each.currency != self.head.currency:
                self.fault("currency", each.line, f"{self.head.currency}, the account's", each.currency)

    def _check_totals(self) -> None:
        stated = self.totals
        pairs: tuple[tuple[str, int | None, int, Callable[[int], str]], ...] = (
            ("entries", stated.entries, self.entry_count, str),
            ("net sum", stated.net_minor, self.all_minor, self._money),
            ("credit entries", stated.credit_count, self.credit_count, str),
            ("debit entries", stated.debit_count, self.entry_count - self.credit_count, str),
        )
        for name, said, found, text in pairs:
            if said is not None and said != found:
                self.fault("count", stated.line, f"{text(said)} {name} as stated", text(found))

    def _money(self, amount_minor: int) -> str:
        return decimal_text(amount_minor, scale_of(self.head.currency or "KZT"))


def opening_of(balances: tuple[BankBalance, ...]) -> BankBalance | None:
    """Return the balance before the entries: opening booked, previous closing, or the first of two interim ones."""
    for code in (OPENING, PREVIOUS):
        found = next((each for each in balances if each.code == code), None)
        if found:
            return found
    interim = [each for each in balances if each.code == INTERIM]
    return interim[0] if len(interim) > 1 else None


def closing_of(balances: tuple[BankBalance, ...]) -> BankBalance | None:
    """Return the balance after the entries: closing booked, else the last interim one."""
    for code in (CLOSING, INTERIM):
        found = [each for each in balances if each.code == code]
        if found:
            return found[-1]
    return None


class EarlierStatement(NamedTuple):
    """What is kept of the statement before, for each account, currency and form."""

    number: int
    statement_id: str
    sequence: int | None
    page: int
    is_last_page: bool
    year: str
    closing: BankBalance | None


class FileCheck:
    """Compares the statements of a file with each other; memory grows with statements, never with entries."""

    def __init__(self) -> None:
        self.seen: dict[tuple[object, ...], int] = {}
        self.earlier: dict[tuple[str, str, StatementForm], EarlierStatement] = {}

    def begin(self, check: StatementCheck) -> bool:
        """Compare a statement with those before it; return whether it is a copy of one of them."""
        head = check.head
        key = (head.account, head.currency, head.form, head.statement_id, head.page, *first_balance(head))
        first = self.seen.setdefault(key, head.number)
        if first != head.number:
            check.fault(
                "duplicate", head.line, "each statement once", f"{head.statement_id!r} as statement {first} has"
            )
            return True
        return False

    def end(self, check: StatementCheck, end: StatementEnd) -> None:
        """Compare numbers and balances with the statement before of the same account, and keep this one."""
        head, place = end.head, (end.head.account, end.head.currency, end.head.form)
        before = self.earlier.get(place)
        if before and head.form is not StatementForm.notice:
            self._compare(check, before, end)
        year = str(end.closing.day.year) if end.closing and end.closing.day else head.created[:4]
        terms = (head.number, head.statement_id, head.sequence, head.page, head.is_last_page, year, end.closing)
        self.earlier[place] = EarlierStatement(*terms)

    def _compare(self, check: StatementCheck, before: EarlierStatement, end: StatementEnd) -> None:
        head, opening = end.head, end.opening
        if opening and before.closing and opening.amount_minor != before.closing.amount_minor:
            expected = f"{check._money(before.closing.amount_minor)}, where statement {before.number} closed"
            check.fault("chain", opening.line, expected, f"{check._money(opening.amount_minor)} as opening balance")
        if head.sequence is None or before.sequence is None:
            return
        is_page = head.sequence == before.sequence and head.page == before.page + 1 and not before.is_last_page
        year = str(end.closing.day.year) if end.closing and end.closing.day else head.created[:4]
        is_new_year = head.sequence == 1 and year > before.year
        if not is_page and not is_new_year and head.sequence != before.sequence + 1:
            expected = f"number {before.sequence + 1} after {before.sequence}"
            check.fault(
                "sequence", head.line, expected, f"{head.sequence}" + (f" page {head.page}" if head.page else "")
            )


def first_balance(head: StatementHead) -> tuple[object, ...]:
    """Return what tells two statements of MT940 apart that have the same number: the balance that they open with."""
    if head.form is not StatementForm.mt940 or not head.balances:
        return ()
    return (head.balances[0].day, head.balances[0].amount_minor)
