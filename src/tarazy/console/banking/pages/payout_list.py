"""Payouts: who proposed, who approved, and what comes next."""

from __future__ import annotations

from tarazy.console.banking.desk import BankPages
from tarazy.console.layout.page_layout import Page, PageRequest


def show(desk: BankPages, asked: PageRequest) -> Page:
    """Return the page."""
    return Page("payout_list.html", "Payouts", desk.payout_data())
