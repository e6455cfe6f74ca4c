"""Statements by account, and where they do not follow each other."""

from __future__ import annotations

from tarazy.console.banking.desk import BankPages
from tarazy.console.layout.page_layout import Page, PageRequest


def show(desk: BankPages, asked: PageRequest) -> Page:
    """Return the page."""
    return Page("statement_list.html", "Statements", desk.statement_data())
