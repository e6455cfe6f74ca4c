"""From frames to streams: what happens is said when its frame is released, what is sampled at ticks of 100 ms.

Frames are applied in the listener's thread; it wakes the event loop once, however many frames came meanwhile. Under
the views' lock only integers are read; texts are made outside of it.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from typing import Any, Protocol

from tarazy.facility.feeds.book import BookTracker, Diff
from tarazy.facility.feeds.intervals import DAY_NS, MINUTE_NS, start_of
from tarazy.facility.feeds.klines import Kline, flat
from tarazy.facility.feeds.streams import messages
from tarazy.facility.feeds.streams.hub import Hub
from tarazy.facility.feeds.streams.names import FAST, SLOW, WINDOWS_NS, Stream
from tarazy.facility.feeds.tape import PublicTrade, aggregates
from tarazy.facility.feeds.views import MarketViews
from tarazy.facility.gateway.reaching import Reaching
from tarazy.journal.frame import Frame

TICK_S = 0.1
GRACE_NS = 500_000_000  # a frame of the interval that ended may still be on its way
NS_PER_MS = 1_000_000
_log = logging.getLogger(__name__)


class UserNews(Protocol):
    """A view that says what the last frame did to accounts that listen."""

    kind: str
    fresh: list[tuple[int, dict[str, Any]]]


class Publisher:
    """Makes the messages of all streams that somebody listens to."""

    def __init__(self, views: MarketViews, hub: Hub, users: Sequence[UserNews] = ()) -> None:
        """`users` are the views that say what happened to accounts."""
        self.views, self.hub, self._users = views, hub, users
        self.reaching = Reaching()
        self._trackers: dict[int, BookTracker] = {FAST: views.book.track(), SLOW: views.book.track()}
        self._guard = threading.Lock()
        self._trades: list[PublicTrade] = []
        self._books: set[int] = set()
        self._user_news: list[tuple[str, int, dict[str, Any]]] = []
        self._is_waking = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._told: dict[Stream, Any] = {}
        self._tick = 0

    async def start(self) -> None:
        """Say from now on what happens."""
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Say nothing more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
        self._loop = None

    def on_frame(self, frame: Frame, events: bytes) -> None:
        """Apply a frame to the views and wake the event loop for what is new; in the thread of the frames."""
        if not self.views.apply(frame, events):
            return
        if self._loop is None:  # what was recorded before the start is no news
            self.reaching.seq = self._update_id()
            return
        trades, books = self.views.tape.fresh, self.views.book.touched_markets
        user_news = [(view.kind, *each) for view in self._users for each in view.fresh]
        with self._guard:
            self._user_news += user_news
            self._trades += trades
            self._books |= books
            if self._is_waking:
                return
            self._is_waking = True
        self._loop.call_soon_threadsafe(self._say_what_happened)

    # ------------------------------------------------------------ as things happen

    def _say_what_happened(self) -> None:
        """Say trades and best prices."""
        with self._guard:
            trades, self._trades = self._trades, []
            books, self._books = self._books, set()
            user_news, self._user_news = self._user_news, []
            self._is_waking = False
            reached = self._update_id()
        self.reaching.advance(reached)
        for kind, account_id, plain in user_news:
            for stream in list(self.hub.of(kind, account_id)):
                self.hub.publish(stream, [plain])
        event_ms = self._now_ms()
        if trades and self.hub.wants("trade", "aggTrade"):
            by_market: dict[int, list[PublicTrade]] = {}
            for trade in trades:
                by_market.setdefault(trade.market_id, []).append(trade)
            for market_id, of_market in by_market.items():
                self._say_trades(market_id, of_market, event_ms)
        if self.hub.wants("bookTicker"):
            for market_id in books:
                self._say_best(market_id)

    def _say_trades(self, market_id: int, trades: list[PublicTrade], event_ms: int) -> None:
        """Say the trades of a market, one by one and by aggregates."""
        symbol = self.views.symbol(market_id)
        if symbol is None:
            return
        for stream in self.hub.of("trade", market_id):
            self.hub.publish(stream, [messages.trade_plain(symbol, trade, event_ms) for trade in trades])
        for stream in self.hub.of("aggTrade", market_id):
            found = aggregates(trades)
            self.hub.publish(stream, [messages.aggregate_plain(symbol, each, event_ms) for each in found])

    def _say_best(self, market_id: int) -> None:
        """Say the best prices of a market where they changed."""
        for stream in self.hub.of("bookTicker", market_id):
            with self.views.lock:
                symbol, best, update_id = self.views.symbol(market_id), self.views.best(market_id), self._update_id()
            if symbol is not None and self._is_news(stream, best):
                self.hub.publish(stream, [messages.book_ticker_plain(symbol, update_id, best)])

    # ------------------------------------------------------------ at ticks

    async def _run(self) -> None:
        """Tick every 100 ms; a tick that failed is logged and the next one comes."""
        loop = asyncio.get_running_loop()
        due = loop.time()
        while True:
            due = max(due + TICK_S, loop.time() - 10 * TICK_S)
            await asyncio.sleep(due - loop.time())
            try:
                self.tick()
            except Exception:
                _log.exception("a tick of the streams failed")

    def tick(self) -> None:
        """Say what is due at the next tick."""
        self._tick += 1
        streams = self.hub.due(self._tick)
        self._say_diffs(FAST, streams)
        if self._tick % SLOW == 0:
            self._say_diffs(SLOW, streams)
            self._told = {stream: told for stream, told in self._told.items() if stream in self.hub.streams}
        for stream in streams:
            if stream.kind == "partial":
                self._say_partial(stream)
            elif stream.kind == "kline":
                self._say_kline(stream)
            elif stream.kind == "avgPrice":
                self._say_average(stream)
            elif stream.kind in ("ticker", "miniTicker", "windowTicker"):
                self._say_tickers(stream)

    def _say_diffs(self, every: int, streams: list[Stream]) -> None:
        """Say what changed in the books; those that nobody listens to go on all the same."""
        wanted = {stream.market_id: stream for stream in streams if stream.kind == "depth" and stream.every == every}
        tracker = self._trackers[every]
        found: list[tuple[Stream, Any, Diff]] = []
        with self.views.lock:
            for market_id in list(tracker.changed):
                if market_id not in wanted:
                    tracker.changed.pop(market_id)
                    tracker.reached[market_id] = self._update_id()
                    continue
                diff = self.views.book.take_diff(tracker, market_id)
                symbol = self.views.symbol(market_id)
                if diff is not None and symbol is not None:
                    found.append((wanted[market_id], symbol, diff))
        event_ms = self._now_ms()
        for stream, symbol, diff in found:
            self.hub.publish(stream, [messages.depth_update(symbol, diff, event_ms)])

    def _say_partial(self, stream: Stream) -> None:
        """Say the best levels of a book where they changed."""
        with self.views.lock:
            symbol, depth = (
                self.views.symbol(stream.market_id),
                self.views.depth(stream.market_id, int(stream.argument)),
            )
        if symbol is not None and self._is_news(stream, depth[1:]):
            self.hub.publish(stream, [messages.snapshot_plain(symbol, depth)])

    def _say_kline(self, stream: Stream) -> None:
        """Say a candle where it changed; one that is over is said once more as closed, then the next one."""
        symbol, interval, now = self.views.symbol(stream.market_id), stream.argument, self._now_ns() - GRACE_NS
        with self.views.lock:
            newest = self.views.klines.newest_row(stream.market_id, interval)
            now = max(now, self.views.last_ts_ns)
        if symbol is None or newest is None:
            return
        told: Kline | None = self._told.get(stream)
        said: list[tuple[Kline, bool]] = []
        with self.views.lock:
            current = told or newest
            if told is None and current.end_ns <= now:
                current = flat(interval, start_of(interval, now), newest)
            current = self._as_it_is(stream, current)
            while current.end_ns <= now:
                said.append((current, True))
                current = self._as_it_is(stream, flat(interval, current.end_ns, current))
        if told != current:
            said.append((current, False))
        self._told[stream] = current
        event_ms = self._now_ms()
        plains = [messages.kline_plain(symbol, interval, each, event_ms, is_closed=done) for each, done in said]
        self.hub.publish(stream, plains)

    def _as_it_is(self, stream: Stream, candle: Kline) -> Kline:
        """Return a candle with the trades that it has now."""
        return self.views.klines.kline_at(stream.market_id, stream.argument, candle.start_ns) or candle

    def _say_average(self, stream: Stream) -> None:
        """Say the average price of a market."""
        symbol, found = self.views.symbol(stream.market_id), self.views.average(stream.market_id)
        if symbol is not None and found is not None and self._is_news(stream, found):
            self.hub.publish(stream, [messages.average_plain(symbol, found, self._now_ms())])

    def _say_tickers(self, stream: Stream) -> None:
        """Say a rolling window of a market, or of all markets that traded or left a minute behind since last time."""
        told: dict[int, Any] = self._told.setdefault(stream, {})
        symbols = self.views.all_symbols() if stream.market_id == 0 else [self.views.symbol(stream.market_id)]
        event_ms, minute, said = self._now_ms(), self._now_ns() // MINUTE_NS, []
        for symbol in symbols:
            if symbol is None:
                continue
            last = self.views.last_trade(symbol.market_id)
            news = (last.number if last else 0, minute, self.views.best(symbol.market_id))
            if told.get(symbol.market_id) == news:
                continue
            told[symbol.market_id] = news
            ticker = self.views.ticker(symbol, WINDOWS_NS.get(stream.argument, DAY_NS))
            if stream.kind == "windowTicker":
                said.append(messages.window_ticker_plain(symbol, stream.argument, ticker, event_ms))
            elif stream.kind == "miniTicker":
                said.append(messages.mini_ticker_plain(symbol, ticker, event_ms))
            else:
                said.append(messages.ticker_plain(symbol, ticker, news[2], event_ms))
        if said:
            self.hub.publish(stream, [said] if stream.market_id == 0 else said)

    # ------------------------------------------------------------ inside

    def _is_news(self, stream: Stream, said: Any) -> bool:
        """Say whether a stream said something else before, and remember what it says now."""
        if self._told.get(stream) == said:
            return False
        self._told[stream] = said
        return True

    def _update_id(self) -> int:
        return self.views.book.update_id

    def _now_ns(self) -> int:
        return self.views.now_ns()

    def _now_ms(self) -> int:
        return self._now_ns() // NS_PER_MS
