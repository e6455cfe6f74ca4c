"""Assets that changed their symbol: a table that somebody vouches for, row by row, since a market's record cannot.

A row says that until a day an asset bore one symbol and from then on another, with the source that shows it. What bears
the old symbol from that day on is another asset.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.oversight.listing.errors import ListingFileError
from tarazy.oversight.listing.observations import TEXT_MAX, Observation

FIELDS = {"symbol": str, "becomes": str, "on": date, "source": str}


class Rename(NamedTuple):
    """An asset's symbol until a day, and from then on."""

    symbol: str
    becomes: str
    day: int
    source: str


def load_renames(path: Path) -> list[Rename]:
    """Read a file with `[[rename]]` of symbol, becomes, on and source.

    Raises: ListingFileError, which names the row.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ListingFileError(path, "TOML with [[rename]] tables", str(error)) from error
    rows = document.get("rename")
    if set(document) != {"rename"} or not isinstance(rows, list):
        raise ListingFileError(path, "[[rename]] tables alone", ", ".join(document) or "nothing")
    found = [_rename(f"{path}, rename {number}", row) for number, row in enumerate(rows, 1)]
    symbols = [each.symbol for each in found]
    if twice := next((each for each in symbols if symbols.count(each) > 1), None):
        raise ListingFileError(path, "one rename of a symbol", f"two of {twice}")
    return found


def _rename(where: str, row: Any) -> Rename:
    if not isinstance(row, dict) or set(row) != set(FIELDS):
        raise ListingFileError(where, f"the fields {', '.join(FIELDS)}", ", ".join(row) if row else repr(row)[:80])
    for field, kind in FIELDS.items():
        value = row[field]
        if not isinstance(value, kind) or (isinstance(value, str) and not 0 < len(value) <= TEXT_MAX * 4):
            raise ListingFileError(where, f"{field} as a {kind.__name__}", repr(value)[:80])
    if row["symbol"] == row["becomes"]:
        raise ListingFileError(where, "two symbols", f"{row['symbol']} twice")
    return Rename(row["symbol"], row["becomes"], row["on"].toordinal(), row["source"])


def renamed(observations: Iterable[Observation], renames: Sequence[Rename]) -> list[Observation]:
    """Return the observations under the symbols that their assets bear last; chains of renames are followed."""
    by_symbol = {each.symbol: each for each in renames}
    return [each._replace(symbol=_last(each, by_symbol)) for each in observations]


def _last(observation: Observation, by_symbol: dict[str, Rename]) -> str:
    symbol, seen = observation.symbol, set[str]()
    while symbol in by_symbol and symbol not in seen and observation.day < by_symbol[symbol].day:
        seen.add(symbol)
        symbol = by_symbol[symbol].becomes
    return symbol
