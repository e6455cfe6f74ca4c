"""The custodian's section as an application of its own, for one person's machine; it only shows."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI

from tarazy.console.custody.desk import CustodyPages
from tarazy.console.custody.pages import key_list, transfers, wallet
from tarazy.console.layout.own_app import own_app
from tarazy.console.layout.page_layout import ConsoleSection, Link
from tarazy.console.layout.routing import Route, section_router

PREFIX = "/custody"
SECTION = ConsoleSection(
    "custody",
    "Custody",
    "wallet",
    (Link("Wallets", "wallet"), Link("Transfers", "transfers"), Link("Keys", "key_list")),
    Path(__file__).parent / "templates",
    home_words="To the wallets",
    foot="Balances are the record's. What the chains hold is compared by reconciliation.",
)
ROUTES = (
    Route("wallet", "/", wallet.show),
    Route("transfers", "/transfers", transfers.show),
    Route("key_list", "/keys", key_list.show),
)


def custody_router(desk: CustodyPages) -> APIRouter:
    """Return the pages of custody; mount it with the prefix /custody."""
    return section_router(SECTION, ROUTES, desk)


def create_app(desk: CustodyPages) -> FastAPI:
    """Return an application that serves these pages alone."""
    return own_app({PREFIX: custody_router(desk)})
