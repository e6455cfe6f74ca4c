"""Transfers: withdrawals with what they wait for, and arrivals with what became of them."""

from __future__ import annotations

from tarazy.console.custody.desk import CustodyPages
from tarazy.console.layout.page_layout import Page, PageRequest


def show(desk: CustodyPages, asked: PageRequest) -> Page:
    """Return the page."""
    return Page("transfers.html", "Transfers", desk.transfer_data())
