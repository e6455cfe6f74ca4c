"""A made-up market of the shape of a real half hour: seeded, in integers, the same commands for every engine.

It opens with a call auction, trades continuously, is interrupted when a trade leaves its corridor, reopens by auction,
and closes with an auction. As on a real exchange most orders never trade: about half are post-only orders that come too
late and are refused, most others are canceled. Every order type, time in force and self-trade prevention mode occurs.
Some owners have two accounts, so that self-trade prevention works; some accounts are poor, so that cover is refused.

The flow reacts to the venue's events (what is open, the best prices, the market's state), so its commands after the
first batch depend on them, and are the same for all engines that give the same events.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tarazy.domain.records import (
    RECORD_SIZE,
    AdvanceTime,
    AmendOrder,
    CancelAll,
    EventKind,
    MarketState,
    OrderType,
    PlaceOrder,
    SelfTradePrevention,
    SetMarketState,
    TimeInForce,
)
from tarazy.market_data.chance import Chance
from tarazy.market_data.commands import BUY, MARKET_ID, SELL, CommandBatch, CommandWriter
from tarazy.market_data.venue_book import VenueBook
from tarazy.market_data.venue_setup import MarketPlan, open_accounts, state_command, write_setup

START_NS = 1_767_603_600_000_000_000
DURATION_NS = 1_800_000_000_000
PRICE_START_TICKS = 78_320
OPENING_ORDERS = 2000
BATCH_COMMANDS = 512
OWNERS_WITH_TWO_ACCOUNTS = 8
POOR_ACCOUNTS = 1
CLOSING_COMMANDS = 3
STATE_CHANGED = int(EventKind.market_state_changed)
STATE_EVENT = struct.Struct("<HB")
MODES = tuple(int(mode) for mode in SelfTradePrevention)
GTC, IOC, FOK, GTD = map(int, (TimeInForce.gtc, TimeInForce.ioc, TimeInForce.fok, TimeInForce.gtd))
# How often of a thousand; the rest are cancels.
MIX = (
    ("post_only_late", 460),
    ("rest", 220),
    ("cross", 14),
    ("market", 6),
    ("market_cash_order", 3),
    ("fill_or_kill", 2),
    ("iceberg", 6),
    ("stop", 6),
    ("good_till_date", 4),
    ("amend", 12),
    ("cancel_all", 1),
    ("let_time_pass", 2),
)


@dataclass
class SimulatedReport:
    """What came of playing the market."""

    seed: int
    commands: int = 0
    orders: int = 0
    trades: int = 0
    volume_lots: int = 0
    halts: int = 0
    actions: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return dict(self.__dict__)

    def in_words(self) -> list[str]:
        """Return the report as lines of text."""
        first = f"seed {self.seed}: {self.commands:,} commands, {self.orders:,} orders accepted, {self.trades:,} trades"
        return [f"{first}, {self.halts:,} volatility interruptions"]


class SimulatedFlow:
    """The market as batches of commands."""

    def __init__(self, seed: int = 1, commands: int = 200_000, accounts: int = 64, *, first_seq: int = 1) -> None:
        self.seed = seed
        self.commands = commands
        self.accounts = accounts
        self.chance = Chance(seed)
        self.plan = MarketPlan(
            source=f"simulated market {seed}",
            base_code="BTC",
            base_scale=8,
            quote_code="USD",
            quote_scale=8,
            base_deposit_minor=500 * 10**8,
            quote_deposit_minor=50_000_000 * 10**8,
            mandate_deposits=1,
            collar_ppm=50_000,
            corridor_ppm=1_000,
            auction_duration_ms=5_000,
        )
        self.writer = CommandWriter(first_seq, START_NS)
        self.tracker = VenueBook()
        self.report_ = SimulatedReport(seed, actions={name: 0 for name, _ in (*MIX, ("cancel", 0))})
        self.step_ns = max(1, 2 * DURATION_NS // max(1, commands))
        self.price_ticks = PRICE_START_TICKS
        self.market_state = int(MarketState.closed)
        self.next_reference = 1
        self.mine: list[tuple[int, int]] = []
        self.turns = [(getattr(self, name), name, weight) for name, weight in MIX]

    # ---------------------------------------------------------------- the day
    def batches(self) -> Iterator[CommandBatch]:
        """Yield the commands."""
        write_setup(self.writer, self.plan, MarketState.pre_open)
        yield self.writer.take_batch()
        open_accounts(self.writer, self.plan, self.owners(), POOR_ACCOUNTS)
        for _ in range(min(OPENING_ORDERS, self.commands // 10)):
            self.pass_time()
            self.rest()
        yield self.writer.take_batch()
        self.change_state(state_command(MarketState.continuous))
        while self.writer.written < self.commands - CLOSING_COMMANDS:
            self.act()
            if len(self.writer.pending) >= BATCH_COMMANDS:
                yield self.writer.take_batch()
        yield self.writer.take_batch()
        self.close()
        yield self.writer.take_batch()

    def close(self) -> None:
        """Close the day: with an auction, where the market trades."""
        closing = [state_command(MarketState.closed)]
        if self.market_state == MarketState.continuous:
            closing.insert(0, state_command(MarketState.auction, MarketState.closed))
        while self.writer.written + 1 + len(closing) < self.commands:
            self.let_time_pass()
        self.change_state(*closing)

    def owners(self) -> list[int]:
        """Return the owner of each account; the last ones belong to owners of the first."""
        shared = min(OWNERS_WITH_TWO_ACCOUNTS, self.accounts // 2)
        return [*range(1, self.accounts - shared + 1), *range(1, shared + 1)]

    def act(self) -> None:
        """Let one thing happen."""
        self.pass_time()
        if self.chance.below(8) == 0:
            self.price_ticks += self.chance.between(-1, 1)
        roll = self.chance.below(1000)
        action, name = self.cancel, "cancel"
        for each, each_name, weight in self.turns:
            if roll < weight:
                action, name = each, each_name
                break
            roll -= weight
        if self.market_state != MarketState.continuous and name != "cancel":
            action, name = self.rest, "rest"
        self.report_.actions[name] += 1
        action()

    def pass_time(self) -> None:
        """Move the clock on a little."""
        self.writer.advance(self.writer.ts_ns + self.chance.below(self.step_ns))

    # ---------------------------------------------------------------- what happens
    def rest(self) -> None:
        """Place an order behind the middle, not through the best price; in an auction some cross."""
        side, depth = self.side(), 1 + self.chance.near(60)
        if self.market_state != MarketState.continuous:
            self.place(OrderType.limit, side, self.behind(side, depth - 3))
            return
        price, opposite = self.behind(side, depth), self.opposite(side)
        self.place(OrderType.limit, side, min(price, opposite - 1) if side == BUY else max(price, opposite + 1))

    def post_only_late(self) -> None:
        """Place a post-only order at a price that the market has just passed: the venue refuses it."""
        side = self.side()
        through = self.chance.between(4, 12)
        opposite = self.opposite(side)
        self.place(OrderType.post_only, side, opposite + through if side == BUY else opposite - through)

    def cross(self) -> None:
        """Place an order that takes what it finds."""
        side = self.side()
        self.place(OrderType.limit, side, self.behind(side, -self.chance.near(25)), self.chance.between(GTC, IOC))

    def market(self) -> None:
        """Place a market order by lots."""
        self.place(OrderType.market, self.side(), 0, IOC)

    def market_cash_order(self) -> None:
        """Place a market order by an amount of the quote asset."""
        self.place(OrderType.market, self.side(), 0, IOC, amount_minor=self.chance.between(5, 5_000) * 10**8)

    def fill_or_kill(self) -> None:
        """Place an order that trades whole or not at all."""
        side = self.side()
        self.place(OrderType.limit, side, self.behind(side, -self.chance.near(10)), FOK)

    def iceberg(self) -> None:
        """Place an iceberg near the best price."""
        side, lots = self.side(), 20 * self.chance.size()
        self.place(
            OrderType.limit, side, self.behind(side, 1 + self.chance.near(8)), lots=lots, display_lots=lots // 10
        )

    def stop(self) -> None:
        """Place a stop loss or a take profit, with a limit or without."""
        side, kind = self.side(), self.chance.between(OrderType.stop_loss, OrderType.take_profit_limit)
        is_stop = kind in (OrderType.stop_loss, OrderType.stop_loss_limit)
        rises = 1 if is_stop == (side == BUY) else -1
        trigger = self.price_ticks + rises * self.chance.between(8, 90)
        is_limit = kind in (OrderType.stop_loss_limit, OrderType.take_profit_limit)
        price = (trigger + 5 if side == BUY else trigger - 5) if is_limit else 0
        self.place(kind, side, price, GTC if is_limit else IOC, trigger_ticks=trigger)

    def good_till_date(self) -> None:
        """Place an order that expires by itself."""
        side = self.side()
        expire_ns = self.writer.ts_ns + self.chance.between(1, 60) * 1_000_000_000
        self.place(OrderType.limit, side, self.behind(side, 1 + self.chance.near(30)), GTD, expire_ns=expire_ns)

    def amend(self) -> None:
        """Halve an open order, or move it one tick back."""
        found = self.pick()
        if found is None:
            return
        account_id, reference = found
        order_id = self.tracker.number_of[reference]
        order = self.tracker.open[order_id]
        self.mine.append(found)
        if self.chance.below(2) and order.leaves_lots > 1:
            total = order.total_lots - order.leaves_lots // 2
            self.writer.write(AmendOrder(self.writer.ts_ns, MARKET_ID, account_id, order_id, 0, total))
        elif order.price_ticks:
            price = order.price_ticks - 1 if order.side == BUY else order.price_ticks + 1
            self.writer.write(AmendOrder(self.writer.ts_ns, MARKET_ID, account_id, order_id, price, order.total_lots))

    def cancel(self) -> None:
        """Cancel an open order."""
        found = self.pick()
        if found:
            self.writer.cancel(*found)

    def cancel_all(self) -> None:
        """Cancel all orders of an account."""
        self.writer.write(CancelAll(0, 0, self.writer.ts_ns, MARKET_ID, self.account()))

    def let_time_pass(self) -> None:
        """Let due work happen."""
        self.writer.write(AdvanceTime(self.writer.ts_ns))

    # ---------------------------------------------------------------- pieces
    def side(self) -> int:
        """Return a side."""
        return SELL if self.chance.below(2) else BUY

    def account(self) -> int:
        """Return an account."""
        return 1 + self.chance.below(self.accounts)

    def behind(self, side: int, ticks: int) -> int:
        """Return a price so many ticks behind the middle, on the side's own half; negative ones are through it."""
        return self.price_ticks - ticks if side == BUY else self.price_ticks + ticks

    def opposite(self, side: int) -> int:
        """Return the best price of the other side as the venue last showed it, or a tick from the middle."""
        best, _ = self.tracker.best(SELL if side == BUY else BUY)
        return best or self.behind(side, -1)

    def place(
        self,
        order_type: int,
        side: int,
        price_ticks: int,
        time_in_force: int = GTC,
        *,
        lots: int = 0,
        display_lots: int = 0,
        trigger_ticks: int = 0,
        expire_ns: int = 0,
        amount_minor: int = 0,
    ) -> None:
        """Write a PlaceOrder of some account."""
        account_id, reference = self.account(), self.next_reference
        self.next_reference += 1
        quantity = 0 if amount_minor else lots or self.chance.size()
        self.writer.write(
            PlaceOrder(
                int(order_type),
                side,
                time_in_force,
                MODES[self.chance.below(len(MODES))],
                0,
                self.writer.ts_ns,
                MARKET_ID,
                account_id,
                reference,
                price_ticks,
                quantity,
                trigger_ticks,
                display_lots,
                expire_ns,
                0,
                amount_minor,
            )
        )
        if time_in_force in (GTC, GTD) and order_type != OrderType.post_only:
            self.mine.append((account_id, reference))

    def pick(self) -> tuple[int, int] | None:
        """Take one of the orders that are still open out of the list, or None after a few tries."""
        for _ in range(8):
            if not self.mine:
                return None
            place = self.chance.below(len(self.mine))
            self.mine[place], self.mine[-1] = self.mine[-1], self.mine[place]
            found = self.mine.pop()
            if self.tracker.is_open(found[1]):
                return found
        return None

    def change_state(self, *commands: SetMarketState) -> None:
        """Let the people change the market's state; the flow takes it as done."""
        self.writer.instruct(commands)
        self.market_state = commands[-1].market_state

    # ---------------------------------------------------------------- what the venue did
    def observe(self, events: bytes) -> None:
        """Take in the venue's events of the last batch."""
        self.tracker.observe(events)
        for offset in range(0, len(events), RECORD_SIZE):
            kind, state = STATE_EVENT.unpack_from(events, offset)
            if kind == STATE_CHANGED:
                before, reason = events[offset + 3], events[offset + 4]
                self.report_.halts += reason == 3 and before == MarketState.continuous
                self.market_state = state

    def progress(self) -> tuple[int, int]:
        """Return how many commands are written of how many."""
        return self.writer.written, self.commands

    def report(self) -> SimulatedReport:
        """Return what came of it."""
        report = self.report_
        report.commands = self.writer.written
        report.orders, report.trades = self.tracker.orders, self.tracker.trades
        report.volume_lots = self.tracker.volume_lots
        report.refused = self.tracker.refusals_by_name()
        return report
