"""Trades off the book: what a request for a quote, a quote and an acceptance say of the trade, each for itself.

A quote and an acceptance name what they answer by a number of the facility's own, which proves nothing to others. So
they say the trade itself too, and what was signed binds whoever signed it to these terms and to no others. `side` is
that of the client who asks, in all three.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tarazy.domain.records import ExecuteBlockTrade, Side
from tarazy.oversight.requests.errors import illegal
from tarazy.oversight.requests.parameters import Parameters
from tarazy.oversight.requests.symbol import Symbol

VALID_MIN_MS, VALID_MS, VALID_MAX_MS = 1_000, 60_000, 86_400_000
NUMBER_MAX = (1 << 62) - 1
SIDES = {"BUY": Side.buy, "SELL": Side.sell}
TERM_NAMES = ("symbol", "side", "quantity", "price")


class BlockTerms(NamedTuple):
    """One trade off the book, with the side of the client who asks; a request for a quote has no price yet: 0."""

    market_id: int
    side: int
    lots: int
    price_ticks: int = 0


class Quoted(NamedTuple):
    """What the number of a quote stands for in one acceptance: who gave it, and the hash of the consent."""

    account_id: int
    consent_hash: bytes


def asked_terms(parameters: Parameters, symbol: Symbol) -> BlockTerms:
    """Return what a request for a quote says. Raises: DialectError."""
    word = parameters.required("side")
    if word not in SIDES:
        raise illegal("side", "BUY or SELL")
    lots = symbol.lots_of("quantity", parameters.required("quantity"))
    return BlockTerms(symbol.market_id, int(SIDES[word]), lots)


def quoted_terms(parameters: Parameters, find: Callable[[str], Symbol]) -> BlockTerms:
    """Return what a quote says; without the number of a request it is none. Raises: DialectError."""
    wanted_number(parameters, "requestId")
    return priced_terms(parameters, find)


def priced_terms(parameters: Parameters, find: Callable[[str], Symbol]) -> BlockTerms:
    """Return a trade with its price, as a quote and an acceptance say it. Raises: DialectError."""
    symbol = find(parameters.required("symbol"))
    ticks = symbol.ticks_of("price", parameters.required("price"))
    return asked_terms(parameters, symbol)._replace(price_ticks=ticks)


def side_name(side: int) -> str:
    """Return a side as it is said."""
    return next((name for name, each in SIDES.items() if each == side), str(side))


def quote_number(parameters: Parameters) -> int:
    """Return which quote is accepted. Raises: DialectError."""
    return wanted_number(parameters, "quoteId")


def wanted_number(parameters: Parameters, name: str) -> int:
    """Return a number that must be there. Raises: DialectError."""
    parameters.required(name)
    return parameters.integer(name, low=1, high=NUMBER_MAX) or 0


def valid_ms(parameters: Parameters) -> int:
    """Return how long a request for a quote, or a quote, is open, milliseconds. Raises: DialectError."""
    return parameters.integer("validMs", VALID_MS, low=VALID_MIN_MS, high=VALID_MAX_MS) or VALID_MS


def block_trade(terms: BlockTerms, account_id: int, quoted: Quoted) -> ExecuteBlockTrade:
    """Return the command that settles a trade off the book."""
    return ExecuteBlockTrade(
        side=terms.side,
        market_id=terms.market_id,
        account_id=account_id,
        counterparty_account_id=quoted.account_id,
        price_ticks=terms.price_ticks,
        quantity_lots=terms.lots,
        consent_hash=quoted.consent_hash,
    )


def block_text(quote: int) -> str:
    """Return the text by which the record refers to the acceptance of a quote."""
    return f"block-{quote}"
