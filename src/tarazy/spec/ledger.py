"""Double-entry ledger with a closed list of movements between two estates.

Layout: per asset, seven kinds of ledger account. Custody accounts are assets (a debit adds), all others are claims
(a credit adds). Client estate: CLIENT_CUSTODY against AVAILABLE, HELD and FEES_EARNED. House estate: HOUSE_CUSTODY
against HOUSE_EQUITY. `totals[asset][kind]` follows every single account, so that the invariants cost no scan.

A posting names its Movement, and the Movement fixes the kinds on both sides: a movement that is not in MOVEMENTS, such
as one from a client's balance to the house, cannot be written. Amounts never go below zero: there is no parameter, role
or command that allows it.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from tarazy.domain.records import Estate
from tarazy.spec.invariants import Invariants


class Kind(IntEnum):
    """Kinds of ledger account."""

    client_custody = 0
    house_custody = 1
    available = 2
    held = 3
    fees_earned = 4
    house_equity = 5


class Movement(NamedTuple):
    """Kinds of the debited and the credited account."""

    debit: Kind
    credit: Kind


DEPOSIT = Movement(Kind.client_custody, Kind.available)
HOLD = Movement(Kind.available, Kind.held)
RELEASE = Movement(Kind.held, Kind.available)
TRADE = Movement(Kind.held, Kind.available)
FEE = Movement(Kind.available, Kind.fees_earned)
WITHDRAW = Movement(Kind.held, Kind.client_custody)
MOVE_CLIENT = Movement(Kind.client_custody, Kind.client_custody)
MOVE_HOUSE = Movement(Kind.house_custody, Kind.house_custody)
SWEEP_ASSETS = Movement(Kind.house_custody, Kind.client_custody)
SWEEP_CLAIM = Movement(Kind.fees_earned, Kind.house_equity)
FUND_HOUSE = Movement(Kind.house_custody, Kind.house_equity)
DRAW_HOUSE = Movement(Kind.house_equity, Kind.house_custody)

# The whole list. Only the two SWEEP movements lead from one estate to the other, and both only together.
MOVEMENTS = {
    "DEPOSIT": DEPOSIT,
    "HOLD": HOLD,
    "RELEASE": RELEASE,
    "TRADE": TRADE,
    "FEE": FEE,
    "WITHDRAW": WITHDRAW,
    "MOVE_CLIENT": MOVE_CLIENT,
    "MOVE_HOUSE": MOVE_HOUSE,
    "SWEEP_ASSETS": SWEEP_ASSETS,
    "SWEEP_CLAIM": SWEEP_CLAIM,
    "FUND_HOUSE": FUND_HOUSE,
    "DRAW_HOUSE": DRAW_HOUSE,
}
PLACE_COUNT = 4


class LedgerAccount:
    """One ledger account: its kind and its balance in minor units, never negative."""

    __slots__ = ("kind", "minor")

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self.minor = 0


class Balance:
    """What one account owns of one asset: available and held."""

    __slots__ = ("available", "held")

    def __init__(self) -> None:
        self.available = LedgerAccount(Kind.available)
        self.held = LedgerAccount(Kind.held)


class AssetLedger:
    """The ledger accounts of one asset that belong to no client, and the totals by kind."""

    __slots__ = ("custody", "fees_earned", "house_equity", "totals")

    def __init__(self) -> None:
        self.custody = {
            Estate.client: [LedgerAccount(Kind.client_custody) for _ in range(PLACE_COUNT)],
            Estate.house: [LedgerAccount(Kind.house_custody) for _ in range(PLACE_COUNT)],
        }
        self.fees_earned = LedgerAccount(Kind.fees_earned)
        self.house_equity = LedgerAccount(Kind.house_equity)
        self.totals = [0] * len(Kind)


class Ledger:
    """All ledger accounts. `balances` is keyed by account_id << 32 | asset_id."""

    def __init__(self, invariants: Invariants) -> None:
        self.invariants = invariants
        self.assets: list[AssetLedger] = []
        self.balances: dict[int, Balance] = {}
        self.touched: list[int] = []
        self.exits: list[tuple[int, int]] = []

    def asset(self, asset_id: int) -> AssetLedger:
        """Return the asset's own ledger accounts."""
        return self.assets[asset_id - 1]

    def balance(self, account_id: int, asset_id: int) -> Balance:
        """Return the balance, opened empty where there was none."""
        key = account_id << 32 | asset_id
        balance = self.balances.get(key)
        if balance is None:
            balance = self.balances[key] = Balance()
        return balance

    def place(self, estate: int, place: int, asset_id: int) -> LedgerAccount:
        """Return the custody account of a place."""
        return self.assets[asset_id - 1].custody[Estate(estate)][place - 1]

    def post(self, movement: Movement, asset_id: int, minor: int, debit: LedgerAccount, credit: LedgerAccount) -> None:
        """Post one amount from the credited to the debited side.

        Raises: InvariantBroken (SEGREGATE) when the accounts are not of the movement's kinds, (COVER) when a balance
        would go below zero.
        """
        debit_kind, credit_kind = movement
        if debit.kind is not debit_kind or credit.kind is not credit_kind:
            self.invariants.broken("SEGREGATE", f"posting {debit.kind.name}/{credit.kind.name} is not {movement}")
        totals = self.assets[asset_id - 1].totals
        if debit_kind <= Kind.house_custody:
            debit.minor += minor
            totals[debit_kind] += minor
        else:
            self._take(debit, minor, totals)
        if credit_kind <= Kind.house_custody:
            self._take(credit, minor, totals)
            if credit_kind is Kind.client_custody and debit_kind is not Kind.client_custody:
                self.exits.append((asset_id, minor))
        else:
            credit.minor += minor
            totals[credit_kind] += minor
        if asset_id not in self.touched:
            self.touched.append(asset_id)

    def _take(self, account: LedgerAccount, minor: int, totals: list[int]) -> None:
        """Take an amount off a ledger account that must cover it."""
        self.invariants.counts["COVER"] += 1
        if account.minor < minor:
            self.invariants.broken("COVER", f"{account.kind.name} holds {account.minor}, asked for {minor}")
        account.minor -= minor
        totals[account.kind] -= minor

    def check(self, permitted_exit: tuple[int, int] | None) -> None:
        """Check CONSERVE, SEGREGATE and EXIT over what the command touched, and begin the next command."""
        counts = self.invariants.counts
        for asset_id in self.touched:
            custody, house, available, held, fees, equity = self.assets[asset_id - 1].totals
            counts["CONSERVE"] += 1
            if custody + house != available + held + fees + equity:
                self.invariants.broken("CONSERVE", f"asset {asset_id}: debits and credits differ")
            counts["SEGREGATE"] += 1
            if custody != available + held + fees:
                self.invariants.broken(
                    "SEGREGATE", f"asset {asset_id}: client pool {custody}, owed {available + held}, fees {fees}"
                )
        counts["EXIT"] += 1
        if self.exits and self.exits != [permitted_exit]:
            self.invariants.broken("EXIT", f"left the client pool: {self.exits}, permitted: {permitted_exit}")
        self.touched.clear()
        self.exits.clear()
