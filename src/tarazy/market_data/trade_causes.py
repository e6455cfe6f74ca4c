"""Say in words why a trade of ours differs from the exchange's: from the rows of the orders and from what was played.

Only the orders of the differences are looked up again in the file, so nothing is kept for the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tarazy.market_data.bitstamp_rows import CREATED, DELETED, BitstampRow, BitstampSurvey, parse, texts
from tarazy.market_data.files import LineReader
from tarazy.market_data.trade_comparison import Comparison, Pair, TradeTerms, Unmatched


@dataclass(frozen=True)
class TradeDifference:
    """A trade that is not exact, and why. ours is empty for a missing one, truth for an extra one."""

    kind: str
    buy_order_id: int
    sell_order_id: int
    truth: str
    ours: str
    cause: str

    def to_json(self) -> dict[str, Any]:
        """Return the difference as plain data."""
        return dict(self.__dict__)

    def __str__(self) -> str:
        truth, ours = f", exchange {self.truth}" * bool(self.truth), f", ours {self.ours}" * bool(self.ours)
        return f"{self.kind}: buy {self.buy_order_id}, sell {self.sell_order_id}{truth}{ours}: {self.cause}"


class Cause:
    """Find the cause of each difference."""

    def __init__(
        self,
        outcome: Comparison,
        survey: BitstampSurvey,
        rows: dict[int, list[BitstampRow]],
        notes: dict[int, list[str]],
    ) -> None:
        self.outcome = outcome
        self.survey = survey
        self.rows = rows
        self.notes = notes

    def taker_and_maker(self, pair: Pair) -> tuple[int, int]:
        """Return (aggressor, resting order) of a pair: the one that the file creates later came in."""
        buy, sell = (self.entry_line(order_id) for order_id in pair)
        return (pair.buy, pair.sell) if (buy, pair.buy) > (sell, pair.sell) else (pair.sell, pair.buy)

    def entry_line(self, order_id: int) -> int:
        """Return the line of an order's creation, 0 without one."""
        return next((row.line for row in self.rows.get(order_id, []) if row.action == CREATED), 0)

    def of_missing(self, pair: Pair) -> str:
        """Return why the exchange's trade did not happen in our venue."""
        taker, maker = self.taker_and_maker(pair)
        if not self.entry_line(taker):
            return f"the order file has no creation of the aggressor {taker}, so it cannot be played"
        if not self.rows.get(maker):
            return f"the order file has no row of {maker}, the order that it met"
        if self.notes.get(taker):
            return f"aggressor {taker}: {'; '.join(self.notes[taker])}"
        if self.keeps_volume(taker):
            return f"the order file says that {taker} never traded: {self.life(taker)}"
        met = self.met_instead(taker)
        if met:
            return f"our venue matched {taker} with {met}, which had priority over {maker} in our book"
        takers = self.met_instead(maker)
        if takers:
            return f"when {taker} came, {maker} had already traded in our venue with {takers}"
        if self.notes.get(maker):
            return f"resting order {maker}: {'; '.join(self.notes[maker])}"
        return f"the file's rows do not let them meet: {taker} {self.life(taker)}; {maker} {self.life(maker)}"

    def of_extra(self, pair: Pair) -> str:
        """Return why our venue made a trade that the exchange did not."""
        taker, maker = self.taker_and_maker(pair)
        wanted = [other for other in self.outcome.missing if taker in other.pair]
        wanted_of = ", ".join(str(self.other_of(other.pair, taker)) for other in wanted)
        instead = f"{taker} should have met {wanted_of}; " if wanted else ""
        if self.keeps_volume(taker):
            instead = f"the file shows that {taker} traded nothing ({self.life(taker)}); "
        return f"{instead}{maker} was in its reach in our book: {self.life(maker)}{self.note_of(maker)}"

    def of_partial(self, pair: Pair, truth: TradeTerms, ours: TradeTerms) -> str:
        """Return why the terms of a trade differ."""
        taker, maker = self.taker_and_maker(pair)
        if truth.price_ticks != ours.price_ticks:
            return f"{maker} rested at another price in our book than where the exchange filled it: {self.life(maker)}"
        for order_id in (maker, taker):
            others = self.met_instead(order_id, pair)
            if others:
                return f"{order_id} also traded in our venue with {others}, which the exchange did not do"
            missed = [self.other_of(m.pair, order_id) for m in self.outcome.missing if order_id in m.pair]
            if missed and ours.lots > truth.lots:
                named = ", ".join(map(str, missed))
                return f"{order_id} had more left in our venue, because its trade with {named} is missing"
        return f"other quantities were left: {taker} {self.life(taker)}; {maker} {self.life(maker)}"

    def met_instead(self, order_id: int, besides: Pair | None = None) -> str:
        """Return the orders that an order met only in our venue, with their lives."""
        met = [e for e in self.outcome.extra if order_id in e.pair and e.pair != besides]
        others = [self.other_of(e.pair, order_id) for e in met]
        return "; ".join(f"{other} ({self.life(other)}{self.note_of(other)})" for other in others)

    def other_of(self, pair: Pair, order_id: int) -> int:
        """Return the other order of a pair."""
        return pair.sell if order_id == pair.buy else pair.buy

    def note_of(self, order_id: int) -> str:
        """Return what was noted of an order when it was played."""
        return "".join(f"; {note}" for note in self.notes.get(order_id, []))

    def keeps_volume(self, order_id: int) -> bool:
        """Return whether no row of an order shows a loss of volume."""
        volumes = [row.volume_lots for row in self.rows.get(order_id, [])]
        return bool(volumes) and volumes[0] != 0 and min(volumes) == volumes[0]

    def life(self, order_id: int) -> str:
        """Return the rows of an order in words."""
        rows = self.rows.get(order_id, [])
        if not rows:
            return "no row in the order file"
        told = [self.row_in_words(row) for row in rows[:2] + rows[2:][-1:]]
        more = [f"{len(rows) - 3} more rows"] if len(rows) > 3 else []
        return ", ".join(told[:2] + more + told[2:])

    def row_in_words(self, row: BitstampRow) -> str:
        """Return a row in words, saying where it is not the market's own."""
        volume, price = self.outcome.quantity(row.volume_lots), self.outcome.price(row.price_ticks)
        if self.survey.closing_line and row.line >= self.survey.closing_line and row.action == DELETED:
            return "left only by the sweep that closed the recording"
        if row.line <= self.survey.snapshot_rows + 1:
            return f"in the opening snapshot with {volume} at {price}"
        return f"{row.action} at {row.time_ms} ms with {volume} at {price} (line {row.line})"


def explain(
    path: Path, survey: BitstampSurvey, outcome: Comparison, notes: dict[int, list[str]]
) -> list[TradeDifference]:
    """Return every difference with its cause."""
    pairs = [d.pair for d in outcome.partial] + [d.pair for d in outcome.missing + outcome.extra]
    if not pairs:
        return []
    rows = read_lives_of(path, survey, {order_id for pair in pairs for order_id in pair})
    cause = Cause(outcome, survey, rows, notes)

    def terms(of: TradeTerms) -> str:
        return f"{outcome.quantity(of.lots)} at {outcome.price(of.price_ticks)}"

    def unmatched(kind: str, one: Unmatched) -> TradeDifference:
        is_missing = kind == "missing"
        text = cause.of_missing(one.pair) if is_missing else cause.of_extra(one.pair)
        shown = terms(one.terms)
        return TradeDifference(kind, *one.pair, shown * is_missing, shown * (not is_missing), text)

    found = [
        TradeDifference("partial", *p.pair, terms(p.truth), terms(p.ours), cause.of_partial(p.pair, p.truth, p.ours))
        for p in outcome.partial
    ]
    found += [unmatched("missing", one) for one in outcome.missing]
    return found + [unmatched("extra", one) for one in outcome.extra]


def read_lives_of(path: Path, survey: BitstampSurvey, order_ids: set[int]) -> dict[int, list[BitstampRow]]:
    """Return the rows of some orders, reading the file once more."""
    wanted = {str(order_id) for order_id in order_ids}
    rows: dict[int, list[BitstampRow]] = {}
    for line, values in texts(path, LineReader(path)):
        if values[0] in wanted:
            row = parse(path, line, values, survey)
            rows.setdefault(row.order_id, []).append(row)
    return rows
