"""What is told of requests for a quote, of quotes and of block trades."""

from __future__ import annotations

from typing import Any

from tarazy.domain.records import Side
from tarazy.facility.block_desk.quotes import BlockQuote, QuoteRequest
from tarazy.facility.gateway.dialect.order_view import NS_PER_MS
from tarazy.facility.gateway.native.block_reads import BlockTrade
from tarazy.facility.gateway.native.operation import (
    amount_schema,
    fields,
    flag_schema,
    number_schema,
    text_schema,
    time_schema,
    words,
)
from tarazy.facility.gateway.native.tables import PageColumn
from tarazy.oversight.requests.symbol import Symbol

side_schema, state_schema = words("BUY", "SELL"), words("open", "accepting", "traded", "canceled", "expired")
REQUEST = fields(
    requestId=number_schema,
    isOwn=flag_schema,
    clientId={**text_schema, "description": "empty where it is somebody else's"},
    symbol=text_schema,
    side=side_schema,
    quantity=amount_schema,
    state=state_schema,
    time=time_schema,
    expiresAt=time_schema,
)
QUOTE = fields(
    quoteId=number_schema,
    requestId=number_schema,
    isOwn=flag_schema,
    clientId={**text_schema, "description": "empty where it is somebody else's"},
    price=amount_schema,
    state=state_schema,
    time=time_schema,
    expiresAt=time_schema,
)
TRADED = fields(
    quoteId=number_schema,
    requestId=number_schema,
    seq={**number_schema, "description": "command of the record"},
    time=time_schema,
    symbol=text_schema,
    side=side_schema,
    price=amount_schema,
    quantity=amount_schema,
    consentHash={**text_schema, "description": "SHA-256 of the document of consent, as the record has it"},
)
RECORD = fields(
    seq=number_schema,
    consentHash=text_schema,
    document={**text_schema, "description": "canonical JSON: request, quote and acceptance, other quotes, the book"},
)
BLOCKS = (
    PageColumn("seq", number_schema, "command of the record; ask on behind it with `after`"),
    PageColumn("flag", words("BLOCK"), "made off the book"),
    PageColumn("time", time_schema, "of the trade"),
    PageColumn("publicTime", time_schema, "from when on it is told here"),
    PageColumn("price", amount_schema, "of one unit of the base asset"),
    PageColumn("quantity", amount_schema, "of the base asset"),
    PageColumn("quoteQuantity", amount_schema, "of the quote asset"),
)


def request_view(symbol: Symbol, request: QuoteRequest, now_ms: int, account_id: int) -> dict[str, Any]:
    """Return a request as an account may see it."""
    is_own = request.account_id == account_id
    return {
        "requestId": request.number,
        "isOwn": is_own,
        "clientId": request.client_id if is_own else "",
        "symbol": symbol.name,
        "side": Side(request.side).name.upper(),
        "quantity": symbol.quantity(request.lots),
        "state": str(request.state_at(now_ms)),
        "time": request.created_ms,
        "expiresAt": request.expires_ms,
    }


def quote_view(symbol: Symbol, quote: BlockQuote, now_ms: int, account_id: int) -> dict[str, Any]:
    """Return a quote as an account may see it."""
    is_own = quote.account_id == account_id
    return {
        "quoteId": quote.number,
        "requestId": quote.request,
        "isOwn": is_own,
        "clientId": quote.client_id if is_own else "",
        "price": symbol.price(quote.ticks),
        "state": str(quote.state_at(now_ms)),
        "time": quote.created_ms,
        "expiresAt": quote.expires_ms,
    }


def block_row(symbol: Symbol, block: BlockTrade) -> list[Any]:
    """Return a block trade as a row of the public list: whose it was is not in it."""
    return [
        block.seq,
        "BLOCK",
        block.ts_ns // NS_PER_MS,
        block.public_ns // NS_PER_MS,
        symbol.price(block.price_ticks),
        symbol.quantity(block.quantity_lots),
        symbol.amount(symbol.cost_minor(block.price_ticks, block.quantity_lots)),
    ]
