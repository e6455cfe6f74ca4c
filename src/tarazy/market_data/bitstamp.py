"""Play a Bitstamp level-3 order file: orders keep their numbers, and every trade is made by our own matching.

The file is read twice: the survey learns the scales and which orders have no beginning or no end in it; the second pass
plays. Memory holds the open orders and the trades to compare with, not the file.

The trades file is only compared with. What is played follows from the order file alone (`bitstamp_play`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tarazy.market_data.bitstamp_play import BlockPlayer
from tarazy.market_data.bitstamp_rows import BitstampRow, blocks
from tarazy.market_data.bitstamp_survey import BitstampSurveyor
from tarazy.market_data.codes import asset_code, codes_in_words
from tarazy.market_data.commands import BATCH_COMMANDS, BUY, CommandBatch, CommandWriter
from tarazy.market_data.files import LineReader
from tarazy.market_data.tracker import TrackedFill, Tracker
from tarazy.market_data.trade_causes import TradeDifference, explain
from tarazy.market_data.trade_comparison import Pair, TradeComparison
from tarazy.market_data.venue_setup import AccountPool, MarketPlan, write_setup

BASE_SCALE = 8
QUOTE_SCALE_MIN = 2
NS_PER_MS = 1_000_000


@dataclass
class BitstampReport:
    """What came of playing the file. truth, exact, partial, missing, extra are None without a trades file."""

    source: str
    rows: int
    commands: int
    orders: int
    trades: int
    volume_lots: int
    executions_in_rows: int
    executions_reproduced: int
    played: dict[str, int]
    refused: dict[str, int]
    truth: int | None = None
    exact: int | None = None
    partial: int | None = None
    missing: int | None = None
    extra: int | None = None
    differences: list[TradeDifference] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain data; prices and quantities are decimal texts."""
        names = [name for name in self.__dataclass_fields__ if name not in ("differences", "words")]
        data = {name: getattr(self, name) for name in names if getattr(self, name) is not None}
        if self.truth is not None:
            data["differences"] = [difference.to_json() for difference in self.differences]
        return data

    def in_words(self) -> list[str]:
        """Return the report as lines of text."""
        lines = [f"{self.rows:,} rows became {self.commands:,} commands; our matching made {self.trades:,} trades"]
        lines.append(
            f"{self.executions_reproduced:,} of {self.executions_in_rows:,} executions that the order rows show"
            " happened between the same two orders with the same quantity"
        )
        if self.truth is not None:
            lines.append(
                f"the exchange's own {self.truth:,} trades: {self.exact:,} exact, {self.partial:,} in part,"
                f" {self.missing:,} missing; {self.extra:,} of ours are extra"
            )
        lines += self.words
        return lines + [f"{difference}" for difference in self.differences]


class BitstampFlow:
    """The order file as batches of commands."""

    def __init__(
        self,
        orders: Path,
        trades: Path | None = None,
        *,
        first_seq: int = 1,
        base_code: str = "BTC",
        quote_code: str = "USD",
        maker_fee_ppm: int = 1000,
        taker_fee_ppm: int = 2000,
        accounts_per_side: int = 32,
    ) -> None:
        """Survey the file.

        Raises: FlowFileError where a file is not of the format; OSError where it cannot be read.
        """
        self.orders = orders
        self.survey = BitstampSurveyor(orders).run()
        self.remarks = [*codes_in_words((base_code, quote_code)), *self.survey.in_words()]
        places = self.survey.price_places + self.survey.volume_places
        quote_scale = max(QUOTE_SCALE_MIN, places)
        self.plan = MarketPlan(
            source="bitstamp",
            base_code=asset_code(base_code),
            base_scale=BASE_SCALE,
            quote_code=asset_code(quote_code),
            quote_scale=quote_scale,
            lot_size_minor=10 ** (BASE_SCALE - self.survey.volume_places),
            tick_value_minor=10 ** (quote_scale - places),
            maker_fee_ppm=maker_fee_ppm,
            taker_fee_ppm=taker_fee_ppm,
            accounts_per_side=accounts_per_side,
            base_deposit_minor=100 * 10**BASE_SCALE,
            quote_deposit_minor=10_000_000 * 10**quote_scale,
        )
        self.writer = CommandWriter(first_seq, self.survey.first_ms * NS_PER_MS)
        self.pool = AccountPool(self.writer, self.plan)
        self.tracker = Tracker()
        self.player = BlockPlayer(self.survey, self.writer, self.pool, self.tracker)
        self.comparison = (
            TradeComparison(trades, self.survey.price_places, self.survey.volume_places) if trades else None
        )
        self.executions_in_rows = 0
        self.executions_reproduced = 0
        self.rows_done = 0

    def batches(self) -> Iterator[CommandBatch]:
        """Yield the commands. A batch ends with an aggressor, so that the next one knows what it met."""
        write_setup(self.writer, self.plan)
        yield self.writer.take_batch()
        self.pool.open()
        yield self.writer.take_batch()
        snapshot_left = self.survey.snapshot_rows
        for block in blocks(self.orders, LineReader(self.orders), self.survey):
            self.writer.advance(block[0].time_ms * NS_PER_MS)
            self.player.clean_up()
            if snapshot_left:
                snapshot_left = 0
                self.player.play_snapshot(block)
                flush = False
            elif self.is_closing(block):
                self.rows_done += len(block)
                continue
            else:
                flush = self.player.play(block)
            self.rows_done += len(block)
            if self.writer.pending and (flush or len(self.writer.pending) >= BATCH_COMMANDS):
                yield self.writer.take_batch()
        self.player.clean_up()
        if self.writer.pending:
            yield self.writer.take_batch()

    def is_closing(self, block: list[BitstampRow]) -> bool:
        """Return whether a block is the sweep by which the recorder closed: not the market's, so not played."""
        return bool(self.survey.closing_line) and block[0].line >= self.survey.closing_line

    def observe(self, events: bytes) -> None:
        """Take in the venue's events of the last batch."""
        self.tracker.observe(events)
        made: dict[int, Counter[tuple[int, int]]] = {}
        for fill in self.tracker.fills:
            made.setdefault(fill.taker, Counter())[fill.maker, fill.lots] += 1
            if self.comparison:
                self.comparison.add(pair_of(fill), fill.price_ticks, fill.lots)
        for taker, takes in self.player.expected.items():
            fills = made.get(taker, Counter())
            self.executions_in_rows += len(takes)
            self.executions_reproduced += sum((fills & Counter((t.maker_id, t.lots) for t in takes)).values())
        self.player.expected.clear()

    def progress(self) -> tuple[int, int]:
        """Return how many rows are played of how many."""
        return self.rows_done, self.survey.rows

    def report(self) -> BitstampReport:
        """Return what came of it, with a cause for every difference from the trades file."""
        report = BitstampReport(
            source=str(self.orders),
            rows=self.survey.rows,
            commands=self.writer.written,
            orders=self.tracker.orders,
            trades=self.tracker.trades,
            volume_lots=self.tracker.volume_lots,
            executions_in_rows=self.executions_in_rows,
            executions_reproduced=self.executions_reproduced,
            played=self.player.counts.to_json(),
            refused=self.tracker.refusals_by_name(),
            words=self.player.counts.in_words(),
        )
        if self.comparison:
            result = self.comparison.result()
            report.truth, report.exact, report.partial = result.truth, result.exact, len(result.partial)
            report.missing, report.extra = len(result.missing), len(result.extra)
            report.differences = explain(self.orders, self.survey, result, self.player.notes)
        return report


def pair_of(fill: TrackedFill) -> Pair:
    """Return the buy and the sell order of a trade."""
    return Pair(fill.taker, fill.maker) if fill.side == BUY else Pair(fill.maker, fill.taker)
