"""The public pages: the statement of the licence, the manifest of disclosures, assets with decisions and notices."""

from __future__ import annotations

from tarazy.console.disclosures.services import PublicServices
from tarazy.console.layout.page_layout import Page, PageError, PageRequest


def statement(services: PublicServices, asked: PageRequest) -> Page:
    """Return the statement of the licence."""
    return Page("statement_of_licence.html", "Licence", services.statement())


def disclosures(services: PublicServices, asked: PageRequest) -> Page:
    """Return the manifest."""
    return Page("manifest.html", "Disclosures", services.disclosures())


def paper(services: PublicServices, asked: PageRequest) -> Page:
    """Return one paper."""
    found = services.paper(asked.path["head"], asked.path["version"])
    if found is None:
        raise PageError(404, "No such paper", "No paper of this head and version was published.")
    return Page("paper.html", str(found["title"])[:80], {"paper": found})


def assets(services: PublicServices, asked: PageRequest) -> Page:
    """Return decisions and notices."""
    return Page("assets.html", "Assets and notices", services.assets())


def decision(services: PublicServices, asked: PageRequest) -> Page:
    """Return one decision."""
    found = services.decision(asked.path["number"])
    if found is None:
        raise PageError(404, "No such decision", "The committee has made no decision of this number.")
    return Page("decision.html", f"Decision on {found['asset_code']}", {"decision": found})
