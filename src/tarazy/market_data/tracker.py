"""Follow what the venue did with the played orders, from its events: what is open, what traded, what was refused.

Memory: one entry per open order. The recorded orders' own numbers are the client order ids that the events carry.
"""

from __future__ import annotations

import struct
from collections import Counter
from typing import NamedTuple

from tarazy.domain.records import COMMANDS, RECORD_SIZE, CommandKind, CommandRejected, TradeExecuted
from tarazy.domain.reject_codes import REJECT_INFO, RejectCode
from tarazy.market_data.errors import FlowRefusedError

COMMAND_REJECTED = 1
ORDER_ACCEPTED = 50
TRADE_EXECUTED = 51
ORDER_CANCELED = 52
ORDER_AMENDED = 53
ORDER_REDUCED = 55
MARKET_KINDS = frozenset(
    int(kind)
    for kind in (
        *(CommandKind.place_order, CommandKind.cancel_order, CommandKind.amend_order, CommandKind.cancel_all),
        CommandKind.advance_time,
    )
)
SEQ = struct.Struct("<Q")
REJECTED = struct.Struct("<HHHxxQIIQ")
ACCEPTED = struct.Struct("<HBBBBxxQIIQQQQ")
CANCELED = struct.Struct("<HBBxxxxQIIQQ")
AMENDED = struct.Struct("<HBxxxxxQIIQQQQ")
REDUCED = struct.Struct("<HxxxxxxQIIQQ")


class OpenOrder:
    """An order that is open in the venue."""

    __slots__ = ("leaves_lots", "price_ticks", "reference", "seq", "side", "total_lots")

    def __init__(self, seq: int, reference: int, side: int, price_ticks: int, leaves_lots: int) -> None:
        self.seq = seq
        self.reference = reference
        self.side = side
        self.price_ticks = price_ticks
        self.leaves_lots = leaves_lots
        self.total_lots = leaves_lots


class TrackedFill(NamedTuple):
    """A trade of the venue, with the recorded numbers of both orders (0 where an order has none)."""

    seq: int
    side: int
    maker: int
    taker: int
    price_ticks: int
    lots: int


class TrackedRefusal(NamedTuple):
    """A command that the venue refused."""

    seq: int
    code: int
    command_kind: int
    reference: int


class Tracker:
    """Read the venue's events in order; `fills` and `refusals` hold those of the last batch."""

    def __init__(self) -> None:
        self.open: dict[int, OpenOrder] = {}
        self.number_of: dict[int, int] = {}
        self.fills: list[TrackedFill] = []
        self.refusals: list[TrackedRefusal] = []
        self.refused: Counter[int] = Counter()
        self.seq_seen = 0
        self.orders = 0
        self.trades = 0
        self.volume_lots = 0

    def observe(self, events: bytes) -> None:
        """Take in the events of one batch.

        Raises: ValueError for a length that is no multiple of 96; FlowRefusedError where what the flow itself set up
        was refused: what follows could not be played.
        """
        if len(events) % RECORD_SIZE:
            raise ValueError(f"expected events of {RECORD_SIZE} bytes each, found {len(events)} bytes")
        self.fills.clear()
        self.refusals.clear()
        if events:
            self.seq_seen = SEQ.unpack_from(events, len(events) - RECORD_SIZE + 8)[0]
        for offset in range(0, len(events), RECORD_SIZE):
            self.take(events[offset] | events[offset + 1] << 8, events, offset)

    def take(self, kind: int, events: bytes, offset: int) -> None:
        """Take in one event."""
        if kind == ORDER_ACCEPTED:
            self.take_accepted(events, offset)
        elif kind == ORDER_CANCELED:
            self.take_canceled(CANCELED.unpack_from(events, offset)[6])
        elif kind == TRADE_EXECUTED:
            self.take_trade(TradeExecuted.unpack(events, offset))
        elif kind == COMMAND_REJECTED:
            _, code, command_kind, seq, _, _, reference = REJECTED.unpack_from(events, offset)
            if command_kind not in MARKET_KINDS:
                raise refused(CommandRejected.unpack(events, offset))
            self.refusals.append(TrackedRefusal(seq, code, command_kind, reference))
            self.refused[code] += 1
        elif kind == ORDER_AMENDED:
            self.take_amended(events, offset)
        elif kind == ORDER_REDUCED:
            _, _, _, _, order_id, lots = REDUCED.unpack_from(events, offset)
            self.reduce(order_id, lots)

    def take_accepted(self, events: bytes, offset: int) -> OpenOrder:
        """Keep an order that the venue accepted."""
        (_, _, side, _, _, seq, _, _, order_id, reference, price, lots) = ACCEPTED.unpack_from(events, offset)
        self.orders += 1
        order = self.open[order_id] = OpenOrder(seq, reference, side, price, lots)
        if reference:
            self.number_of[reference] = order_id
        return order

    def amended_id(self, events: bytes, offset: int) -> int:
        """Return the number of the order that an OrderAmended is about."""
        return int(AMENDED.unpack_from(events, offset)[5])

    def take_amended(self, events: bytes, offset: int) -> OpenOrder | None:
        """Keep an order's new price and rest."""
        (_, _, _, _, _, order_id, price, total, leaves) = AMENDED.unpack_from(events, offset)
        order = self.open.get(order_id)
        if order:
            order.price_ticks = price
            order.total_lots = total
            order.leaves_lots = leaves
        return order

    def take_canceled(self, order_id: int) -> None:
        """Drop an order that left with lots unfilled."""
        self.forget(order_id)

    def take_trade(self, trade: TradeExecuted) -> None:
        """Take a trade off both orders and list it."""
        maker = self.reduce(trade.maker_order_id, trade.quantity_lots)
        taker = self.reduce(trade.taker_order_id, trade.quantity_lots)
        self.trades += 1
        self.volume_lots += trade.quantity_lots
        self.fills.append(TrackedFill(trade.seq, trade.side, maker, taker, trade.price_ticks, trade.quantity_lots))

    def reduce(self, order_id: int, lots: int) -> int:
        """Take lots off an open order; return its recorded number."""
        order = self.open.get(order_id)
        if order is None:
            return 0
        order.leaves_lots -= lots
        if order.leaves_lots <= 0:
            self.forget(order_id)
        return order.reference

    def forget(self, order_id: int) -> None:
        """Drop an order that is no longer open."""
        order = self.open.pop(order_id, None)
        if order and order.reference and self.number_of.get(order.reference) == order_id:
            del self.number_of[order.reference]

    def is_open(self, reference: int) -> bool:
        """Return whether the order with this recorded number is open."""
        return reference in self.number_of

    def refusals_by_name(self) -> dict[str, int]:
        """Return how often each refusal was given, by its name."""
        return {RejectCode(code).name: count for code, count in sorted(self.refused.items())}


def refused(event: CommandRejected) -> FlowRefusedError:
    """Return the error of a refused command in words."""
    code, info = RejectCode(event.reject_code), REJECT_INFO[event.reject_code]
    kind = COMMANDS.get(event.command_kind)
    command = f"{kind.__name__ if kind else event.command_kind} (command {event.seq})"
    expected, found = f"{event.expected} ({info.expected})", f"{event.found} ({info.found})"
    return FlowRefusedError(command, int(code), code.name, info.doc, expected, found, info.advice)
