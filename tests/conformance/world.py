"""What the generator knows of the venue: only what the events have told it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable

from tarazy.domain.records import (
    RECORD_SIZE,
    AccountOpened,
    AccountRole,
    AccountState,
    AccountStateChanged,
    AssetStatus,
    AssetStatusChanged,
    AuctionUncrossed,
    CommandRejected,
    EventKind,
    MandateGranted,
    MandateRevoked,
    MarketOpened,
    MarketRulesSet,
    MarketState,
    MarketStateChanged,
    OfficerKeyRotated,
    OfficerRegistered,
    OfficerState,
    OfficerStateChanged,
    OrderAccepted,
    OrderAmended,
    OrderCanceled,
    OrderReduced,
    OrderType,
    TimeInForce,
    TradeExecuted,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.book import TRIGGER_TYPES

from .custody_world import KnownCustody
from .worlds import Shape

AMOUNT_MAX = 1 << 120
OPEN_TIMES = (TimeInForce.gtc, TimeInForce.gtd, TimeInForce.day, TimeInForce.at_the_opening, TimeInForce.at_the_close)


class KnownMarket:
    """A market as far as the events tell."""

    def __init__(self, base_asset_id: int, quote_asset_id: int, price_ticks: int) -> None:
        self.assets = (base_asset_id, quote_asset_id)
        self.state = int(MarketState.closed)
        self.takes_usual_orders = False
        self.price_ticks = price_ticks


class KnownOrder:
    """An open order as far as the events tell."""

    __slots__ = (
        "account_id",
        "client_order_id",
        "display",
        "filled",
        "market_id",
        "order_type",
        "price",
        "quantity",
        "side",
    )

    def __init__(self, event: OrderAccepted) -> None:
        self.market_id, self.account_id = event.market_id, event.account_id
        self.client_order_id, self.order_type, self.side = event.client_order_id, event.order_type, event.side
        self.price, self.quantity, self.filled = event.price_ticks, event.quantity_lots, 0
        self.display = event.display_lots


class KnownOfficer:
    """An officer as far as the events tell."""

    def __init__(self, event: OfficerRegistered) -> None:
        self.roles, self.state, self.public_key = event.officer_roles, int(OfficerState.active), event.public_key
        self.valid_from_ns, self.valid_until_ns = event.valid_from_ns, event.valid_until_ns


class World:
    """Chance, time, numbers, and everything that was told by events."""

    def __init__(self, seed: int, shape: Shape) -> None:
        self.shape = shape
        self.rng = random.Random(seed)
        self.rand = self.rng.random
        self.ts_ns = 1_700_000_000_000_000_000
        self.hashes = 0
        self.client_order_ids = 0
        self.officers: list[KnownOfficer] = []
        self.mandates: dict[int, MandateGranted] = {}
        self.instructions = 0
        self.covered = 0
        self.last_seq = 0
        self.jump_refused_at = 0
        self.assets: list[int] = []
        self.markets: list[KnownMarket] = []
        self.accounts: list[AccountOpened] = []
        self.insiders: dict[int, int] = {}
        self.inactive: dict[int, int] = {}
        self.custody = KnownCustody()
        self.limits: dict[tuple[int, ...], None] = {}
        self.pending: dict[int, tuple[str, dict[str, int]]] = {}
        self.delistings: dict[int, None] = {}
        self.bands: dict[tuple[int, int], None] = {}
        self.increments: dict[int, tuple[int, int]] = {}
        self.orders: dict[int, KnownOrder] = {}
        self.numbers: list[int] = []
        self.seen: Counter[str] = Counter()

    # ------------------------------------------------------------ chance
    def chance(self, probability: float) -> bool:
        """Return whether it happens this time."""
        return self.rand() < probability

    def below(self, count: int) -> int:
        """Return a number from 0 to count - 1; 0 where there is none."""
        return int(self.rand() * count)

    def between(self, low: int, high: int) -> int:
        """Return a number from low to high, exact beyond 53 bits."""
        count = high - low + 1
        return low + (self.rng.getrandbits(160) % count if count >> 50 else int(self.rand() * count))

    def tick(self) -> int:
        """Let time pass, mostly a little, and return it."""
        dice = self.rand()
        if dice < 0.6:
            self.ts_ns += int(dice * self.shape.step_ns)
        elif dice > 0.999:
            self.ts_ns += self.shape.step_ns * 1_000
        self.ts_ns = min(self.ts_ns, (1 << 64) - 1)
        return self.ts_ns

    def later(self, steps: int) -> int:
        """Return a time to come within some steps, on a grid so that several things fall due at once."""
        grid = self.shape.step_ns * 8
        ahead = self.ts_ns + 1 + self.below(self.shape.step_ns * steps)
        return min(-(-ahead // grid) * grid, (1 << 64) - 1)

    def new_hash(self) -> bytes:
        """Return a hash: nearly always a new one, at times an old one or zeros."""
        dice = self.rand()
        if dice < 0.02:
            return bytes(32)
        if dice > 0.03:
            self.hashes += 1
        return self.hashes.to_bytes(8, "little") * 4

    def any_asset(self) -> int:
        """Return an asset's number."""
        return 1 + self.below(len(self.assets))

    def any_market(self) -> int:
        """Return a market's number."""
        return 1 + self.below(len(self.markets))

    def any_account(self) -> int:
        """Return an account's number."""
        return 1 + self.below(len(self.accounts))

    def any_order(self) -> int:
        """Return the number of an open order, 0 where none is known."""
        while self.numbers:
            at = self.below(len(self.numbers))
            number = self.numbers[at]
            if number in self.orders:
                return number
            self.numbers[at] = self.numbers[-1]
            self.numbers.pop()
        return 0

    # ------------------------------------------------------------ events
    def observe(self, events: bytes) -> None:
        """Learn from events."""
        for at in range(0, len(events), RECORD_SIZE):
            kind = events[at]
            learn = LEARN.get(kind)
            if learn:
                learn(self, events, at)
            self.custody.learn(events, at, self.seen)
        if events:
            self.last_seq = int.from_bytes(events[-RECORD_SIZE + 8 : -RECORD_SIZE + 16], "little")
        for kind, count in Counter(events[::RECORD_SIZE]).items():
            self.seen[f"event {EventKind(kind).name}"] += count

    def _rejected(self, events: bytes, at: int) -> None:
        code = events[at + 2] | events[at + 3] << 8
        kind = events[at + 4] | events[at + 5] << 8
        self.seen[f"refusal {code}"] += 1
        self.seen[f"refused kind {kind}"] += 1
        refusal = CommandRejected.unpack(events, at)
        assert refusal.expected != refusal.found, f"says nothing: {refusal}"
        if code == RejectCode.time_jumped:
            self.jump_refused_at = refusal.expected

    def _officer_registered(self, events: bytes, at: int) -> None:
        self.officers.append(KnownOfficer(OfficerRegistered.unpack(events, at)))

    def _officer_state(self, events: bytes, at: int) -> None:
        event = OfficerStateChanged.unpack(events, at)
        self.officers[event.officer_id - 1].state = event.officer_state
        self.seen[f"officer state {event.officer_state}"] += 1

    def _officer_key(self, events: bytes, at: int) -> None:
        event = OfficerKeyRotated.unpack(events, at)
        self.officers[event.officer_id - 1].public_key = event.public_key

    def _mandate_granted(self, events: bytes, at: int) -> None:
        event = MandateGranted.unpack(events, at)
        self.mandates[event.mandate_id] = event
        if len(self.mandates) > 20:
            del self.mandates[next(iter(self.mandates))]

    def _mandate_revoked(self, events: bytes, at: int) -> None:
        self.mandates.pop(MandateRevoked.unpack(events, at).mandate_id, None)

    def _asset_registered(self, events: bytes, at: int) -> None:
        self.assets.append(AssetStatus.registered)

    def _asset_status(self, events: bytes, at: int) -> None:
        event = AssetStatusChanged.unpack(events, at)
        self.assets[event.asset_id - 1] = event.asset_status
        self.seen[f"asset status {event.asset_status}"] += 1

    def _market_opened(self, events: bytes, at: int) -> None:
        event = MarketOpened.unpack(events, at)
        self.markets.append(KnownMarket(event.base_asset_id, event.quote_asset_id, self.shape.price))

    def _market_rules(self, events: bytes, at: int) -> None:
        event = MarketRulesSet.unpack(events, at)
        notional = min(self.shape.lots * self.shape.price * self.shape.tick_value_minor, AMOUNT_MAX)
        fits = event.quantity_max_lots >= self.shape.lots and event.notional_max_minor >= notional
        self.markets[event.market_id - 1].takes_usual_orders = fits

    def _market_state(self, events: bytes, at: int) -> None:
        event = MarketStateChanged.unpack(events, at)
        self.markets[event.market_id - 1].state = event.market_state
        self.seen[f"market state {event.from_market_state} to {event.market_state}"] += 1
        self.seen[f"market reason {event.market_reason}"] += 1

    def _account_opened(self, events: bytes, at: int) -> None:
        event = AccountOpened.unpack(events, at)
        self.accounts.append(event)
        if event.account_role != AccountRole.client:
            self.insiders[event.owner_id] = max(self.insiders.get(event.owner_id, 0), event.account_role)
        self.seen[f"account role {event.account_role}"] += 1
        self.seen[f"account class {event.client_class}"] += 1

    def _account_state(self, events: bytes, at: int) -> None:
        event = AccountStateChanged.unpack(events, at)
        self.seen[f"account state {event.account_state}"] += 1
        self.inactive.pop(event.account_id, None)
        if event.account_state not in (AccountState.active, AccountState.closed):
            self.inactive[event.account_id] = event.account_state

    def _accepted(self, events: bytes, at: int) -> None:
        order_type, _, time_in_force, mode = events[at + 2 : at + 6]
        self.seen[f"order {order_type} time {time_in_force} mode {mode}"] += 1
        if order_type in TRIGGER_TYPES or (order_type != OrderType.market and time_in_force in OPEN_TIMES):
            event = OrderAccepted.unpack(events, at)
            self.orders[event.order_id] = KnownOrder(event)
            self.numbers.append(event.order_id)

    def _traded(self, events: bytes, at: int) -> None:
        event = TradeExecuted.unpack(events, at)
        self.seen[f"trade {event.trade_kind}"] += 1
        self.markets[event.market_id - 1].price_ticks = event.price_ticks
        for number in (event.maker_order_id, event.taker_order_id):
            order = self.orders.get(number)
            if order:
                order.filled += event.quantity_lots
                if order.filled >= order.quantity:
                    del self.orders[number]

    def _canceled(self, events: bytes, at: int) -> None:
        event = OrderCanceled.unpack(events, at)
        self.seen[f"cancel reason {event.cancel_reason}"] += 1
        self.orders.pop(event.order_id, None)

    def _amended(self, events: bytes, at: int) -> None:
        event = OrderAmended.unpack(events, at)
        self.seen[f"amend priority {event.priority_kept}"] += 1
        order = self.orders.get(event.order_id)
        if order:
            order.price, order.quantity = event.price_ticks, event.quantity_lots

    def _reduced(self, events: bytes, at: int) -> None:
        event = OrderReduced.unpack(events, at)
        order = self.orders.get(event.order_id)
        if order:
            order.quantity -= event.reduced_lots
            if order.filled >= order.quantity:
                del self.orders[event.order_id]

    def _uncrossed(self, events: bytes, at: int) -> None:
        event = AuctionUncrossed.unpack(events, at)
        self.seen[f"auction imbalance side {event.side}"] += 1

    def _parameter_set(self, events: bytes, at: int) -> None:
        self.seen[f"parameter table {events[at + 2]}"] += 1


LEARN: dict[int, Callable[[World, bytes, int], None]] = {
    EventKind.command_rejected: World._rejected,
    EventKind.officer_registered: World._officer_registered,
    EventKind.officer_state_changed: World._officer_state,
    EventKind.officer_key_rotated: World._officer_key,
    EventKind.mandate_granted: World._mandate_granted,
    EventKind.mandate_revoked: World._mandate_revoked,
    EventKind.asset_registered: World._asset_registered,
    EventKind.asset_status_changed: World._asset_status,
    EventKind.market_opened: World._market_opened,
    EventKind.market_rules_set: World._market_rules,
    EventKind.market_state_changed: World._market_state,
    EventKind.account_opened: World._account_opened,
    EventKind.account_state_changed: World._account_state,
    EventKind.order_accepted: World._accepted,
    EventKind.trade_executed: World._traded,
    EventKind.order_canceled: World._canceled,
    EventKind.order_amended: World._amended,
    EventKind.order_reduced: World._reduced,
    EventKind.auction_uncrossed: World._uncrossed,
    EventKind.parameter_set: World._parameter_set,
}
