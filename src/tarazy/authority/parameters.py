"""Dated parameters that the rooms of the authority ship; the newest in force counts."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from pathlib import Path

CAPITAL = "capital.datf_min_usd"
SETTABLE = {CAPITAL: "USD"}  # what officers set because no text that was seen sets it, with its unit
FILE = Path(__file__).parent / "licensing" / "parameters.toml"


@cache
def rows() -> tuple[tuple[str, date, int], ...]:
    """Return (key, first day, value) of the shipped file, the oldest first."""
    found = tomllib.loads(FILE.read_text(encoding="utf-8"))["parameter"]
    return tuple(sorted((each["key"], each["from"], each["value"]) for each in found))


def shipped(key: str, day: str) -> int:
    """Return a parameter's value on a day; before its first day, the first value."""
    of_key = [(begins, value) for known, begins, value in rows() if known == key]
    begun = [value for begins, value in of_key if begins <= date.fromisoformat(day)]
    return begun[-1] if begun else of_key[0][1]
