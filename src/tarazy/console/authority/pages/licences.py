"""The public register of licences."""

from __future__ import annotations

from tarazy.console.authority.portal.address import APPLY
from tarazy.console.authority.services import AuthorityServices, licence, steps
from tarazy.console.layout.page_layout import Page, PageError, PageRequest

# Attestations name persons at the licensee; comparisons are the desk's working papers.
PUBLISHED = ("application", "condition", "licence", "directive")


def register(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return the register."""
    now = services.now_state
    return Page("register.html", "Licences", services.register(), {"apply": way_in(services)}, made_of=now)


def way_in(services: AuthorityServices) -> str:
    """Return the address of the applicants' portal, nothing where there is none."""
    return f"{APPLY}/" if services.portal is not None else ""


def one(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return one licence with its life."""
    now = services.now_state
    case = services.desk.state.licences.get(asked.path["name"])
    if case is None:
        raise PageError(404, "No such licensee", "The register knows nobody of this name.")
    directives = [
        {key: row[key] for key in ("number", "state", "words", "due")} for row in case.facts.get("directives", [])
    ]
    data = {"licence": licence(case), "steps": steps(case, *PUBLISHED), "directives": directives}
    return Page("licence.html", case.title, data, made_of=now)
