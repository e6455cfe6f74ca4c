"""The verdict: a word under one dated edition of the criteria, and a finding for every criterion.

The word is the worst that was shown, unless what is not known could make it worse: then it is unknown.
    malicious   harm was shown; nothing could be worse
    unknown     a criterion without answer could change the word
    caution     privileges or measures weigh, and no open question could show harm
    clear       every criterion that weighs was answered and passed
"""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import replace

from tarazy.screening.criteria.advice import deciding, next_step
from tarazy.screening.criteria.case import Case, Criterion
from tarazy.screening.criteria.catalogue import CATALOGUE
from tarazy.screening.criteria.edition import Criteria
from tarazy.screening.criteria.waivers import Waiver
from tarazy.screening.model import Answer, Finding, Report, Verdict
from tarazy.screening.wording import without_places

WORDS = ("clear", "caution", "malicious")
RANK = {"info": 0, "caution": 1, "malicious": 2}


def judge(report: Report, criteria: Criteria, waivers: Sequence[Waiver] = ()) -> Verdict:
    """Return the verdict on a report under criteria; waivers apply on the day of the screening."""
    case = Case(report, criteria)
    day = datetime.date.fromisoformat(report.screened_at[:10])
    findings = tuple(
        waive(case, plain(find(case, criterion)), [w for w in waivers if w.covers(report, criterion.name, day)])
        for criterion in CATALOGUE.values()
    )
    word, date = word_of(findings), criteria.applies_from.isoformat()
    decisive = tuple(finding.criterion for finding in deciding(findings))
    return Verdict(word, criteria.name, date, findings, next_step(word, findings), decisive)


def plain(finding: Finding) -> Finding:
    """Return a finding in an officer's words."""
    return replace(finding, text=without_places(finding.text))


def judge_all(report: Report, several: Iterable[Criteria], waivers: Sequence[Waiver] = ()) -> tuple[Verdict, ...]:
    """Return the verdicts under several criteria side by side, in their order."""
    return tuple(judge(report, criteria, waivers) for criteria in several)


def find(case: Case, criterion: Criterion) -> Finding:
    """Return one criterion's finding; what needs a chain that was not asked is left as the file says.

    Where the code itself speaks against the token, only a chain could clear it: that is unknown under every file.
    """
    if criterion.needs_chain and not case.has_chain():
        told = [case.capability(name) for name in criterion.rests_on if case.answer(name) is Answer.YES]
        outcome = "unknown" if told else case.criteria.without_chain
        weight = "info" if outcome == "noted" else case.criteria.weights.get(criterion.name, criterion.severity)
        text = "not judged: no chain was asked, only the code is known"
        return criterion.find(outcome, "; ".join([text, *(capability.reason for capability in told)]), weight)
    return criterion.judge(case, criterion)


def waive(case: Case, finding: Finding, waivers: Sequence[Waiver]) -> Finding:
    """Return the finding as a waiver leaves it: noted, with who waived it; shown harm stays."""
    if not waivers or finding.outcome not in ("fail", "unknown"):
        return finding
    words = "; ".join(waiver.words() for waiver in waivers)
    if finding.outcome == "fail" and finding.severity == "malicious":
        text = f"{finding.text} ({words}; a waiver does not cover shown harm)"
        return Finding(finding.criterion, finding.outcome, finding.severity, text, finding.rests_on)
    text = f"{words}. Without the waiver, {finding.outcome}: {finding.text}"
    return Finding(finding.criterion, "noted", finding.severity, text, finding.rests_on)


def span(findings: Iterable[Finding]) -> tuple[int, int]:
    """Return the worst that was shown and the worst that what is not known could still show."""
    shown = possible = 0
    for finding in findings:
        rank = RANK[finding.severity]
        if finding.outcome == "fail":
            shown = max(shown, rank)
        if finding.outcome in ("fail", "unknown"):
            possible = max(possible, rank)
    return shown, possible


def word_of(findings: Iterable[Finding]) -> str:
    """Return the word for findings."""
    shown, possible = span(findings)
    return WORDS[shown] if shown == possible else "unknown"
