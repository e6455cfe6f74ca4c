"""The green list as a facility reads it: what may be listed, what must leave, and what changed between two lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

LISTED, REVIEW, SUSPENDED, REMOVED = "listed", "under review", "suspended", "removed"
ADMISSIBLE = (LISTED, REVIEW)  # a review takes nobody's right before it has ended
COMPARED = ("symbol", "state", "chain", "contract", "class", "conditions", "withdrawals_until")


class ListChange(NamedTuple):
    """One change between two lists: which token, what of it, before and after; empty where it was not there."""

    token: str
    what: str
    before: str
    after: str


def entries(data: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    """Return every token of a list by its name: those in force, and those suspended or removed."""
    rows = [*data.get("tokens", ()), *data.get("off", ())]
    return {str(row["name"]): row for row in rows if isinstance(row, dict) and "name" in row}


def state_of(data: Mapping[str, Any], token: str) -> str:
    """Return a token's state on a list; empty where the list does not know it."""
    row = entries(data).get(token)
    return str(row.get("state", "")) if row is not None else ""


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[ListChange]:
    """Return what changed from one list to another, by token."""
    old, new = entries(before), entries(after)
    found = []
    for name in sorted(old.keys() | new.keys()):
        for what in COMPARED if name in old and name in new else ("state",):
            values = [_words(each.get(name, {}).get(what, "")) for each in (old, new)]
            if values[0] != values[1]:
                found.append(ListChange(name, what, *values))
    return found


def _words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
