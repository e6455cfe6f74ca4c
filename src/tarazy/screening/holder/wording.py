"""Amounts, tokens and accounts in the sentences that a holder reads.

A token's symbol is a stranger's text: it stands in quotation marks, short, without what hides or turns a line, and the
address beside it is what counts.
"""

from __future__ import annotations

from datetime import UTC, datetime

from tarazy.platform.sanitising import one_line
from tarazy.screening.holder.model import ACCOUNT, CONTRACT, DELEGATED, TokenOfWallet

SYMBOL_CHARACTERS_MAX = 16
DECIMALS_MAX = 77  # a number of 256 bits has as many digits
NATIVE_DECIMALS = 18
SPENDERS = {
    CONTRACT: "a contract",
    ACCOUNT: "an account whose key somebody holds",
    DELEGATED: "an account whose key somebody holds and that lets other code act for it",
}


def short_address(address: str) -> str:
    """Return an address with its middle left out."""
    return f"{address[:6]}…{address[-4:]}"


def whole(minor: int, decimals: int | None) -> str:
    """Return an amount as its token counts it, every digit kept; without decimals in minor units, and said so."""
    if decimals is None or decimals > DECIMALS_MAX:
        return f"{minor:,} (smallest units)"
    above, below = divmod(abs(minor), 10**decimals)
    digits = f"{below:0{decimals}d}".rstrip("0") if decimals else ""
    return f"{'-' if minor < 0 else ''}{above:,}{'.' + digits if digits else ''}"


def named(token: TokenOfWallet) -> str:
    """Return a token by its symbol and its address."""
    text = one_line((token.symbol or "")[:SYMBOL_CHARACTERS_MAX]).replace('"', "'").strip()
    return f'"{text}" ({short_address(token.address)})' if text else f"the token {short_address(token.address)}"


def amount_words(token: TokenOfWallet, amount: int | None) -> str:
    """Return an amount of a token in words."""
    if amount is None:
        return f"an amount of {named(token)} that is not known"
    if token.standard != "erc20":
        return f"{amount:,} {'piece' if amount == 1 else 'pieces'} of {named(token)}"
    return f"{whole(amount, token.decimals)} {named(token)}"


def spender_words(address: str, spender_is: str) -> str:
    """Return a spender by address and by what it is."""
    return f"{short_address(address)}, {SPENDERS.get(spender_is, 'of which nothing could be read')}"


def until_words(time_s: int) -> str:
    """Return until when something holds; beyond what calendars hold there is no end."""
    try:
        return datetime.fromtimestamp(time_s, UTC).strftime("until %Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return "without an end"
