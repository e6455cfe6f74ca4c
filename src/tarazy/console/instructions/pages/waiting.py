"""The list: what waits for a signature first, then what is complete, over, or no draft at all."""

from __future__ import annotations

from typing import Any

from tarazy.console.instructions.desk import COMPLETE, OVER, UNREADABLE, WAITS, InstructionDesk
from tarazy.console.layout.page_layout import Page, PageError, PageRequest
from tarazy.facility.officers.errors import DraftError

ORDER = (WAITS, COMPLETE, UNREADABLE, OVER)


def show(desk: InstructionDesk, asked: PageRequest) -> Page:
    """Return the page."""
    try:
        rows: list[dict[str, Any]] = [desk.row(found) for found in desk.drafts.all()]
    except DraftError as error:
        raise PageError(422, "The drafts cannot be read", str(error)) from error
    rows.sort(key=lambda row: (ORDER.index(row["state"]), row["name"]))
    waiting = sum(row["state"] == WAITS for row in rows)
    data = {"facility": desk.facility, "drafts": rows, "waiting": waiting}
    return Page("waiting.html", "Instructions", data)
