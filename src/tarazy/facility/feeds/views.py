"""All market data of a facility in memory, fed frame by frame, read from any thread.

One lock: a frame is applied as a whole, and an answer sees the state behind a whole frame, never half of one.
Memory is bounded by the open orders and, of each market, by `trades_max` trades and `candles_max` candles of each of
the 16 lengths; what is older is asked of the projections in the database (`history.py`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from tarazy.facility.feeds.book import BUY, SELL, BookDepth, BookView, Level
from tarazy.facility.feeds.intervals import DAY_NS
from tarazy.facility.feeds.klines import Kline, KlineView, Window, filled, window
from tarazy.facility.feeds.limit_terms import LimitTerms
from tarazy.facility.feeds.tape import PublicTrade, TapeView
from tarazy.facility.feeds.ticker import Average, DayTicker, average, day_ticker, window_candle
from tarazy.facility.feeds.units import units_of
from tarazy.facility.gateway.dialect.symbols import Symbols
from tarazy.facility.projections.base import Projection
from tarazy.facility.projections.batch import Batch
from tarazy.facility.projections.venue import VenueTerms
from tarazy.journal.frame import Frame
from tarazy.oversight.requests.symbol import Symbol


class BeyondMemoryError(Exception):
    """What is asked for is older than what memory holds, and there is no database of projections to ask."""


class MarketViews:
    """Book, trades, candles and tickers of every market."""

    def __init__(self, *, clock_ns: Callable[[], int] = time.time_ns) -> None:
        self.lock = threading.RLock()
        self.venue, self.book, self.tape, self.klines = VenueTerms(), BookView(), TapeView(), KlineView()
        self.symbols = Symbols(self.venue)
        self.limit_terms = LimitTerms()
        self.projections: list[Projection] = [self.venue, self.book, self.tape, self.klines, self.limit_terms]
        for projection in self.projections:
            projection.keep_no_changes()
        self.clock_ns = clock_ns
        self.last_ts_ns = 0

    def add(self, projection: Projection) -> None:
        """Let another projection be fed with the views, under the same lock."""
        projection.keep_no_changes()
        self.projections.append(projection)

    def apply(self, frame: Frame, events: bytes) -> bool:
        """Apply one frame; return False for one that is there. Raises: ProjectionError as `Projection.apply` does."""
        if frame.header.frame_number <= self.book.cursor.frame_number:
            return False
        batch = Batch(frame, events)
        with self.lock:
            for projection in self.projections:
                projection.apply_batch(batch)
            if batch.times_ns:
                self.last_ts_ns = max(self.last_ts_ns, batch.times_ns[-1])
        return True

    def now_ns(self) -> int:
        """Return the time of the views: the clock's, never before what they hold."""
        return max(self.clock_ns(), self.last_ts_ns)

    # ------------------------------------------------------------ reading
    def symbol(self, market_id: int) -> Symbol | None:
        """Return a market's symbol as it is now, None where it has none."""
        with self.lock:
            return self.symbols.of(market_id) if market_id in self.venue.markets.rows else None

    def all_symbols(self) -> list[Symbol]:
        """Return all symbols, by the numbers of their markets."""
        with self.lock:
            return list(self.symbols.all())

    def depth(self, market_id: int, limit: int) -> BookDepth:
        """Return the best levels of a book."""
        with self.lock:
            return self.book.depth(market_id, limit)

    def best(self, market_id: int) -> tuple[Level | None, Level | None]:
        """Return the best bid and the best ask."""
        with self.lock:
            bids, asks = (self.book.best_levels(market_id, side, 1) for side in (BUY, SELL))
        return (bids[0] if bids else None), (asks[0] if asks else None)

    def trades(self, market_id: int, limit: int) -> list[PublicTrade]:
        """Return the newest trades, the oldest first."""
        with self.lock:
            return self.tape.newest_trades(market_id, limit)

    def trade_numbers(self, market_id: int, seq: int) -> dict[tuple[int, int], int] | None:
        """Return the numbers of a command's trades in a market by command and place, None where memory begins later.

        The command's frame is applied; the answer to an order does not wait for the frame that is being applied now.
        """
        recent = self.tape.recent_numbers(market_id, seq)
        if recent is not None:
            return recent
        with self.lock:
            return self.tape.numbers_of(market_id, seq)

    def last_trade(self, market_id: int) -> PublicTrade | None:
        """Return the last trade."""
        with self.lock:
            return self.tape.last(market_id)

    def candles(
        self, market_id: int, interval: str, limit: int, start_ns: int | None = None, end_ns: int | None = None
    ) -> list[Kline]:
        """Return candles without gaps, the oldest first: the newest, or from a start, or up to an end.

        Raises: BeyondMemoryError.
        """
        asked = window(interval, self.now_ns(), start_ns, end_ns, limit)
        with self.lock:
            found = self.klines.with_trades(market_id, interval, asked)
        if found is None:
            raise BeyondMemoryError
        return filled(interval, asked, found)

    def ticker(self, symbol: Symbol, length_ns: int = DAY_NS) -> DayTicker:
        """Return the last 24 hours, or a shorter window, in the units of the symbol."""
        with self.lock:
            last = self.tape.last(symbol.market_id)
            lots = last.lots if last else 0
            return day_ticker(self.klines, symbol.market_id, units_of(symbol), lots, self.now_ns(), length_ns)

    def over(self, symbol: Symbol, open_ns: int, close_ns: int) -> Kline | None:
        """Return all trades of a window that begins at a whole minute as one candle, in the units of the symbol.

        Raises: BeyondMemoryError.
        """
        with self.lock:
            rows = self.klines.with_trades(symbol.market_id, "1m", Window(open_ns, close_ns))
        if rows is None:
            raise BeyondMemoryError
        return window_candle(open_ns, close_ns, rows, units_of(symbol))

    def average(self, market_id: int) -> Average | None:
        """Return the average price of the last five minutes."""
        with self.lock:
            return average(self.klines, market_id, self.now_ns())
