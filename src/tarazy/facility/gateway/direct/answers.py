"""Answers to plain new orders, written straight from the events: the same bytes as `OrderView` and the encoder give.

An order that was refused, or left the book in its own command, is answered the general path.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from tarazy.domain.records import RECORD_SIZE, EventKind, OrderAccepted, TradeExecuted
from tarazy.facility.gateway.dialect.order_view import NO_LIST, NS_PER_MS, commission_of
from tarazy.facility.gateway.direct.reading import PlainOrder
from tarazy.facility.gateway.order_entry import Ordered
from tarazy.oversight.requests.names import FORCE_WORDS, PREVENTION_WORDS, SIDE_WORDS, TYPE_WORDS, ResponseType

ACCEPTED, TRADED = int(EventKind.order_accepted), int(EventKind.trade_executed)
NOT_PLAIN = frozenset((int(EventKind.command_rejected), int(EventKind.order_canceled)))


class PlainOutcome(NamedTuple):
    """What became of a plain order: how it was accepted, and its trades in its own command."""

    accepted: OrderAccepted
    trades: list[TradeExecuted]


def outcome_of(ordered: Ordered) -> PlainOutcome | None:
    """Return what became of an order, None where that is not plain."""
    events, order_id = ordered.events, ordered.first_seq
    accepted, trades = None, []
    for at in range(0, len(events), RECORD_SIZE):
        kind = events[at] | events[at + 1] << 8
        if kind == ACCEPTED:
            found = OrderAccepted.unpack(events, at)
            accepted = found if found.order_id == order_id else accepted
        elif kind == TRADED:
            trade = TradeExecuted.unpack(events, at)
            if order_id in (trade.taker_order_id, trade.maker_order_id):
                trades.append(trade)
        elif kind in NOT_PLAIN:
            return None
    return PlainOutcome(accepted, trades) if accepted is not None else None


def placed_text(
    order: PlainOrder, ordered: Ordered, outcome: PlainOutcome, numbers: Mapping[tuple[int, int], int] | None = None
) -> str:
    """Return the answer as JSON text; `numbers` are the public ones of its trades, by command and place.

    They are needed where trades are answered one by one, so with `ResponseType.FULL` alone.
    """
    event, symbol, at_ms = outcome.accepted, order.symbol, ordered.ts_ns // NS_PER_MS
    names = (
        f'{{"symbol":"{symbol.name}","orderId":{event.order_id},"orderListId":{NO_LIST},'
        f'"clientOrderId":"{order.client_id}","transactTime":{at_ms}'
    )
    if order.response is ResponseType.ACK:
        return names + "}"
    filled_lots = sum([trade.quantity_lots for trade in outcome.trades])
    filled_minor = sum([symbol.cost_minor(trade.price_ticks, trade.quantity_lots) for trade in outcome.trades])
    is_done = event.quantity_lots and filled_lots == event.quantity_lots
    status = "FILLED" if is_done else "PARTIALLY_FILLED" if filled_lots else "NEW"
    fills = ""
    if order.response is ResponseType.FULL:
        fills = f',"fills":[{",".join([fill_text(order, event, trade, numbers or {}) for trade in outcome.trades])}]'
    return (
        f'{names},"price":"{symbol.price(event.price_ticks)}",'
        f'"origQty":"{symbol.quantity(event.quantity_lots or filled_lots)}",'
        f'"executedQty":"{symbol.quantity(filled_lots)}","origQuoteOrderQty":"{symbol.amount(0)}",'
        f'"cummulativeQuoteQty":"{symbol.amount(filled_minor)}","status":"{status}",'
        f'"timeInForce":"{FORCE_WORDS[event.time_in_force]}","type":"{TYPE_WORDS[event.order_type]}",'
        f'"side":"{SIDE_WORDS[event.side]}","workingTime":{at_ms},'
        f'"selfTradePreventionMode":"{PREVENTION_WORDS[event.self_trade_prevention]}"{fills}}}'
    )


def fill_text(
    order: PlainOrder, event: OrderAccepted, trade: TradeExecuted, numbers: Mapping[tuple[int, int], int]
) -> str:
    """Return one trade of an order as JSON text."""
    symbol = order.symbol
    fee = trade.taker_fee_minor if event.order_id == trade.taker_order_id else trade.maker_fee_minor
    commission, asset = commission_of(symbol, event.side, fee)
    return (
        f'{{"price":"{symbol.price(trade.price_ticks)}","qty":"{symbol.quantity(trade.quantity_lots)}",'
        f'"commission":"{commission}","commissionAsset":"{asset}","tradeId":{numbers[trade.seq, trade.trade_index]}}}'
    )


def needs_numbers(order: PlainOrder, outcome: PlainOutcome) -> bool:
    """Say whether the answer names the trades."""
    return order.response is ResponseType.FULL and bool(outcome.trades)
