"""Licensees with their obligations: what each rule says today, how well that is proven, who answers, until when."""

from __future__ import annotations

from typing import Any

from tarazy.authority.obligation_days import AnswerSpan
from tarazy.authority.rule_facts import unusable
from tarazy.authority.state import AuthorityCase
from tarazy.console.authority.services import AuthorityServices, licence
from tarazy.console.layout.page_layout import Page, PageError, PageRequest
from tarazy.rulebook.facts import GRADES
from tarazy.rulebook.judging import JudgedRule, counted
from tarazy.rulebook.verdicts import PRECEDENCE, Outcome


def every(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return the licensees with how many rules have each answer."""
    now = services.now_state
    return Page("facilities.html", "Facilities", {"facilities": services.facilities()}, made_of=now)


def one(services: AuthorityServices, asked: PageRequest) -> Page:
    """Return one licensee's obligations: breaches first, then what nobody knows."""
    case = services.desk.state.licences.get(asked.path["name"])
    if case is None:
        raise PageError(404, "No such licensee", "The register knows nobody of this name.")
    made_of = services.made_of(case.name)
    data = services.memo.get(("page of", case.name), made_of, lambda: page_of(services, case))
    return Page("obligations.html", case.title, data, made_of=made_of)


def page_of(services: AuthorityServices, case: AuthorityCase) -> dict[str, Any]:
    """Return what the page of a licensee shows."""
    judged, spans = services.obligations(case.name), services.spans(case.name)
    attested = {row["rule"]: row for row in case.facts.get("attestations", [])}
    order = [*PRECEDENCE]
    rows = [obligation(each, attested.get(each.loaded.id), spans[each.loaded.id]) for each in judged]
    rows.sort(key=lambda row: (order.index(row["outcome"]), row["rule"]))
    return licence(case) | {
        "counts": counted(judged),
        "obligations": rows,
        "has_record": case.name in services.recorded,
        "unusable": unusable(case),
        "today": services.today,
    }


def obligation(judged: JudgedRule, attestation: dict[str, Any] | None, span: AnswerSpan) -> dict[str, Any]:
    """Return one rule's answer; its grade is that of the weakest fact behind it, none where it is unknown.

    `until` is the last day on which the answer stays if nobody does anything, `then` what it turns to.
    """
    rule, verdict = judged.loaded.rule, judged.verdict
    is_answered = verdict.outcome is not Outcome.unknown
    grades = [used.grade for used in verdict.trace if is_answered and used.grade in GRADES]
    answer = {
        "rule": judged.loaded.id,
        "title": rule.title,
        "outcome": str(verdict.outcome),
        "because": verdict.because,
        "settled_by": list(verdict.settled_by),
        "standing": judged.standing,
        "form": str(rule.form),
        "grade": max(grades, key=GRADES.index, default=""),
        "owner": attestation["owner"] if attestation else "",
    }
    days = {"since": span.since.isoformat(), "since_or_before": span.is_older}
    days |= {"until": span.until.isoformat() if span.until else "", "then": span.then}
    return answer | days
