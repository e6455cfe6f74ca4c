"""How much client money there has to be, by the two standard methods of the United Kingdom, and what is there.

Source: FCA Handbook, CASS 7.16.16 R (individual client balance method) and 7.16.17 R (net negative add-back method).
Their headings and purpose were read in a stored page of the handbook (in force 21 August 2024); the formulas are
written down from knowledge of the rules and are to be compared with the text before anybody relies on them. The AIFC's
own method (COB 8) was not seen: a facility there runs both and takes the larger.

A ledger of this venue has no negative balance (COVER), so both agree on it; a bank book that is kept elsewhere may
have one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

DAY_NS = 86_400 * 1_000_000_000


class ClientMoney(NamedTuple):
    """One asset: what both methods require, and what is there. Amounts: minor units."""

    asset_id: int
    by_individual_balances_minor: int
    by_negative_add_back_minor: int
    resource_minor: int

    @property
    def requirement_minor(self) -> int:
        """Return the larger of both."""
        return max(self.by_individual_balances_minor, self.by_negative_add_back_minor)

    @property
    def shortfall_minor(self) -> int:
        """Return what is missing."""
        return max(self.requirement_minor - self.resource_minor, 0)

    @property
    def excess_minor(self) -> int:
        """Return what is too much: the house's money, to be taken out."""
        return max(self.resource_minor - self.requirement_minor, 0)


class FundingInstruction(NamedTuple):
    """What the house has to pay into the client estate, and by when: the end of the same UTC day (dated parameter)."""

    asset_id: int
    amount_minor: int
    due_ns: int
    reason: str


def individual_balances(balances_minor: Iterable[int], unallocated_minor: int = 0) -> int:
    """Return the requirement by individual client balances: a client's debt pays nobody else, so negative ones count
    0.
    """
    return sum(minor for minor in balances_minor if minor > 0) + unallocated_minor


def negative_add_back(accounts_minor: Iterable[int], negatives_minor: Iterable[int]) -> int:
    """Return the requirement by our book of the client accounts, with each client's negative balance added back."""
    return sum(accounts_minor) + sum(-minor for minor in negatives_minor if minor < 0)


def client_money(
    balances_minor: Mapping[int, Iterable[int]],
    book_minor: Mapping[int, Iterable[int]],
    resource_minor: Mapping[int, int],
    unallocated_minor: Mapping[int, int] | None = None,
) -> list[ClientMoney]:
    """Return requirement and resource of every asset: client balances, book balances of accounts, what is really
    there.
    """
    found = []
    for asset_id in sorted({*balances_minor, *book_minor, *resource_minor}):
        balances = list(balances_minor.get(asset_id, ()))
        required = individual_balances(balances, (unallocated_minor or {}).get(asset_id, 0))
        added = negative_add_back(book_minor.get(asset_id, ()), balances)
        found.append(ClientMoney(asset_id, required, added, resource_minor.get(asset_id, 0)))
    return found


def funding_instructions(found: Iterable[ClientMoney], now_ns: int) -> list[FundingInstruction]:
    """Return what the house has to pay in."""
    due_ns = (now_ns // DAY_NS + 1) * DAY_NS - 1
    return [
        FundingInstruction(
            each.asset_id,
            each.shortfall_minor,
            due_ns,
            f"client money requirement {each.requirement_minor}, resource {each.resource_minor}",
        )
        for each in found
        if each.shortfall_minor
    ]
