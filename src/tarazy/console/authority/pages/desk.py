"""The officers' desk: what waits for a decision, what is due, and the forms of acts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tarazy.authority.desk import ACTS, FOUNDING
from tarazy.authority.next_steps import CASE_KINDS, CONSULTATION, LICENCE, TOKEN, cases_of
from tarazy.authority.parameters import SETTABLE
from tarazy.authority.state import OfficialAct, Proposal
from tarazy.console.authority.hints import hints
from tarazy.console.authority.pages.cases import OPENED_BY, rows
from tarazy.console.authority.pages.filings import filing_in_query
from tarazy.console.authority.services import AuthorityServices
from tarazy.console.layout.page_layout import Page, PageError, PageRequest
from tarazy.console.layout.signed_acts import form_fields, given_in_query, shown_fields
from tarazy.platform.signed_acts.texts import texts_from


def waiting(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return what waits and what is due."""
    now = services.now_state
    data = services.memo.get("waiting", now, lambda: what_waits(services))
    return Page("waiting.html", "What waits", data, made_of=now)


def what_waits(services: AuthorityServices) -> dict[str, Any]:
    """Return what the first page of the desk shows."""
    desk = services.desk
    return {
        "authority": desk.state.title,
        "proposals": [proposal_row(services, each) for each in desk.waiting()],
        "duties": services.duties(),
        "in_hand": [row for kind in CASE_KINDS for row in rows(services, kind) if row["next"] or row["obstacle"]],
        "acts": len(desk.record.lines),
        "head": desk.record.head,
    }


def kinds(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return the kinds of acts."""
    rows = [
        {"act": act.name, "words": act.words, "role": act.role, "officers": 2 if act.is_for_two else 1}
        for act in ACTS.values()
        if act.name != FOUNDING
    ]
    return Page("kinds.html", "Acts", {"kinds": rows})


def form(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return the form of one kind; `subject` in the query fills it in."""
    act = ACTS.get(asked.path["act"])
    if act is None or act.name == FOUNDING:
        raise PageError(404, "No such act", f"The desk knows no act {asked.path['act']!r}.")
    subject = asked.query.get("subject", "")[:63]
    given = given_in_query(asked, act.fields) | known_fields(services, act.name, subject)
    filing = filing_in_query(services, asked)
    if filing is not None and filing.kind == act.name:
        given = {**texts_from(json.loads(filing.fields)), "filing": str(filing.number)}
    return act_form(services, act, subject, given)


def known_fields(services: AuthorityServices, act: str, subject: str) -> dict[str, str]:
    """Return what the record fills in: the final texts of a consultation begin as its drafts."""
    case = services.desk.state.consultations.get(subject)
    if act != "consultation.conclude" or case is None:
        return {}
    drafts = [{"id": row["id"], "final": row["draft"], "own_reason": ""} for row in case.facts["paper"]["rules"]]
    return {"finals": json.dumps(drafts, ensure_ascii=False, indent=1)}


CASE_OF_ACT = {
    **dict.fromkeys(("application", "condition", "licence", "directive", "attestation"), LICENCE),
    **dict.fromkeys(("dossier", "token", "petition"), TOKEN),
    **dict.fromkeys(("comment", "consultation"), CONSULTATION),
}


def subjects(services: AuthorityServices, act: str) -> list[str]:
    """Return the names on which an act is possible, none where it begins a case."""
    kind = act.split(".")[0]
    if act in OPENED_BY.values():
        return []
    if kind == "parameter":
        return sorted(SETTABLE)
    return sorted(cases_of(services.desk.state, CASE_OF_ACT.get(kind, "")))


def act_form(
    services: AuthorityServices,
    act: OfficialAct,
    subject: str,
    given: Mapping[str, str],
    officer_id: int = 0,
    refused: str = "",
) -> Page:
    """Return the form of a kind of act with what is given, and why it was refused."""
    alone, two = "Your signature alone is needed.", "Another officer decides what you propose here."
    data = {
        "act": act.name,
        "words": act.words,
        "lead": two if act.is_for_two else alone,
        "fields": form_fields(act.fields, given),
        "officers": officers(services, act.role),
        "officer_id": officer_id,
        "subject": subject,
        "subject_help": "A short name of small letters, digits and hyphens; it stands in addresses.",
        "subjects": subjects(services, act.name),
        "hints": hints(act.name, services.today),
        "about": [],
        "refused": refused,
    }
    return Page("act_form.html", act.words, data, status=422 if refused else 200)


def proposal(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return one proposal with every field."""
    number = asked.path["number"]
    found = services.desk.state.proposals.get(int(number)) if number.isdecimal() and len(number) < 10 else None
    if found is None:
        raise PageError(404, "No such proposal", "No proposal of this number is in the record.")
    return proposal_page(services, found)


def proposal_page(
    services: AuthorityServices, found: Proposal, given: Mapping[str, str] | None = None, refused: str = ""
) -> Page:
    """Return a proposal with the form of its decision, filled in with what is given, and why that was refused."""
    able = [row for row in officers(services, ACTS[found.act].role) if row["officer_id"] != found.officer_id]
    filled = {"officer_id": "", "verdict": "approve", "reason": ""} | dict(given or {})
    data = proposal_row(services, found) | {"officers": able}
    view = {"given": filled, "refused": refused}
    return Page("proposal.html", f"Proposal {found.number}", data, view, status=422 if refused else 200)


def proposal_row(services: AuthorityServices, found: Proposal) -> dict[str, Any]:
    """Return a proposal as plain data."""
    proposer = services.desk.state.officers[found.officer_id]
    return {
        "number": found.number,
        "act": found.act,
        "words": ACTS[found.act].words,
        "subject": found.subject,
        "fields": shown_fields(ACTS[found.act].fields, found.body),
        "proposed_by": f"{proposer.name} (officer {found.officer_id})",
        "at": found.at,
        "outcome": found.outcome,
        "reason": found.reason,
    }


def officers(services: AuthorityServices, role: str) -> list[dict[str, Any]]:
    """Return the active officers with a role."""
    state = services.desk.state
    return [{"officer_id": number, "name": state.officers[number].name} for number in state.active(role)]
