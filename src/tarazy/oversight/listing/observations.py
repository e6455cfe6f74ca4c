"""Observations of markets as others publish them: one row is one asset on one day from one source.

Three forms are read, by their names and columns, plain or gzipped:

- `cm_daily*`: daily price and supply (Coin Metrics' community files). No volume.
- `cmc_monthly*`: surveys, the largest assets on the first of a month with circulating value and volume of 24 hours.
  An asset that a survey leaves out is smaller than the smallest that it names: absence is evidence.
- `px_daily*`: daily closes by source. A source of derivatives is kept apart: its price is none of the asset.

Money is whole: a price in 10^-12 USD, a value and a volume in USD.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal, InvalidOperation
from io import TextIOWrapper
from pathlib import Path
from typing import NamedTuple, TextIO

from tarazy.oversight.listing.errors import ListingFileError

PICO = 10**12
PRICE_MAX_PICO = 9 * 10**18
AMOUNT_MAX_USD = 10**17
ROWS_MAX = 5_000_000
TEXT_MAX = 100
SURVEY = "coinmarketcap"
SERIES = "coin metrics"
DERIVATIVES = ("linear", "perp", "future", "swap")
PATTERNS = ("cm_daily*.csv*", "cmc_monthly*.csv*", "px_daily*.csv*")

Row = dict[str, str]


class Observation(NamedTuple):
    """One asset on one day. `day` counts from 0001-01-01; 0 stands for a number that the source does not give."""

    day: int
    symbol: str
    name: str
    source: str
    price_pico: int
    cap_usd: int
    volume_usd: int


def read_observations(folder: Path) -> tuple[list[Observation], dict[str, int]]:
    """Return every observation of a folder, and how many rows were kept out, by reason.

    Raises: ListingFileError, which names file and line.
    """
    found: list[Observation] = []
    kept_out: dict[str, int] = {}
    files = 0
    for pattern, parse in zip(PATTERNS, (_of_series, _of_survey, _of_prices), strict=True):
        for path in sorted(folder.glob(pattern)):
            files += 1
            for each in _parsed(path, parse):
                if isinstance(each, str):
                    kept_out[each] = kept_out.get(each, 0) + 1
                else:
                    found.append(each)
    if not files:
        raise ListingFileError(folder, f"files named {', '.join(PATTERNS)}", "none", "Give the folder with the data")
    if not found:
        raise ListingFileError(folder, "at least one observation", "none that can be used")
    return found, kept_out


def _parsed(path: Path, parse: Callable[[Row], Observation | str]) -> Iterator[Observation | str]:
    with _opened(path) as stream:
        rows = csv.DictReader(stream)
        line = 1
        try:
            for line, row in enumerate(rows, 2):
                if line > ROWS_MAX:
                    raise ListingFileError(path, f"at most {ROWS_MAX} rows", "more", "Split the file")
                yield parse(row)
        except KeyError as missing:
            columns = ", ".join(rows.fieldnames or ())[:TEXT_MAX]
            raise ListingFileError(path, f"a column {missing.args[0]}", columns or "no header") from None
        except (ValueError, csv.Error, EOFError, OSError) as error:
            raise ListingFileError(f"{path}, line {line}", "a row of the form above it", str(error)[:200]) from error


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return TextIOWrapper(gzip.open(path, "rb"), encoding="utf-8", newline="")
    return path.open(encoding="utf-8", newline="")


def _of_series(row: Row) -> Observation | str:
    asset = row["asset"]
    if "_" in asset:
        return "part of an asset on one chain"
    price, total, floating = _pico(row["PriceUSD"]), _usd(row["CapMrktCurUSD"]), row["SplyFF"]
    if not price:
        return "no price"
    cap = _product(row["PriceUSD"], floating) if floating else total
    return Observation(_day(row["date"]), _text(asset).upper(), "", SERIES, price, cap, 0)


def _of_survey(row: Row) -> Observation | str:
    price = _pico(row["price_usd"])
    if not price:
        return "no price"
    names = _text(row["symbol"]), _text(row["name"])
    return Observation(_day(row["date"]), *names, SURVEY, price, _usd(row["cap_usd"]), _usd(row["volume24h_usd"]))


def _of_prices(row: Row) -> Observation | str:
    source = _text(row["source"])
    if any(word in source.lower() for word in DERIVATIVES):
        return "price of a derivative"
    price = _pico(row["close"])
    return Observation(_day(row["date"]), _text(row["symbol"]), "", source, price, 0, 0) if price else "no price"


def _day(text: str) -> int:
    return date.fromisoformat(text).toordinal()


def _text(text: str) -> str:
    if not text or len(text) > TEXT_MAX:
        raise ValueError(f"a name of {len(text)} characters; 1 to {TEXT_MAX} are expected")
    return text


def _number(text: str) -> Decimal:
    try:
        value = Decimal(text) if text else Decimal(0)
    except InvalidOperation:
        raise ValueError(f"{text[:40]!r} is no number") from None
    if not value.is_finite() or value < 0:
        raise ValueError(f"{text[:40]!r} is no amount of zero or more")
    return value


def _bounded(value: Decimal, most: int) -> int:
    if value > most:
        raise ValueError(f"{value:.3E} is over the most that is believed, {most:.0E}")
    return int(value)


def _pico(text: str) -> int:
    return _bounded(_number(text) * PICO, PRICE_MAX_PICO)


def _usd(text: str) -> int:
    return _bounded(_number(text), AMOUNT_MAX_USD)


def _product(price: str, supply: str) -> int:
    return _bounded(_number(price) * _number(supply), AMOUNT_MAX_USD)
