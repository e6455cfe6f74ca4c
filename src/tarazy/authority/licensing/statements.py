"""Facilities' public statements compared with the register, day by day, and with the manifest of disclosures.

An officer notes the address of a licensee's public pages; the desk fetches the JSON twins once a day, compares them,
and signs what it found, so that the record shows since when a statement was wrong. Bounds: one host, no redirect, so
many bytes and seconds; what comes back is data.
"""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Mapping
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from tarazy.authority.licensing.application import require_state
from tarazy.authority.licensing.licence import ACTIVE, SUSPENDED, WITHDRAWN, register_state
from tarazy.authority.state import AuthorityCase, AuthorityState, Occasion, OfficialAct, note
from tarazy.oversight.publications.disclosures import disclosure_findings, read_versions
from tarazy.oversight.publications.public_statement import STATED, PublicFinding, compare_statement
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import ActField
from tarazy.platform.web.asking import direct_opener

SITE, COMPARED = "licence.site", "statement.compared"
STATEMENT_PAGE, DISCLOSURES_PAGE = "index.json", "disclosures.json"
ANSWER_BYTES_MAX, ANSWER_S = 1_000_000, 10.0
TEXT_MAX = 300
COMPARED_WITH = ("number", "state", "expires")  # what is kept of the register beside what was found
COLUMNS = ("code", "grade", "expected", "found", "rule")
Fetch = Callable[[str], Any]  # raises OSError or ValueError


def check_site(state: AuthorityState, occasion: Occasion) -> None:
    """Check that it is an address of pages, and that there is a licence."""
    require_state(state, occasion, ACTIVE, SUSPENDED)
    parts = urlsplit(occasion.body["url"])
    is_plain = parts.scheme in ("http", "https") and parts.hostname and not (parts.query or parts.fragment)
    if not is_plain or parts.username or not parts.path.endswith("/"):
        expected = "an address of public pages, as https://facility.example/public/"
        raise ActRefusedError(f"{occasion.subject}, url", expected=expected, found=occasion.body["url"][:80])


def apply_site(state: AuthorityState, occasion: Occasion) -> None:
    """Note it."""
    case = state.licences[occasion.subject]
    case.facts["site"] = occasion.body["url"]
    note(case, occasion, SITE, f"publishes at {occasion.body['url']}")


def check_compared(state: AuthorityState, occasion: Occasion) -> None:
    """Check that there is a site that was compared."""
    case = require_state(state, occasion, ACTIVE, SUSPENDED, WITHDRAWN)
    if case.facts.get("site") != occasion.body["url"]:
        found = str(case.facts.get("site", "none"))
        raise ActRefusedError(f"{occasion.subject}, url", expected="the site that was noted", found=found)


def apply_compared(state: AuthorityState, occasion: Occasion) -> None:
    """Keep what was found, and note what has changed since the last time."""
    case = state.licences[occasion.subject]
    found = list(occasion.body.get("findings") or [])
    before = case.facts.get("compared", {}).get("findings", [])
    since = {row["code"]: row["since"] for row in before}
    rows = [{**row, "since": since.get(row["code"], occasion.day)} for row in found]
    kept = {"on": occasion.day, "at": occasion.at, "act": occasion.number, "findings": rows}
    case.facts["compared"] = kept | {"registered": {name: str(registered(case)[name]) for name in COMPARED_WITH}}
    if {row["code"] for row in before} != {row["code"] for row in rows}:
        codes = ", ".join(sorted(row["code"] for row in rows)) or "nothing"
        note(case, occasion, COMPARED, f"public pages compared: {codes}")


def registered(case: AuthorityCase) -> dict[str, Any]:
    """Return a licence as a facility has to state it."""
    facts = {name: case.facts.get(name, "") for name in STATED}
    return facts | {"title": case.title, "state": register_state(case), "types": case.facts.get("types", [])}


def to_compare(state: AuthorityState, day: str) -> list[str]:
    """Return the licensees whose pages were not compared on a day."""
    return [
        case.name
        for case in state.licences.values()
        if case.state in (ACTIVE, SUSPENDED, WITHDRAWN)
        and case.facts.get("site")
        and case.facts.get("compared", {}).get("on") != day
    ]


def compare_site(case: AuthorityCase, day: str, fetch: Fetch) -> dict[str, Any]:
    """Return the body of an act: what a licensee's pages say, against the register and the manifest."""
    url = str(case.facts["site"])
    found, pages = list[PublicFinding](), dict[str, Any]()
    for page in (STATEMENT_PAGE, DISCLOSURES_PAGE):
        try:
            pages[page] = fetch(f"{url}{page}")
        except (OSError, ValueError) as error:
            said = f"{type(error).__name__}: {error}"[:TEXT_MAX]
            found.append(PublicFinding(f"site.{page}", "high", f"{url}{page}", said, "aifc_daa/2.10.1(1)"))
    if STATEMENT_PAGE in pages:
        stated = pages[STATEMENT_PAGE].get("statement")
        found += compare_statement(stated if isinstance(stated, Mapping) else {}, registered(case))
    if DISCLOSURES_PAGE in pages:
        found += disclosure_findings(read_versions(pages[DISCLOSURES_PAGE].get("versions")), day)
    text = json.dumps(pages, sort_keys=True)
    rows = [{name: readable(value) for name, value in each.plain().items()} for each in found]
    return {"url": url, "sha256": sha256(text.encode()).hexdigest(), "findings": rows}


def readable(text: str) -> str:
    """Return a text of strangers as an act may hold it."""
    return "".join(letter if letter.isprintable() else " " for letter in text)[:TEXT_MAX]


def fetch_json(url: str) -> dict[str, Any]:
    """Return the JSON object at an address, within bounds. Raises: OSError, ValueError."""
    request = urllib.request.Request(url, headers={"Accept": "application/json"})
    with direct_opener().open(request, timeout=ANSWER_S) as answer:
        text = answer.read(ANSWER_BYTES_MAX + 1)
    if len(text) > ANSWER_BYTES_MAX:
        raise ValueError(f"expected at most {ANSWER_BYTES_MAX:,} bytes, found more")
    try:
        found = json.loads(text)
    except RecursionError:
        raise ValueError("lists in lists without end") from None
    if not isinstance(found, dict):
        raise ValueError(f"expected an object, found {type(found).__name__}")
    return found


ACTS = (
    OfficialAct(
        SITE,
        "note where a licensee publishes",
        "licensing",
        (ActField("url", "address of its public pages, with a slash at its end", most=300),),
        check_site,
        apply_site,
        is_for_two=False,
    ),
    OfficialAct(
        COMPARED,
        "note what a licensee's public pages say against the register",
        "licensing",
        (
            ActField("url", "address that was asked", most=300),
            ActField("sha256", "SHA-256 of what it answered", "digest"),
            ActField("findings", "findings", "table", is_required=False, columns=COLUMNS, most=TEXT_MAX),
        ),
        check_compared,
        apply_compared,
        is_for_two=False,
        is_public=True,
    ),
)
