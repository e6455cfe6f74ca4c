"""Receipts: what nobody claims with its timer, and what is matched and not in the record yet."""

from __future__ import annotations

from tarazy.console.banking.desk import BankPages
from tarazy.console.layout.page_layout import Page, PageRequest


def show(desk: BankPages, asked: PageRequest) -> Page:
    """Return the page."""
    return Page("queue.html", "Receipts", desk.queue_data())
