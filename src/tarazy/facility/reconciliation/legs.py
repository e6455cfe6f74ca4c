"""Legs: movements on our accounts, each known to the ledger, to the other side, or to both.

Our book of an account is the sum of the legs that the ledger has. Which these are follows from the ledger's own
evidence as of one command, not from what a desk noted meanwhile, so that a comparison beside a running custody is one
of a single moment. A leg that only one side has is an item: one that our own systems wait for is a matter of time.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tarazy.facility.reconciliation.inputs import BalanceEntry, KnownBalance, LocatedAccount, ReconciledSide
from tarazy.spec.evidence import EvidenceKind
from tarazy.spec.state import State


class AccountLeg(NamedTuple):
    """One movement. `is_awaited`: our own systems know it and will journal it, or journaled it already.

    `is_held`: the other side's word for it is not believed, so that time alone explains nothing.
    """

    key: LocatedAccount
    reference: str
    amount_minor: int
    at_ns: int
    text: str
    is_booked: bool
    is_outside: bool
    is_awaited: bool = True
    is_held: bool = False


class LedgerEvidence:
    """What the ledger has as of one command. `horizon_ns`: older evidence was forgotten, and the desk's word counts."""

    def __init__(self, state: State) -> None:
        self._state = state
        self.horizon_ns = state.evidence_from_ns

    def has(self, evidence_hash: bytes, at_ns: int = 0, noted: bool = False) -> bool:
        """Say whether a fact is booked. `noted`: the desk has it as booked, at the time `at_ns`."""
        entry = self._state.evidence.get(evidence_hash)
        if entry is not None:
            return not entry.is_undone
        return noted and at_ns < self.horizon_ns

    def has_settled(self, withdrawal_id: int, evidence_hash: bytes, noted: bool) -> bool:
        """Say whether a withdrawal is settled by this evidence."""
        entry = self._state.evidence.get(evidence_hash)
        if entry is not None:
            return entry.kind == EvidenceKind.settlement and not entry.is_undone
        is_known = withdrawal_id in self._state.withdrawals or withdrawal_id in self._state.settled
        return noted and bool(self.horizon_ns) and not is_known


def add_legs(
    book: ReconciledSide, outside: ReconciledSide, legs: Iterable[AccountLeg], accounts: Iterable[LocatedAccount]
) -> set[str]:
    """Add legs to both sides, the book's balances of all accounts too; return the references that are awaited."""
    sums = dict.fromkeys(accounts, 0)
    awaited = set()
    for leg in legs:
        entry = BalanceEntry(leg.key, leg.reference, leg.amount_minor, leg.at_ns, leg.text, leg.is_held)
        if leg.is_booked:
            sums[leg.key] = sums.get(leg.key, 0) + leg.amount_minor
            book.entries.append(entry)
        if leg.is_outside:
            outside.entries.append(entry)
            if leg.is_awaited and not leg.is_held:
                awaited.add(leg.reference)
    book.balances.update({key: KnownBalance(minor, 0) for key, minor in sums.items()})
    return awaited
