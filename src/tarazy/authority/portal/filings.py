"""What applicants file: checked as the officers' own act would be, receipted by the desk, taken in by an officer.

A filing moves nothing by itself: it lies in the record with its hash until an officer takes it in with the act that it
is for, or returns it. So nobody fills the register by sending forms. An officer asks with a deadline, the applicant
answers.
"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from tarazy.authority.greenlist import dossier, petitions
from tarazy.authority.licensing import application
from tarazy.authority.licensing.application import REASON
from tarazy.authority.state import AuthorityState, Filing, Occasion, OfficialAct
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import ActField, check_fields

FILED, RETURNED, TAKEN = "filed", "returned", "taken in"
FIELDS_MAX = 60_000
DOCUMENTS_MAX = 20
FILABLE: dict[str, OfficialAct] = {
    act.name: act
    for module in (application, dossier, petitions)
    for act in module.ACTS
    if act.name in ("application.receive", "dossier.open", "petition.receive", "petition.appeal")
}
TITLES = {
    "application.receive": "Application for a licence",
    "dossier.open": "Token dossier",
    "petition.receive": "Petition against an entry of the green list",
    "petition.appeal": "Appeal against the outcome of a petition",
}
FILING = ActField("filing", "number of the filing that it takes in", "whole", is_required=False)


def read_fields(text: str) -> dict[str, Any]:
    """Return the fields of a filing. Raises: ActRefusedError."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise ActRefusedError("filing, fields", expected="a JSON object", found="another text")
    return found


def check_receive(state: AuthorityState, occasion: Occasion) -> None:
    """Check a filing as the officers' act that takes it in would be, and that an appeal is the petitioner's own."""
    body = occasion.body
    act, fields = FILABLE[body["kind"]], read_fields(body["fields"])
    check_fields(act.name, act.fields, fields)
    if act.name == "petition.appeal":
        _check_own_petition(state, occasion.subject, fields["petition"], body["applicant"])
    _as_public(act.name, state, Occasion(occasion.subject, fields, occasion.at, occasion.officers, occasion.number))


def _as_public(act: str, state: AuthorityState, occasion: Occasion) -> None:
    """Check what is filed without telling of dossiers on which nothing was decided. Raises: ActRefusedError."""
    if act == "dossier.open":
        dossier.check_filed(state, occasion)
        return
    if act == "petition.receive" and not dossier.is_public(state.tokens.get(occasion.subject)):
        expected, found = "a token on which the list has an entry", "none of this name"
        raise ActRefusedError(occasion.subject[:80], expected=expected, found=found)
    FILABLE[act].check(state, occasion)


def _check_own_petition(state: AuthorityState, token: str, number: int, applicant: str) -> None:
    case = state.tokens.get(token)
    rows = [row for row in (case.facts["petitions"] if case else []) if row["number"] == number]
    filing = state.filings.get(rows[0].get("filing") or 0) if rows else None
    if filing is None or filing.applicant != applicant:
        expected, action = "a petition of your own", "Its number stands on the page of its filing"
        raise ActRefusedError(f"petition {number}", expected=expected, found="none of yours", action=action)


def apply_receive(state: AuthorityState, occasion: Occasion) -> None:
    """Keep it until an officer takes it in or returns it."""
    body = occasion.body
    documents = tuple(body.get("documents") or ())
    terms = (body["kind"], occasion.subject, body["applicant"], body["fields"], documents, occasion.at)
    state.filings[occasion.number] = Filing(occasion.number, *terms)


def filing_of(state: AuthorityState, occasion: Occasion, *states: str) -> Filing:
    """Return the filing that an act names. Raises: ActRefusedError."""
    number = occasion.body["filing"]
    found = state.filings.get(number)
    if found is None or found.subject != occasion.subject:
        said = "none of this number" if found is None else f"one on {found.subject}"
        raise ActRefusedError(f"filing {number}", expected=f"a filing on {occasion.subject[:63]}", found=said)
    if states and found.state not in states:
        raise ActRefusedError(f"filing {number}", expected=f"one that is {' or '.join(states)}", found=found.state)
    return found


def check_ask(state: AuthorityState, occasion: Occasion) -> None:
    """Check that the deadline is to come."""
    filing_of(state, occasion, FILED, TAKEN)
    if occasion.body["until"] <= occasion.day:
        raise ActRefusedError("question, until", expected="a day to come", found=occasion.body["until"])


def apply_ask(state: AuthorityState, occasion: Occasion) -> None:
    """Put the question to the applicant."""
    row = {"number": occasion.number, "at": occasion.at, "question": occasion.body["question"]}
    row |= {"until": occasion.body["until"], "answer": "", "answered_at": "", "documents": []}
    state.filings[occasion.body["filing"]].questions.append(row)


def question_of(state: AuthorityState, occasion: Occasion) -> dict[str, Any]:
    """Return the question that waits. Raises: ActRefusedError."""
    filing = filing_of(state, occasion)
    if filing.applicant != occasion.body["applicant"]:
        raise ActRefusedError(f"filing {filing.number}", expected="a filing of your own", found="another's")
    rows = [row for row in filing.questions if row["number"] == occasion.body["question"]]
    if not rows or rows[0]["answer"]:
        found = "one that is answered" if rows else "none of this number"
        raise ActRefusedError(f"filing {filing.number}", expected="a question that waits", found=found)
    return rows[0]


def check_answer(state: AuthorityState, occasion: Occasion) -> None:
    """Check that a question of the applicant's own filing waits."""
    question_of(state, occasion)


def apply_answer(state: AuthorityState, occasion: Occasion) -> None:
    """Take the answer in; a late one is taken and shown as late."""
    row = question_of(state, occasion)
    documents = list(occasion.body.get("documents") or ())
    row.update({"answer": occasion.body["text"], "answered_at": occasion.at, "documents": documents})


def check_return(state: AuthorityState, occasion: Occasion) -> None:
    """Check that it waits."""
    filing_of(state, occasion, FILED)


def apply_return(state: AuthorityState, occasion: Occasion) -> None:
    """Give it back with a reason."""
    filing = state.filings[occasion.body["filing"]]
    filing.state, filing.reason = RETURNED, occasion.body["reason"]


def takes_in(act: OfficialAct) -> OfficialAct:
    """Return an act that may name the filing that it takes in."""

    def check(state: AuthorityState, occasion: Occasion) -> None:
        if occasion.body.get("filing"):
            filing = filing_of(state, occasion, FILED)
            if filing.kind != act.name:
                raise ActRefusedError(f"filing {filing.number}", expected=f"one of {act.name}", found=filing.kind)
        act.check(state, occasion)

    def apply(state: AuthorityState, occasion: Occasion) -> None:
        act.apply(state, occasion)
        if occasion.body.get("filing"):
            filing = state.filings[occasion.body["filing"]]
            filing.state, filing.taken_by = TAKEN, occasion.number

    return replace(act, fields=(*act.fields, FILING), check=check, apply=apply)


def _officers_acts(role: str, prefix: str) -> tuple[OfficialAct, ...]:
    which = replace(FILING, words="number of the filing", is_required=True)
    ask = (which, ActField("question", "question"), ActField("until", "by which day", "date"))
    alone = {"is_for_two": False}
    return (
        OfficialAct(f"{prefix}.ask", "ask an applicant", role, ask, check_ask, apply_ask, **alone),
        OfficialAct(
            f"{prefix}.return", "give a filing back", role, (which, REASON), check_return, apply_return, **alone
        ),
    )


APPLICANT = ActField("applicant", "the applicant's number at the portal", most=40)
DOCUMENTS = ActField("documents", "SHA-256 of each document", "list", is_required=False, most=64)
ACTS = (
    OfficialAct(
        "filing.receive",
        "take in what an applicant has filed",
        "licensing",
        (
            ActField("kind", "what it is", "choice", choices=tuple(FILABLE)),
            APPLICANT,
            ActField("fields", "its fields as JSON", most=FIELDS_MAX),
            DOCUMENTS,
        ),
        check_receive,
        apply_receive,
        is_for_two=False,
        is_public=True,
    ),
    OfficialAct(
        "filing.answer",
        "take in an applicant's answer",
        "licensing",
        (
            replace(FILING, words="number of the filing", is_required=True),
            ActField("question", "number of the question", "whole"),
            APPLICANT,
            ActField("text", "answer"),
            DOCUMENTS,
        ),
        check_answer,
        apply_answer,
        is_for_two=False,
        is_public=True,
    ),
    *_officers_acts("licensing", "application"),
    *_officers_acts("listing", "dossier"),
)
