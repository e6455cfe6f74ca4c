"""Keys: where each lies, who holds it, and what is to be decided."""

from __future__ import annotations

from tarazy.console.custody.desk import CustodyPages
from tarazy.console.layout.page_layout import Page, PageRequest


def show(desk: CustodyPages, asked: PageRequest) -> Page:
    """Return the page."""
    return Page("key_list.html", "Keys", desk.key_data())
