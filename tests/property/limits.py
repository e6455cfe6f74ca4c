"""Independent counters of limits: what was deposited, purchased and withdrawn, from the events and the clock alone.

They share no line with the engines: values are exact fractions, periods are dates of the calendar of the standard
library. An engine rounds up, so that it may count up to one minor unit more for each act and never less.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tarazy.domain.records import CreditReason, ReceiptReason, WithdrawalKind
from tarazy.spec.legs import working_leg

from .ledger import EventLedger

# Receipts that are deposits; all others were a client's before.
OUTSIDE = (
    ReceiptReason.unknown_owner,
    ReceiptReason.account_closed,
    ReceiptReason.house_account,
    ReceiptReason.above_limit,
)

DEPOSITS, PURCHASES, WITHDRAWALS, ORDER_QUANTITY, ORDER_VALUE = 1, 2, 3, 4, 5
EVERYBODY, OWNER, ACCOUNT = 1, 2, 3
DAY, MONTH, EACH = 1, 2, 3
FIAT, DIGITAL = 1, 2
ZONE = 6
MINUTE_NS = 60 * 10**9
HUGE = 1 << 90
Key = tuple[int, int, int, int, int, int]


class Counter:
    """What was used of one counter, in how many acts, and whether a value beyond all money was among them."""

    def __init__(self) -> None:
        self.used = Fraction(0)
        self.acts = 0
        self.huge = False


class EventLimits:
    """All limits and counters; `learn` fails where an act went over a limit that bound it."""

    def __init__(self) -> None:
        self.ledger = EventLedger()
        self.ts_ns = 0
        self.zone_minutes = 0
        self.kinds: dict[int, int] = {}
        self.owner_of: dict[int, int] = {}
        self.class_of: dict[int, int] = {}
        self.status: dict[int, tuple[int, int]] = {}
        self.rates: dict[int, Fraction] = {}
        self.limits: dict[tuple[int, ...], tuple[int, int]] = {}
        self.counters: defaultdict[Key, Counter] = defaultdict(Counter)
        self.order_rates: dict[int, Fraction | None] = {}
        self.checked = 0
        self.returning: set[int] = set()
        self.begun: set[int] = set()
        self.undone_evidence: set[bytes] = set()

    def learn(self, event: Any) -> None:
        """Take in one event."""
        before = self.ledger.orders.get(getattr(event, "order_id", 0))
        held = before.held if before else 0
        act = ACTS.get(type(event).__name__)
        if act:
            act(self, event)
        self.ledger.learn(event)
        if type(event).__name__ == "OrderAmended" and event.held_minor > held and event.order_id in self.order_rates:
            self.order_rates[event.order_id] = self.rates.get(self.ledger.orders[event.order_id].asset_id)

        if type(event).__name__ == "OrderHeld" and working_leg(event.order_id) and event.order_id not in self.begun:
            self.begun.add(event.order_id)
            if event.order_id in self.order_rates:
                self.order_rates[event.order_id] = self.rates.get(self.ledger.orders[event.order_id].asset_id)

    # ------------------------------------------------------------ what is known
    def registered(self, e: Any) -> None:
        self.kinds[e.asset_id] = e.asset_kind

    def opened(self, e: Any) -> None:
        self.owner_of[e.account_id], self.class_of[e.account_id] = e.owner_id, e.client_class

    def status_set(self, e: Any) -> None:
        self.status[e.owner_id] = (e.residency, e.cap_exempt)
        for account_id, owner_id in self.owner_of.items():
            if owner_id == e.owner_id:
                self.class_of[account_id] = e.client_class

    def rate_set(self, e: Any) -> None:
        self.rates[e.asset_id] = Fraction(e.rate_value_minor, e.rate_amount_minor)

    def parameter_set(self, e: Any) -> None:
        if e.parameter_table == ZONE:
            self.zone_minutes = e.parameter_value - 1440 if e.parameter_value else 0

    def limit_set(self, e: Any) -> None:
        self.limits[terms(e)] = (e.amount_max_minor, e.exemptible)

    def limit_removed(self, e: Any) -> None:
        self.limits.pop(terms(e), None)

    # ------------------------------------------------------------ what counts
    def held(self, e: Any) -> None:
        if e.receipt_reason not in OUTSIDE:
            self.returning.add(e.receipt_id)

    def attributed(self, e: Any) -> None:
        if e.receipt_id not in self.returning:  # what was a client's before is no deposit
            self.use(DEPOSITS, e.account_id, e.asset_id, e.amount_minor, self.rates.get(e.asset_id))

    def deposited(self, e: Any) -> None:
        if e.credit_reason != CreditReason.deposit or e.evidence_hash in self.undone_evidence:
            return  # a gift, interest, or a transaction that was mined again and has counted before
        self.use(DEPOSITS, e.account_id, e.asset_id, e.amount_minor, self.rates.get(e.asset_id))

    def requested(self, e: Any) -> None:
        if e.withdrawal_kind == WithdrawalKind.withdrawal:  # a receipt's return is no client's request
            self.use(WITHDRAWALS, e.account_id, e.asset_id, e.amount_minor, self.rates.get(e.asset_id))

    def accepted(self, e: Any) -> None:
        market = self.ledger.markets[e.market_id]
        pays, gets = market.base_asset_id, market.quote_asset_id
        if e.side == 1:
            pays, gets = gets, pays
        for kind, asset_id, lots_minor in (
            (ORDER_QUANTITY, market.base_asset_id, market.lot_size_minor),
            (ORDER_VALUE, market.quote_asset_id, market.tick_value_minor * e.price_ticks),
        ):
            self.use(kind, e.account_id, asset_id, lots_minor * e.quantity_lots, self.rates.get(asset_id))
        if self.kinds[gets] == DIGITAL and (e.side == 1 or self.kinds[pays] == FIAT):
            self.order_rates[e.order_id] = self.rates.get(pays)

    def traded(self, e: Any) -> None:
        market = self.ledger.markets[e.market_id]
        for number in (e.maker_order_id, e.taker_order_id):
            if number in self.order_rates:
                order = self.ledger.orders[number]
                paid = e.quantity_lots * market.lot_size_minor
                if order.side == 1:
                    paid = e.price_ticks * e.quantity_lots * market.tick_value_minor
                self.use(PURCHASES, order.account_id, order.asset_id, paid, self.order_rates[number])

    def use(self, kind: int, account_id: int, asset_id: int, minor: int, rate: Fraction | None) -> None:
        """Count an act in every counter that a limit on it reads, and fail where one is over its limit."""
        counted = set()
        bound = list(self.bounds(kind, account_id))
        for key, _, _ in bound:
            value = minor if key[5] == asset_id else 0 if key[5] else None if rate is None else minor * rate
            if value and key not in counted and key[0] != EACH:
                counted.add(key)
                counter = self.counters[key]
                counter.used += value
                counter.acts += 1
                counter.huge |= value >= HUGE
        for key, most, lifted in bound:
            if lifted or key[5] not in (0, asset_id) or minor == 0:
                continue
            assert key[5] or rate is not None, f"{minor} of asset {asset_id} counted without a rate"
            used = self.counters[key].used
            if key[0] == EACH:
                used = Fraction(minor) if key[5] or rate is None else minor * rate
            assert used <= most, f"{key}: {used} used, limit {most}"
            self.checked += 1

    def bounds(self, kind: int, account_id: int) -> Iterator[tuple[Key, int, bool]]:
        """Yield the counters that limits of a kind read for an account, their limits, and whether they are lifted."""
        owner_id = self.owner_of[account_id]
        residency, exempt = self.status.get(owner_id, (0, 0))
        client_class = min(c for a, c in self.class_of.items() if self.owner_of[a] == owner_id)
        for row, (most, exemptible) in self.limits.items():
            of_kind, scope, period, for_class, for_residency, asset_id, subject = row
            touches = subject == {EVERYBODY: 0, OWNER: owner_id, ACCOUNT: account_id}[scope]
            fits = for_class in (0, client_class) and (0 in (for_residency, residency) or for_residency == residency)
            if of_kind == kind and touches and fits:
                holder = (ACCOUNT, account_id) if scope == ACCOUNT else (OWNER, owner_id)
                yield (period, self.number(period), kind, *holder, asset_id), most, bool(exemptible and exempt)

    def number(self, period: int) -> int:
        """Return the number of the present day or month."""
        today = date(1970, 1, 1) + timedelta(minutes=self.ts_ns // MINUTE_NS + self.zone_minutes)
        return (today - date(1969, 12, 31)).days if period == DAY else today.year * 12 + today.month - 1


def terms(e: Any) -> tuple[int, ...]:
    """Return the terms that name a limit."""
    bound = (e.limit_kind, e.limit_scope, e.limit_period, e.limit_class, e.limit_residency)
    return (*bound, e.limit_asset_id, e.limit_subject)


ACTS: dict[str, Callable[[EventLimits, Any], None]] = {
    "AssetRegistered": EventLimits.registered,
    "AccountOpened": EventLimits.opened,
    "ClientStatusSet": EventLimits.status_set,
    "RateSet": EventLimits.rate_set,
    "ParameterSet": EventLimits.parameter_set,
    "LimitSet": EventLimits.limit_set,
    "LimitRemoved": EventLimits.limit_removed,
    "DepositCredited": EventLimits.deposited,
    "WithdrawalRequested": EventLimits.requested,
    "ReceiptHeld": EventLimits.held,
    "ReceiptAttributed": EventLimits.attributed,
    "OrderAccepted": EventLimits.accepted,
    "TradeExecuted": EventLimits.traded,
}
