"""The three-way comparison: ledger = book = chain or statement, per asset and location, and per account.

What is explained is taken out before it is compared: entries that are only a matter of time, on either side, and
credits that nobody has claimed yet. What is left is a difference, and above the asset's tolerance it is a break. The
adjusted balance is what the ledger's custody would be if the other side were right; it is what a machine officer
reports to the engine.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import NamedTuple

from tarazy.facility.reconciliation.inputs import LocatedAccount, ReconciledSide
from tarazy.facility.reconciliation.matching import ItemState, MatchingTerms, ReconciledItem, match_entries


class AccountComparison(NamedTuple):
    """One account. `explained_minor` is what the other side has more by timing and unallocated items."""

    key: LocatedAccount
    book_minor: int | None
    outside_minor: int | None
    explained_minor: int
    observed_ns: int
    evidence: bytes

    @property
    def adjusted_minor(self) -> int:
        """Return the other side's balance without what is explained."""
        return (self.outside_minor or 0) - self.explained_minor

    @property
    def difference_minor(self) -> int:
        """Return what nothing explains."""
        return self.adjusted_minor - (self.book_minor or 0)


class PlaceComparison(NamedTuple):
    """One asset at one location: all its accounts together, and the ledger's custody there."""

    asset_id: int
    location: int
    ledger_minor: int
    book_minor: int
    outside_minor: int
    adjusted_minor: int
    observed_ns: int
    tolerance_minor: int

    @property
    def difference_minor(self) -> int:
        """Return what the other side has more than the ledger, and nothing explains."""
        return self.adjusted_minor - self.ledger_minor

    @property
    def book_difference_minor(self) -> int:
        """Return what our book has more than the ledger."""
        return self.book_minor - self.ledger_minor

    @property
    def is_break(self) -> bool:
        """Say whether the difference is above the tolerance."""
        return abs(self.difference_minor) > self.tolerance_minor


class ThreeWay(NamedTuple):
    """One run: items, accounts, places. `missing` are accounts that one side does not know at all."""

    items: list[ReconciledItem]
    accounts: list[AccountComparison]
    places: list[PlaceComparison]
    missing: list[LocatedAccount]

    @property
    def breaks(self) -> list[PlaceComparison]:
        """Return the places with a break."""
        return [place for place in self.places if place.is_break]


def three_way(
    ledger: Mapping[tuple[int, int], int],
    book: ReconciledSide,
    outside: ReconciledSide,
    terms: MatchingTerms,
    tolerances_minor: Mapping[int, int] | None = None,
) -> ThreeWay:
    """Return the comparison; `ledger` is the client estate's custody by (asset, location), tolerances are by asset."""
    items = match_entries(book.entries, outside.entries, terms)
    explained: dict[LocatedAccount, int] = defaultdict(int)
    for item in items:
        if item.state in (ItemState.timing, ItemState.unallocated):
            explained[item.key] += item.difference_minor
    accounts, missing = [], []
    for key in sorted({*book.balances, *outside.balances, *explained}):
        ours, theirs = book.balances.get(key), outside.balances.get(key)
        if ours is None or theirs is None:
            missing.append(key)
        accounts.append(
            AccountComparison(
                key,
                ours.amount_minor if ours else None,
                theirs.amount_minor if theirs else None,
                explained[key],
                theirs.at_ns if theirs else 0,
                theirs.evidence if theirs else bytes(32),
            )
        )
    return ThreeWay(items, accounts, _places(ledger, accounts, tolerances_minor or {}), missing)


def _places(
    ledger: Mapping[tuple[int, int], int], accounts: list[AccountComparison], tolerances_minor: Mapping[int, int]
) -> list[PlaceComparison]:
    """Return the sums by asset and location; a place is as old as its oldest account."""
    sums: dict[tuple[int, int], list[int]] = {place: [0, 0, 0] for place, minor in ledger.items() if minor}
    oldest: dict[tuple[int, int], int] = {}
    for account in accounts:
        place = account.key.asset_id, account.key.location
        held = sums.setdefault(place, [0, 0, 0])
        held[0] += account.book_minor or 0
        held[1] += account.outside_minor or 0
        held[2] += account.adjusted_minor
        if account.outside_minor is not None:
            oldest[place] = min(oldest.get(place, account.observed_ns), account.observed_ns)
    found = []
    for (asset_id, location), (book, outside, adjusted) in sorted(sums.items()):
        where = asset_id, location
        amounts = ledger.get(where, 0), book, outside, adjusted
        tolerance = tolerances_minor.get(asset_id, 0)
        found.append(PlaceComparison(*where, *amounts, oldest.get(where, 0), tolerance))
    return found
