"""Double-entry ledger with a closed table of transfer types between two estates.

Layout: per asset, nine kinds of ledger account. The first three are debit-normal (a debit adds): what the facility has,
and what it should have and does not. All others are claims (a credit adds). Client estate: CLIENT_CUSTODY and SHORTFALL
against AVAILABLE, HELD, UNATTRIBUTED, FEES_EARNED and NETWORK_FLOAT. House estate: HOUSE_CUSTODY against HOUSE_EQUITY.
`totals[asset][kind]` follows every single account, so that the invariants cost no scan.

A posting names its TransferType, and the type fixes the kinds on both sides: a transfer that is not in TRANSFER_TYPES,
such as one from a client's balance to the house, cannot be written. Types that end in `_ASSETS` and `_CLAIM` go
together. Amounts never go below zero: there is no parameter, role or command that allows it.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from tarazy.domain.records import CustodyLocation, Estate
from tarazy.spec.invariants import Invariants


class Kind(IntEnum):
    """Kinds of ledger account; those up to `house_custody` are debit-normal."""

    client_custody = 0
    shortfall = 1
    house_custody = 2
    available = 3
    held = 4
    unattributed = 5
    fees_earned = 6
    network_float = 7
    house_equity = 8


class TransferType(NamedTuple):
    """Kinds of the debited and the credited account, and whether client assets leave the pool by it."""

    debit: Kind
    credit: Kind
    exits: bool = False


POOL, SHORTFALL, HOUSE_CUSTODY, AVAILABLE, HELD, UNATTRIBUTED, FEES, FLOAT, EQUITY = Kind

DEPOSIT = TransferType(POOL, AVAILABLE)
RECEIVE = TransferType(POOL, UNATTRIBUTED)
ATTRIBUTE = TransferType(UNATTRIBUTED, AVAILABLE)
RETURN = TransferType(UNATTRIBUTED, POOL, True)
RETURN_UNDONE = TransferType(POOL, UNATTRIBUTED)
UNDO_RECEIPT = TransferType(UNATTRIBUTED, POOL, True)
HOLD = TransferType(AVAILABLE, HELD)
RELEASE = TransferType(HELD, AVAILABLE)
TRADE = TransferType(HELD, AVAILABLE)
FEE = TransferType(AVAILABLE, FEES)
REBATE = TransferType(FEES, AVAILABLE)
FEE_BACK = TransferType(FEES, AVAILABLE)
WITHDRAW = TransferType(HELD, POOL, True)
WITHDRAW_UNDONE = TransferType(POOL, HELD)
UNDO_DEPOSIT = TransferType(AVAILABLE, POOL, True)
LOSS = TransferType(SHORTFALL, POOL, True)
RECOVER = TransferType(POOL, SHORTFALL)
NETWORK_FEE = TransferType(FLOAT, POOL, True)
NETWORK_FEE_FROM_FEES = TransferType(FEES, POOL, True)
FLOAT_ASSETS = TransferType(POOL, HOUSE_CUSTODY)
FLOAT_CLAIM = TransferType(EQUITY, FLOAT)
TOP_UP_ASSETS = TransferType(POOL, HOUSE_CUSTODY)
TOP_UP_CLAIM = TransferType(EQUITY, SHORTFALL)
TOP_UP_FROM_FEES = TransferType(FEES, SHORTFALL)
TOP_UP_FROM_FLOAT = TransferType(FLOAT, SHORTFALL)
COMPENSATE_ASSETS = TransferType(POOL, HOUSE_CUSTODY)
COMPENSATE_CLAIM = TransferType(EQUITY, AVAILABLE)
BUST = TransferType(AVAILABLE, AVAILABLE)
SWEEP_ASSETS = TransferType(HOUSE_CUSTODY, POOL, True)
SWEEP_CLAIM = TransferType(FEES, EQUITY)
MOVE_CLIENT = TransferType(POOL, POOL)
MOVE_HOUSE = TransferType(HOUSE_CUSTODY, HOUSE_CUSTODY)
FUND_HOUSE = TransferType(HOUSE_CUSTODY, EQUITY)
DRAW_HOUSE = TransferType(EQUITY, HOUSE_CUSTODY)
SEIZE = TransferType(AVAILABLE, UNATTRIBUTED)
SEIZE_OUT = TransferType(UNATTRIBUTED, POOL, True)
TRANSFER_OWNER = TransferType(AVAILABLE, AVAILABLE)
AIRDROP = TransferType(POOL, AVAILABLE)
MIGRATE_OUT = TransferType(AVAILABLE, POOL, True)
MIGRATE_IN = TransferType(POOL, AVAILABLE)
INTEREST = TransferType(POOL, AVAILABLE)
UNCLAIMED = TransferType(AVAILABLE, UNATTRIBUTED)

# The whole table, by name; docs/concepts/ledger-and-segregation.md says what each is for.
TRANSFER_TYPES = {
    "DEPOSIT": DEPOSIT,
    "RECEIVE": RECEIVE,
    "ATTRIBUTE": ATTRIBUTE,
    "RETURN": RETURN,
    "RETURN_UNDONE": RETURN_UNDONE,
    "UNDO_RECEIPT": UNDO_RECEIPT,
    "HOLD": HOLD,
    "RELEASE": RELEASE,
    "TRADE": TRADE,
    "FEE": FEE,
    "REBATE": REBATE,
    "FEE_BACK": FEE_BACK,
    "WITHDRAW": WITHDRAW,
    "WITHDRAW_UNDONE": WITHDRAW_UNDONE,
    "UNDO_DEPOSIT": UNDO_DEPOSIT,
    "LOSS": LOSS,
    "RECOVER": RECOVER,
    "NETWORK_FEE": NETWORK_FEE,
    "NETWORK_FEE_FROM_FEES": NETWORK_FEE_FROM_FEES,
    "FLOAT_ASSETS": FLOAT_ASSETS,
    "FLOAT_CLAIM": FLOAT_CLAIM,
    "TOP_UP_ASSETS": TOP_UP_ASSETS,
    "TOP_UP_CLAIM": TOP_UP_CLAIM,
    "TOP_UP_FROM_FEES": TOP_UP_FROM_FEES,
    "TOP_UP_FROM_FLOAT": TOP_UP_FROM_FLOAT,
    "COMPENSATE_ASSETS": COMPENSATE_ASSETS,
    "COMPENSATE_CLAIM": COMPENSATE_CLAIM,
    "BUST": BUST,
    "SWEEP_ASSETS": SWEEP_ASSETS,
    "SWEEP_CLAIM": SWEEP_CLAIM,
    "MOVE_CLIENT": MOVE_CLIENT,
    "MOVE_HOUSE": MOVE_HOUSE,
    "FUND_HOUSE": FUND_HOUSE,
    "DRAW_HOUSE": DRAW_HOUSE,
    "SEIZE": SEIZE,
    "SEIZE_OUT": SEIZE_OUT,
    "TRANSFER_OWNER": TRANSFER_OWNER,
    "AIRDROP": AIRDROP,
    "MIGRATE_OUT": MIGRATE_OUT,
    "MIGRATE_IN": MIGRATE_IN,
    "INTEREST": INTEREST,
    "UNCLAIMED": UNCLAIMED,
}
LOCATION_COUNT = len(CustodyLocation)


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

    __slots__ = ("custody", "fees_earned", "house_equity", "network_float", "shortfall", "totals", "unattributed")

    def __init__(self) -> None:
        self.custody = {
            Estate.client: [LedgerAccount(Kind.client_custody) for _ in range(LOCATION_COUNT)],
            Estate.house: [LedgerAccount(Kind.house_custody) for _ in range(LOCATION_COUNT)],
        }
        self.shortfall = LedgerAccount(Kind.shortfall)
        self.unattributed = LedgerAccount(Kind.unattributed)
        self.fees_earned = LedgerAccount(Kind.fees_earned)
        self.network_float = LedgerAccount(Kind.network_float)
        self.house_equity = LedgerAccount(Kind.house_equity)
        self.totals = [0] * len(Kind)


class Ledger:
    """All ledger accounts. `balances` is keyed by account_id << 32 | asset_id.

    `permitted` holds the exits, asset and amount, that the command under way has declared.
    """

    def __init__(self, invariants: Invariants) -> None:
        self.invariants = invariants
        self.assets: list[AssetLedger] = []
        self.balances: dict[int, Balance] = {}
        self.touched: list[int] = []
        self.exits: list[tuple[int, int]] = []
        self.permitted: list[tuple[int, int]] = []

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

    def custody(self, estate: int, location: int, asset_id: int) -> LedgerAccount:
        """Return the custody account of a location."""
        return self.assets[asset_id - 1].custody[Estate(estate)][location - 1]

    def post(
        self, transfer_type: TransferType, asset_id: int, minor: int, debit: LedgerAccount, credit: LedgerAccount
    ) -> None:
        """Post one amount to the debit of one account and the credit of another.

        Raises: InvariantBroken (SEGREGATE) when the accounts are not of the type's kinds, (COVER) when a balance would
        go below zero, (EXIT) when client assets would leave by a type that is not marked for it.
        """
        debit_kind, credit_kind, exits = transfer_type
        if debit.kind is not debit_kind or credit.kind is not credit_kind:
            self.invariants.broken("SEGREGATE", f"posting {debit.kind.name}/{credit.kind.name} is not {transfer_type}")
        totals = self.assets[asset_id - 1].totals
        if debit_kind <= Kind.house_custody:
            debit.minor += minor
            totals[debit_kind] += minor
        else:
            self._take(debit, minor, totals)
        if credit_kind <= Kind.house_custody:
            self._take(credit, minor, totals)
            if credit_kind is Kind.client_custody and debit_kind is not Kind.client_custody:
                if not exits:
                    self.invariants.broken("EXIT", f"client assets leave by {transfer_type}")
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

    def permit_exit(self, asset_id: int, minor: int) -> None:
        """Declare that the command under way takes this amount out of the client pool."""
        self.permitted.append((asset_id, minor))

    def check(self) -> None:
        """Check CONSERVE, SEGREGATE and EXIT over what the command touched, and begin the next command."""
        counts = self.invariants.counts
        for asset_id in self.touched:
            custody, shortfall, house, available, held, unattributed, fees, float_, equity = self.assets[
                asset_id - 1
            ].totals
            pool, owed = custody + shortfall, available + held + unattributed + fees + float_
            counts["CONSERVE"] += 1
            if pool + house != owed + equity:
                self.invariants.broken("CONSERVE", f"asset {asset_id}: debits and credits differ")
            counts["SEGREGATE"] += 1
            if pool != owed:
                self.invariants.broken(
                    "SEGREGATE", f"asset {asset_id}: client pool {custody}, shortfall {shortfall}, owed {owed}"
                )
        counts["EXIT"] += 1
        if self.exits != self.permitted:
            self.invariants.broken("EXIT", f"left the client pool: {self.exits}, permitted: {self.permitted}")
        self.touched.clear()
        self.exits.clear()
        self.permitted.clear()
