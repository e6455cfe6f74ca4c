"""A criteria file: dated thresholds, each with unit and source, and how much each privilege weighs.

    [criteria]
    name = "house"                     # editions of one name differ in their date
    title = "House criteria"
    applies_from = 2026-01-01
    status = "house default, not law"  # what standing the figures have
    without_chain = "noted"            # what of a chain that was not asked is: noted, or unknown

    [thresholds.sell_tax_malicious]    # every threshold of the catalogue, no other
    value = 500_000
    unit = "ppm"
    source = "where the figure comes from"

    [weights]                          # optional: privileges and measures that are only noted
    size_cap = "info"

A privilege weighs `caution` or `info`, never `malicious`: what an owner could do is no guilt. Shown harm weighs
`malicious` and no file can change that.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from tarazy.platform.toml_text import parse_toml
from tarazy.screening.criteria.catalogue import WEIGHABLE
from tarazy.screening.criteria.edition import Criteria, Threshold
from tarazy.screening.criteria.errors import CriteriaError

HOUSE_CRITERIA = "house"  # the name of the edition that rules where none is given
BUILT_IN = Path(__file__).parent / "files"
# Every threshold and its unit; a file gives all of them, so that none is a default that nobody stated.
THRESHOLDS: Mapping[str, str] = {
    "sell_tax_malicious": "ppm",
    "sell_tax_caution": "ppm",
    "buy_tax_caution": "ppm",
    "transfer_tax_caution": "ppm",
    "creator_share_caution": "ppm",
    "top_holders_share_caution": "ppm",
    "liquidity_locked_min": "ppm",
    "liquidity_lock_days_min": "days",
}
WEIGHTS = ("caution", "info")
WITHOUT_CHAIN = ("noted", "unknown")
FIELDS = ("name", "title", "applies_from", "status", "without_chain")


def load_criteria(path: Path) -> Criteria:
    """Read and check one criteria file.

    Raises: CriteriaError, naming the entry, what was expected and what was found.
    """
    try:
        text = path.read_text(encoding="utf-8")
        document = parse_toml(text)
    except OSError as error:
        raise CriteriaError(path, "", "a readable file", error.strerror or str(error)) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise CriteriaError(path, "", "TOML", str(error)) from error
    refuse_others(path, "", document, ("criteria", "thresholds", "weights"))
    head = table(path, document, "criteria")
    refuse_others(path, "criteria", head, FIELDS)
    return Criteria(
        name=text_of(path, "criteria", head, "name"),
        title=text_of(path, "criteria", head, "title"),
        applies_from=date_of(path, "criteria", head, "applies_from"),
        status=text_of(path, "criteria", head, "status"),
        without_chain=one_of(path, "criteria", head, "without_chain", WITHOUT_CHAIN),
        thresholds=read_thresholds(path, table(path, document, "thresholds")),
        weights=read_weights(path, document.get("weights", {})),
    )


def read_thresholds(path: Path, entries: Mapping[str, Any]) -> dict[str, Threshold]:
    """Return every threshold of the catalogue, checked."""
    refuse_others(path, "thresholds", entries, tuple(THRESHOLDS))
    found = {}
    for name, unit in THRESHOLDS.items():
        where = f"thresholds.{name}"
        entry = table(path, entries, name, where)
        refuse_others(path, where, entry, ("value", "unit", "source"))
        one_of(path, where, entry, "unit", (unit,))
        value = entry.get("value")
        if type(value) is not int or value < 0 or (unit == "ppm" and value > 1_000_000):
            most = " up to 1000000" if unit == "ppm" else ""
            raise CriteriaError(path, f"{where}.value", f"a whole number{most}, not negative", repr(value))
        found[name] = Threshold(value, unit, text_of(path, where, entry, "source"))
    if found["sell_tax_caution"].value > found["sell_tax_malicious"].value:
        expected = f"at most the {found['sell_tax_malicious'].value} of sell_tax_malicious"
        raise CriteriaError(path, "thresholds.sell_tax_caution.value", expected, str(found["sell_tax_caution"].value))
    return found


def read_weights(path: Path, entries: Any) -> dict[str, str]:
    """Return the weights that the file states; only privileges and measures have one that a file may choose."""
    if not isinstance(entries, dict):
        raise CriteriaError(path, "weights", "a table", type(entries).__name__)
    refuse_others(path, "weights", entries, WEIGHABLE)
    return {name: one_of(path, "weights", entries, name, WEIGHTS) for name in sorted(entries)}


@cache
def load_editions(folder: Path = BUILT_IN) -> tuple[Criteria, ...]:
    """Return every edition in a folder, by name and date.

    Raises: CriteriaError where two files have the same name and date, or one is not as asked.
    """
    found: dict[tuple[str, datetime.date], tuple[Path, Criteria]] = {}
    for path in sorted(folder.glob("*.toml")):
        criteria = load_criteria(path)
        key = (criteria.name, criteria.applies_from)
        if key in found:
            both = f"both {found[key][0].name} and this file"
            raise CriteriaError(path, "criteria", f"one edition of {key[0]} from {key[1]}", both)
        found[key] = (path, criteria)
    return tuple(found[key][1] for key in sorted(found))


def in_force(name: str, on: datetime.date, folder: Path = BUILT_IN) -> Criteria:
    """Return the edition of a name that applies on a date: the latest that began by then.

    Raises: CriteriaError where the name is unknown or no edition had begun.
    """
    editions = load_editions(folder)
    named = [each for each in editions if each.name == name]
    begun = [each for each in named if each.applies_from <= on]
    if begun:
        return begun[-1]
    known = ", ".join(f"{each.name} from {each.applies_from}" for each in editions) or "none"
    raise CriteriaError(folder, "", f"criteria {name!r} in force on {on}", known, "choose another name or date")


def refuse_others(path: Path, where: str, entries: Mapping[str, Any], known: tuple[str, ...]) -> None:
    """Refuse a table with an entry that nobody reads: it would be believed and do nothing."""
    others = sorted(set(entries) - set(known))
    if others:
        raise CriteriaError(path, where, f"only {', '.join(known)}", ", ".join(others))


def table(path: Path, entries: Mapping[str, Any], name: str, where: str = "") -> dict[str, Any]:
    """Return a table within a table."""
    found = entries.get(name)
    if not isinstance(found, dict):
        raise CriteriaError(path, where or name, "a table", "none" if found is None else type(found).__name__)
    return found


def text_of(path: Path, where: str, entries: Mapping[str, Any], name: str) -> str:
    """Return a text that is not empty."""
    found = entries.get(name)
    if not isinstance(found, str) or not found.strip():
        raise CriteriaError(path, f"{where}.{name}", "a text", repr(found))
    return found.strip()


def one_of(path: Path, where: str, entries: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    """Return a word out of a few."""
    found = entries.get(name)
    if not isinstance(found, str) or found not in allowed:
        raise CriteriaError(path, f"{where}.{name}", " or ".join(allowed), repr(found))
    return found


def date_of(path: Path, where: str, entries: Mapping[str, Any], name: str) -> datetime.date:
    """Return a date without time."""
    found = entries.get(name)
    if not isinstance(found, datetime.date) or isinstance(found, datetime.datetime):
        raise CriteriaError(path, f"{where}.{name}", "a date as 2026-01-31", repr(found))
    return found


def criteria_named(name: str, day: datetime.date) -> Criteria:
    """Return a criteria file, or the edition of a built-in name that is in force.

    Raises: CriteriaError, before anything is screened.
    """
    return load_criteria(Path(name)) if name.endswith(".toml") else in_force(name, day)
