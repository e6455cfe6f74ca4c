"""Count what commands and events say, batch by batch, in constant memory."""

from __future__ import annotations

from collections import Counter

import numpy as np
import numpy.typing as npt

from tarazy.domain.records import RECORD_SIZE, CommandKind, CommandRejected, EventKind, Side, TradeExecuted
from tarazy.domain.reject_codes import RejectCode

_HALVES = RECORD_SIZE // 2


class Tally:
    """Numbers for a closing report. By market: volume in lots, turnover in `ticks * lots`, fees in minor units
    (the buyer's of the base asset, the seller's of the quote asset)."""

    def __init__(self) -> None:
        self.commands: Counter[int] = Counter()
        self.events: Counter[int] = Counter()
        self.refused: Counter[int] = Counter()
        self.volume_lots: Counter[int] = Counter()
        self.turnover: Counter[int] = Counter()
        self.buyer_fees: Counter[int] = Counter()
        self.seller_fees: Counter[int] = Counter()

    def add(self, commands: bytes, events: bytes) -> None:
        """Count one batch."""
        self.commands.update(count_kinds(commands))
        found = count_kinds(events)
        self.events.update(found)
        if found.get(EventKind.command_rejected):
            for offset in places_of(events, EventKind.command_rejected):
                self.refused[CommandRejected.unpack(events, offset).reject_code] += 1
        if found.get(EventKind.trade_executed):
            for offset in places_of(events, EventKind.trade_executed):
                self.add_trade(TradeExecuted.unpack(events, offset))

    def add_trade(self, trade: TradeExecuted) -> None:
        """Count one trade. In an auction (side 0) the taker is the buyer."""
        market_id = trade.market_id
        self.volume_lots[market_id] += trade.quantity_lots
        self.turnover[market_id] += trade.quantity_lots * trade.price_ticks
        fees = (trade.taker_fee_minor, trade.maker_fee_minor)
        buyer_fee, seller_fee = fees[::-1] if trade.side == Side.sell else fees
        self.buyer_fees[market_id] += buyer_fee
        self.seller_fees[market_id] += seller_fee

    @property
    def orders(self) -> int:
        """Return how many orders were accepted."""
        return self.events[EventKind.order_accepted]

    @property
    def fills(self) -> int:
        """Return how many trades there were."""
        return self.events[EventKind.trade_executed]

    def refused_by_name(self) -> dict[str, int]:
        """Return how often each refusal was given, most frequent first."""
        return {RejectCode(code).name: count for code, count in self.refused.most_common()}

    def commands_by_name(self) -> dict[str, int]:
        """Return how many commands there were of each kind, most frequent first."""
        known = {int(kind): kind.name for kind in CommandKind}
        return {known.get(kind, f"unknown {kind}"): count for kind, count in self.commands.most_common()}


def kinds(records: bytes) -> npt.NDArray[np.uint16]:
    """Return the kind of every record."""
    return np.frombuffer(records, "<u2")[::_HALVES]


def count_kinds(records: bytes) -> dict[int, int]:
    """Return how many records there are of each kind."""
    found, counts = np.unique(kinds(records), return_counts=True)
    return dict(zip(found.tolist(), counts.tolist(), strict=True))


def places_of(records: bytes, kind: int) -> list[int]:
    """Return the offsets of the records of a kind."""
    places: list[int] = (np.nonzero(kinds(records) == kind)[0] * RECORD_SIZE).tolist()
    return places
