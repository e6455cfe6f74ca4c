"""One order as the dialect shows it, whether it comes from the read models or from the events of its own command."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tarazy.domain.records import CancelReason, OrderAccepted, OrderCanceled, TradeExecuted
from tarazy.facility.projections.orders import CANCELED as LEFT
from tarazy.facility.projections.orders import FILLED, OPEN
from tarazy.oversight.requests.decimals import text_of
from tarazy.oversight.requests.names import (
    CANCELED,
    COMPLETE,
    FORCE_WORDS,
    PREVENTED,
    PREVENTION_WORDS,
    SIDE_WORDS,
    TYPE_WORDS,
    Side,
)
from tarazy.oversight.requests.symbol import Symbol

NS_PER_MS = 1_000_000
NO_LIST = -1


@dataclass(slots=True)
class OrderView:
    """What is known of an order. Units: as the names say; times in UTC nanoseconds, 0 = not yet."""

    symbol: Symbol
    order_id: int
    list_id: int
    client_id: str
    order_type: int
    side: int
    time_in_force: int
    prevention: int
    price_ticks: int
    trigger_price_ticks: int
    quantity_lots: int
    display_lots: int
    cash_order_quantity_minor: int
    trailing_bp: int
    accepted_ns: int
    last_ns: int
    working_ns: int
    is_waiting: bool = False
    is_pending: bool = False
    filled_lots: int = 0
    filled_minor: int = 0
    status: int = OPEN
    cancel_reason: int = 0
    fills: list[dict[str, Any]] = field(default_factory=list)

    @property
    def status_word(self) -> str:
        """Return the order's status."""
        if self.status == FILLED or self.cancel_reason in COMPLETE:
            return "FILLED"
        if self.status == LEFT:
            if self.cancel_reason == PREVENTED:
                return "EXPIRED_IN_MATCH"
            return "CANCELED" if self.cancel_reason in CANCELED else "EXPIRED"
        if self.is_pending:
            return "PENDING_NEW"
        return "PARTIALLY_FILLED" if self.filled_lots else "NEW"

    def names(self) -> dict[str, Any]:
        """Return what names the order: all that an ACK says of it."""
        return {
            "symbol": self.symbol.name,
            "orderId": self.order_id,
            "orderListId": self.list_id or NO_LIST,
            "clientOrderId": self.client_id,
        }

    def terms(self) -> dict[str, Any]:
        """Return what the order is and what became of it."""
        symbol = self.symbol
        lots = self.quantity_lots or self.filled_lots  # a cash order is as large as what it traded
        plain: dict[str, Any] = {
            "price": symbol.price(self.price_ticks),
            "origQty": symbol.quantity(lots),
            "executedQty": symbol.quantity(self.filled_lots),
            "origQuoteOrderQty": symbol.amount(self.cash_order_quantity_minor),
            "cummulativeQuoteQty": symbol.amount(self.filled_minor),
            "status": self.status_word,
            "timeInForce": FORCE_WORDS[self.time_in_force],
            "type": TYPE_WORDS[self.order_type],
            "side": SIDE_WORDS[self.side],
        }
        if self.trigger_price_ticks:
            plain["stopPrice"] = symbol.price(self.trigger_price_ticks)
        if self.trailing_bp:
            plain["trailingDelta"] = self.trailing_bp
        if self.display_lots:
            plain["icebergQty"] = symbol.quantity(self.display_lots)
        if plain["status"] in ("EXPIRED", "EXPIRED_IN_MATCH"):
            plain["expiryReason"] = CancelReason(self.cancel_reason).name.upper()
        return plain

    def working(self) -> dict[str, Any]:
        """Return since when it works, and its mode of self-trade prevention."""
        since = self.working_ns // NS_PER_MS if self.working_ns else -1
        return {"workingTime": since, "selfTradePreventionMode": PREVENTION_WORDS[self.prevention]}

    def number_fills(self, numbers: Mapping[tuple[int, int], int]) -> None:
        """Give the fills their public numbers, by command and place."""
        for fill in self.fills:
            fill["tradeId"] = numbers[fill["tradeId"]]

    def queried(self) -> dict[str, Any]:
        """Return the order as queries show it."""
        terms = self.terms()
        terms.setdefault("stopPrice", self.symbol.price(0))
        terms.setdefault("icebergQty", self.symbol.quantity(0))
        times = {"time": self.accepted_ns // NS_PER_MS, "updateTime": self.last_ns // NS_PER_MS}
        return {**self.names(), **terms, **times, "isWorking": self.working_ns > 0, **self.working()}

    def placed(self, *, full: bool) -> dict[str, Any]:
        """Return the answer RESULT, or FULL with the fills, to the request that placed the order."""
        plain = {**self.names(), "transactTime": self.last_ns // NS_PER_MS, **self.terms(), **self.working()}
        return plain | {"fills": self.fills} if full else plain

    def canceled(self, client_id: str, ts_ns: int) -> dict[str, Any]:
        """Return the answer to a request that canceled the order; `client_id` is that of the request."""
        names = {**self.names(), "origClientOrderId": self.client_id, "clientOrderId": client_id}
        return {**names, "transactTime": ts_ns // NS_PER_MS, **self.terms(), **self.working()}


def apply_events(view: OrderView, events: list[Any], ts_ns: int) -> OrderView:
    """Let what the order's own command brought about become part of the view."""
    for event in events:
        if isinstance(event, TradeExecuted):
            if view.order_id in (event.taker_order_id, event.maker_order_id):
                add_fill(view, event)
        elif isinstance(event, OrderCanceled) and event.order_id == view.order_id:
            view.status, view.cancel_reason = LEFT, event.cancel_reason
    view.last_ns = ts_ns
    if view.status == OPEN and view.quantity_lots and view.filled_lots == view.quantity_lots:
        view.status = FILLED
    return view


def add_fill(view: OrderView, event: TradeExecuted) -> None:
    """Add a trade to the order: what it cost, and the fee in the asset that was received."""
    symbol = view.symbol
    fee = event.taker_fee_minor if view.order_id == event.taker_order_id else event.maker_fee_minor
    cost = symbol.cost_minor(event.price_ticks, event.quantity_lots)
    view.filled_lots += event.quantity_lots
    view.filled_minor += cost
    commission, asset = commission_of(symbol, view.side, fee)
    view.fills.append(
        {
            "price": symbol.price(event.price_ticks),
            "qty": symbol.quantity(event.quantity_lots),
            "commission": commission,
            "commissionAsset": asset,
            "tradeId": (event.seq, event.trade_index),
        }
    )


def commission_of(symbol: Symbol, side: int, fee_minor: int) -> tuple[str, str]:
    """Return a fee as text and its asset: each side pays in what it receives."""
    if side == Side.BUY.value:
        return text_of(fee_minor, symbol.base_places), symbol.base
    return symbol.amount(fee_minor), symbol.quote


def accepted_view(symbol: Symbol, event: OrderAccepted, client_id: str, ts_ns: int, **more: Any) -> OrderView:
    """Return an order as its acceptance states it."""
    return OrderView(
        symbol=symbol,
        order_id=event.order_id,
        client_id=client_id,
        order_type=event.order_type,
        side=event.side,
        time_in_force=event.time_in_force,
        prevention=event.self_trade_prevention,
        price_ticks=event.price_ticks,
        trigger_price_ticks=event.trigger_price_ticks,
        quantity_lots=event.quantity_lots,
        display_lots=event.display_lots,
        accepted_ns=ts_ns,
        last_ns=ts_ns,
        **more,
    )
