"""The authority's site: public pages for everybody, the officers' desk for this machine alone.

The desk answers only requests that come from this machine to its own name; a proxy in front forwards nothing below
`/desk`. Nobody acts by having reached a page: every act is signed with an officer's key in the officer's browser.
"""

from __future__ import annotations

import contextlib
import ipaddress
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import RedirectResponse

from tarazy.console.authority.pages import (
    cases,
    consultations,
    desk,
    filings,
    licences,
    obligations,
    signing,
    tokens,
)
from tarazy.console.authority.portal.address import APPLY
from tarazy.console.authority.portal.app import portal_router
from tarazy.console.authority.portal.services import PortalServices, PortalSessions
from tarazy.console.authority.services import AuthorityServices, form_key
from tarazy.console.layout.page_layout import ConsoleSection, Link, PageError
from tarazy.console.layout.routing import Route, section_router
from tarazy.platform.jobs.parts import RunningPart, running

PUBLIC, DESK = "/public", "/desk"
OWN_NAMES = ("127.0.0.1", "localhost", "[::1]")
TEMPLATES = Path(__file__).parent / "templates"
PUBLIC_SECTION = ConsoleSection(
    "public",
    "Authority",
    "licences",
    (
        Link("Licences", "licences", ("licence",)),
        Link("Green list", "greenlist", ("token", "backtest")),
        Link("Consultations", "consultations", ("consultation", "receipt")),
    ),
    TEMPLATES,
    home_words="To the register",
    foot="Free, without a login. Every entry is a signed act of two officers.",
)
DESK_SECTION = ConsoleSection(
    "desk",
    "Authority's desk",
    "waiting",
    (
        Link("What waits", "waiting", ("proposal", "prepare")),
        Link("Cases", "cases", ("case",)),
        Link("Facilities", "facilities", ("obligations",)),
        Link("Filings", "filings", ("filing",)),
        Link("Statements", "statements"),
        Link("Act", "kinds", ("form",)),
    ),
    TEMPLATES,
    home_words="To what waits",
    foot="Your key stays in the browser; the record keeps the signature.",
)
COMMENT_BYTES_MAX = 256 * 1024  # the longest comment and evidence, each letter as twelve bytes of an encoded form
PUBLIC_ROUTES = (
    Route("licences", "/", licences.register),
    Route("licence", "/licences/{name}", licences.one),
    Route("greenlist", "/greenlist", tokens.green_list),
    Route("backtest", "/greenlist/backtest", tokens.backtest),
    Route("token", "/greenlist/tokens/{name}", tokens.one),
    Route("consultations", "/consultations", consultations.every),
    Route("consultation", "/consultations/{name}", consultations.one),
    Route("comment", "/consultations/{name}/comments", consultations.comment, "POST", False, COMMENT_BYTES_MAX),
    Route("receipt", "/consultations/{name}/receipts/{number}", consultations.receipt),
)
DESK_ROUTES = (
    Route("waiting", "/", desk.waiting),
    Route("cases", "/cases", cases.every),
    Route("case", "/cases/{kind}/{name}", cases.one),
    Route("facilities", "/facilities", obligations.every),
    Route("obligations", "/facilities/{name}", obligations.one),
    Route("filings", "/filings", filings.every),
    Route("filing", "/filings/{number}", filings.one),
    Route("document", "/filings/{number}/documents/{sha256}", filings.document, has_twin=False),
    Route("statements", "/statements", filings.statements),
    Route("kinds", "/acts", desk.kinds),
    Route("form", "/acts/{act}", desk.form),
    Route("prepare", "/acts/{act}/prepared", signing.prepare, "POST", has_twin=False),
    Route("proposal", "/proposals/{number}", desk.proposal),
    Route("decide", "/proposals/{number}/decision", signing.decide, "POST", has_twin=False),
    Route("sign", "/signed", signing.sign, "POST", has_twin=False),
)


def from_here(request: Request, route: Route) -> None:
    """Refuse who is not on this machine.

    Raises: PageError.
    """
    host = request.headers.get("host", "").rsplit(":", 1)[0] if request.headers.get("host") else ""
    client = request.client.host if request.client else ""
    try:
        is_near = ipaddress.ip_address(client).is_loopback
    except ValueError:
        is_near = False
    if not is_near or host not in OWN_NAMES:
        raise PageError(403, "Not from here", "The officers' desk answers on the authority's own machine alone.")


def public_router(services: AuthorityServices) -> APIRouter:
    """Return the public pages."""
    return section_router(PUBLIC_SECTION, PUBLIC_ROUTES, services, form_key=form_key(services.desk_key, "public"))


def desk_router(services: AuthorityServices) -> APIRouter:
    """Return the officers' pages."""
    key = form_key(services.desk_key, "desk")
    return section_router(DESK_SECTION, DESK_ROUTES, services, allow=from_here, form_key=key)


def create_app(services: AuthorityServices, parts: Sequence[RunningPart] = ()) -> FastAPI:
    """Return an application that serves all: the public's pages, the applicants' where there is a portal, the desk.

    `parts` run with it.
    """

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running(parts):
            yield

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan)
    if services.portal is not None:
        portal = PortalServices(services, services.portal, PortalSessions(services.portal))
        app.include_router(portal_router(portal), prefix=APPLY)
    app.include_router(public_router(services), prefix=PUBLIC)
    app.include_router(desk_router(services), prefix=DESK)
    app.add_api_route("/", lambda: RedirectResponse(f"{PUBLIC}/"), methods=["GET"])
    return app
