"""What is counted over fact tables while they stream by, chunk after chunk, in memory that does not grow with them.

A change of an asset after its admission is decided and published on one day: record and public feeds carry it as soon
as its command is durable. That the end of a membership was published, no record says. The counts work alike on a replay
and on stored tables. A chunk of `accounts`, `asset_changes` and `market_terms` comes before the orders and trades that
need it.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import numpy as np

from tarazy.domain.records import AccountRole, AccountState, AssetStatus, ClientClass
from tarazy.oversight.facts.chunks import Column, FactChunk

NS_PER_DAY = 86_400 * 10**9
NEVER = np.uint64((1 << 64) - 1)


class RecordCounts:
    """Everything that the rules ask of orders, trades, accounts and settings."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {}
        self.roles = np.zeros(1, np.uint8)
        self.owners: set[int] = set()
        self.owner_of = np.zeros(1, np.uint64)
        self.first_ns = np.full(1, NEVER, np.uint64)
        self.opened_ns: dict[int, int] = {}
        self.without_class = self.affiliates = self.affiliates_without_approval = 0
        self.professionals = 0  # statements that an account or an owner is a professional client
        self.house_orders = self.refused_orders = self.first_trade_ns = 0
        self.hidden_min_minor: int | None = None
        self.before_admission = self.while_suspended = 0
        self.releases: dict[str, int] = {}
        self.changes: dict[int, list[tuple[int, int]]] = {}
        self.admitted_ns: dict[int, int] = {}
        self.endings: list[dict[str, Any]] = []
        self.later_changes: list[dict[str, Any]] = []
        self.markets: dict[int, tuple[int, int, int]] = {}

    def add(self, table: str, chunk: FactChunk) -> None:
        """Count one chunk of a table."""
        self.rows[table] = self.rows.get(table, 0) + len(chunk["seq"])
        count = getattr(self, f"_{table}", None)
        if count is not None:
            count(chunk)

    # ------------------------------------------------------------ what others need
    def _accounts(self, chunk: FactChunk) -> None:
        numbers, roles = chunk["account_id"].astype(np.int64), chunk["account_role"].astype(np.uint8)
        if numbers.max() >= len(self.roles):
            more = int(numbers.max()) + 1
            self.roles = np.concatenate([self.roles, np.zeros(more, np.uint8)])
            self.owner_of = np.concatenate([self.owner_of, np.zeros(more, np.uint64)])
            self.first_ns = np.concatenate([self.first_ns, np.full(more, NEVER, np.uint64)])
        self.roles[numbers], self.owner_of[numbers] = roles, chunk["owner_id"]
        for owner, role, ts_ns in _rows(chunk, "owner_id", "account_role", "ts_ns"):
            if role == AccountRole.client:
                self.opened_ns.setdefault(owner, ts_ns)
        self.owners.update(chunk["owner_id"][roles == AccountRole.client].tolist())
        self.without_class += int((chunk["client_class"] == 0).sum())
        self.professionals += int(((roles == AccountRole.client) & _is_professional(chunk)).sum())
        affiliates = roles == AccountRole.affiliate
        self.affiliates += int(affiliates.sum())
        self.affiliates_without_approval += int((affiliates & (chunk["approval_id"] == 0)).sum())

    def _client_statuses(self, chunk: FactChunk) -> None:
        self.professionals += int(_is_professional(chunk).sum())

    def _account_states(self, chunk: FactChunk) -> None:
        for account, state, ts_ns in _rows(chunk, "account_id", "account_state", "ts_ns"):
            if state == AccountState.closed:
                self.endings.append({"id": str(account), "ended": day_of(ts_ns)})

    def _asset_changes(self, chunk: FactChunk) -> None:
        for asset, seq, status, ts_ns in _rows(chunk, "asset_id", "seq", "asset_status", "ts_ns"):
            before = self.changes.setdefault(asset, [])
            if any(each == AssetStatus.admitted for _, each in before):
                self.later_changes.append({"id": str(asset), "decided": day_of(ts_ns), "published": day_of(ts_ns)})
            before.append((seq, status))
            if status == AssetStatus.admitted:
                self.admitted_ns.setdefault(asset, ts_ns)

    def _market_terms(self, chunk: FactChunk) -> None:
        for market, base, quote, tick in _rows(
            chunk, "market_id", "base_asset_id", "quote_asset_id", "tick_value_minor"
        ):
            self.markets[market] = (base, quote, tick)

    def _rules_in_force(self, chunk: FactChunk) -> None:
        for digest, ts_ns in zip(chunk["rulebook_hash"].tolist(), chunk["ts_ns"].tolist(), strict=True):
            self.releases.setdefault(digest.hex(), ts_ns)

    # ------------------------------------------------------------ what is counted
    def _orders(self, chunk: FactChunk) -> None:
        accepted = chunk["reject_code"] == 0
        self.refused_orders += int((~accepted).sum())
        self.house_orders += int((accepted & (self._role(chunk["account_id"]) == AccountRole.house)).sum())
        numbers = chunk["account_id"][accepted].astype(np.int64)
        known = numbers < len(self.first_ns)
        np.minimum.at(self.first_ns, numbers[known], chunk["ts_ns"][accepted][known])
        hidden = accepted & (chunk["display_lots"] > 0)
        for market, price, lots in _rows({k: v[hidden] for k, v in chunk.items()}, *HIDDEN):
            value = price * lots * self.markets[market][2]
            self.hidden_min_minor = min(value, value if self.hidden_min_minor is None else self.hidden_min_minor)

    def _trades(self, chunk: FactChunk) -> None:
        self.first_trade_ns = self.first_trade_ns or int(chunk["ts_ns"][0])
        for market in np.unique(chunk["market_id"]).tolist():
            seqs = chunk["seq"][chunk["market_id"] == market]
            for asset in self.markets[market][:2]:
                self._count_status(asset, seqs)

    def _count_status(self, asset: int, seqs: Column) -> None:
        """Count the trades of an asset while it was not admitted."""
        changes = self.changes.get(asset, [])
        places = np.searchsorted(np.array([seq for seq, _ in changes], np.uint64), seqs, side="right")
        statuses = np.array([0, *(status for _, status in changes)])[places]
        ever = np.array([False, *_ever_admitted(changes)])[places]
        not_admitted = statuses != AssetStatus.admitted
        self.before_admission += int((not_admitted & ~ever).sum())
        self.while_suspended += int((not_admitted & ever).sum())

    def _role(self, accounts: Column) -> Column:
        """Return the role of each account, 0 where it is not known."""
        numbers = accounts.astype(np.int64)
        return self.roles[np.where(numbers < len(self.roles), numbers, 0)]

    def first_orders(self) -> dict[int, int]:
        """Return when each owner of a client account had its first order accepted, nanoseconds."""
        found: dict[int, int] = {}
        for account, first_ns in self.account_orders().items():
            owner = int(self.owner_of[account])
            found[owner] = min(first_ns, found.get(owner, first_ns))
        return found

    def account_orders(self) -> dict[int, int]:
        """Return when each client account had its first order accepted, nanoseconds."""
        known = np.flatnonzero(self.first_ns < NEVER).tolist()
        return {each: int(self.first_ns[each]) for each in known if self.roles[each] == AccountRole.client}

    def found(self) -> dict[str, Any]:
        """Return what was counted, by the words of the rulebook."""
        found: dict[str, Any] = {
            "accounts_without_class": self.without_class,
            "affiliate_accounts": self.affiliates,
            "affiliate_accounts_without_approval": self.affiliates_without_approval,
            "house_orders_accepted": self.house_orders,
            "owners_in_record": len(self.owners),
            "trades_before_admission": self.before_admission,
            "trades_while_suspended": self.while_suspended,
            "releases_in_record": self.first_days(),
            "asset_changes": self.later_changes,
            "membership_endings": self.endings,
        }
        if self.hidden_min_minor is not None:
            found["hidden_order_min_minor"] = self.hidden_min_minor
        return found | (nothing_of(self.professionals, len(self.endings)) if self.rows.get("accounts") else {})

    def first_days(self) -> list[dict[str, Any]]:
        """Return each release that the record names, with the day of its first use."""
        return [{"id": digest, "first_set": day_of(ts_ns)} for digest, ts_ns in sorted(self.releases.items())]


HIDDEN = ("market_id", "price_ticks", "quantity_lots")


def nothing_of(professionals: int, endings: int) -> dict[str, Any]:
    """Return as empty what a record with accounts has none of; where it has some, a register tells the rest."""
    of_professionals: dict[str, Any] = {"class_reviews": [], "professional_individuals": []}
    return (of_professionals if not professionals else {}) | ({"class_records": []} if not endings else {})


def _is_professional(chunk: FactChunk) -> Column:
    """Return which rows of a chunk state the class of professional clients."""
    found: Column = chunk["client_class"] == ClientClass.professional
    return found


def _rows(chunk: FactChunk, *columns: str) -> Any:
    """Return some columns row by row, as integers of Python."""
    return zip(*(chunk[column].tolist() for column in columns), strict=True)


def _ever_admitted(changes: list[tuple[int, int]]) -> list[bool]:
    """Return after each change whether the asset was admitted by then."""
    found, ever = [], False
    for _, status in changes:
        ever = ever or status == AssetStatus.admitted
        found.append(ever)
    return found


def day_of(ts_ns: int) -> date:
    """Return the day of a moment, UTC."""
    return datetime.fromtimestamp(ts_ns // 10**9, UTC).date()
