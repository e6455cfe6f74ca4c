"""A consultation: a draft beside the rule in force, comments until a deadline, an answer to each, a conclusion.

A conclusion is refused while a comment has no answer, and while the final text differs from the draft without a
comment that was taken or a reason of the authority's own. The feedback statement is built from the answers.
"""

from __future__ import annotations

import re
from dataclasses import replace
from hashlib import sha256
from typing import Any

from tarazy.authority.consultation.draft_values import VALUES, check_values
from tarazy.authority.state import AuthorityCase, AuthorityState, Occasion, OfficialAct, note
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import ActField, check_name
from tarazy.platform.signed_acts.record import canonical

PUBLISHED, CONCLUDED = "open for comments", "concluded"
NUMBER = re.compile("[A-Z]+-[A-Z]-CE-20[0-9]{2}-[0-9]{4}")
STANCES, OUTCOMES = ("support", "oppose", "change"), ("taken", "partly", "not taken")
COMMENTS_MAX = 10_000


def check_publish(state: AuthorityState, occasion: Occasion) -> None:
    """Check number, deadline and rule ids."""
    where, body = f"consultation {occasion.subject}", occasion.body
    check_name(where, occasion.subject)
    if occasion.subject in state.consultations:
        raise ActRefusedError(where, expected="a name of its own", found="one that is taken")
    if not NUMBER.fullmatch(body["number"]):
        raise ActRefusedError(f"{where}, number", expected="AFSA-P-CE-2026-0001 or alike", found=body["number"][:40])
    if body["deadline"] <= occasion.day:
        raise ActRefusedError(f"{where}, deadline", expected=f"a day after {occasion.day}", found=body["deadline"])
    check_values(where, body.get("values") or [])
    names = [row["id"] for row in body["rules"]]
    if len(set(names)) < len(names) or not all(names):
        raise ActRefusedError(f"{where}, rules", expected="one id for each rule", found="an empty one or two alike")


def apply_publish(state: AuthorityState, occasion: Occasion) -> None:
    """Publish it."""
    case = AuthorityCase(
        occasion.subject, occasion.body["title_en"], PUBLISHED, {"paper": dict(occasion.body), "comments": []}
    )
    state.consultations[occasion.subject] = case
    note(case, occasion, "consultation.publish", f"comments until {occasion.body['deadline']}")


def case_of(state: AuthorityState, occasion: Occasion, allowed: str) -> AuthorityCase:
    """Return the consultation of an act.

    Raises: ActRefusedError.
    """
    case = state.consultations.get(occasion.subject)
    if case is None or case.state != allowed:
        found = case.state if case else "none of this name"
        raise ActRefusedError(occasion.subject[:80], expected=f"a consultation that is {allowed}", found=found)
    return case


def check_comment(state: AuthorityState, occasion: Occasion) -> None:
    """Check that the deadline is not over and the rule is in the paper."""
    case = case_of(state, occasion, PUBLISHED)
    paper, body = case.facts["paper"], occasion.body
    if occasion.day > paper["deadline"]:
        action = "The deadline was published with the paper"
        raise ActRefusedError(
            occasion.subject, expected=f"a comment by {paper['deadline']}", found=occasion.day, action=action
        )
    if body["rule"] not in [row["id"] for row in paper["rules"]]:
        raise ActRefusedError(f"{occasion.subject}, rule", expected="a rule of the paper", found=body["rule"][:80])
    if len(case.facts["comments"]) >= COMMENTS_MAX:
        raise ActRefusedError(occasion.subject, expected=f"at most {COMMENTS_MAX:,} comments", found="as many")


def apply_comment(state: AuthorityState, occasion: Occasion) -> None:
    """Take the comment in; its receipt is its number and the SHA-256 of its text."""
    case = state.consultations[occasion.subject]
    row = {"number": occasion.number, "at": occasion.at, "sha256": receipt(occasion.body), "outcome": "", "reason": ""}
    case.facts["comments"].append({**row, **occasion.body})


def receipt(body: Any) -> str:
    """Return the SHA-256 of a comment's fields, by which its sender finds it again."""
    return sha256(canonical(dict(body)).encode()).hexdigest()


def comment_of(case: AuthorityCase, number: int) -> dict[str, Any]:
    """Return a comment.

    Raises: ActRefusedError.
    """
    rows = [each for each in case.facts["comments"] if each["number"] == number]
    if not rows:
        raise ActRefusedError(case.name, expected="the number of one of its comments", found=str(number))
    row: dict[str, Any] = rows[0]
    return row


def check_answer(state: AuthorityState, occasion: Occasion) -> None:
    """Check that the comment is there."""
    comment_of(case_of(state, occasion, PUBLISHED), occasion.body["comment"])


def apply_answer(state: AuthorityState, occasion: Occasion) -> None:
    """Answer a comment; a later answer stands in the place of an earlier one."""
    case = state.consultations[occasion.subject]
    row = comment_of(case, occasion.body["comment"])
    row |= {"outcome": occasion.body["outcome"], "reason": occasion.body["reason"]}
    note(case, occasion, "comment.answer", f"comment {row['number']} {row['outcome']}: {occasion.body['reason']}")


def check_conclude(state: AuthorityState, occasion: Occasion) -> None:
    """Check that every comment has an answer and every change a reason."""
    case = case_of(state, occasion, PUBLISHED)
    where, paper = f"consultation {occasion.subject}", case.facts["paper"]
    if occasion.day <= paper["deadline"]:
        raise ActRefusedError(where, expected=f"a day after {paper['deadline']}", found=occasion.day)
    if waiting := [row["number"] for row in case.facts["comments"] if not row["outcome"]]:
        found = f"{len(waiting)} without, the first is {waiting[0]}"
        raise ActRefusedError(where, expected="an answer to every comment", found=found)
    drafts = {row["id"]: row["draft"] for row in paper["rules"]}
    finals = {row["id"]: row for row in occasion.body["finals"]}
    if set(finals) != set(drafts):
        raise ActRefusedError(f"{where}, finals", expected="every rule of the paper once", found=", ".join(finals)[:80])
    for name, row in finals.items():
        if row["final"] != drafts[name] and not row["own_reason"] and not _was_taken(case, name):
            action = "Take a comment, or give the authority's own reason in own_reason"
            raise ActRefusedError(f"{where}, {name}", expected="a reason for the change", found="none", action=action)
    check_values(where, occasion.body.get("final_values") or [])
    known = {(row["rule"], row["key"]) for row in paper.get("values") or []}
    if strange := [row for row in occasion.body.get("final_values") or [] if (row["rule"], row["key"]) not in known]:
        raise ActRefusedError(f"{where}, final_values", expected="values of the paper", found=str(strange[0])[:120])
    if occasion.body["commencement"] <= occasion.day:
        raise ActRefusedError(f"{where}, commencement", expected="a day to come", found=occasion.body["commencement"])


def _was_taken(case: AuthorityCase, rule: str) -> bool:
    return any(row["rule"] == rule and row["outcome"] in OUTCOMES[:2] for row in case.facts["comments"])


def apply_conclude(state: AuthorityState, occasion: Occasion) -> None:
    """Conclude it with the final texts."""
    case = state.consultations[occasion.subject]
    case.facts |= {"finals": list(occasion.body["finals"]), "commencement": occasion.body["commencement"]}
    case.facts["final_values"] = list(occasion.body.get("final_values") or [])
    note(case, occasion, "consultation.conclude", f"in force from {occasion.body['commencement']}", CONCLUDED)


def feedback(case: AuthorityCase) -> list[dict[str, Any]]:
    """Return the feedback statement: each rule with its three texts and what was answered to each comment on it."""
    finals = {row["id"]: row for row in case.facts.get("finals", [])}
    found = []
    for row in case.facts["paper"]["rules"]:
        final = finals.get(row["id"])
        comments = [each for each in case.facts["comments"] if each["rule"] == row["id"]]
        counts = {outcome: sum(each["outcome"] == outcome for each in comments) for outcome in OUTCOMES}
        found.append(
            {
                **row,
                "final": final["final"] if final else "",
                "own_reason": final["own_reason"] if final else "",
                "is_changed": bool(final and final["final"] != row["draft"]),
                "comments": [_shown(each) for each in comments],
                "counts": counts,
            }
        )
    return found


def _shown(comment: dict[str, Any]) -> dict[str, Any]:
    """Return a comment as the public sees it: who asked not to be published is there by receipt and answer alone."""
    if comment["publish"]:
        return {"name": "", "evidence": "", **comment}
    return {**comment, "name": "", "text": "not published at the sender's wish", "evidence": ""}


VALUES_FINAL = replace(VALUES, name="final_values", words="final values that differ from the drafted ones")
ACTS = (
    OfficialAct(
        "consultation.publish",
        "publish a draft for comments",
        "consultation",
        (
            ActField("number", "number of the paper", most=40),
            ActField("title_en", "title in English", most=300),
            ActField("title_ru", "title in Russian", most=300),
            ActField("title_kk", "title in Kazakh", most=300),
            ActField("background", "background and questions", most=20_000),
            ActField("background_ru", "the same in Russian", is_required=False, most=20_000),
            ActField("background_kk", "the same in Kazakh", is_required=False, most=20_000),
            ActField("deadline", "last day for comments", "date"),
            ActField("rules", "rules", "table", columns=("id", "in_force", "draft")),
            VALUES,
        ),
        check_publish,
        apply_publish,
    ),
    OfficialAct(
        "comment.receive",
        "take in a comment",
        "consultation",
        (
            ActField("rule", "rule", most=100),
            ActField("stance", "stance", "choice", choices=STANCES),
            ActField("text", "comment", most=10_000),
            ActField("evidence", "evidence", is_required=False, most=4000),
            ActField("name", "name of the sender", is_required=False, most=200),
            ActField("publish", "may be published", "flag"),
        ),
        check_comment,
        apply_comment,
        is_for_two=False,
        is_public=True,
    ),
    OfficialAct(
        "comment.answer",
        "answer a comment",
        "consultation",
        (
            ActField("comment", "its number", "whole"),
            ActField("outcome", "outcome", "choice", choices=OUTCOMES),
            ActField("reason", "reason"),
        ),
        check_answer,
        apply_answer,
        is_for_two=False,
    ),
    OfficialAct(
        "consultation.conclude",
        "conclude a consultation with the final texts",
        "consultation",
        (
            ActField("finals", "final texts", "table", columns=("id", "final", "own_reason")),
            ActField("commencement", "day on which they come into force", "date"),
            VALUES_FINAL,
        ),
        check_conclude,
        apply_conclude,
    ),
)
