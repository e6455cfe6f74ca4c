"""Why an order was refused, in words that a person understands, with the numbers in its units and the rule.

The engine says a code, what it expected and what it found; here these become a sentence. Codes that a trader does not
meet at the page keep the sentence and the advice of the catalogue of refusals.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tarazy.console.trading.messages import Translate
from tarazy.console.trading.visit import Visit
from tarazy.domain.reject_codes import REJECT_INFO, RejectCode
from tarazy.domain.reject_codes import RejectCode as R
from tarazy.oversight.requests.decimals import text_of
from tarazy.oversight.requests.errors import (
    SERVER_BUSY,
    TOO_MANY_ORDERS,
    TOO_MANY_REQUESTS,
    UNKNOWN_OUTCOME,
    DialectError,
)
from tarazy.oversight.requests.symbol import Symbol

Unit = Callable[[Symbol, int], str]


def price(symbol: Symbol, ticks: int) -> str:
    """Return a price with its asset."""
    return f"{trimmed(symbol.price(ticks))} {symbol.quote}"


def quantity(symbol: Symbol, lots: int) -> str:
    """Return a quantity with its asset."""
    return f"{trimmed(symbol.quantity(lots))} {symbol.base}"


def amount(symbol: Symbol, minor: int) -> str:
    """Return an amount of the quote asset."""
    return f"{trimmed(symbol.amount(minor))} {symbol.quote}"


def base_amount(symbol: Symbol, minor: int) -> str:
    """Return an amount of the base asset."""
    return f"{trimmed(text_of(minor, symbol.base_places))} {symbol.base}"


def trimmed(text: str) -> str:
    """Return a decimal number without zeros at its end."""
    return text.rstrip("0").rstrip(".") if "." in text else text


def grouped(text: str) -> str:
    """Return a decimal number with a comma between each three of its whole digits."""
    sign, digits = ("-", text[1:]) if text.startswith("-") else ("", text)
    whole, point, part = digits.partition(".")
    return f"{sign}{int(whole):,}{point}{part}" if whole.isdecimal() else text


# Code -> the sentence, its unit; {expected} and {found} are filled in with the unit.
SENTENCES: dict[RejectCode, tuple[str, Unit | None]] = {
    R.price_outside_collar: (
        "The price is too far from the reference: the collar ends at {expected}, the order says {found}.",
        price,
    ),
    R.price_off_grid: ("The price is not on the grid: its step here is {expected}, the order says {found}.", price),
    R.quantity_too_large: ("The quantity is too large: at most {expected}, the order says {found}.", quantity),
    R.notional_too_small: ("The order is too small: its value must be at least {expected}, it is {found}.", amount),
    R.notional_too_large: ("The order is too large: its value must be at most {expected}, it is {found}.", amount),
    R.post_only_would_cross: (
        "It would trade at once, and you asked that it only rests: the best price for that is {expected}.",
        price,
    ),
    R.trigger_already_reached: ("The trigger is reached already: choose {expected} or beyond.", price),
    R.market_not_open: ("The market takes no orders now. What is open can be canceled.", None),
    R.asset_not_admitted: ("An asset of this market is suspended: it takes no orders now.", None),
    R.order_not_in_auction: ("The market is in a call phase: only limit and market orders are taken now.", None),
    R.time_in_force_not_in_auction: ("The market is in a call phase: an order must be able to wait.", None),
    R.account_not_active: ("This account may not place orders now. It can still cancel.", None),
    R.client_order_id_taken: ("This order was sent before: it is not placed a second time.", None),
    R.order_unknown: ("This order is not open any more.", None),
    R.list_prices_crossed: (REJECT_INFO[R.list_prices_crossed].doc, None),
    R.trailing_delta_out_of_range: (REJECT_INFO[R.trailing_delta_out_of_range].doc, None),
    R.trailing_price_missing: (REJECT_INFO[R.trailing_price_missing].doc, None),
    R.open_orders_limit: ("You have as many open orders as an account may have.", None),
}


def refusal_words(visit: Visit, error: DialectError, symbol: Symbol | None, side: str = "") -> dict[str, str]:
    """Return title, sentence, advice and rule of a refusal in the visitor's language; `side` of the order."""
    words, code = visit.words, error.extra.get("rejectCode")
    if code is None:
        return {
            "title": words("Not done"),
            "text": plain_words(words, error),
            "advice": words(str(error.extra.get("advice", ""))) if error.extra.get("advice") else "",
            "rule": str(error.extra.get("rule", "")),
        }
    info, reject = REJECT_INFO[code], RejectCode(code)
    return {
        "title": words("Refused"),
        "text": sentence(words, reject, error.extra, symbol, side),
        "advice": words(info.advice),
        "rule": info.citation,
    }


def sentence(words: Translate, code: RejectCode, extra: dict[str, Any], symbol: Symbol | None, side: str) -> str:
    """Return the sentence of a refusal."""
    expected, found = (int(extra.get(name, 0)) for name in ("expected", "found"))
    text, unit = SENTENCES.get(code, (REJECT_INFO[code].doc, None))
    if code is R.insufficient_balance:
        text, unit = "It would hold {expected}, and {found} is available.", base_amount if side == "SELL" else amount
    if unit is None or symbol is None:
        return words(text)
    return words(text, expected=unit(symbol, expected), found=unit(symbol, found))


def plain_words(words: Translate, error: DialectError) -> str:
    """Return what the gateway itself says: of the form, of limits, of an outcome that is not known."""
    if error.code == UNKNOWN_OUTCOME:
        return words("It is not known yet whether the order was taken. The page asks again.")
    if error.code in (TOO_MANY_REQUESTS, TOO_MANY_ORDERS, SERVER_BUSY):
        return words("Too much at once. Nothing was ordered; try again in a moment.")
    found = error.extra.get("found")
    return f"{words(error.message)} {found}" if found else words(error.message)
