"""Dated parameters: what the rules ask for on a day, and how much of each rule was read.

A file in TOML holds `[[parameter]]` with key, value, unit, from, status and source. An operator puts its own file in
the place of `parameters.toml` when it has read the texts; nothing in the code repeats a value.
"""

from __future__ import annotations

import tomllib
from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.facility.accounts.errors import ListFileError, ParameterUnsetError

SHIPPED = Path(__file__).with_name("parameters.toml")
STATUSES = ("excerpt", "guidance", "house", "unset")
FIELDS = {"key": str, "value": (int, str), "unit": str, "from": date, "status": str, "source": str}


class DatedParameter(NamedTuple):
    """A value from a day on. `status` says how much of its rule was read."""

    key: str
    value: int | str
    unit: str
    begins: date
    status: str
    source: str

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        return self._asdict() | {"begins": self.begins.isoformat()}


class DatedParameters:
    """Every parameter of a file."""

    def __init__(self, rows: list[DatedParameter]) -> None:
        self.rows = sorted(rows, key=lambda row: (row.key, row.begins))

    def at(self, key: str, day: date) -> DatedParameter:
        """Return the row that counts on a day.

        Raises: ParameterUnsetError where there is none, or none was set because no text was seen.
        """
        found = [row for row in self.rows if row.key == key and row.begins <= day]
        if not found or found[-1].status == "unset":
            why = found[-1].source if found else "no row that has begun"
            raise ParameterUnsetError(key, expected=f"a value on {day}", found=why, action="Read the text and set it")
        return found[-1]

    def number(self, key: str, day: date) -> int:
        """Return a whole number."""
        return int(self.at(key, day).value)

    def share(self, key: str, day: date) -> Fraction:
        """Return a share as a fraction."""
        return Fraction(str(self.at(key, day).value))

    def words(self, key: str, day: date) -> tuple[str, ...]:
        """Return a list of names."""
        return tuple(word.strip() for word in str(self.at(key, day).value).split(",") if word.strip())


def load_parameters(path: Path = SHIPPED) -> DatedParameters:
    """Read a file of parameters.

    Raises: ListFileError, which names the row.
    """
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ListFileError(path, expected="TOML with [[parameter]] tables", found=str(error)) from error
    rows = document.get("parameter")
    if set(document) != {"parameter"} or not isinstance(rows, list):
        raise ListFileError(path, expected="[[parameter]] tables alone", found=", ".join(document) or "nothing")
    found = [_row(path, number, row) for number, row in enumerate(rows, 1)]
    pairs = [(row.key, row.begins) for row in found]
    twice = next((pair for pair in pairs if pairs.count(pair) > 1), None)
    if twice:
        raise ListFileError(path, expected="one row for a key and a day", found=f"two of {twice[0]} from {twice[1]}")
    return DatedParameters(found)


def _row(path: Path, number: int, row: Any) -> DatedParameter:
    where = f"{path}, parameter {number}"
    if not isinstance(row, dict) or set(row) != set(FIELDS):
        found = ", ".join(row) if isinstance(row, dict) else repr(row)[:80]
        raise ListFileError(where, expected=f"the fields {', '.join(FIELDS)}", found=found)
    for field, kind in FIELDS.items():
        if not isinstance(row[field], kind) or isinstance(row[field], bool):  # type: ignore[arg-type]
            raise ListFileError(where, expected=f"another kind of value for {field}", found=repr(row[field])[:80])
    if row["status"] not in STATUSES:
        raise ListFileError(where, expected=f"a status of {', '.join(STATUSES)}", found=repr(row["status"])[:80])
    return DatedParameter(row["key"], row["value"], row["unit"], row["from"], row["status"], row["source"])
