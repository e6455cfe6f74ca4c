"""Wallets: what lies hot and cold of each asset, what policy asks to move, what is due."""

from __future__ import annotations

from tarazy.console.custody.desk import CustodyPages
from tarazy.console.layout.page_layout import Page, PageRequest


def show(desk: CustodyPages, asked: PageRequest) -> Page:
    """Return the page."""
    return Page("wallet.html", "Wallets", desk.wallet_data())
