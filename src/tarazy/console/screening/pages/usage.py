"""What each key used of each product, by day: what an operator bills from."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict

from tarazy.console.layout.page_layout import Page, PageRequest
from tarazy.console.screening.services import ScreeningServices

SINCE_CHARS = 10
ROWS_MAX = 1_000


def show(services: ScreeningServices, asked: PageRequest) -> Page:
    """Show the newest days first; `since` leaves older ones out. The JSON twin holds every row."""
    found = services.usage(asked.query.get("since", "")[:SINCE_CHARS])
    totals: Counter[str] = Counter()
    for each in found:
        totals[each.product] += each.requests
    rows = sorted(found, key=lambda each: (each.day, each.requests), reverse=True)
    view = {"rows": rows[:ROWS_MAX], "more": max(0, len(rows) - ROWS_MAX), "totals": totals.most_common()}
    return Page("usage.html", "Use", {"usage": [asdict(each) for each in found]}, view)
