"""The state of the venue: everything that decides what the next command does, and nothing else."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from typing import Any

from tarazy.domain.arithmetic import PPM, U64_MAX, div_floor
from tarazy.domain.records import ZERO32, AccountRole, MarketState, NumberSpace
from tarazy.spec.book import Book, Order
from tarazy.spec.invariants import Invariants
from tarazy.spec.ledger import Ledger
from tarazy.spec.state_parts import (
    Authority,
    ClientKey,
    ClientStatus,
    CounterKey,
    Delisting,
    Evidence,
    Fees,
    HeldBy,
    LimitTable,
    Purchase,
    Rate,
    Receipt,
    Trade,
    Withdrawal,
    held_by,
)

TIER_COUNT = 16
TRADES_MAX = 65_536
SETTING_DUE = 0
AUCTION_DUE = 1
EXPIRY_DUE = 2
CANCEL_DUE = 3
DELISTING_DUE = 7
NS_PER_MS = 1_000_000


class Asset:
    """A registered asset."""

    __slots__ = ("asset_code", "asset_id", "asset_kind", "asset_status", "dti", "scale")

    def __init__(self, asset_id: int) -> None:
        self.asset_id = asset_id
        self.asset_kind = 0
        self.asset_status = 0
        self.scale = 0
        self.asset_code = bytes(16)
        self.dti = bytes(16)


class Account:
    """An account of a beneficial owner. `limited` is derived: a bit for each kind of limit that touches the account."""

    __slots__ = (
        "account_id",
        "account_role",
        "account_state",
        "approval_id",
        "client_class",
        "fee_tier",
        "last_client_order_id",
        "last_order_id",
        "leaf_salt",
        "limited",
        "open_orders",
        "owner_id",
    )

    def __init__(self, account_id: int) -> None:
        self.account_id = account_id
        self.owner_id = 0
        self.approval_id = 0
        self.leaf_salt = 0
        self.client_class = 0
        self.account_role = 0
        self.account_state = 0
        self.fee_tier = 0
        self.limited = 0
        self.open_orders = 0
        self.last_client_order_id = 0
        self.last_order_id = 0


class TradingRules:
    """How a market's corridors follow its prices and how its call phases end; zeros switch each part off."""

    __slots__ = (
        "dynamic_corridor_ppm",
        "dynamic_window_ms",
        "extension_count_max",
        "extension_ms",
        "random_end_max_ms",
    )

    def __init__(self) -> None:
        self.extension_count_max = 0
        self.dynamic_corridor_ppm = 0
        self.dynamic_window_ms = 0
        self.random_end_max_ms = 0
        self.extension_ms = 0


class Market:
    """A market: its assets, rules, state, reference and book.

    The bounds are derived: `collar_high` is the highest price of a buy, `collar_low` the lowest of a sell; a trade
    outside `corridor_low`..`corridor_high` halts the market. Without a reference nothing is bounded. `auction_due_ns`
    is when the auction really ends, its random part included; before `reopen_ns` a call phase that follows a halt does
    not end. `has_account_fees` and the rates by tier are derived, too. `tick_bands`: (lowest price, step) by price; see
    grid.
    """

    def __init__(self, market_id: int) -> None:
        self.market_id = market_id
        self.base_asset_id = 0
        self.quote_asset_id = 0
        self.lot_size_minor = 0
        self.tick_value_minor = 0
        self.rulebook_hash = ZERO32
        self.has_rules = False
        self.maker_fee_ppm = 0
        self.taker_fee_ppm = 0
        self.collar_ppm = 0
        self.corridor_ppm = 0
        self.auction_duration_ms = 0
        self.quantity_max_lots = 0
        self.notional_min_minor = 0
        self.notional_max_minor = 0
        self.market_state: int = MarketState.closed
        self.next_market_state = 0
        self.auction_end_ns = 0
        self.auction_due_ns = 0
        self.reopen_ns = 0
        self.extension_count = 0
        self.trading_rules = TradingRules()
        self.reference_price_ticks = 0
        self.last_price_ticks = 0
        self.last_trade_ns = 0
        self.book = Book()
        self.has_account_fees = False
        self.tick_bands: list[tuple[int, int]] = []
        self.maker_rates = [0] * TIER_COUNT
        self.taker_rates = [0] * TIER_COUNT
        self.collar_high = self.corridor_high = U64_MAX
        self.collar_low, self.corridor_low = 1, 0

    def derive_bounds(self) -> None:
        """Work out collar and corridor again, after a change of rules or reference; neither is less than a tick."""
        reference = self.reference_price_ticks
        if reference == 0:
            self.collar_high = self.corridor_high = U64_MAX
            self.collar_low, self.corridor_low = 1, 0
            return
        collar = max(div_floor(reference * self.collar_ppm, PPM), 1)
        corridor = max(div_floor(reference * self.corridor_ppm, PPM), 1)
        self.collar_high = min(reference + collar, U64_MAX)
        self.collar_low = max(reference - collar, 1)
        self.corridor_high = min(reference + corridor, U64_MAX)
        self.corridor_low = max(reference - corridor, 0)

    def trade_bounds(self, now_ns: int) -> tuple[int, int]:
        """Return the lowest and the highest price of a trade: the static corridor, within it the dynamic one."""
        rules, last = self.trading_rules, self.last_price_ticks
        if rules.dynamic_corridor_ppm == 0 or last == 0:
            return self.corridor_low, self.corridor_high
        if rules.dynamic_window_ms and now_ns - self.last_trade_ns > rules.dynamic_window_ms * NS_PER_MS:
            return self.corridor_low, self.corridor_high
        corridor = max(div_floor(last * rules.dynamic_corridor_ppm, PPM), 1)
        return max(self.corridor_low, last - corridor), min(self.corridor_high, last + corridor)

    def derive_rates(self, discounts_ppm: list[int], own: Fees | None) -> None:
        """Work out the fee rates by tier again, after a change of rules, discounts or the market's own fees."""
        for tier, discount_ppm in enumerate(discounts_ppm):
            self.maker_rates[tier] = div_floor(self.maker_fee_ppm * (PPM - discount_ppm), PPM)
            self.taker_rates[tier] = div_floor(self.taker_fee_ppm * (PPM - discount_ppm), PPM)
            if own is not None:
                self.maker_rates[tier], self.taker_rates[tier] = own.maker_rate_ppm, own.taker_rate_ppm

    def cost_minor(self, price_ticks: int, lots: int) -> int:
        """Return what lots cost at a price, quote asset minor units; exact."""
        return price_ticks * lots * self.tick_value_minor


class State:
    """All of the venue; `out` collects the events of the batch under way, `leg_events` (market, order, whether it left)
    what happened to orders of lists, and `filled_workings` (market, order) those that let others begin.

    `assigned`: by NumberSpace, the commands that made the assets, markets, accounts and officers, by number.
    `insiders`: owners of house and affiliate accounts, with the largest role of their accounts.
    """

    def __init__(self) -> None:
        self.next_seq = 1
        self.last_ts_ns = 0
        self.seq = 0
        self.trade_index = 0
        self.invariants = Invariants()
        self.ledger = Ledger(self.invariants)
        self.authority = Authority()
        self.assigned: list[list[int]] = [[] for _ in range(max(NumberSpace) + 1)]
        self.insiders: dict[int, int] = {}
        self.clock_jump_max_ns = 0
        self.assets: list[Asset] = []
        self.markets: list[Market] = []
        self.accounts: list[Account] = []
        self.withdrawals: dict[int, Withdrawal] = {}
        self.withdrawals_by: dict[HeldBy, set[int]] = {}
        self.settled: dict[int, Withdrawal] = {}
        self.receipts: dict[int, Receipt] = {}
        self.evidence: dict[bytes, Evidence] = {}
        self.evidence_from_ns = 0
        self.breaks: dict[tuple[int, int, int], tuple[int, int]] = {}
        self.trades: deque[Trade] = deque(maxlen=TRADES_MAX)
        self.signed_by_machine = False
        self.parameters: dict[tuple[int, int], tuple[int, bytes]] = {}
        self.discounts_ppm = [0] * TIER_COUNT
        self.delistings: dict[int, Delisting] = {}
        self.fees: dict[tuple[int, int], Fees] = {}
        self.pending: dict[int, bytes] = {}
        self.accounts_of: dict[int, list[int]] = {}
        self.owner_classes: dict[int, int] = {}
        self.statuses: dict[int, ClientStatus] = {}
        self.rates: dict[int, tuple[Rate, bytes]] = {}
        self.limits: LimitTable = {}
        self.counters: dict[CounterKey, int] = {}
        self.counter_keys: list[CounterKey] = []
        self.purchases: dict[int, Purchase] = {}
        self.open_purchases: dict[tuple[int, int, int], int] = {}
        self.client_id_horizon_ns = 0
        self.named_orders: deque[Any] = deque()
        self.recent_orders: dict[tuple[int, int], int] = {}
        self.named_requests: dict[int, deque[Any]] = {}
        self.by_client: dict[tuple[int, int], int] = {}
        self.cancel_timers: dict[int, int] = {}
        self.client_keys: dict[int, ClientKey] = {}
        self.client_public_keys: set[bytes] = set()
        self.timers: list[tuple[int, int, int, int]] = []
        self.touched_markets: list[Market] = []
        self.leg_events: list[tuple[int, int, bool]] = []
        self.filled_workings: list[tuple[int, int]] = []
        self.out: list[bytes] = []

    def emit(self, event: Any) -> None:
        """Add an event."""
        self.out.append(event.pack())

    def parameter(self, table: int, key: int) -> int:
        """Return a parameter's value, 0 where it was never set."""
        row = self.parameters.get((table, key))
        return row[0] if row else 0

    def derive_rates(self, market: Market) -> None:
        """Work out a market's fee rates again."""
        market.derive_rates(self.discounts_ppm, self.fees.get((0, market.market_id)))

    def open_withdrawal(self, withdrawal: Withdrawal) -> None:
        """Keep an open withdrawal, and where to find it by what holds it."""
        self.withdrawals[withdrawal.withdrawal_id] = withdrawal
        self.withdrawals_by.setdefault(held_by(withdrawal), set()).add(withdrawal.withdrawal_id)

    def close_withdrawal(self, withdrawal: Withdrawal) -> None:
        """Forget a withdrawal that is no longer open."""
        del self.withdrawals[withdrawal.withdrawal_id]
        numbers = self.withdrawals_by[held_by(withdrawal)]
        numbers.discard(withdrawal.withdrawal_id)
        if not numbers:
            del self.withdrawals_by[held_by(withdrawal)]

    def withdrawals_of(self, account_id: int, asset_id: int, receipt_id: int) -> list[Withdrawal]:
        """Return the open withdrawals that an account's balance or a receipt (the others 0) holds, by number."""
        numbers = self.withdrawals_by.get((account_id, asset_id, receipt_id), ())
        return [self.withdrawals[number] for number in sorted(numbers)]

    def learn_owner(self, account: Account) -> None:
        """Remember an owner's most protected class, and who owns an account of the house or of an affiliate."""
        owner_class = self.owner_classes.get(account.owner_id, account.client_class)
        self.owner_classes[account.owner_id] = min(owner_class, account.client_class)
        if account.account_role != AccountRole.client:
            role = self.insiders.get(account.owner_id, 0)
            self.insiders[account.owner_id] = max(role, account.account_role)

    def may_trade(self, account: Account) -> bool:
        """Return whether an account's owner owns none of a larger role: whose it is decides, not which is used."""
        return account.account_role >= self.insiders.get(account.owner_id, 0)

    def add_timer(self, due_ns: int, due_kind: int, number: int, market_id: int) -> None:
        """Remember what is due: a setting (command), auction (market), order, cancel timer (account), delisting."""
        insort(self.timers, (due_ns, due_kind, number, market_id))

    def drop_timer(self, due_ns: int, due_kind: int, number: int, market_id: int) -> None:
        """Forget what was due."""
        del self.timers[bisect_left(self.timers, (due_ns, due_kind, number, market_id))]

    def touch(self, market: Market) -> None:
        """Remember that the command touched a market, whose book is then checked."""
        if market not in self.touched_markets:
            self.touched_markets.append(market)

    def register_order(self, market: Market, order: Order) -> None:
        """Count an order that begins to rest or wait, and remember its client's number and its expiry."""
        self.touch(market)
        self.accounts[order.account_id - 1].open_orders += 1
        if order.client_order_id:
            self.by_client[order.account_id, order.client_order_id] = order.order_id
        if order.expire_ns:
            self.add_timer(order.expire_ns, EXPIRY_DUE, order.order_id, market.market_id)

    def forget_order(self, market: Market, order: Order) -> None:
        """Undo register_order for an order that is no longer open."""
        self.accounts[order.account_id - 1].open_orders -= 1
        if order.client_order_id:
            del self.by_client[order.account_id, order.client_order_id]
        if order.expire_ns:
            self.drop_timer(order.expire_ns, EXPIRY_DUE, order.order_id, market.market_id)
