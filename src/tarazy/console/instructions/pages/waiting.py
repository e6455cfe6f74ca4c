"""The list: what waits for a signature first, then what is complete, over, or no draft at all."""

from __future__ import annotations

from typing import Any

from tarazy.console.instructions.desk import COMPLETE, OVER, UNREADABLE, WAITS, InstructionDesk
from tarazy.console.layout.shell import Asked, Page

ORDER = (WAITS, COMPLETE, UNREADABLE, OVER)


def show(desk: InstructionDesk, asked: Asked) -> Page:
    """Return the page."""
    rows: list[dict[str, Any]] = [desk.row(found) for found in desk.drafts.all()]
    rows.sort(key=lambda row: (ORDER.index(row["state"]), row["name"]))
    waiting = sum(row["state"] == WAITS for row in rows)
    data = {"facility": desk.facility, "drafts": rows, "waiting": waiting}
    return Page("waiting.html", "Instructions", data)
