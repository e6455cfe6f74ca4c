"""The public pages of a facility as one router; the JSON twins are what its authority compares with the register."""

from __future__ import annotations

from pathlib import Path

from fastapi import Request

from tarazy.console.disclosures.pages import public
from tarazy.console.disclosures.services import PublicServices
from tarazy.console.layout.page_layout import ConsoleSection, Link, PageError
from tarazy.console.layout.routing import Route, section_router
from tarazy.platform.web.mounting import Mounted

PREFIX = "/public"
SECTION = ConsoleSection(
    "public",
    "What we publish",
    "statement",
    (
        Link("Licence", "statement"),
        Link("Disclosures", "disclosures", ("paper",)),
        Link("Assets and notices", "assets", ("decision",)),
    ),
    Path(__file__).parent / "templates",
    home_words="To the licence",
    foot="Free, without a login.",
)
ROUTES = (
    Route("statement", "/", public.statement),
    Route("disclosures", "/disclosures", public.disclosures),
    Route("paper", "/disclosures/{head}/{version}", public.paper),
    Route("assets", "/assets", public.assets),
    Route("decision", "/assets/{number}", public.decision),
)


def public_pages(services: PublicServices) -> Mounted:
    """Return the section; the verb that serves hands it in."""

    def with_desk(request: Request, route: Route) -> None:
        """Answer nothing where the facility has no admission desk. Raises: PageError."""
        if not services.view.has_desk:
            raise PageError(404, "Nothing is published", "This facility has no admission desk yet.")

    return Mounted(PREFIX, section_router(SECTION, ROUTES, services, allow=with_desk))
