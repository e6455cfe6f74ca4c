"""A quote is accepted: the consent of both becomes one document, its hash one command, and that one trade at most.

The document has what was asked, quoted and accepted with the digests of the three signed requests, every other quote,
and what the book would have paid at that moment (the record of best execution, AFSA guidance of 29 March 2024 on
over-the-counter deals). An acceptance may be sent again, also while the first is under way: whether it traded is asked
of the record behind everything that was ordered before, never of the answer of one attempt.
"""

from __future__ import annotations

import asyncio
import json
from hashlib import sha256
from typing import Any

from tarazy.domain.records import AdvanceTime, BlockTradeExecuted, ExecuteBlockTrade, Side
from tarazy.facility.block_desk.quotes import Acceptance, BlockQuote, QuoteRequest, QuoteState
from tarazy.facility.gateway.client_keys import nothing
from tarazy.facility.gateway.dialect.order_view import NS_PER_MS
from tarazy.facility.gateway.endpoint import GatewayRequest, accepted
from tarazy.facility.gateway.native.blocks import (
    count_as_order,
    found_quote,
    found_request,
    no_such,
    symbol_of,
    wanted_number,
)
from tarazy.oversight.requests.errors import NEW_ORDER_REJECTED, DialectError
from tarazy.oversight.requests.symbol import Symbol

DEPTH = 5_000
US_PER_MS = 1_000


async def accept_quote(asked: GatewayRequest) -> Any:
    """Accept a quote: the trade settles at once, or the venue says why not. Asking again finds the same trade."""
    quote = await found_quote(asked, wanted_number(asked, "quoteId"))
    request = await found_request(asked, quote.request)
    asked.parameters.finish()
    if request.account_id != asked.account_id:
        raise no_such("Quote")
    count_as_order(asked)
    quotes = asked.gateway.quotes
    with quotes.alone(request.number) as is_alone:
        if not is_alone:
            message = "An acceptance of a quote for this request is under way."
            raise DialectError(NEW_ORDER_REJECTED, message, advice="Ask again.")
        request = await found_request(asked, request.number)  # as the one before it left them
        quote = await found_quote(asked, quote.number)
        is_new = await consented(asked, request, quote)
        acceptance = await asyncio.to_thread(quotes.acceptance, quote.number)
        if acceptance is None or acceptance.refusal:
            now_ms = asked.gateway.views.now_ns() // NS_PER_MS
            raise DialectError(NEW_ORDER_REJECTED, f"The quote is {quote.state_at(now_ms)}.")
        traded = None if is_new else await trade_before(asked, acceptance)
        seq, time_ns = traded or await ordered_trade(asked, request, quote, acceptance)
        await asyncio.to_thread(quotes.settle, request.number, quote.number, seq, None)
    return trade_view(symbol_of(asked, request), request, quote, acceptance, seq, time_ns)


async def consented(asked: GatewayRequest, request: QuoteRequest, quote: BlockQuote) -> bool:
    """Store the acceptance of an open quote; return whether it is new. Raises: DialectError where it is too late."""
    if request.state != QuoteState.open:
        return False
    now_ms = asked.gateway.views.now_ns() // NS_PER_MS
    for each, what in ((request, "request"), (quote, "quote")):
        if each.state_at(now_ms) != QuoteState.open:
            raise DialectError(NEW_ORDER_REJECTED, f"The {what} is {each.state_at(now_ms)}.")
    document = await consent_document(asked, symbol_of(asked, request), request, quote, now_ms)
    consent_hash = sha256(document.encode()).hexdigest()
    terms = (request.number, quote.number, consent_hash, document)
    return await asyncio.to_thread(asked.gateway.quotes.accept, *terms)


async def trade_before(asked: GatewayRequest, acceptance: Acceptance) -> tuple[int, int] | None:
    """Return command and time of the trade that an earlier attempt brought, None where none did.

    An attempt whose client went away may still wait for the writer. What is ordered behind it is answered behind it.
    """
    if acceptance.seq is None:
        gateway = asked.gateway
        behind = await gateway.entry.enter(AdvanceTime().pack(), (), nothing)
        gateway.told(asked.account_id, behind.first_seq)
    return await trade_of(asked, acceptance)


async def trade_of(asked: GatewayRequest, acceptance: Acceptance) -> tuple[int, int] | None:
    """Return command and time of the trade of a consent, behind what this account was told, None for none."""
    gateway = asked.gateway
    traded = await gateway.read(asked.account_id, lambda: gateway.blocks.with_consent(acceptance.consent_hash))
    return (traded.seq, traded.ts_ns) if traded is not None else None


async def ordered_trade(
    asked: GatewayRequest, request: QuoteRequest, quote: BlockQuote, acceptance: Acceptance
) -> tuple[int, int]:
    """Order the trade of a consent; return its command and time. Raises: DialectError, also past the quote's time."""
    gateway = asked.gateway
    quotes, until_ms = gateway.quotes, quote.expires_ms
    if gateway.views.now_ns() // NS_PER_MS >= until_ms:  # accepted in time and never ordered: nobody is bound any more
        await asyncio.to_thread(quotes.settle, request.number, quote.number, None, "expired")
        raise DialectError(NEW_ORDER_REJECTED, "The quote is expired.")
    asked.signed = asked.by._replace(deadline_us=min(asked.by.deadline_us, until_ms * US_PER_MS))
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
        traded = await trade_of(asked, acceptance)
        if traded is None:
            await asyncio.to_thread(quotes.settle, request.number, quote.number, None, error.message)
            raise
        return traded
    return event.seq, ordered.ts_ns


def trade_view(
    symbol: Symbol, request: QuoteRequest, quote: BlockQuote, acceptance: Acceptance, seq: int, time_ns: int
) -> dict[str, Any]:
    """Return a trade as who accepted it sees it."""
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
