"""A quote is accepted: the consent of both becomes one document, its hash one command, and that one trade at most.

The document has what was asked, quoted and accepted with the digests of the three signed requests, every other quote,
and what the book would have paid at that moment (the record of best execution, AFSA guidance of 29 March 2024 on
over-the-counter deals). An acceptance may be sent again, also while the first is under way: whether it traded is asked
of the record behind everything that was ordered before, never of the answer of one attempt.
"""

from __future__ import annotations

import asyncio
from typing import Any

from tarazy.domain.records import AdvanceTime, BlockTradeExecuted, Side
from tarazy.facility.block_desk.quotes import Acceptance, BlockQuote, QuoteRequest, QuoteState
from tarazy.facility.gateway.client_keys import nothing
from tarazy.facility.gateway.dialect.order_view import NS_PER_MS
from tarazy.facility.gateway.endpoint import Beside, GatewayRequest, accepted
from tarazy.facility.gateway.native.blocks import (
    check_said,
    count_as_order,
    found_quote,
    found_request,
    no_such,
    symbol_of,
    units_of,
)
from tarazy.oversight.requests.block_requests import BlockTerms, Quoted, block_text, block_trade, quote_number
from tarazy.oversight.requests.consent import consent_bytes, consent_hash
from tarazy.oversight.requests.errors import NEW_ORDER_REJECTED, DialectError
from tarazy.oversight.requests.symbol import Symbol

DEPTH = 5_000
US_PER_MS = 1_000


async def accept_quote(asked: GatewayRequest) -> Any:
    """Accept a quote: the trade settles at once, or the venue says why not. Asking again finds the same trade."""
    quote = await found_quote(asked, quote_number(asked.parameters))
    request = await found_request(asked, quote.request)
    if request.account_id != asked.account_id:
        raise no_such("Quote")
    check_said(asked, request, quote.ticks)
    asked.parameters.finish()
    await count_as_order(asked)
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
    check_binding(asked, request, quote)
    document = await consent_document(asked, symbol_of(asked, request), request, quote, now_ms)
    terms = (request.number, quote.number, consent_hash(document).hex(), document.decode())
    return await asyncio.to_thread(asked.gateway.quotes.accept, *terms)


def check_binding(asked: GatewayRequest, request: QuoteRequest, quote: BlockQuote) -> None:
    """Refuse a trade that one side is not bound to any more. Raises: DialectError."""
    gateway = asked.gateway
    if request.units != units_of(symbol_of(asked, request)):
        raise DialectError(
            NEW_ORDER_REJECTED, "The market's lot or tick is another now.", advice="Ask for a new quote."
        )
    for each, what in ((request, "request"), (quote, "quote")):
        if each.key_id and gateway.keys.find(each.key_id) is None:
            raise DialectError(NEW_ORDER_REJECTED, f"The key of the {what} has ended.", advice="Ask for a new quote.")
        if not each.signed and gateway.client_keys.signs_everything(each.account_id):
            message = f"Its client signs everything now, and the {what} is not signed."
            raise DialectError(NEW_ORDER_REJECTED, message, advice="Ask for a new quote.")


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
    check_binding(asked, request, quote)
    asked.beside = beside(request, quote, acceptance)
    terms = BlockTerms(request.market_id, request.side, request.lots, quote.ticks)
    quoted = Quoted(quote.account_id, bytes.fromhex(acceptance.consent_hash))
    command = block_trade(terms, request.account_id, quoted)
    ordered = await asked.order(command, block_text(quote.number), quoteId=str(quote.number))
    try:
        event = next(each for each in accepted(ordered) if isinstance(each, BlockTradeExecuted))
    except DialectError as error:
        traded = await trade_of(asked, acceptance)
        if traded is None:
            await asyncio.to_thread(quotes.settle, request.number, quote.number, None, error.message)
            raise
        return traded
    return event.seq, ordered.ts_ns


def beside(request: QuoteRequest, quote: BlockQuote, acceptance: Acceptance) -> Beside:
    """Return what is kept with the acceptance: the consent, and the requests in it that a key on record signed."""
    signed = [each for each in (request, quote) if each.signed]
    documents = [each.signed for each in signed]
    return Beside([*documents, acceptance.document.encode()], [each.key_number for each in signed])


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
) -> bytes:
    """Return what both consented to and how the price compares."""
    others = await asyncio.to_thread(asked.gateway.quotes.quotes, request.number)
    key = asked.by.key
    number = key.number if asked.by.document else 0
    accepted_by = {"digest": asked.by.digest.hex(), "key": key.key_id, "keyNumber": number, "time": now_ms}
    document = {
        "facility": asked.gateway.identity.facility_id.hex(),
        "symbol": symbol.name,
        "side": Side(request.side).name.upper(),
        "quantity": symbol.quantity(request.lots),
        "price": symbol.price(quote.ticks),
        "request": sent_view(request),
        "quote": sent_view(quote),
        "acceptance": {"account": request.account_id, **accepted_by},
        "quotes": [
            {"quoteId": each.number, "price": symbol.price(each.ticks), "state": each.state_at(now_ms)}
            for each in others
        ],
        "book": book_comparison(asked, symbol, request),
    }
    return consent_bytes(document)


def sent_view(sent: QuoteRequest | BlockQuote) -> dict[str, Any]:
    """Return who sent one of the three requests; `keyNumber` is that on record, 0 where none signed it."""
    return {
        "account": sent.account_id,
        "digest": sent.digest,
        "key": sent.key_id,
        "keyNumber": sent.key_number,
        "time": sent.created_ms,
    }


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
