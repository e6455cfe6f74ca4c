"""Where tokens trade on each chain: factories and the coins that prices are quoted in, from a table."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tarazy.chains.errors import TableError
from tarazy.chains.evm import values

KNOWN_MARKETS = Path(__file__).with_name("markets.toml")
V3_FEES = (100, 500, 3_000, 10_000)
KINDS = ("v2", "v3")


@dataclass(frozen=True, slots=True)
class Factory:
    """A contract that makes pools. Units: `fees` in parts per million, for v3."""

    name: str
    kind: str
    address: str
    fees: tuple[int, ...] = V3_FEES


@dataclass(frozen=True, slots=True)
class Quote:
    """A coin that prices are quoted in."""

    symbol: str
    decimals: int
    address: str


@dataclass(frozen=True, slots=True)
class Markets:
    """Where to look for a token's pools. `pairs` are V2 pools that no factory needs to name."""

    factories: tuple[Factory, ...] = ()
    quotes: tuple[Quote, ...] = ()
    pairs: tuple[str, ...] = ()


@cache
def known_markets(path: Path = KNOWN_MARKETS) -> dict[int, Markets]:
    """Return the markets by number of the chain.

    Raises: TableError.
    """
    try:
        chains = tomllib.loads(path.read_text())["chains"]
        return {int(number): _markets(given) for number, given in chains.items()}
    except (OSError, tomllib.TOMLDecodeError, KeyError, TypeError, ValueError, AttributeError) as error:
        expected = "[chains.NUMBER] with factories {name, kind, address} and quotes {symbol, decimals, address}"
        raise TableError(str(path), expected, f"{type(error).__name__}: {error}") from error


def markets_of(chain_id: int) -> Markets:
    """Return the known markets of a chain; none where the table does not know it."""
    return known_markets().get(chain_id, Markets())


def _markets(given: dict[str, Any]) -> Markets:
    return Markets(
        tuple(_factory(each) for each in given.get("factories", ())),
        tuple(
            Quote(str(each["symbol"]), int(each["decimals"]), values.address(each["address"]))
            for each in given.get("quotes", ())
        ),
        tuple(values.address(each) for each in given.get("pairs", ())),
    )


def _factory(given: dict[str, Any]) -> Factory:
    if given["kind"] not in KINDS:
        raise ValueError(f"expected kind v2 or v3, found {given['kind']!r}")
    fees = tuple(int(each) for each in given.get("fees", V3_FEES))
    return Factory(str(given["name"]), given["kind"], values.address(given["address"]), fees)
