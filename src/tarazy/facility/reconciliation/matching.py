"""Entries of our book and of the other side, item by item: every item ends in exactly one state.

Matched are entries of one account with one reference, in order: two equal bookings on a day are two. An amount alone
never matches anything. What only our book has is *timing* until its day, then a *break*. What only the other side has:
a credit that our own systems already wait for is timing, another credit is *unallocated*, a debit is a break, and so is
whatever a held statement says. One reference with two amounts is a break of the difference.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Collection, Iterable
from enum import Enum
from typing import NamedTuple

from tarazy.facility.reconciliation.inputs import BalanceEntry, LocatedAccount

DAY_NS = 86_400 * 1_000_000_000


class ItemState(Enum):
    """What an item is."""

    matched = "matched"
    timing = "timing"
    break_ = "break"
    unallocated = "unallocated"


class ReconciledItem(NamedTuple):
    """One item. Amounts are None on the side that does not have it; `expires_ns` is 0 where nothing runs out."""

    key: LocatedAccount
    reference: str
    state: ItemState
    book_minor: int | None
    outside_minor: int | None
    at_ns: int
    expires_ns: int
    text: str

    @property
    def difference_minor(self) -> int:
        """Return what the other side has more than our book by this item."""
        return (self.outside_minor or 0) - (self.book_minor or 0)


class MatchingTerms(NamedTuple):
    """How long an item may wait. Days are dated parameters of the facility, not law: 3 for timing, 30 for the return
    of what
    nobody claims (the practice of the sources that were read)."""

    now_ns: int
    timing_days: int = 3
    return_days: int = 30
    expected: Collection[str] = ()


def match_entries(
    book: Iterable[BalanceEntry], outside: Iterable[BalanceEntry], terms: MatchingTerms
) -> list[ReconciledItem]:
    """Return every item of both sides once, by account and time."""
    waiting: dict[tuple[LocatedAccount, str], deque[BalanceEntry]] = defaultdict(deque)
    for entry in outside:
        waiting[entry.key, entry.reference].append(entry)
    items = []
    for entry in book:
        others = waiting.get((entry.key, entry.reference)) if entry.reference else None
        items.append(_both(entry, others.popleft()) if others else _book_only(entry, terms))
    items += [_outside_only(entry, terms) for entries in waiting.values() for entry in entries]
    return sorted(items, key=lambda item: (item.key, item.at_ns, item.reference))


def _both(book: BalanceEntry, outside: BalanceEntry) -> ReconciledItem:
    """Return the item of two entries with one reference."""
    state = ItemState.matched if book.amount_minor == outside.amount_minor else ItemState.break_
    amounts = book.amount_minor, outside.amount_minor
    return ReconciledItem(book.key, book.reference, state, *amounts, outside.at_ns, 0, outside.text)


def _book_only(entry: BalanceEntry, terms: MatchingTerms) -> ReconciledItem:
    """Return the item of an entry that the other side does not have yet."""
    expires_ns = entry.at_ns + terms.timing_days * DAY_NS
    state = ItemState.timing if terms.now_ns < expires_ns else ItemState.break_
    return ReconciledItem(
        entry.key, entry.reference, state, entry.amount_minor, None, entry.at_ns, expires_ns, entry.text
    )


def _outside_only(entry: BalanceEntry, terms: MatchingTerms) -> ReconciledItem:
    """Return the item of an entry that our book does not have."""
    state, days = ItemState.break_, 0
    if entry.reference and entry.reference in terms.expected:
        days = terms.timing_days
        state = ItemState.timing if terms.now_ns < entry.at_ns + days * DAY_NS else ItemState.break_
    elif entry.amount_minor > 0 and not entry.is_held:
        state, days = ItemState.unallocated, terms.return_days
    expires_ns = entry.at_ns + days * DAY_NS if days else 0
    return ReconciledItem(
        entry.key, entry.reference, state, None, entry.amount_minor, entry.at_ns, expires_ns, entry.text
    )
