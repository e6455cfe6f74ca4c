"""What applicants have filed, as the officers see it: fields, documents, and the acts that answer it."""

from __future__ import annotations

import json

from tarazy.authority.licensing.statements import to_compare
from tarazy.authority.next_steps import LICENCE, TOKEN
from tarazy.authority.portal.filings import FILABLE, TAKEN, TITLES
from tarazy.authority.state import Filing
from tarazy.console.authority.services import AuthorityServices
from tarazy.console.layout.page_layout import Download, Page, PageError, PageRequest
from tarazy.console.layout.signed_acts import shown_fields

PREFIXES = {"application.receive": "application"}
CASE_OF = {"application.receive": LICENCE}


def number_of(text: str) -> int:
    """Return a number of an address, 0 for any other text."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def filing_in_query(services: AuthorityServices, asked: PageRequest) -> Filing | None:
    """Return the filing that an address names, None where it names none."""
    return services.desk.state.filings.get(number_of(asked.query.get("filing", "")))


def every(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return all filings, the newest first."""
    rows = [
        {"number": f.number, "title": TITLES[f.kind], "subject": f.subject, "at": f.at, "state": f.state}
        for f in reversed(services.desk.state.filings.values())
    ]
    return Page("filings.html", "Filings", {"filings": rows})


def one(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return one filing with its documents and questions."""
    found = services.desk.state.filings.get(number_of(asked.path["number"]))
    if found is None:
        raise PageError(404, "No such filing", "The record has no filing of this number.")
    who = services.portal.applicant(found.applicant) if services.portal is not None else None
    draft = services.portal.of_filing(found.number) if services.portal is not None else None
    kept = services.portal.documents(draft.number) if services.portal is not None and draft is not None else []
    data = {
        "number": found.number,
        "title": TITLES[found.kind],
        "kind": found.kind,
        "prefix": PREFIXES.get(found.kind, "dossier"),
        "subject": found.subject,
        "state": found.state,
        "at": found.at,
        "applicant": {"name": who.name, "contact": who.contact} if who is not None else {"name": "", "contact": ""},
        "fields": shown_fields(FILABLE[found.kind].fields, json.loads(found.fields)),
        "case_kind": CASE_OF.get(found.kind, TOKEN) if found.state == TAKEN else "",
        "documents": [each._asdict() for each in kept],
        "questions": found.questions,
    }
    return Page("filing.html", f"Filing {found.number}", data)


def document(services: AuthorityServices, asked: PageRequest) -> Download:
    """Return a document of a filing as a file that no browser runs."""
    draft = services.portal.of_filing(number_of(asked.path["number"])) if services.portal is not None else None
    row = services.portal.content(draft.number, asked.path["sha256"]) if services.portal and draft else None
    if row is None:
        raise PageError(404, "No such document", "This filing has no document of this hash.")
    return Download((row[2],), "application/octet-stream", plain_name(row[0]))


def plain_name(name: str) -> str:
    """Return a name under which a browser saves a file: letters, digits, dots, hyphens."""
    return "".join(letter if letter.isascii() and (letter.isalnum() or letter in "._-") else "_" for letter in name)


def statements(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return what the public pages of licensees say against the register."""
    state = services.desk.state
    rows = [
        {
            "name": case.name,
            "title": case.title,
            "site": case.facts["site"],
            "on": case.facts.get("compared", {}).get("on", ""),
            "findings": case.facts.get("compared", {}).get("findings", []),
        }
        for case in state.licences.values()
        if case.facts.get("site")
    ]
    return Page("statements.html", "Public statements", {"rows": rows, "due": to_compare(state, services.today)})
