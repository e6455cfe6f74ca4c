"""Cases at the officers' desk: licences, tokens, consultations, with all that is known of each and what comes next."""

from __future__ import annotations

from typing import Any

from tarazy.authority.consultation.consultation import OUTCOMES
from tarazy.authority.desk import ACTS
from tarazy.authority.greenlist.dossier import standing
from tarazy.authority.next_steps import (
    CASE_KINDS,
    CONSULTATION,
    LICENCE,
    TOKEN,
    NextStep,
    cases_of,
    next_steps,
    obstacle,
)
from tarazy.authority.state import AuthorityCase
from tarazy.console.authority.services import AuthorityServices
from tarazy.console.layout.page_layout import Page, PageError, PageRequest
from tarazy.console.layout.signed_acts import shown_fields

OPENED_BY = {LICENCE: "application.receive", TOKEN: "dossier.open", CONSULTATION: "consultation.publish"}
TITLES = {LICENCE: "Licences and applications", TOKEN: "Tokens", CONSULTATION: "Consultations"}
ENDED = ("withdrawn", "refused", "removed", "concluded")
MEETING = ("on", "present", "recused", "dissent", "conditions", "conditions_until", "approval", "reason")


# What only some cases have.
NOTHING: dict[str, Any] = {"conditions": [], "evidence": [], "meeting": [], "petitions": [], "comments": {}}


def every(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return all cases by kind, each with its state and what comes next."""
    kinds = [
        {"kind": kind, "title": TITLES[kind], "opened_by": OPENED_BY[kind], "cases": rows(services, kind)}
        for kind in CASE_KINDS
    ]
    return Page("cases.html", "Cases", {"kinds": kinds}, made_of=services.now_state)


def rows(services: AuthorityServices, kind: str) -> list[dict[str, Any]]:
    """Return the cases of a kind, those that go on first."""
    found = [case_row(services, kind, case) for case in cases_of(services.desk.state, kind).values()]
    return sorted(found, key=lambda row: (row["state"] in ENDED, row["title"]))


def case_row(services: AuthorityServices, kind: str, case: AuthorityCase) -> dict[str, Any]:
    """Return a case with the first thing that it waits for."""
    steps = [each for each in next_steps(services.desk.state, kind, case, services.today) if each.is_awaited]
    following = plain_step(steps[0]) if steps else None
    row = {"kind": kind, "name": case.name, "title": case.title, "state": case.state}
    return row | {"next": following, "more": max(0, len(steps) - 1), "obstacle": obstacle(case, kind, services.today)}


def plain_step(step: NextStep) -> dict[str, Any]:
    """Return a step as plain data, with the query that fills its form in."""
    query = {"subject": step.subject} | {f"field.{name}": value for name, value in step.fields.items()}
    return {
        "act": step.act,
        "words": step.words,
        "query": query,
        "is_awaited": step.is_awaited,
        "officers": 2 if ACTS[step.act].is_for_two else 1,
    }


def one(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return one case: what comes next, what waits for another officer, its facts, and its life with its officers."""
    kind, state = asked.path["kind"], services.desk.state
    case = cases_of(state, kind).get(asked.path["name"])
    if case is None:
        raise PageError(404, "No such case", "The record has no case of this name here.")
    day = services.today
    waiting = [each for each in services.desk.waiting() if each.subject == case.name]
    data = {
        "kind": kind,
        "kind_title": TITLES[kind],
        "name": case.name,
        "title": case.title,
        "state": case.state,
        "next": [plain_step(each) for each in next_steps(state, kind, case, day)],
        "obstacle": obstacle(case, kind, day),
        "proposals": [{"number": each.number, "words": ACTS[each.act].words, "at": each.at} for each in waiting],
        "filings": [{"number": f.number, "state": f.state} for f in state.filings.values() if f.subject == case.name],
        **NOTHING,
        **FACTS[kind](case, day),
        "steps": life(services, case),
    }
    return Page("case.html", case.title, data, made_of=services.now_state)


def life(services: AuthorityServices, case: AuthorityCase) -> list[dict[str, Any]]:
    """Return the steps of a case with the names of those who took them, the newest last."""
    known = services.desk.state.officers
    return [
        {"number": s.number, "at": s.at, "act": s.act, "words": s.words, "by": ", ".join(names(known, s.officers))}
        for s in case.steps
    ]


def names(known: Any, officers: tuple[int, ...]) -> list[str]:
    """Return officers by name; the desk itself is number 0."""
    return [known[each].name if each in known else "the desk" for each in officers]


def licence_facts(case: AuthorityCase, day: str) -> dict[str, Any]:
    """Return what was applied for and under which conditions."""
    applied = shown_fields(ACTS["application.receive"].fields, case.facts["application"])
    conditions = [{"document": "", **row} for row in case.facts.get("conditions", [])]
    return {"fields": applied, "conditions": conditions}


def token_facts(case: AuthorityCase, day: str) -> dict[str, Any]:
    """Return the dossier with its insiders, the score card, and the record of the meeting that listed it."""
    listing = case.facts.get("listing", {})
    body = {name: listing[name] for name in MEETING if listing.get(name)}
    meeting = shown_fields(ACTS["token.list"].fields, body)
    card = [{**row, "sha256": row.get("sha256", "")} for row in standing(case, day)]
    dossier = shown_fields(ACTS["dossier.open"].fields, case.facts["dossier"])
    return {"fields": dossier, "evidence": card, "meeting": meeting, "petitions": case.facts["petitions"]}


def consultation_facts(case: AuthorityCase, day: str) -> dict[str, Any]:
    """Return how many comments have which outcome."""
    comments = case.facts["comments"]
    counts = {outcome or "without an answer": 0 for outcome in (*OUTCOMES, "")}
    for row in comments:
        counts[row["outcome"] or "without an answer"] += 1
    shown = ("number", "title_en", "deadline")
    paper = {name: case.facts["paper"][name] for name in shown}
    return {"fields": shown_fields(ACTS["consultation.publish"].fields, paper), "comments": counts}


FACTS = {LICENCE: licence_facts, TOKEN: token_facts, CONSULTATION: consultation_facts}
