"""An account as the pages show it: its balances, open orders and fills, in the units that people read."""

from __future__ import annotations

from typing import Any

from tarazy.console.trading.desk import TradingDesk
from tarazy.console.trading.refusal_words import trimmed
from tarazy.domain.records import OrderType
from tarazy.facility.gateway.account_reads import TradeRow
from tarazy.facility.gateway.dialect.order_view import OrderView, commission_of
from tarazy.facility.projections.venue import ASSET_CODE, ASSET_SCALE
from tarazy.oversight.requests.decimals import text_of
from tarazy.oversight.requests.names import FORCE_WORDS, SIDE_WORDS, TYPE_WORDS
from tarazy.oversight.requests.symbol import Symbol
from tarazy.spec.legs import OCO_LIMIT, OTO_WORKING, OTOCO_WORKING, kind_of

NS_PER_S = 1_000_000_000
FILLS_SHOWN = 30
LIST_KINDS = {OCO_LIMIT: "OCO", OTO_WORKING: "OTO", OTOCO_WORKING: "OTOCO"}


def balance_rows(desk: TradingDesk, account_id: int, assets: tuple[int, ...] = ()) -> list[dict[str, str]]:
    """Return what an account owns: of some assets also nothing, of the others what is there."""
    found = desk.gateway.reads.balances(account_id)
    rows = []
    for asset_id, asset in sorted(desk.gateway.models.venue.assets.rows.items()):
        free, held = found.get(asset_id, (0, 0))
        if asset_id in assets if assets else (free or held):
            places, code = asset[ASSET_SCALE], asset[ASSET_CODE]
            free_text, held_text, total = (trimmed(text_of(each, places)) for each in (free, held, free + held))
            rows.append({"asset": code, "free": free_text, "held": held_text, "total": total})
    return rows


def order_row(view: OrderView, held: str = "") -> dict[str, Any]:
    """Return an open order."""
    symbol = view.symbol
    lots = view.quantity_lots
    return {
        "order": str(view.order_id),
        "name": view.client_id,
        "market": symbol.name,
        "side": SIDE_WORDS[view.side],
        "type": TYPE_WORDS[view.order_type],
        "kind": OrderType(view.order_type).name.replace("_", " "),
        "time_in_force": FORCE_WORDS[view.time_in_force],
        "price": trimmed(symbol.price(view.price_ticks)) if view.price_ticks else "",
        "full_price": symbol.price(view.price_ticks),
        "trigger": trimmed(symbol.price(view.trigger_price_ticks)) if view.trigger_price_ticks else "",
        "quantity": trimmed(symbol.quantity(lots)),
        "filled": trimmed(symbol.quantity(view.filled_lots)),
        "left": trimmed(symbol.quantity(max(lots - view.filled_lots, 0))),
        "base": symbol.base,
        "quote": symbol.quote,
        "state": "waits" if view.is_waiting or view.is_pending else "partly filled" if view.filled_lots else "open",
        "list": str(view.list_id) if view.list_id else "",
        "list_kind": LIST_KINDS[kind_of(view.order_id)] if view.list_id else "",
        "trailing": view.trailing_bp,
        "at_s": view.accepted_ns // NS_PER_S,
        "held": held,
    }


def fill_row(row: TradeRow) -> dict[str, Any]:
    """Return a fill as its party sees it."""
    symbol = row.symbol
    fee, asset = commission_of(symbol, row.side, row.fee_minor)
    return {
        "trade": str(row.number),
        "order": str(row.order_id),
        "market": symbol.name,
        "side": SIDE_WORDS[row.side],
        "price": trimmed(symbol.price(row.price_ticks)),
        "quantity": trimmed(symbol.quantity(row.quantity_lots)),
        "base": symbol.base,
        "quote": symbol.quote,
        "value": trimmed(symbol.amount(symbol.cost_minor(row.price_ticks, row.quantity_lots))),
        "fee": f"{trimmed(fee)} {asset}",
        "role": "maker" if row.is_maker else "taker",
        "at_s": row.ts_ns // NS_PER_S,
    }


def open_rows(desk: TradingDesk, account_id: int, symbol: Symbol) -> list[dict[str, Any]]:
    """Return the open orders of a market by age of their command, so that those of a list stand together."""
    views = desk.gateway.reads.open_orders(account_id, symbol.market_id)
    return [order_row(view) for view in views]


def order_groups(rows: list[dict[str, Any]]) -> list[tuple[str, list[dict[str, Any]]]]:
    """Return open orders as the page groups them: a list's kind and its orders, "" and one order by itself."""
    groups: list[tuple[str, list[dict[str, Any]]]] = []
    for row in rows:
        if row["list"] and groups and groups[-1][1][0]["list"] == row["list"]:
            groups[-1][1].append(row)
        else:
            groups.append((row["list_kind"], [row]))
    return groups


def own_part(desk: TradingDesk, account_id: int, symbol: Symbol) -> dict[str, Any]:
    """Return the account's side of a market: balances of its two assets, open orders, the newest fills."""
    reads = desk.gateway.reads
    fills = reads.trades(account_id, symbol.market_id, FILLS_SHOWN)[::-1]
    return {
        "balances": balance_rows(desk, account_id, (symbol.base_asset_id, symbol.quote_asset_id)),
        "orders": open_rows(desk, account_id, symbol),
        "fills": [fill_row(row) for row in fills],
    }
