"""Write a day of the tests' exchange as Bitstamp files: order events, and the trades that are the truth."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from pathlib import Path

from .recorded_exchange import BUY, SELL, Exchange, Resting

HEADER = "id,timestamp,exchange_timestamp,price,volume,action,direction"
TRADES_HEADER = "trade_id,timestamp,exchange_timestamp,price,amount,buy_order_id,sell_order_id,side"
START_MS = 1_700_000_000_000
MID = 500_000
MARKET_BUY = 99_999_999_900
NAMES = {BUY: "bid", SELL: "ask"}


def price_text(ticks: int) -> str:
    """Return a price of two decimal places as Bitstamp prints it."""
    return f"{ticks // 100}.{ticks % 100:02d}".rstrip("0").ljust(len(str(ticks // 100)) + 2, "0")


def volume_text(lots: int) -> str:
    """Return a volume of eight decimal places as Bitstamp prints it: small ones with an exponent."""
    return f"{lots}e-08" if 0 < lots < 1000 else f"{lots // 10**8}.{lots % 10**8:08d}"


@dataclass
class BitstampWriter:
    """Keep the rows of a day. A millisecond holds several events now and then."""

    seed: int
    exchange: Exchange = field(default_factory=Exchange)
    rows: list[tuple[int, str]] = field(default_factory=list)
    trades: list[str] = field(default_factory=list)
    is_recording: bool = True

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.time_ms = START_MS
        self.count = 0

    def new_id(self) -> int:
        """Return an order number: the time of entry, and a count within it."""
        self.count += 1
        return (self.time_ms << 12) + self.count % 4096

    def row(self, order_id: int, price: int, lots: int, action: str, side: int) -> None:
        """Write an event."""
        text = price_text(price) if price else "0.0"
        line = f"{order_id},{self.time_ms + 70},{self.time_ms},{text},{volume_text(lots)},{action},{NAMES[side]}"
        if self.is_recording:
            self.rows.append((self.time_ms, line))

    def snapshot(self) -> None:
        """Write all that rests as the opening snapshot, by price."""
        for side in (BUY, SELL):
            for price in self.exchange.prices(side):
                for order in self.exchange.levels[side][price]:
                    self.row(order.order_id, price, order.lots, "created", side)
        self.row(7, 0, 10**8, "created", BUY)

    def close(self) -> None:
        """Write the recorder's sweep: a delete for all that is still open as far as the rows tell."""
        self.time_ms += 1000
        self.is_recording = True
        open_rows: dict[str, list[str]] = {}
        for _, line in self.rows:
            values = line.split(",")
            open_rows[values[0]] = values
        for order_id, values in open_rows.items():
            if values[5] != "deleted":
                line = f"{order_id},{self.time_ms},{self.time_ms},{values[3]},{values[4]},deleted,{values[6]}"
                self.rows.append((self.time_ms, line))

    # ---------------------------------------------------------------- what happens
    def rest(self, side: int, price: int, lots: int) -> int:
        """Let an order come in that does not cross."""
        order = Resting(self.new_id(), side, price, lots)
        self.row(order.order_id, price, lots, "created", side)
        self.exchange.rest(order)
        return order.order_id

    def post_only(self, side: int, price: int, lots: int) -> None:
        """Let a post-only order be refused."""
        order_id = self.new_id()
        self.row(order_id, price, lots, "created", side)
        self.row(order_id, price, lots, "deleted", side)

    def take(self, side: int, limit: int, lots: int, *, stays: bool = False, is_cash_order: bool = False) -> int:
        """Let an aggressor come in; limit 0 is a market order, whose volume a cash order does not show."""
        order_id, is_market = self.new_id(), limit == 0
        reach = limit or (10**12 if side == BUY else 1)
        printed = limit or (MARKET_BUY if side == BUY else 0)
        self.row(order_id, printed, 0 if is_cash_order else lots, "created", side)
        fills = self.exchange.match(side, reach, lots)
        rest = lots
        for maker, taken in fills:
            rest -= taken
            shown = 0 if is_cash_order else rest
            is_last = maker is fills[-1][0] and (rest == 0 or (not stays and False))
            self.row(order_id, maker.price, shown, "deleted" if is_last else "changed", side)
            self.row(maker.order_id, maker.price, maker.lots, "changed" if maker.lots else "deleted", -side)
            self.trade(order_id, maker, taken, side)
        if rest and stays and not is_market:
            self.exchange.rest(Resting(order_id, side, limit, rest))
        elif rest:
            self.row(order_id, printed, 0 if is_cash_order else rest, "deleted", side)
        return order_id

    def trade(self, taker_id: int, maker: Resting, lots: int, side: int) -> None:
        """Write a trade to the truth."""
        buy, sell = (taker_id, maker.order_id) if side == BUY else (maker.order_id, taker_id)
        head = f"{len(self.trades) + 1},{self.time_ms + 80},{self.time_ms}"
        name = "buy" if side == BUY else "sell"
        if self.is_recording:
            self.trades.append(f"{head},{price_text(maker.price)},{volume_text(lots)},{buy},{sell},{name}")

    def cancel(self, order: Resting) -> None:
        """Let an order be canceled."""
        self.exchange.remove(order)
        self.row(order.order_id, order.price, order.lots, "deleted", order.side)

    def step(self) -> None:
        """Let one thing happen, mostly in a new millisecond."""
        if self.chance.random() < 0.7:
            self.time_ms += self.chance.randint(1, 40)
        side, roll = self.chance.choice((BUY, SELL)), self.chance.random()
        lots = self.chance.randint(1, 50) * 10 ** self.chance.randint(2, 6)
        best = self.exchange.reachable(side, 10**12 if side == BUY else 1)
        if roll < 0.35 or best is None:
            price = MID - side * self.chance.randint(1, 40)
            if self.exchange.reachable(side, price) is None:
                self.rest(side, price, lots)
        elif roll < 0.55:
            self.post_only(side, best.price, lots)
        elif roll < 0.85 and self.exchange.orders:
            self.cancel(self.chance.choice(list(self.exchange.orders.values())))
        elif roll < 0.95:
            self.take(side, best.price + side * self.chance.randint(0, 6), lots, stays=self.chance.random() < 0.5)
        elif best.lots + lots < sum(o.lots for o in self.exchange.orders.values() if o.side == -side):
            self.take(side, 0, lots, is_cash_order=self.chance.random() < 0.5)

    # ---------------------------------------------------------------- files
    def save(self, folder: Path, *, shuffled: bool = False, lost_share: float = 0.0) -> tuple[Path, Path]:
        """Write both files; shuffled: by number within a millisecond; lost_share: of the rows after the snapshot."""
        rows = [(ms, int(line.split(",")[0]), line) for ms, line in self.rows]
        if shuffled:
            rows.sort(key=lambda row: row[:2])
        first_ms, last_ms = rows[0][0], rows[-1][0]
        kept = [line for ms, _, line in rows if ms in (first_ms, last_ms) or self.chance.random() >= lost_share]
        orders, trades = folder / "orders.csv", folder / "trades.csv"
        orders.write_text("\n".join([HEADER, *kept]) + "\n")
        trades.write_text("\n".join([TRADES_HEADER, *self.trades]) + "\n")
        return orders, trades


def bitstamp_day(seed: int, steps: int, resting: int = 150, lost_steps: int = 0) -> BitstampWriter:
    """Return a written day; lost_steps happen between the snapshot and the first recorded event."""
    writer = BitstampWriter(seed)
    writer.is_recording = False
    for _ in range(resting):
        side = writer.chance.choice((BUY, SELL))
        writer.time_ms += 1
        writer.rest(side, MID - side * writer.chance.randint(1, 60), writer.chance.randint(1, 90) * 10**6)
    writer.is_recording = True
    writer.snapshot()
    writer.time_ms += 700
    writer.is_recording = False
    for _ in range(lost_steps):
        writer.step()
    writer.is_recording = True
    writer.time_ms += 50
    for _ in range(steps):
        writer.step()
    writer.close()
    return writer
