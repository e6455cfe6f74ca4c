"""The treasury's section as an application of its own, for one person's machine; it only shows.

Acts on the bank book are lines signed with an officer's key file, so the pages name the verb and sign nothing.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI

from tarazy.console.banking.desk import BankPages
from tarazy.console.banking.pages import payout_list, queue, statement_list
from tarazy.console.layout.own_app import own_app
from tarazy.console.layout.page_layout import ConsoleSection, Link
from tarazy.console.layout.routing import Route, section_router

PREFIX = "/bank"
SECTION = ConsoleSection(
    "bank",
    "Bank",
    "queue",
    (Link("Receipts", "queue"), Link("Payouts", "payout_list"), Link("Statements", "statement_list")),
    Path(__file__).parent / "templates",
    home_words="To the receipts",
    foot="Amounts are the bank's, from its booked statements. What the ledger has is compared by reconciliation.",
)
ROUTES = (
    Route("queue", "/", queue.show),
    Route("payout_list", "/payouts", payout_list.show),
    Route("statement_list", "/statements", statement_list.show),
)


def bank_router(desk: BankPages) -> APIRouter:
    """Return the pages of the treasury; mount it with the prefix /bank."""
    return section_router(SECTION, ROUTES, desk)


def create_app(desk: BankPages) -> FastAPI:
    """Return an application that serves these pages alone."""
    return own_app({PREFIX: bank_router(desk)})
