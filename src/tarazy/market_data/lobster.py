"""Play a LOBSTER message file: see `lobster_play` for how, `lobster_rows` for the format.

The file is read twice: the survey learns which orders have no creation or no end in it, the second pass plays. Memory
holds the open orders, not the file. The quote asset has four decimal places, a tick is 0.0001, a lot one share.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tarazy.market_data.codes import asset_code, codes_in_words
from tarazy.market_data.commands import CommandBatch, CommandWriter
from tarazy.market_data.files import LineReader
from tarazy.market_data.lobster_play import MessagePlayer, Wanted
from tarazy.market_data.lobster_rows import LobsterSurveyor, midnight_ns, read_messages, ticker
from tarazy.market_data.tracker import TrackedFill, Tracker
from tarazy.market_data.venue_setup import AccountPool, MarketPlan, write_setup

QUOTE_SCALE = 4
SHORTEST_CALL_MS = 1  # the file says itself how long quoting lasts between a halt and trading
BATCH_COMMANDS = 512
DIFFERENCES_MAX = 1000


@dataclass(frozen=True)
class Miss:
    """An execution that did not hit exactly the order that the exchange hit, and why."""

    line: int
    order_id: int
    lots: int
    hit: tuple[tuple[int, int], ...]
    cause: str

    def to_json(self) -> dict[str, Any]:
        """Return the miss as plain data; hit lists (order id, lots)."""
        return {**self.__dict__, "hit": [list(one) for one in self.hit]}

    def __str__(self) -> str:
        return f"line {self.line}: execution of {self.lots} of order {self.order_id}: {self.cause}"


@dataclass
class LobsterReport:
    """What came of playing the file. hit_same_order: the whole size met exactly the order that the exchange hit."""

    source: str
    messages: int
    commands: int
    orders: int
    trades: int
    volume_lots: int
    executions: int = 0
    hit_same_order: int = 0
    hit_same_order_in_part: int = 0
    hit_other_order: int = 0
    hit_nothing: int = 0
    hidden_executions: int = 0
    cross_trades: int = 0
    played: dict[str, int] = field(default_factory=dict)
    refused: dict[str, int] = field(default_factory=dict)
    causes: dict[str, int] = field(default_factory=dict)
    differences: list[Miss] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """Return the report as plain data; of the differences at most the first thousand, `causes` counts all."""
        data = {name: getattr(self, name) for name in self.__dataclass_fields__ if name not in ("words", "differences")}
        return {**data, "differences": [miss.to_json() for miss in self.differences]}

    def in_words(self) -> list[str]:
        """Return the report as lines of text."""
        lines = [
            f"{self.messages:,} messages became {self.commands:,} commands; our matching made {self.trades:,} trades",
            f"{self.hit_same_order:,} of {self.executions:,} executions hit exactly the order that the exchange hit;"
            f" {self.hit_same_order_in_part:,} in part, {self.hit_other_order:,} another order,"
            f" {self.hit_nothing:,} nothing",
        ]
        lines += self.words
        return lines + [f"{count:,} because {cause}" for cause, count in self.causes.items()]


class LobsterFlow:
    """The message file as batches of commands."""

    def __init__(
        self,
        messages: Path,
        *,
        first_seq: int = 1,
        base_code: str = "",
        quote_code: str = "USD",
        maker_fee_ppm: int = 0,
        taker_fee_ppm: int = 0,
        accounts_per_side: int = 32,
    ) -> None:
        """Survey the file; without a base code, the ticker of its name is taken.

        Raises: FlowFileError where the file is not of the format; OSError where it cannot be read.
        """
        self.path = messages
        self.survey = LobsterSurveyor(messages).run()
        names = (base_code or ticker(messages), quote_code)
        self.remarks = codes_in_words(names)
        self.plan = MarketPlan(
            source=f"lobster {messages.name}",
            base_code=asset_code(names[0]),
            base_scale=0,
            quote_code=asset_code(names[1]),
            quote_scale=QUOTE_SCALE,
            maker_fee_ppm=maker_fee_ppm,
            taker_fee_ppm=taker_fee_ppm,
            accounts_per_side=accounts_per_side,
            auction_duration_ms=SHORTEST_CALL_MS,
            base_deposit_minor=100_000,
            quote_deposit_minor=10_000_000 * 10**QUOTE_SCALE,
        )
        self.midnight_ns = midnight_ns(messages)
        self.writer = CommandWriter(first_seq, self.midnight_ns + self.survey.first_ns)
        self.pool = AccountPool(self.writer, self.plan)
        self.tracker = Tracker()
        self.player = MessagePlayer(self.survey, self.writer, self.pool, self.tracker)
        self.outcome = LobsterReport(str(messages), 0, 0, 0, 0, 0)
        self.messages_done = 0

    def batches(self) -> Iterator[CommandBatch]:
        """Yield the commands."""
        write_setup(self.writer, self.plan)
        yield self.writer.take_batch()
        self.pool.open()
        yield self.writer.take_batch()
        for message in read_messages(self.path, LineReader(self.path)):
            self.writer.advance(self.midnight_ns + message.time_ns)
            self.player.play(message)
            self.messages_done += 1
            if len(self.writer.pending) >= BATCH_COMMANDS:
                yield self.writer.take_batch()
                self.player.reconcile()
        if self.writer.pending:
            yield self.writer.take_batch()
        self.player.reconcile()
        if self.writer.pending:
            yield self.writer.take_batch()

    def observe(self, events: bytes) -> None:
        """Take in the venue's events of the last batch: which orders the executions met."""
        self.tracker.observe(events)
        fills: dict[int, list[TrackedFill]] = {}
        for fill in self.tracker.fills:
            fills.setdefault(fill.seq, []).append(fill)
        for seq, wanted in self.player.wanted.items():
            self.judge(wanted, fills.get(seq, []))
        self.player.wanted.clear()

    def judge(self, wanted: Wanted, fills: list[TrackedFill]) -> None:
        """Count one execution."""
        outcome = self.outcome
        outcome.executions += 1
        same_lots = sum(fill.lots for fill in fills if fill.maker == wanted.order_id)
        if same_lots == wanted.lots:
            outcome.hit_same_order += 1
            return
        if same_lots:
            outcome.hit_same_order_in_part += 1
        elif fills:
            outcome.hit_other_order += 1
        else:
            outcome.hit_nothing += 1
        kind, detail = self.cause(wanted, fills)
        outcome.causes[kind] = outcome.causes.get(kind, 0) + 1
        if len(outcome.differences) < DIFFERENCES_MAX:
            hit = tuple((fill.maker, fill.lots) for fill in fills)
            outcome.differences.append(Miss(wanted.line, wanted.order_id, wanted.lots, hit, f"{kind}{detail}"))
        for fill in fills:
            if fill.maker != wanted.order_id:
                self.player.to_restore.append(fill.maker)

    def cause(self, wanted: Wanted, fills: list[TrackedFill]) -> tuple[str, str]:
        """Return why an execution did not hit the order that the exchange hit: the kind of cause, and the detail."""
        others = ", ".join(str(fill.maker) for fill in fills if fill.maker != wanted.order_id)
        notes = "; ".join(self.player.notes.get(wanted.order_id, []))
        if wanted.obstacle:
            return (
                "an order with priority in our book was not hit by the exchange, though the file mentions it later",
                (f": {wanted.obstacle}"),
            )
        if others:
            return "our book had other orders ahead, left over from an earlier difference", f": {others}"
        if notes:
            return "the order was no longer in our book", f": {notes}"
        if not fills:
            return "the order was no longer in our book: an earlier execution had met it in another one's place", ""
        return "the order had less left in our book than the file executes", ""

    def progress(self) -> tuple[int, int]:
        """Return how many messages are played of how many."""
        return self.messages_done, self.survey.messages

    def report(self) -> LobsterReport:
        """Return what came of it."""
        outcome, counts = self.outcome, self.player.counts
        outcome.messages = self.survey.messages
        outcome.commands = self.writer.written
        outcome.orders, outcome.trades = self.tracker.orders, self.tracker.trades
        outcome.volume_lots = self.tracker.volume_lots
        outcome.hidden_executions, outcome.cross_trades = counts["hidden"], counts["crosses"]
        outcome.played = counts.to_json()
        outcome.refused = self.tracker.refusals_by_name()
        outcome.words = counts.in_words()
        return outcome
