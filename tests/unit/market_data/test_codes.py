"""Names of real assets as codes of the venue, and symbols as two of them.

Source: Binance, Spot REST API, general information: symbols and assets may have letters outside ASCII, in UTF-8 (as
`币安人生USDT` is listed); streams name symbols in lower case; dated contracts carry their day behind an underscore.
"""

from __future__ import annotations

import re

import pytest

from tarazy.market_data.codes import asset_code, codes_in_words, split_symbol
from tarazy.spec.assets import code_fault


@pytest.mark.parametrize(
    ("symbol", "names"),
    [
        ("BTCUSDT", ("BTC", "USDT")),
        ("btcusdt", ("btc", "usdt")),
        ("ETHBTC", ("ETH", "BTC")),
        ("BTCFDUSD", ("BTC", "FDUSD")),
        ("1000PEPEUSDT", ("1000PEPE", "USDT")),
        ("1INCHUSDT", ("1INCH", "USDT")),
        ("BTC-USD", ("BTC", "USD")),
        ("BTC/USD", ("BTC", "USD")),
        ("btc_usdt", ("btc", "usdt")),
        ("BTCUSDT_261225", ("BTC_261225", "USDT")),
        ("币安人生USDT", ("币安人生", "USDT")),
        ("ODD", ("ODD", "QUOTE")),
        ("USDT", ("USDT", "QUOTE")),
        ("", ("BASE", "QUOTE")),
    ],
)
def test_symbol_is_split_into_its_assets(symbol: str, names: tuple[str, str]) -> None:
    assert split_symbol(symbol) == names


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("BTC", "BTC"),
        ("btc", "BTC"),
        ("1000PEPE", "1000PEPE"),
        ("BRK.B", "BRKB"),
        ("BTC_261225", "BTC261225"),
        ("ABCDEFGHIJKLMNOP", "ABCDEFGHIJKLMNOP"),
    ],
)
def test_name_that_fits_keeps_its_letters(name: str, code: str) -> None:
    assert asset_code(name) == code


@pytest.mark.parametrize(
    "name", ["币安人生", "A币", "ABCDEFGHIJKLMNOPQ", "_", "", "é", "🐕", "1000000MOGTOKEN2027", "ｅｔｈ币"]
)
def test_every_name_has_a_code_that_the_venue_takes_and_always_the_same(name: str) -> None:
    code = asset_code(name)
    assert code_fault(code.encode().ljust(16, b"\0")) is None
    assert len(code) <= 16
    assert code == asset_code(name)
    assert re.search(r"[0-9A-F]{9}$", code)


def test_names_that_differ_have_codes_that_differ() -> None:
    names = ["币安人生", "人生币安", "A币", "B币", "ABCDEFGHIJKLMNOPQ", "ABCDEFGHIJKLMNOPR"]
    assert len({asset_code(name) for name in names}) == len(names)


def test_mapping_is_said_where_it_changes_a_name() -> None:
    assert codes_in_words(("BTC", "USD")) == []
    assert codes_in_words(("btc", "USD")) == ["asset BTC is btc"]
