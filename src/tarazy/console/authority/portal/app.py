"""The applicants' section as one router: its own login, its own cookie, nothing of the officers' pages.

A session is looked for before a form is read; every draft, filing and document is asked for by the applicant's own
number.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from fastapi import APIRouter, Request

from tarazy.console.authority.portal import pages
from tarazy.console.authority.portal.services import PortalServices
from tarazy.console.authority.services import form_key
from tarazy.console.layout.page_layout import ConsoleSection, Link, PageError
from tarazy.console.layout.routing import Route, section_router
from tarazy.platform.access.sessions import COOKIE

OPEN = frozenset({"home", "register"})
SECTION = ConsoleSection(
    "apply",
    "Apply",
    "home",
    (Link("Your filings", "home", ("draft", "filing")),),
    Path(__file__).parent / "templates",
    home_words="To your filings",
    foot="What you file is signed by the desk; the receipt has its hash.",
)
FORM_BYTES_MAX = 1024**2  # a draft of 60,000 letters, encoded; documents have an address of their own
ROUTES = (
    Route("home", "/", pages.home),
    Route("register", "/register", pages.register, "POST", False, FORM_BYTES_MAX),
    Route("begin", "/drafts", pages.begin, "POST", False, FORM_BYTES_MAX),
    Route("draft", "/drafts/{number}", pages.draft),
    Route("save", "/drafts/{number}", pages.save, "POST", False, FORM_BYTES_MAX),
    Route("file", "/drafts/{number}/filed", pages.file, "POST", False, FORM_BYTES_MAX),
    Route("upload", "/drafts/{number}/documents", pages.upload, "POST", has_twin=False),
    Route("document", "/drafts/{number}/documents/{sha256}", pages.document, has_twin=False),
    Route("filing", "/filings/{number}", pages.filing),
    Route("answer", "/filings/{number}/answers", pages.answer, "POST", False, FORM_BYTES_MAX),
)


class PortalCaller(NamedTuple):
    """Who asks: the applicant's number."""

    name: str


def portal_router(services: PortalServices) -> APIRouter:
    """Return the applicants' pages."""

    def allow(request: Request, route: Route) -> None:
        """Find the session of a request. Raises: PageError where the page needs one."""
        applicant = services.sessions.find(request.cookies.get(COOKIE, ""))
        who = services.store.applicant(applicant) if applicant else None
        if who is not None:
            request.scope["tarazy_caller"] = PortalCaller(who.applicant)
            request.scope["tarazy_person"] = who.name
        elif route.name not in OPEN:
            raise PageError(
                401, "Log in first", "Your session is over, or you have none. Drafts are kept: log in again."
            )

    key = form_key(services.authority.desk_key, SECTION.name)
    return section_router(SECTION, ROUTES, services, allow=allow, sessions=services.sessions, form_key=key)
