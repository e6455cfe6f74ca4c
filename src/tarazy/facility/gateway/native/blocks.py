"""Trades off the book: ask for a quote, quote, accept; the public sees the trade after the market's delay.

The acceptance makes one document: what was asked, quoted and accepted with the digests of the three signed requests,
every other quote, and what the book would have paid at that moment (the record of best execution, AFSA guidance of 29
March 2024 on over-the-counter deals). Its hash stands in the record with the trade. Nothing is held before: when the
quote is accepted, both sides are checked, held and settled in one command.
"""

from __future__ import annotations

import asyncio
import json
from hashlib import sha256
from typing import Any

from tarazy.domain.records import BlockTradeExecuted, ExecuteBlockTrade, Side
from tarazy.facility.block_desk.quotes import BlockQuote, QuoteRequest, QuoteState, Sent
from tarazy.facility.gateway.dialect.order_view import NS_PER_MS
from tarazy.facility.gateway.endpoint import GatewayRequest, accepted
from tarazy.facility.gateway.native.block_views import BLOCKS, block_row, quote_view, request_view
from tarazy.facility.gateway.native.tables import FileForm, RowPage, wanted_rows, written
from tarazy.oversight.requests.errors import INVALID_PARAMETER, NEW_ORDER_REJECTED, NO_SUCH_ORDER, DialectError, illegal
from tarazy.oversight.requests.symbol import Symbol

VALID_MIN_MS, VALID_MS, VALID_MAX_MS = 1_000, 60_000, 86_400_000
NUMBER_MAX = (1 << 62) - 1
SIDES = {"BUY": Side.buy, "SELL": Side.sell}
CLIENT_ID = "^[!-~]{1,36}$"
DEPTH = 5_000


# ---------------------------------------------------------------- asking and quoting
async def ask_for_quote(asked: GatewayRequest) -> Any:
    """Ask for a price for a quantity; who asks is not told."""
    symbol, word = asked.symbol(), asked.parameters.required("side")
    if word not in SIDES:
        raise illegal("side", "BUY or SELL")
    lots = symbol.lots_of("quantity", asked.parameters.required("quantity"))
    now_ms, until_ms = wanted_time(asked)
    terms = (wanted_sender(asked), symbol.market_id, int(SIDES[word]), lots, now_ms, until_ms)
    found = await kept(asked.gateway.quotes.add_request, *terms)
    return request_view(symbol, found, now_ms, asked.account_id)


async def give_quote(asked: GatewayRequest) -> Any:
    """Offer a price for a request of somebody else."""
    now_ms, until_ms = wanted_time(asked)
    request = await found_request(asked, wanted_number(asked, "requestId"))
    symbol = symbol_of(asked, request)
    ticks = symbol.ticks_of("price", asked.parameters.required("price"))
    sent = wanted_sender(asked)
    asked.gateway.require_confirmed(asked.account_id)
    if request.account_id == asked.account_id:
        raise DialectError(NEW_ORDER_REJECTED, "The request is your own; others quote for it.")
    if request.state_at(now_ms) != QuoteState.open:
        raise DialectError(NEW_ORDER_REJECTED, f"The request is {request.state_at(now_ms)}.")
    quote = await kept(asked.gateway.quotes.add_quote, sent, request.number, ticks, now_ms, until_ms)
    return quote_view(symbol, quote, now_ms, asked.account_id)


async def list_requests(asked: GatewayRequest) -> Any:
    """Return the account's own requests, and those of others that are open."""
    asked.parameters.finish()
    now_ms = asked.gateway.views.now_ns() // NS_PER_MS
    rows = await asyncio.to_thread(asked.gateway.quotes.requests, asked.account_id, now_ms)
    return [request_view(symbol_of(asked, row), row, now_ms, asked.account_id) for row in rows]


async def list_quotes(asked: GatewayRequest) -> Any:
    """Return the quotes for a request: all of them to who asked, to others their own."""
    request = await found_request(asked, wanted_number(asked, "requestId"))
    asked.parameters.finish()
    now_ms, symbol = asked.gateway.views.now_ns() // NS_PER_MS, symbol_of(asked, request)
    rows = await asyncio.to_thread(asked.gateway.quotes.quotes, request.number)
    seen = [row for row in rows if asked.account_id in (request.account_id, row.account_id)]
    return [quote_view(symbol, row, now_ms, asked.account_id) for row in seen]


async def withdraw_request(asked: GatewayRequest) -> Any:
    """Cancel a request of one's own."""
    request = await found_request(asked, wanted_number(asked, "requestId"))
    asked.parameters.finish()
    if request.account_id != asked.account_id:
        raise no_such("Request")
    await asyncio.to_thread(asked.gateway.quotes.cancel, "requests", request.number)
    now_ms = asked.gateway.views.now_ns() // NS_PER_MS
    request = await found_request(asked, request.number)
    return request_view(symbol_of(asked, request), request, now_ms, asked.account_id)


async def withdraw_quote(asked: GatewayRequest) -> Any:
    """Cancel a quote of one's own."""
    quote = await found_quote(asked, wanted_number(asked, "quoteId"))
    asked.parameters.finish()
    if quote.account_id != asked.account_id:
        raise no_such("Quote")
    await asyncio.to_thread(asked.gateway.quotes.cancel, "quotes", quote.number)
    request = await found_request(asked, quote.request)
    now_ms = asked.gateway.views.now_ns() // NS_PER_MS
    return quote_view(symbol_of(asked, request), await found_quote(asked, quote.number), now_ms, asked.account_id)


# ---------------------------------------------------------------- accepting
async def accept_quote(asked: GatewayRequest) -> Any:
    """Accept a quote: the trade settles at once, or the venue says why not. Asking again finds the same trade."""
    quote = await found_quote(asked, wanted_number(asked, "quoteId"))
    request = await found_request(asked, quote.request)
    asked.parameters.finish()
    if request.account_id != asked.account_id:
        raise no_such("Quote")
    gateway, quotes = asked.gateway, asked.gateway.quotes
    gateway.require_confirmed(asked.account_id)
    now_ms, symbol = gateway.views.now_ns() // NS_PER_MS, symbol_of(asked, request)
    if request.state == QuoteState.open:
        for each, what in ((request, "request"), (quote, "quote")):
            if each.state_at(now_ms) != QuoteState.open:
                raise DialectError(NEW_ORDER_REJECTED, f"The {what} is {each.state_at(now_ms)}.")
        document = await consent_document(asked, symbol, request, quote, now_ms)
        consent_hash = sha256(document.encode()).hexdigest()
        await asyncio.to_thread(quotes.accept, request.number, quote.number, consent_hash, document)
    acceptance = await asyncio.to_thread(quotes.acceptance, quote.number)
    if acceptance is None or acceptance.refusal:
        raise DialectError(NEW_ORDER_REJECTED, f"The quote is {quote.state_at(now_ms)}.")
    traded = await gateway.read(asked.account_id, lambda: gateway.blocks.with_consent(acceptance.consent_hash))
    if traded is None:
        if now_ms >= quote.expires_ms:  # accepted in time and never ordered: nobody is bound any more
            await asyncio.to_thread(quotes.settle, request.number, quote.number, None, "expired")
            raise DialectError(NEW_ORDER_REJECTED, "The quote is expired.")
        command = ExecuteBlockTrade(
            side=request.side,
            market_id=request.market_id,
            account_id=request.account_id,
            counterparty_account_id=quote.account_id,
            price_ticks=quote.ticks,
            quantity_lots=request.lots,
            consent_hash=bytes.fromhex(acceptance.consent_hash),
        )
        ordered = await asked.order(command, f"block-{quote.number}", quoteId=str(quote.number))
        try:
            event = next(each for each in accepted(ordered) if isinstance(each, BlockTradeExecuted))
        except DialectError as error:
            await asyncio.to_thread(quotes.settle, request.number, quote.number, None, error.message)
            raise
        seq, time_ns = event.seq, ordered.ts_ns
    else:
        seq, time_ns = traded.seq, traded.ts_ns
    await asyncio.to_thread(quotes.settle, request.number, quote.number, seq, None)
    return {
        "quoteId": quote.number,
        "requestId": request.number,
        "seq": seq,
        "time": time_ns // NS_PER_MS,
        "symbol": symbol.name,
        "side": Side(request.side).name.upper(),
        "price": symbol.price(quote.ticks),
        "quantity": symbol.quantity(request.lots),
        "consentHash": acceptance.consent_hash,
    }


async def consent_document(
    asked: GatewayRequest, symbol: Symbol, request: QuoteRequest, quote: BlockQuote, now_ms: int
) -> str:
    """Return what both consented to and how the price compares, as canonical JSON."""
    others = await asyncio.to_thread(asked.gateway.quotes.quotes, request.number)
    signed = {"digest": asked.by.digest.hex(), "key": asked.by.key.key_id, "time": now_ms}
    document = {
        "facility": asked.gateway.identity.facility_id.hex(),
        "symbol": symbol.name,
        "side": Side(request.side).name.upper(),
        "quantity": symbol.quantity(request.lots),
        "price": symbol.price(quote.ticks),
        "request": {
            "account": request.account_id,
            "digest": request.digest,
            "key": request.key_id,
            "time": request.created_ms,
        },
        "quote": {"account": quote.account_id, "digest": quote.digest, "key": quote.key_id, "time": quote.created_ms},
        "acceptance": {"account": request.account_id, **signed},
        "quotes": [
            {"quoteId": each.number, "price": symbol.price(each.ticks), "state": each.state_at(now_ms)}
            for each in others
        ],
        "book": book_comparison(asked, symbol, request),
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"))


def book_comparison(asked: GatewayRequest, symbol: Symbol, request: QuoteRequest) -> dict[str, Any]:
    """Return the best prices of the book, and what it would have paid; null where it has too little."""
    depth = asked.gateway.views.depth(request.market_id, DEPTH)
    left, cost = request.lots, 0
    for level in depth.asks if request.side == Side.buy else depth.bids:
        ticks, lots = level[0], min(level[1], left)
        left, cost = left - lots, cost + symbol.cost_minor(ticks, lots)
    best = {
        name: symbol.price(side[0][0]) if side else None for name, side in (("bid", depth.bids), ("ask", depth.asks))
    }
    last = asked.gateway.views.last_trade(request.market_id)
    whole = symbol.amount(cost) if left == 0 else None
    return {
        **best,
        "updateId": depth.update_id,
        "costOnBook": whole,
        "last": symbol.price(last.price_ticks) if last else None,
    }


# ---------------------------------------------------------------- what was traded
async def public_blocks(asked: GatewayRequest) -> Any:
    """Return the block trades of a market whose delay is over, oldest first."""
    symbol, limit = asked.symbol(), wanted_rows(asked)
    after = asked.parameters.integer("after", 0, high=NUMBER_MAX) or 0
    asked.parameters.finish()
    gateway = asked.gateway
    now_ns = gateway.views.now_ns()
    found = await gateway.ask(lambda: gateway.blocks.public(symbol.market_id, after, now_ns, limit))
    rows = [block_row(symbol, each) for each in found]
    return written(RowPage(BLOCKS, rows, str(found[-1].seq) if len(found) == limit else None), FileForm.json, "blocks")


async def execution_record(asked: GatewayRequest) -> Any:
    """Return the document of an acceptance, whose SHA-256 the record has, to the two who traded."""
    quote = await found_quote(asked, wanted_number(asked, "quoteId"))
    request = await found_request(asked, quote.request)
    asked.parameters.finish()
    acceptance = await asyncio.to_thread(asked.gateway.quotes.acceptance, quote.number)
    if acceptance is None or acceptance.seq is None or asked.account_id not in (request.account_id, quote.account_id):
        raise no_such("Trade")
    return {"seq": acceptance.seq, "consentHash": acceptance.consent_hash, "document": acceptance.document}


# ---------------------------------------------------------------- parts
def wanted_sender(asked: GatewayRequest) -> Sent:
    """Return who sends, with the client's own number. Raises: DialectError."""
    client_id = asked.parameters.text("clientId") or asked.spare_id
    if len(client_id) > 36 or not client_id.isascii() or not client_id.isprintable() or " " in client_id:
        raise illegal("clientId", CLIENT_ID)
    asked.parameters.finish()
    return Sent(asked.account_id, client_id, asked.by.digest.hex(), asked.by.key.key_id)


def wanted_time(asked: GatewayRequest) -> tuple[int, int]:
    """Return now and until when what is sent is open, UTC milliseconds. Raises: DialectError."""
    valid_ms = asked.parameters.integer("validMs", VALID_MS, low=VALID_MIN_MS, high=VALID_MAX_MS) or VALID_MS
    now_ms = asked.gateway.views.now_ns() // NS_PER_MS
    return now_ms, now_ms + valid_ms


def wanted_number(asked: GatewayRequest, name: str) -> int:
    """Return a number that must be there. Raises: DialectError."""
    asked.parameters.required(name)
    return asked.parameters.integer(name, low=1, high=NUMBER_MAX) or 0


async def kept(add: Any, *terms: Any) -> Any:
    """Store in a thread; what the table refuses is an error of the dialect."""
    try:
        return await asyncio.to_thread(add, *terms)
    except ValueError as error:
        raise DialectError(INVALID_PARAMETER, str(error)) from error


async def found_request(asked: GatewayRequest, number: int) -> QuoteRequest:
    """Return a request. Raises: DialectError."""
    request = await asyncio.to_thread(asked.gateway.quotes.request, number)
    if request is None:
        raise no_such("Request")
    return request


async def found_quote(asked: GatewayRequest, number: int) -> BlockQuote:
    """Return a quote. Raises: DialectError."""
    quote = await asyncio.to_thread(asked.gateway.quotes.quote, number)
    if quote is None:
        raise no_such("Quote")
    return quote


def no_such(what: str) -> DialectError:
    """Return the error where something is not there, or not for this account."""
    return DialectError(NO_SUCH_ORDER, f"{what} does not exist.")


def symbol_of(asked: GatewayRequest, request: QuoteRequest) -> Symbol:
    """Return the market of a request. Raises: DialectError."""
    symbol = asked.gateway.views.symbol(request.market_id)
    if symbol is None:
        raise no_such("Market")
    return symbol
