"""Facts of the store of documents: how long each kind is kept."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from tarazy.platform.documents.entry import Entry


def document_facts(entries: Iterable[Entry]) -> dict[str, Any]:
    """Return per kind of document the shortest time for which one is kept, in whole years."""
    shortest: dict[str, int] = {}
    for each in entries:
        kept = whole_years(date.fromisoformat(each.added_at[:10]), each.retain_until)
        shortest[each.kind.value] = min(kept, shortest.get(each.kind.value, kept))
    return {"retention": [{"id": kind, "years": years} for kind, years in sorted(shortest.items())]} if shortest else {}


def whole_years(first: date, last: date) -> int:
    """Return how many whole years lie between two days."""
    return last.year - first.year - ((last.month, last.day) < (first.month, first.day))
