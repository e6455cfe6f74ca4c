"""Trades off the book: ask for a quote and quote (`block_acceptance.py` accepts); the public sees the trade later.

Nothing is held before: when the quote is accepted, both sides are checked, held and settled in one command. What an
order needs, a request and a quote need too: papers that are confirmed, a signature where the client signs everything,
and room in the account's limit of orders.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from tarazy.domain.records import AccountState, CommandRejected
from tarazy.domain.reject_codes import RejectCode
from tarazy.facility.block_desk.quotes import BlockQuote, QuoteRequest, QuoteState, Sent
from tarazy.facility.gateway.dialect.order_view import NS_PER_MS
from tarazy.facility.gateway.dialect.refusals import refusal
from tarazy.facility.gateway.endpoint import GatewayRequest
from tarazy.facility.gateway.native.block_views import BLOCKS, block_row, quote_view, request_view
from tarazy.facility.gateway.native.tables import FileForm, RowPage, wanted_rows, written
from tarazy.facility.projections.venue import ACCOUNT_STATE
from tarazy.oversight.requests.block_requests import (
    NUMBER_MAX,
    TERM_NAMES,
    asked_terms,
    priced_terms,
    valid_ms,
    wanted_number,
)
from tarazy.oversight.requests.errors import INVALID_PARAMETER, NEW_ORDER_REJECTED, NO_SUCH_ORDER, DialectError, illegal
from tarazy.oversight.requests.symbol import Symbol

CLIENT_ID = "^[!-~]{1,36}$"


# ---------------------------------------------------------------- asking and quoting
async def ask_for_quote(asked: GatewayRequest) -> Any:
    """Ask for a price for a quantity; who asks is not told."""
    symbol = asked.symbol()
    said = asked_terms(asked.parameters, symbol)
    now_ms, until_ms = wanted_time(asked)
    terms = (wanted_sender(asked), said.market_id, said.side, said.lots, now_ms, until_ms, units_of(symbol))
    await count_as_order(asked)
    found = await kept(asked.gateway.quotes.add_request, *terms)
    return request_view(symbol, found, now_ms, asked.account_id)


async def give_quote(asked: GatewayRequest) -> Any:
    """Offer a price for a request of somebody else."""
    now_ms, until_ms = wanted_time(asked)
    request = await found_request(asked, wanted_number(asked.parameters, "requestId"))
    symbol = symbol_of(asked, request)
    ticks = symbol.ticks_of("price", asked.parameters.required("price"))
    check_said(asked, request, ticks, TERM_NAMES[:-1])  # a price is there anyway
    sent = wanted_sender(asked)
    if request.account_id == asked.account_id:
        raise DialectError(NEW_ORDER_REJECTED, "The request is your own; others quote for it.")
    if request.state_at(now_ms) != QuoteState.open:
        raise DialectError(NEW_ORDER_REJECTED, f"The request is {request.state_at(now_ms)}.")
    await count_as_order(asked)
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
    request = await found_request(asked, wanted_number(asked.parameters, "requestId"))
    asked.parameters.finish()
    now_ms, symbol = asked.gateway.views.now_ns() // NS_PER_MS, symbol_of(asked, request)
    rows = await asyncio.to_thread(asked.gateway.quotes.quotes, request.number)
    seen = [row for row in rows if asked.account_id in (request.account_id, row.account_id)]
    return [quote_view(symbol, row, now_ms, asked.account_id) for row in seen]


async def withdraw_request(asked: GatewayRequest) -> Any:
    """Cancel a request of one's own."""
    request = await found_request(asked, wanted_number(asked.parameters, "requestId"))
    asked.parameters.finish()
    if request.account_id != asked.account_id:
        raise no_such("Request")
    await asked.require_own_signature()
    await asyncio.to_thread(asked.gateway.quotes.cancel, "requests", request.number)
    now_ms = asked.gateway.views.now_ns() // NS_PER_MS
    request = await found_request(asked, request.number)
    return request_view(symbol_of(asked, request), request, now_ms, asked.account_id)


async def withdraw_quote(asked: GatewayRequest) -> Any:
    """Cancel a quote of one's own."""
    quote = await found_quote(asked, wanted_number(asked.parameters, "quoteId"))
    asked.parameters.finish()
    if quote.account_id != asked.account_id:
        raise no_such("Quote")
    await asked.require_own_signature()
    await asyncio.to_thread(asked.gateway.quotes.cancel, "quotes", quote.number)
    request = await found_request(asked, quote.request)
    now_ms = asked.gateway.views.now_ns() // NS_PER_MS
    return quote_view(symbol_of(asked, request), await found_quote(asked, quote.number), now_ms, asked.account_id)


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
    quote = await found_quote(asked, wanted_number(asked.parameters, "quoteId"))
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
    document, key = asked.by.document, asked.by.key
    number = key.number if document else 0
    return Sent(asked.account_id, client_id, asked.by.digest.hex(), key.key_id, number, document)


def check_said(asked: GatewayRequest, request: QuoteRequest, ticks: int, names: Sequence[str] = TERM_NAMES) -> None:
    """Refuse what says another trade than it is about; who signs with a key of its own must say the trade.

    Raises: DialectError.
    """
    if not asked.by.document and not any(asked.parameters.has(name) for name in names):
        return
    said = priced_terms(asked.parameters, asked.gateway.symbols.find)
    if said != (request.market_id, request.side, request.lots, ticks):
        message = "What it says of the trade is not what the request and the quote say."
        raise DialectError(NEW_ORDER_REJECTED, message, advice="Look at the request and the quote again.")


async def count_as_order(asked: GatewayRequest) -> None:
    """Let what may become a trade through the gates of an order. Raises: DialectError."""
    await asked.require_own_signature()
    state = asked.gateway.models.venue.accounts.rows[asked.account_id][ACCOUNT_STATE]
    if state != AccountState.active:
        raise refusal(CommandRejected(RejectCode.account_not_active, expected=int(AccountState.active), found=state))
    asked.gateway.require_confirmed(asked.account_id)
    asked.gateway.limits.enter_orders(asked.account_id, 1)


def wanted_time(asked: GatewayRequest) -> tuple[int, int]:
    """Return now and until when what is sent is open, UTC milliseconds. Raises: DialectError."""
    now_ms = asked.gateway.views.now_ns() // NS_PER_MS
    return now_ms, now_ms + valid_ms(asked.parameters)


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


def units_of(symbol: Symbol) -> str:
    """Return what a lot and a tick of a market are worth now: in other units a trade is another one."""
    return f"{symbol.lot_size_minor} {symbol.tick_value_minor}"


def symbol_of(asked: GatewayRequest, request: QuoteRequest) -> Symbol:
    """Return the market of a request. Raises: DialectError."""
    symbol = asked.gateway.views.symbol(request.market_id)
    if symbol is None:
        raise no_such("Market")
    return symbol
