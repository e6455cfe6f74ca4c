"""Which symbols a question is about: one, several, or all, and of these only those in a wanted state.

Source: binance/binance-spot-api-docs, rest-api.md (`symbol`, `symbols`, `symbolStatus`) and errors.md (-1122, -1128,
-1220): one symbol in another state is an error; of several, those in another state are left out.
"""

from __future__ import annotations

from typing import NamedTuple

from tarazy.facility.gateway.endpoint import GatewayRequest
from tarazy.facility.projections.venue import STATE
from tarazy.oversight.requests.errors import (
    BAD_COMBINATION,
    BAD_SYMBOL_STATUS,
    MANDATORY_MISSING,
    OTHER_SYMBOL_STATUS,
    REPEATED_SYMBOL,
    DialectError,
)
from tarazy.oversight.requests.names import STATUS_WORDS
from tarazy.oversight.requests.symbol import Symbol

STATUSES = frozenset(STATUS_WORDS.values()) | {"HALT"}  # the dialect's word that no market of ours is ever in


class SymbolChoice(NamedTuple):
    """Symbols that a question is about; `is_one`: the answer is no list. `is_all`: none was named."""

    symbols: list[Symbol]
    is_one: bool
    is_all: bool


def chosen(asked: GatewayRequest, *, must_name: bool = False) -> SymbolChoice:
    """Return the symbols of a question. Raises: DialectError."""
    one, several, status = asked.parameters.text("symbol"), asked.parameters.text("symbols"), wanted_status(asked)
    symbols = asked.gateway.symbols
    if one is not None and several is not None:
        raise DialectError(BAD_COMBINATION, "Combination of optional parameters invalid.", found="symbol, symbols")
    if one is not None:
        return SymbolChoice([in_status(asked, symbols.find(one), status)], is_one=True, is_all=False)
    if several is None and must_name:
        message = "Param 'symbol' or 'symbols' must be sent, but both were empty/null!"
        raise DialectError(MANDATORY_MISSING, message)
    found = list(symbols.all()) if several is None else [symbols.find(name) for name in names_of(several)]
    wanted = [each for each in found if status in (None, status_of(asked, each))]
    return SymbolChoice(wanted, is_one=False, is_all=several is None)


def wanted_status(asked: GatewayRequest) -> str | None:
    """Return in which state symbols must be, None for any. Raises: DialectError."""
    status = asked.parameters.text("symbolStatus")
    if status is not None and status not in STATUSES:
        raise DialectError(BAD_SYMBOL_STATUS, "Invalid symbolStatus.", expected=", ".join(sorted(STATUSES)))
    return status


def in_status(asked: GatewayRequest, symbol: Symbol, status: str | None) -> Symbol:
    """Return a symbol that is in a wanted state. Raises: DialectError."""
    now = status_of(asked, symbol)
    if status not in (None, now):
        message = "The symbol's status does not match the requested symbolStatus."
        raise DialectError(OTHER_SYMBOL_STATUS, message, expected=status, found=now)
    return symbol


def status_of(asked: GatewayRequest, symbol: Symbol) -> str:
    """Return the state of a symbol's market as a word."""
    return STATUS_WORDS[asked.gateway.models.venue.markets.rows[symbol.market_id][STATE]]


def names_of(text: str) -> list[str]:
    """Return the names of a list such as `["BTCUSD","ETHUSD"]`.

    Raises: DialectError where one stands twice: a short question would have a long answer.
    """
    names = [name for name in text.strip("[]").replace('"', "").replace(" ", "").split(",") if name]
    if len(set(names)) < len(names):
        raise DialectError(REPEATED_SYMBOL, "Symbol is present multiple times in the list.")
    return names
