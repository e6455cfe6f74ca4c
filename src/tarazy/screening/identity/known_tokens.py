"""Well-known tokens and where they truly are: `known_tokens.csv`, or a table of the user's own in the same columns.

Source: public addresses, each held to its ERC-55 checksum by a test; fifteen of the main chain were also compared with
the default list of a public exchange. The issuer says who deployed it there: the same asset on another chain may come
from a bridge.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tarazy.screening.identity.checksum import has_checksum
from tarazy.screening.identity.folding import Folded, fold

TABLE = Path(__file__).parent / "known_tokens.csv"
COLUMNS = ["chain_id", "address", "name", "symbol", "issuer"]


class KnownTokensError(Exception):
    """Say that a table of known tokens is not as asked: where, what was expected, what was found."""

    def __init__(self, path: Path, line: int, expected: str, found: str) -> None:
        self.path, self.line, self.expected, self.found = path, line, expected, found
        super().__init__(path, line, expected, found)

    def __str__(self) -> str:
        where = f"{self.path}, line {self.line}" if self.line else str(self.path)
        return f"{where}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True, slots=True)
class KnownToken:
    """One deployment of a well-known token."""

    chain_id: int
    address: str  # with its checksum
    name: str
    symbol: str
    issuer: str
    names: Folded
    symbols: Folded


@dataclass(frozen=True, slots=True)
class KnownTokens:
    """The table, and the same rows by place."""

    rows: tuple[KnownToken, ...]
    by_place: Mapping[tuple[int, str], KnownToken]

    def at(self, chain_id: int, address: str) -> KnownToken | None:
        """Return the known token that stands at an address of a chain."""
        return self.by_place.get((chain_id, address.lower()))


@cache
def known_tokens(path: Path = TABLE) -> KnownTokens:
    """Read and check a table of known tokens.

    Raises: KnownTokensError, naming the line, what was expected and what was found.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise KnownTokensError(path, 0, "a readable table", str(error)) from error
    rows = list(csv.reader(lines))
    if not rows or rows[0] != COLUMNS:
        raise KnownTokensError(path, 1, ",".join(COLUMNS), ",".join(rows[0]) if rows else "an empty file")
    by_place: dict[tuple[int, str], KnownToken] = {}
    for number, row in enumerate(rows[1:], 2):
        token = read_row(path, number, row)
        place = (token.chain_id, token.address.lower())
        if place in by_place:
            raise KnownTokensError(path, number, "each place once", f"{token.address} on chain {token.chain_id} again")
        by_place[place] = token
    return KnownTokens(tuple(by_place.values()), by_place)


def read_row(path: Path, number: int, row: list[str]) -> KnownToken:
    """Return one row, checked."""
    if len(row) != len(COLUMNS) or not all(cell.strip() for cell in row):
        raise KnownTokensError(path, number, f"{len(COLUMNS)} filled columns", repr(row))
    chain, address, name, symbol, issuer = (cell.strip() for cell in row)
    if not chain.isdecimal():
        raise KnownTokensError(path, number, "a chain's number", repr(chain))
    if not has_checksum(address):
        raise KnownTokensError(path, number, "an address with its ERC-55 checksum", repr(address))
    return KnownToken(int(chain), address, name, symbol, issuer, fold(name), fold(symbol))
