"""Play a Binance stream capture: see `binance_play` for how, `binance_messages` for the format.

Trades and differences reach the recorder with different delays. They are put in the exchange's order: held back for a
short while and released by event time, a trade before a difference of the same millisecond. After each difference our
best bid and ask are compared with the best-quote stream at the same update id.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from tarazy.domain.records import AssetKind
from tarazy.market_data.binance_messages import (
    BinanceTrade,
    Depth,
    DepthLevel,
    DepthSnapshot,
    Parser,
    Ticker,
    kind_of,
    read_lines,
)
from tarazy.market_data.binance_play import LevelPlayer
from tarazy.market_data.binance_survey import BinanceSurveyor, symbol_of
from tarazy.market_data.codes import asset_code, codes_in_words, split_symbol
from tarazy.market_data.commands import BATCH_COMMANDS, BUY, SELL, CommandBatch, CommandWriter
from tarazy.market_data.files import LineReader
from tarazy.market_data.venue_book import VenueBook
from tarazy.market_data.venue_setup import AccountPool, MarketPlan, write_setup

BASE_SCALE = 8
QUOTE_SCALE_MIN = 8
LOOK_AHEAD_NS = 500_000_000
NS_PER_MS = 1_000_000
GAPS_MAX = 1000
HELD_MAX = 65_536
TICKERS_MAX = 65_536


@dataclass
class BinanceReport:
    """What came of playing the capture.

    trades_whole: trades whose whole size was made at the recorded price. best_equal: differences after which our best
    bid and ask, with their quantities, equal the best-quote stream. levels_equal: levels of our book at the end that
    have exactly the quantity that the exchange last stated.
    """

    source: str
    symbol: str
    messages: dict[str, int]
    commands: int = 0
    orders: int = 0
    trades_recorded: int = 0
    trades_before_snapshot: int = 0
    trades_whole: int = 0
    supplied_lots: int = 0
    traded_lots: int = 0
    best_checked: int = 0
    best_prices_equal: int = 0
    best_equal: int = 0
    levels_stated: int = 0
    levels_equal: int = 0
    gaps: list[str] = field(default_factory=list)
    played: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__ if name != "words"}

    def in_words(self) -> list[str]:
        """Return the report as lines of text."""
        share = 100 * self.supplied_lots // max(1, self.traded_lots)
        return [
            f"{sum(self.messages.values()):,} messages of {self.symbol} became {self.commands:,} commands",
            f"{self.trades_whole:,} of {self.trades_recorded:,} trades were made whole at their price; {share} % of the"
            " volume met quantity that no difference shows",
            f"after {self.best_checked:,} differences our best bid and ask equaled the best-quote stream"
            f" {self.best_equal:,} times with quantities, {self.best_prices_equal:,} times in price",
            f"{self.levels_equal:,} of {self.levels_stated:,} levels at the end are exactly as stated",
            f"{len(self.gaps):,} gaps in the update ids",
            *self.gaps,
            *self.words,
        ]


class BinanceFlow:
    """The capture as batches of commands."""

    def __init__(
        self,
        capture: Path,
        *,
        symbol: str = "",
        first_seq: int = 1,
        maker_fee_ppm: int = 1000,
        taker_fee_ppm: int = 1000,
        accounts_per_side: int = 32,
    ) -> None:
        """Survey the capture; of several symbols in it, `symbol` is played.

        Raises: FlowFileError where the file is not of the format; OSError where it cannot be read.
        """
        self.path = capture
        self.survey = BinanceSurveyor(capture).run(symbol)
        names = split_symbol(self.survey.symbol)
        self.remarks = codes_in_words(names)
        places = self.survey.price_places + self.survey.lot_places
        quote_scale = max(QUOTE_SCALE_MIN, places)
        self.plan = MarketPlan(
            source=f"binance {capture.name}",
            base_code=asset_code(names[0]),
            base_scale=BASE_SCALE,
            quote_code=asset_code(names[1]),
            quote_scale=quote_scale,
            quote_kind=int(AssetKind.digital),
            lot_size_minor=10 ** (BASE_SCALE - self.survey.lot_places),
            tick_value_minor=10 ** (quote_scale - places),
            maker_fee_ppm=maker_fee_ppm,
            taker_fee_ppm=taker_fee_ppm,
            accounts_per_side=accounts_per_side,
            base_deposit_minor=100 * 10**BASE_SCALE,
            quote_deposit_minor=10_000_000 * 10**quote_scale,
        )
        self.writer = CommandWriter(first_seq, max(1, self.survey.first_ms) * NS_PER_MS)
        self.pool = AccountPool(self.writer, self.plan)
        self.tracker = VenueBook()
        self.player = LevelPlayer(self.writer, self.pool, self.tracker)
        self.tickers: deque[Ticker] = deque(maxlen=TICKERS_MAX)
        self.wanted: dict[int, BinanceTrade] = {}
        self.outcome = BinanceReport(str(capture), self.survey.symbol, dict(self.survey.kinds))
        self.last_id = 0
        self.has_difference = False
        self.lines_done = 0

    # ---------------------------------------------------------------- commands
    def batches(self) -> Iterator[CommandBatch]:
        """Yield the commands."""
        write_setup(self.writer, self.plan)
        yield self.writer.take_batch()
        self.pool.open()
        yield self.writer.take_batch()
        for message in self.in_event_order():
            if isinstance(message, DepthSnapshot):
                self.start_book(message)
            elif isinstance(message, Ticker):
                self.tickers.append(message)
            elif isinstance(message, BinanceTrade):
                self.play_trade(message)
            elif self.last_id and message.last_id > self.last_id:
                self.play_depth(message)
            if len(self.writer.pending) >= BATCH_COMMANDS:
                yield self.writer.take_batch()
        if self.writer.pending:
            yield self.writer.take_batch()

    def in_event_order(self) -> Iterator[Depth | BinanceTrade | Ticker | DepthSnapshot]:
        """Yield messages: the snapshot and the quotes as they come, trades and differences by event time."""
        reader, held = LineReader(self.path), list[tuple[int, int, int, int, Depth | BinanceTrade]]()
        parser = Parser(self.path, self.survey.price_places, self.survey.lot_places)
        for local_ns, raw in read_lines(self.path, reader):
            self.lines_done += 1
            if not self.is_played(reader.line, raw):
                continue
            message = parser.parse(reader.line, raw)
            if isinstance(message, BinanceTrade | Depth):
                order = isinstance(message, Depth)
                heapq.heappush(held, (message.time_ms, order, reader.line, local_ns, message))
            elif message is not None:
                yield message
            while held and (held[0][3] < local_ns - LOOK_AHEAD_NS or len(held) > HELD_MAX):
                yield heapq.heappop(held)[4]
        while held:
            yield heapq.heappop(held)[4]

    def is_played(self, line: int, raw: dict[str, Any]) -> bool:
        """Return whether a message is of the symbol that is played; of the snapshots one is."""
        if kind_of(raw) == "snapshot":
            return line == self.survey.snapshot_line
        return symbol_of(self.path, line, raw) == self.survey.symbol

    def start_book(self, snapshot: DepthSnapshot) -> None:
        """Start the book from the snapshot."""
        self.last_id = snapshot.last_id
        self.player.play_snapshot(snapshot)

    def play_trade(self, trade: BinanceTrade) -> None:
        """Play a trade once a difference has followed the snapshot: what came before may be in the snapshot already."""
        if not self.has_difference:
            self.outcome.trades_before_snapshot += 1
            return
        self.writer.advance(trade.time_ms * NS_PER_MS)
        self.wanted[self.player.play_trade(trade)] = trade

    def play_depth(self, depth: Depth) -> None:
        """Play a difference, name a gap before it, and prepare the comparison of the best quotes."""
        if depth.follows > self.last_id and len(self.outcome.gaps) < GAPS_MAX:
            gap = f"line {depth.line}: expected an update that follows id {self.last_id}, found one that follows"
            self.outcome.gaps.append(f"{gap} {depth.follows}: {depth.follows - self.last_id} updates are missing")
        self.has_difference = True
        self.last_id = depth.last_id
        self.writer.advance(depth.time_ms * NS_PER_MS)
        self.player.play_depth(depth)
        ticker = None
        while self.tickers and self.tickers[0].update_id <= depth.last_id:
            ticker = self.tickers.popleft()
        if ticker:
            self.tracker.checks.append((self.writer.next_seq - 1, partial(self.compare_best, ticker)))

    # ---------------------------------------------------------------- what the venue did
    def observe(self, events: bytes) -> None:
        """Take in the venue's events of the last batch, and compare."""
        self.tracker.observe(events)
        made: dict[int, int] = {}
        for fill in self.tracker.fills:
            wanted = self.wanted.get(fill.seq)
            if wanted and fill.price_ticks == wanted.price_ticks:
                made[fill.seq] = made.get(fill.seq, 0) + fill.lots
        for seq, trade in self.wanted.items():
            self.outcome.trades_recorded += 1
            self.outcome.traded_lots += trade.lots
            self.outcome.trades_whole += made.get(seq) == trade.lots
        self.wanted.clear()

    def compare_best(self, ticker: Ticker) -> None:
        """Compare the venue's best quotes with the stream's."""
        bid, ask = self.best(BUY), self.best(SELL)
        self.outcome.best_checked += 1
        self.outcome.best_prices_equal += bid[1] == ticker.bid[1] and ask[1] == ticker.ask[1]
        self.outcome.best_equal += (bid, ask) == (ticker.bid, ticker.ask)

    def best(self, side: int) -> DepthLevel:
        """Return the venue's best level of a side."""
        return DepthLevel(side, *self.tracker.best(side))

    def progress(self) -> tuple[int, int]:
        """Return how many lines are played of how many."""
        return self.lines_done, self.survey.lines

    def report(self) -> BinanceReport:
        """Return what came of it."""
        outcome, stated = self.outcome, self.player.stated
        outcome.commands = self.writer.written
        outcome.orders = self.tracker.orders
        outcome.supplied_lots = self.player.supplied_lots
        outcome.levels_stated = len(stated)
        outcome.levels_equal = sum(self.tracker.lots_at(*level) == lots for level, lots in stated.items())
        outcome.played = self.player.counts.to_json()
        outcome.refused = self.tracker.refusals_by_name()
        outcome.words = self.player.counts.in_words()
        return outcome
