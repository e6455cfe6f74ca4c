"""`GET /v1/account/history`, `orders`: an account's whole life, page by page behind a cursor, in no window of time."""

from __future__ import annotations

from typing import Any

from tarazy.facility.gateway.dialect.order_view import NS_PER_MS, OrderView
from tarazy.facility.gateway.endpoint import GatewayRequest, Security
from tarazy.facility.gateway.gateway import Gateway
from tarazy.facility.gateway.native.history_reads import Period
from tarazy.facility.gateway.native.lines import LedgerLine, LineCursor, read_cursor
from tarazy.facility.gateway.native.operation import (
    TABLE,
    Given,
    Operation,
    amount_schema,
    format_given,
    number_schema,
    or_nothing,
    text_schema,
    time_schema,
    words,
)
from tarazy.facility.gateway.native.signing import signed_paper
from tarazy.facility.gateway.native.tables import (
    AFTER,
    LIMIT,
    FileForm,
    PageColumn,
    RowPage,
    page_schema,
    wanted_form,
    wanted_rows,
    written,
)
from tarazy.facility.gateway.routes.orders import time_ns
from tarazy.facility.projections.order_terms import SEQ_MASK
from tarazy.facility.projections.venue import ASSET_CODE, ASSET_SCALE
from tarazy.oversight.requests.decimals import text_of
from tarazy.oversight.requests.names import SIDE_WORDS

END_OF_TIME_NS = 1 << 63
FROM_TO = (
    Given("startTime", time_schema, "only what happened then or later"),
    Given("endTime", time_schema, "only what happened then or before"),
)
LINES = (
    PageColumn("cursor", text_schema, "names the line; ask on behind it with `after`"),
    PageColumn("seq", number_schema, "command of the record"),
    PageColumn("time", time_schema, "of the record"),
    PageColumn("event", text_schema, "event of the record that changed it"),
    PageColumn("asset", text_schema, "code of the asset"),
    PageColumn("change", amount_schema, "of available and held together, with the fee in it"),
    PageColumn("held", amount_schema, "change of what a withdrawal holds"),
    PageColumn("fee", amount_schema, "that part of the change, in the asset of the line"),
    PageColumn("symbol", text_schema, "market of a trade"),
    PageColumn("orderId", or_nothing(number_schema), "order of a trade"),
    PageColumn("tradeId", or_nothing(number_schema), "public number of a trade"),
    PageColumn("side", text_schema, "BUY or SELL"),
    PageColumn("role", text_schema, "maker or taker"),
    PageColumn("price", text_schema, "of a trade"),
    PageColumn("quantity", text_schema, "of a trade"),
    PageColumn("reference", number_schema, "withdrawal, receipt, trade or order that the event is about, 0 for none"),
    PageColumn("paperHash", text_schema, "SHA-256 of the evidence or of the decision"),
)
ORDERS = (
    PageColumn("cursor", text_schema, "names the order; ask on behind it with `after`"),
    PageColumn("orderId", number_schema, "number of the order"),
    PageColumn("symbol", text_schema, "market"),
    PageColumn("clientOrderId", text_schema, "the client's name for it"),
    PageColumn("orderListId", {"type": "integer"}, "list that it belongs to, -1 for none"),
    PageColumn("side", text_schema, "BUY or SELL"),
    PageColumn("type", text_schema, "type of the order"),
    PageColumn("timeInForce", text_schema, "how long it stays"),
    PageColumn("price", text_schema, "limit, 0 for none"),
    PageColumn("stopPrice", text_schema, "trigger, 0 for none"),
    PageColumn("origQty", text_schema, "quantity"),
    PageColumn("executedQty", text_schema, "what was traded"),
    PageColumn("cummulativeQuoteQty", text_schema, "what that cost or brought"),
    PageColumn("status", text_schema, "what became of it"),
    PageColumn("expiryReason", or_nothing(text_schema), "why it expired"),
    PageColumn("time", time_schema, "when it was accepted"),
    PageColumn("updateTime", time_schema, "when it last changed"),
)


async def history(asked: GatewayRequest) -> Any:
    """Return lines of the account behind a cursor."""
    form, limit = wanted_form(asked, FileForm.json, FileForm.csv, FileForm.parquet), wanted_rows(asked)
    after, period = read_cursor(asked.parameters.text("after")), asked_period(asked)
    gateway = asked.gateway
    lines = await asked.read(gateway.history.lines, asked.account_id, after, limit, period)
    rows = [line_row(gateway, line) for line in lines]
    following = str(lines[-1].cursor) if len(lines) == limit else None
    page = written(RowPage(LINES, rows, following), form, f"history-{asked.account_id}")
    return signed_paper(asked, "history", page)


def asked_period(asked: GatewayRequest) -> Period | None:
    """Return the period that a request names, None where it names none."""
    start_ns, end_ns = time_ns(asked, "startTime"), time_ns(asked, "endTime")
    if start_ns is None and end_ns is None:
        return None
    return Period(start_ns or 0, END_OF_TIME_NS if end_ns is None else end_ns + 1)


def line_row(gateway: Gateway, line: LedgerLine) -> list[Any]:
    """Return a line as a row of a page."""
    asset = gateway.models.venue.assets.rows[line.asset_id]
    code, places = asset[ASSET_CODE], asset[ASSET_SCALE]
    fee = line.trade.fee_minor if line.trade else 0
    amounts = [text_of(each, places) for each in (line.change_minor, line.held_minor, fee)]
    start = [str(line.cursor), line.cursor.seq, line.ts_ns // NS_PER_MS, line.event, code, *amounts]
    return [*start, *trade_cells(gateway, line), line.reference, line.paper_hash]


def trade_cells(gateway: Gateway, line: LedgerLine) -> list[Any]:
    """Return what a line says of its trade."""
    terms = line.trade
    if terms is None:
        return ["", None, None, "", "", "", ""]
    symbol = gateway.symbols.at(terms.market_id, line.cursor.seq)
    name = symbol.name if symbol else f"market {terms.market_id}"
    price = symbol.price(terms.price_ticks) if symbol else f"{terms.price_ticks} ticks"
    quantity = symbol.quantity(terms.quantity_lots) if symbol else f"{terms.quantity_lots} lots"
    role = "maker" if terms.is_maker else "taker"
    return [name, terms.order_id, terms.trade_number, SIDE_WORDS[terms.side], role, price, quantity]


async def orders(asked: GatewayRequest) -> Any:
    """Return orders of all markets behind a number, oldest first, whatever became of them."""
    form, limit = wanted_form(asked, FileForm.json, FileForm.csv, FileForm.parquet), wanted_rows(asked)
    after = read_cursor(asked.parameters.text("after"))
    views = await asked.read(asked.gateway.reads.orders_after, asked.account_id, after.seq, after.place, limit)
    following = order_cursor(views[-1]) if len(views) == limit else None
    page = RowPage(ORDERS, [order_row(view) for view in views], following)
    return signed_paper(asked, "orders", written(page, form, f"orders-{asked.account_id}"))


def order_cursor(view: OrderView) -> str:
    """Return what names an order for the next question: the command that placed it, and its number."""
    return str(LineCursor(view.order_id & SEQ_MASK, view.order_id))


def order_row(view: OrderView) -> list[Any]:
    """Return an order as a row of a page."""
    plain = {**view.queried(), "cursor": order_cursor(view)}
    return [plain.get(column.name) for column in ORDERS]


OPERATIONS = (
    Operation(
        "GET",
        "/v1/account/history",
        history,
        Security.READ,
        "Every change of what the account owns, from its first day on",
        page_schema(LINES),
        (AFTER, LIMIT, format_given(TABLE), *FROM_TO),
        20,
        TABLE,
    ),
    Operation(
        "GET",
        "/v1/account/orders",
        orders,
        Security.READ,
        "Every order of the account in all markets, from its first day on",
        page_schema([each._replace(schema=words("BUY", "SELL")) if each.name == "side" else each for each in ORDERS]),
        (AFTER, LIMIT, format_given(TABLE)),
        20,
        TABLE,
    ),
)
