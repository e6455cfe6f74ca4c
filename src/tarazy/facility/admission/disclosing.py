"""Papers that the facility discloses: drafted by one officer, approved by another, in force from a day.

An approval that comes after the day from which a paper counts is refused; so is one that leaves clients less notice of
a change than its head asks for. Sources: AIFC DAA 2.10.1(1), 2.5.2(e); `oversight/publications/heads.toml` has them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from tarazy.domain.records import ROLE_COMPLIANCE, ROLE_OPERATIONS
from tarazy.facility.admission.state import AdmissionState, DeskAct, DeskOccasion
from tarazy.oversight.publications.disclosures import every_head, heads, in_force
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import ActField

PAPER_TEXT_MAX = 60_000
HEADS = tuple(each.name for each in every_head())


def check_draft(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Check head and days."""
    body, where = occasion.body, f"paper on {occasion.subject[:40]}"
    if occasion.subject not in heads(occasion.day):
        raise ActRefusedError(where, expected=f"one of {', '.join(HEADS)}", found=occasion.subject[:40])
    if body["effective"] < occasion.day:
        raise ActRefusedError(f"{where}, effective", expected=f"{occasion.day} or later", found=body["effective"])
    if body["review_by"] <= body["effective"]:
        raise ActRefusedError(f"{where}, review_by", expected="a day after its effect", found=body["review_by"])
    approved = body.get("authority_approved_on") or ""
    if approved > body["effective"]:
        expected = f"an approval by {body['effective']}, from which it counts"
        raise ActRefusedError(f"{where}, authority_approved_on", expected=expected, found=approved)
    if bool(approved) != bool(body.get("authority_approval")):
        expected = "the authority's approval and its day, or neither"
        raise ActRefusedError(f"{where}, authority_approval", expected=expected, found="one of them")


def apply_draft(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Keep it as the next version of its head, not yet approved."""
    version = 1 + sum(row["head"] == occasion.subject for row in state.papers)
    text = occasion.body["text"]
    row = {"head": occasion.subject, "version": version, "number": occasion.number, "approved_on": "", "drafted_by": 0}
    sums = {"sha256": sha256(text.encode()).hexdigest(), "drafted_by": occasion.officer_id}
    state.papers.append(row | dict(occasion.body) | sums)


def paper_of(state: AdmissionState, occasion: DeskOccasion) -> dict[str, Any]:
    """Return the paper that an act names.

    Raises: ActRefusedError.
    """
    number = occasion.body["paper"]
    row = next((each for each in state.papers if each["number"] == number), None)
    if row is None or row["head"] != occasion.subject:
        found = "none of this number" if row is None else f"one on {row['head']}"
        raise ActRefusedError(f"paper {number}", expected=f"a paper on {occasion.subject[:40]}", found=found)
    return row


def check_approve(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Check four eyes, and that the approval comes before the effect with the notice that its head asks for."""
    row, where = paper_of(state, occasion), f"paper {occasion.body['paper']}"
    if row["approved_on"]:
        raise ActRefusedError(where, expected="a paper that waits", found=f"one approved on {row['approved_on']}")
    if row["drafted_by"] == occasion.officer_id:
        found = f"officer {occasion.officer_id}, who drafted it"
        raise ActRefusedError(where, expected="another officer's eyes", found=found)
    if row["effective"] < occasion.day:
        action = "An approval never reaches back: draft it anew with a day to come"
        found = f"one of {occasion.day}"
        expected = f"an approval by {row['effective']}, from which it counts"
        raise ActRefusedError(where, expected=expected, found=found, action=action)
    head = heads(occasion.day)[row["head"]]
    is_change = any(each["head"] == row["head"] and each["approved_on"] for each in state.papers)
    first = date.fromisoformat(occasion.day) + timedelta(days=head.notice_days if is_change else 0)
    if row["effective"] < first.isoformat():
        expected = f"{first} or later: {head.notice_days} days' notice of a change"
        raise ActRefusedError(f"{where}, effective", expected=expected, found=row["effective"])


def apply_approve(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Publish it: as coming until its day, in force from then on."""
    row = paper_of(state, occasion)
    row |= {"approved_on": occasion.day, "approved_by": occasion.officer_id, "published_at": occasion.at}


def check_review(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Check that it is in force and that the new day is to come, within what its head allows."""
    row = paper_of(state, occasion)
    where, until = f"paper {row['number']}, review_by", occasion.body["review_by"]
    head = heads(occasion.day)[row["head"]]
    last = (date.fromisoformat(occasion.day) + timedelta(days=head.review_days)).isoformat()
    if in_force(state.papers, row["head"], occasion.day) is not row:
        raise ActRefusedError(where, expected="the paper in force", found=f"version {row['version']}")
    if not occasion.day < until <= last:
        raise ActRefusedError(where, expected=f"after {occasion.day}, by {last}", found=until)


def apply_review(state: AdmissionState, occasion: DeskOccasion) -> None:
    """Note that somebody looked at it and left it as it is."""
    paper_of(state, occasion).update({"review_by": occasion.body["review_by"], "reviewed_on": occasion.day})


def to_acknowledge(papers: list[dict[str, Any]], day: str) -> dict[str, Mapping[str, Any]]:
    """Return the paper in force of each head that a client confirms before the first trade, by head."""
    rows = {each.name: in_force(papers, each.name, day) for each in heads(day).values() if each.acknowledge}
    return {name: row for name, row in rows.items() if row is not None}


def least_version(papers: list[dict[str, Any]], head: str, day: str) -> int:
    """Return the version that a client must have confirmed at least: the newest in force that asks for it anew."""
    begun = [row for row in papers if row["head"] == head and row["approved_on"] and row["effective"] <= day]
    anew = [row["version"] for row in begun if row.get("anew")]
    return max(anew) if anew else min((row["version"] for row in begun), default=0)


ACTS = (
    DeskAct(
        "paper.draft",
        "draft a paper of the disclosure manifest; its subject is the head",
        ROLE_OPERATIONS | ROLE_COMPLIANCE,
        (
            ActField("title", "title", most=200),
            ActField("language", "language", "choice", choices=("en", "ru", "kk")),
            ActField("text", "text", most=PAPER_TEXT_MAX),
            ActField("effective", "day from which it counts", "date"),
            ActField("review_by", "day by which somebody looks at it again", "date"),
            ActField("anew", "clients who confirmed an older version confirm it anew", "flag", is_required=False),
            ActField("authority_approval", "the authority's approval", is_required=False, most=100),
            ActField("authority_approved_on", "day of that approval", "date", is_required=False),
        ),
        check_draft,
        apply_draft,
    ),
    DeskAct(
        "paper.approve",
        "approve a paper that another officer has drafted, which publishes it",
        ROLE_COMPLIANCE,
        (ActField("paper", "its number", "whole"),),
        check_approve,
        apply_approve,
    ),
    DeskAct(
        "paper.review",
        "note that a paper in force was looked at again",
        ROLE_COMPLIANCE,
        (ActField("paper", "its number", "whole"), ActField("review_by", "next day", "date")),
        check_review,
        apply_review,
    ),
)
