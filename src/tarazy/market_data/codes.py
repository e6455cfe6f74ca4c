"""Names of real assets and symbols as codes of this venue, which are 1 to 16 of A-Z and 0-9.

Lower case becomes upper case, and what only separates (`_ - / . :` and spaces) is left out: `BTC-USD`, `btc_usd` and
`BTC/USD` are the assets BTC and USD, `BRK.B` is BRKB, `1000PEPE` stays. What still does not fit, because it has other
letters or is too long, keeps its first seven fitting characters and gets nine digits of the SHA-256 of its name:
the same name always has the same code, and the report prints which one.
Source: Binance lists symbols outside ASCII, in UTF-8 (developers.binance.com, Spot REST API, general information).
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256

CODE_MAX = 16
KEPT = 7
CODE = re.compile(r"[A-Z0-9]{1,16}")
SEPARATORS = "_-/.: "
NAME_MAX = 64
QUOTES = (
    *("FDUSD", "BFUSD", "USDT", "USDC", "TUSD", "BUSD", "USDP", "USDS", "USDE", "AEUR", "EURI", "DAI", "PAX", "VAI"),
    *("BTC", "ETH", "BNB", "XRP", "TRX", "DOGE", "DOT", "SOL", "BIDR", "IDRT", "IDR", "UAH", "NGN", "RUB", "KZT"),
    *("EUR", "GBP", "TRY", "AUD", "BRL", "JPY", "PLN", "RON", "ZAR", "ARS", "MXN", "CZK", "COP", "CHF", "USD"),
)


def asset_code(name: str) -> str:
    """Return the code of an asset's name."""
    plain = "".join(c for c in unicodedata.normalize("NFKC", name).upper() if c not in SEPARATORS)
    if CODE.fullmatch(plain):
        return plain
    kept = "".join(c for c in plain if CODE.fullmatch(c))[:KEPT]
    return kept + sha256(unicodedata.normalize("NFC", name).encode()).hexdigest()[: CODE_MAX - KEPT].upper()


def split_symbol(symbol: str) -> tuple[str, str]:
    """Return the names of a symbol's base and quote asset, split at a separator or before a known quote asset.

    Digits behind a separator are a delivery date (`BTCUSDT_261225`) and stay with the base.
    """
    parts = [part for part in re.split(r"[_\-/: ]", symbol) if part]
    if len(parts) == 2 and not parts[1].isdecimal():
        return parts[0], parts[1]
    whole, date = (parts[0], f"_{parts[1]}") if len(parts) == 2 else (symbol, "")
    for quote in QUOTES:
        if whole.upper().endswith(quote) and len(whole) > len(quote):
            return whole[: -len(quote)] + date, whole[-len(quote) :]
    return symbol or "BASE", "QUOTE"


def codes_in_words(names: tuple[str, ...]) -> list[str]:
    """Return a line for every name that has another code."""
    return [f"asset {asset_code(name)} is {name}" for name in names if asset_code(name) != name]
