"""Petitions: an issuer, or whoever is harmed by an entry, contests it; a clock, a written outcome, an appeal."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tarazy.authority.greenlist.dossier import token_of
from tarazy.authority.licensing.application import REASON
from tarazy.authority.state import AuthorityState, Occasion, OfficialAct, note
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import ActField

ANSWER_DAYS = 30  # our own choice: no procedure was seen
PROOFS = ("deployer_key", "domain", "register_extract", "court_order", "other")


def check_receive(state: AuthorityState, occasion: Occasion) -> None:
    """Check that there is an entry to contest."""
    token_of(state, occasion)


def apply_receive(state: AuthorityState, occasion: Occasion) -> None:
    """Take the petition in; its clock runs from the day on which it was filed."""
    case = state.tokens[occasion.subject]
    filed = state.filings.get(occasion.body.get("filing") or 0)
    begun = filed.at[:10] if filed is not None else occasion.day  # not the day on which an officer got to it
    due = (date.fromisoformat(begun) + timedelta(days=ANSWER_DAYS)).isoformat()
    row = {"number": occasion.number, "due": due, "outcome": "", **occasion.body}
    case.facts["petitions"].append(row)
    note(case, occasion, "petition.receive", f"contested by {occasion.body['claimant']}; an answer is due by {due}")


def petition_of(state: AuthorityState, occasion: Occasion) -> dict[str, Any]:
    """Return the petition that an act names.

    Raises: ActRefusedError.
    """
    case = token_of(state, occasion)
    rows = [each for each in case.facts["petitions"] if each["number"] == occasion.body["petition"]]
    if not rows:
        found = str(occasion.body["petition"])
        raise ActRefusedError(occasion.subject, expected="the number of one of its petitions", found=found)
    row: dict[str, Any] = rows[0]
    return row


def check_decide(state: AuthorityState, occasion: Occasion) -> None:
    """Check that it is open, or that an appeal is decided by others."""
    row = petition_of(state, occasion)
    if row["outcome"] and not row.get("appealed"):
        raise ActRefusedError(f"petition {row['number']}", expected="an open one", found=row["outcome"])
    same = set(row.get("decided_by", ())) & set(occasion.officers)
    if same:
        found = f"officer {min(same)}, who decided before"
        raise ActRefusedError(f"petition {row['number']}", expected="other officers for an appeal", found=found)


def apply_decide(state: AuthorityState, occasion: Occasion) -> None:
    """Write the outcome."""
    row = petition_of(state, occasion)
    row |= {"outcome": occasion.body["outcome"], "decided_by": occasion.officers, "appealed": False}
    words = f"petition {row['number']} {row['outcome']}: {occasion.body['reason']}"
    note(state.tokens[occasion.subject], occasion, "petition.decide", words)


def check_appeal(state: AuthorityState, occasion: Occasion) -> None:
    """Check that there is an outcome to appeal."""
    row = petition_of(state, occasion)
    if not row["outcome"] or row.get("appealed"):
        raise ActRefusedError(f"petition {row['number']}", expected="a decided one", found="one that waits")


def apply_appeal(state: AuthorityState, occasion: Occasion) -> None:
    """Take the appeal in."""
    row = petition_of(state, occasion)
    row["appealed"] = True
    note(state.tokens[occasion.subject], occasion, "petition.appeal", f"petition {row['number']} appealed")


PETITION = ActField("petition", "its number", "whole")
ACTS = (
    OfficialAct(
        "petition.receive",
        "take in a petition against an entry",
        "listing",
        (
            ActField("claimant", "who contests it", most=200),
            ActField("proof", "kind of proof", "choice", choices=PROOFS),
            ActField("document", "the proof", "digest"),
            ActField("text", "what is asked", most=4000),
        ),
        check_receive,
        apply_receive,
        is_for_two=False,
    ),
    OfficialAct(
        "petition.decide",
        "decide a petition",
        "listing",
        (PETITION, ActField("outcome", "outcome", "choice", choices=("upheld", "dismissed")), REASON),
        check_decide,
        apply_decide,
    ),
    OfficialAct(
        "petition.appeal",
        "take in an appeal",
        "listing",
        (PETITION, ActField("text", "why", most=4000)),
        check_appeal,
        apply_appeal,
        is_for_two=False,
    ),
)
