"""What user data streams say, in the letters of the dialect. Times are milliseconds.

Source: binance/binance-spot-api-docs, user-data-stream.md. Letters that describe what is not offered here (strategies,
pegged orders, prevented matches as records of their own) are left out, as the dialect leaves them out.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tarazy.domain.records import CancelReason
from tarazy.facility.gateway.dialect.order_view import NO_LIST, NS_PER_MS, OrderView, commission_of
from tarazy.oversight.requests.decimals import text_of
from tarazy.oversight.requests.names import FORCE_WORDS, LIST_WORDS, PREVENTION_WORDS, SIDE_WORDS, TYPE_WORDS
from tarazy.oversight.requests.symbol import Symbol

Plain = dict[str, Any]
EXPIRED = ("EXPIRED", "EXPIRED_IN_MATCH")


class UserFill(NamedTuple):
    """One trade as one of its parties sees it."""

    number: int
    price_ticks: int
    lots: int
    fee_minor: int
    is_maker: bool


NO_FILL = UserFill(-1, 0, 0, 0, False)


def execution_report(view: OrderView, symbol: Symbol, execution: str, ts_ns: int, seq: int, fill: UserFill) -> Plain:
    """Return what happened to an order. `execution` is x; I is the command of the record that did it."""
    is_fill = fill is not NO_FILL
    fee, asset = commission_of(symbol, view.side, fill.fee_minor) if is_fill else ("0", None)
    plain = {
        "e": "executionReport",
        "E": ts_ns // NS_PER_MS,
        "s": symbol.name,
        "c": view.client_id,
        "S": SIDE_WORDS[view.side],
        "o": TYPE_WORDS[view.order_type],
        "f": FORCE_WORDS[view.time_in_force],
        "q": symbol.quantity(view.quantity_lots or view.filled_lots),
        "p": symbol.price(view.price_ticks),
        "P": symbol.price(view.trigger_price_ticks),
        "F": symbol.quantity(view.display_lots),
        "g": view.list_id or NO_LIST,
        "C": view.client_id if execution == "CANCELED" else "",
        "x": execution,
        "X": view.status_word,
        "r": "NONE",
        "i": view.order_id,
        "l": symbol.quantity(fill.lots),
        "z": symbol.quantity(view.filled_lots),
        "L": symbol.price(fill.price_ticks),
        "n": fee,
        "N": asset,
        "T": ts_ns // NS_PER_MS,
        "t": fill.number,
        "I": seq,
        "w": not view.is_waiting and view.status_word in ("NEW", "PARTIALLY_FILLED"),
        "m": fill.is_maker,
        "M": False,
        "O": view.accepted_ns // NS_PER_MS,
        "Z": symbol.amount(view.filled_minor),
        "Y": symbol.amount(symbol.cost_minor(fill.price_ticks, fill.lots)),
        "Q": symbol.amount(view.cash_order_quantity_minor),
        "V": PREVENTION_WORDS[view.prevention],
    }
    if view.working_ns:
        plain["W"] = view.working_ns // NS_PER_MS
    if view.trailing_bp:
        plain["d"] = view.trailing_bp
    if plain["X"] in EXPIRED:
        plain["eR"] = CancelReason(view.cancel_reason).name.upper()
    return plain


def list_status(
    symbol: Symbol, list_id: int, list_kind: int, client_id: str, views: list[OrderView], ts_ns: int, *, is_done: bool
) -> Plain:
    """Return what became of an order list."""
    return {
        "e": "listStatus",
        "E": ts_ns // NS_PER_MS,
        "s": symbol.name,
        "g": list_id,
        "c": LIST_WORDS[list_kind],
        "l": "ALL_DONE" if is_done else "EXEC_STARTED",
        "L": "ALL_DONE" if is_done else "EXECUTING",
        "r": "NONE",
        "C": client_id,
        "T": ts_ns // NS_PER_MS,
        "O": orders_of_list(symbol, views),
    }


def orders_of_list(symbol: Symbol, views: list[OrderView]) -> list[Plain]:
    """Return the names of a list's orders."""
    return [{"s": symbol.name, "i": view.order_id, "c": view.client_id} for view in views]


def account_position(balances: list[tuple[str, int, int, int]], ts_ns: int) -> Plain:
    """Return balances that changed: code, places, available and held of each asset."""
    rows = [
        {"a": code, "f": text_of(available, places), "l": text_of(held, places)}
        for code, places, available, held in balances
    ]
    return {"e": "outboundAccountPosition", "E": ts_ns // NS_PER_MS, "u": ts_ns // NS_PER_MS, "B": rows}


def balance_update(code: str, places: int, delta_minor: int, ts_ns: int) -> Plain:
    """Return what came into an account or left it other than by a trade."""
    time_ms = ts_ns // NS_PER_MS
    return {"e": "balanceUpdate", "E": time_ms, "a": code, "d": text_of(delta_minor, places), "T": time_ms}
