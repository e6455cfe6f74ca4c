"""The newest public trades of each market, and what each frame added."""

from __future__ import annotations

from bisect import bisect_left
from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import NamedTuple

from tarazy.domain.records import Side as OrderSide
from tarazy.facility.feeds.units import Units
from tarazy.facility.projections.batch import Batch
from tarazy.facility.projections.table import Table
from tarazy.facility.projections.tape import Tape

SELL = int(OrderSide.sell)


class PublicTrade(NamedTuple):
    """A public trade; `number` rises by one from trade to trade of a market. `side` is the taker's, 0 in an auction."""

    market_id: int
    number: int
    aggregate: int
    seq: int
    place: int
    ts_ns: int
    price_ticks: int
    lots: int
    side: int
    units: Units

    @property
    def quote_minor(self) -> int:
        """Return what was paid, in minor units of the quote asset."""
        return self.price_ticks * self.lots * self.units.tick_value_minor

    @property
    def buyer_is_maker(self) -> bool:
        """Say whether the seller came to a bid that was there; in an auction the buyer counts as the one who came."""
        return self.side == SELL


class Aggregate(NamedTuple):
    """Trades that follow each other, of one taker's order, of one command and at one price."""

    number: int
    first: PublicTrade
    last_number: int
    lots: int


class TapeView(Tape):
    """The tape in memory: the newest trades of each market, at most `trades_max`."""

    trades_max = 1_000

    def make_tables(self) -> tuple[Table, ...]:
        """Return the tables, of which that of the trades stays empty."""
        self.newest: dict[int, deque[PublicTrade]] = {}
        self._numbers: dict[tuple[int, int], dict[tuple[int, int], int]] = {}  # by market and command
        self._former_numbers = self._numbers
        self.fresh: list[PublicTrade] = []  # of the last frame
        self.worth: dict[int, Units] = {}
        return super().make_tables()

    def adopt(self, trades: Iterable[PublicTrade]) -> None:
        """Take in what a store has: trades in the order of their numbers, and what lots and ticks are worth."""
        for (market_id, _), row in sorted(self.units.rows.items()):
            self.worth[market_id] = Units(*row)
        for trade in trades:
            self.kept(trade.market_id).append(trade)

    def kept(self, market_id: int) -> deque[PublicTrade]:
        """Return the newest trades of a market, the oldest first."""
        found = self.newest.get(market_id)
        if found is None:
            found = self.newest[market_id] = deque(maxlen=self.trades_max)
        return found

    def change_units(self) -> None:
        """Say what the lots and ticks of a market's next trades are worth."""
        _, market_id, lot_size_minor, tick_value_minor = self._changes[0]
        self.worth[market_id] = Units(lot_size_minor, tick_value_minor)
        super().change_units()

    def apply_batch(self, batch: Batch) -> None:
        """Apply one frame; what it adds is fresh until the next one."""
        self.fresh = []
        super().apply_batch(batch)

    def add(self, key: tuple[int, int], row: tuple[int, ...]) -> None:
        """Add one trade."""
        market_id, number = key
        side, _, seq, index, ts_ns, price, lots, aggregate = row
        trade = PublicTrade(market_id, number, aggregate, seq, index, ts_ns, price, lots, side, self.worth[market_id])
        self.fresh.append(trade)
        self.kept(market_id).append(trade)
        if (market_id, seq) not in self._numbers and len(self._numbers) >= self.trades_max:
            self._former_numbers, self._numbers = self._numbers, {}
        self._numbers.setdefault((market_id, seq), {})[seq, index] = number

    def recent_numbers(self, market_id: int, seq: int) -> dict[tuple[int, int], int] | None:
        """Return the numbers of a recent command's trades, None where it is none of the last `trades_max`.

        The only reading that needs no lock, for a command whose frame is applied: it is not written to again.
        """
        return self._numbers.get((market_id, seq)) or self._former_numbers.get((market_id, seq))

    def last(self, market_id: int) -> PublicTrade | None:
        """Return the last trade of a market, None before the first."""
        found = self.newest.get(market_id)
        return found[-1] if found else None

    def newest_trades(self, market_id: int, limit: int) -> list[PublicTrade]:
        """Return the newest trades of a market, at most so many, the oldest first."""
        found = self.newest.get(market_id, ())
        return list(islice(found, max(0, len(found) - limit), None))

    def numbers_of(self, market_id: int, seq: int) -> dict[tuple[int, int], int] | None:
        """Return the numbers of a command's trades by command and place, None where memory begins behind them."""
        found: dict[tuple[int, int], int] = {}
        kept = self.newest.get(market_id, ())
        for trade in reversed(kept):
            if trade.seq < seq:
                return found
            if trade.seq == seq:
                found[seq, trade.place] = trade.number
        return found if not kept or kept[0].number == 1 else None

    def from_number(self, market_id: int, number: int, limit: int) -> list[PublicTrade] | None:
        """Return trades from a number on, None where memory begins behind it."""
        found = self.newest.get(market_id, ())
        if not found:
            return []
        begin = number - found[0].number
        if begin < 0 and found[0].number > 1:
            return None
        return list(islice(found, max(0, begin), max(0, begin) + limit))


def aggregates(trades: Iterable[PublicTrade]) -> list[Aggregate]:
    """Return the aggregates of trades that follow each other; the first and the last may be cut."""
    found: list[Aggregate] = []
    for trade in trades:
        if found and found[-1].number == trade.aggregate:
            before = found[-1]
            found[-1] = before._replace(last_number=trade.number, lots=before.lots + trade.lots)
        else:
            found.append(Aggregate(trade.aggregate, trade, trade.number, trade.lots))
    return found


def at_or_after(trades: list[PublicTrade], ts_ns: int) -> int:
    """Return the place of the first trade at a time or behind it."""
    return bisect_left(trades, ts_ns, key=lambda trade: trade.ts_ns)
