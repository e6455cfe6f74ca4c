"""All rules of a regime on a facility's facts: default logic, conflicts and gaps.

Of a subject one rule decides. A rule that `overrides` another is its exception: where the exception applies, its answer
stands in the place of the other's, and an exception whose evidence is missing excuses nothing. Two rules in force on
one subject without this are a conflict; a subject that the regime covers and no rule decides is a gap.
"""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from tarazy.rulebook.catalogue import LoadedRule, RuleRegime, regimes, rules_of
from tarazy.rulebook.errors import RuleConflictError, RuleGapError
from tarazy.rulebook.facts import FactSet
from tarazy.rulebook.verdicts import Outcome, RuleVerdict


class JudgedRule(NamedTuple):
    """A rule with its answer; `excused_by` is the exception that stands in its place, if any."""

    loaded: LoadedRule
    verdict: RuleVerdict
    excused_by: str = ""
    standing: str = ""

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        rule, verdict = self.loaded.rule, self.verdict
        return {
            "rule": self.loaded.id,
            "title": rule.title,
            "subject": rule.subject,
            "outcome": str(verdict.outcome),
            "because": verdict.because,
            "settled_by": list(verdict.settled_by),
            "standing": self.standing,
            "form": str(rule.form),
            "provisions": list(rule.provisions),
            "excused_by": self.excused_by,
            "trace": [used.plain() for used in verdict.trace],
        }


def in_force(regime: str, day: date) -> list[LoadedRule]:
    """Return the rules of a regime in force on a day.

    Raises: RuleConflictError, RuleGapError.
    """
    rules = [each for each in rules_of(regime) if each.rule.is_in_force(day)]
    check_conflicts(rules, day)
    check_gaps(regimes()[regime], rules, day)
    return rules


def check_conflicts(rules: list[LoadedRule], day: date) -> None:
    """Refuse two rules that decide one subject without one being the exception of the other."""
    decides: dict[str, LoadedRule] = {}
    names = {each.id for each in rules}
    for each in rules:
        if each.rule.overrides:
            if f"{each.regime}/{each.rule.overrides}" not in names:
                raise RuleGapError(each.id, expected=f"the rule {each.rule.overrides} in force on {day}", found="none")
            continue
        other = decides.setdefault(each.rule.subject, each)
        if other is not each:
            raise RuleConflictError(
                f"{each.regime}, {each.rule.subject}, {day}",
                expected="one rule that decides",
                found=f"{other.id} and {each.id}",
                action="End one, or declare which is the exception",
            )


def check_gaps(regime: RuleRegime, rules: list[LoadedRule], day: date) -> None:
    """Refuse a day on which a subject that the regime covers has no rule."""
    decided = {each.rule.subject for each in rules}
    missing = [subject for subject, begins in regime.covers.items() if begins <= day and subject not in decided]
    if missing:
        raise RuleGapError(f"{regime.name}, {day}", expected="a rule on every subject", found=f"none on {missing}")


def judge(regime: str, facts: FactSet, asof: date) -> list[JudgedRule]:
    """Return the answer of every rule in force.

    Raises: RuleConflictError, RuleGapError.
    """
    rules = in_force(regime, asof)
    found = {each.id: JudgedRule(each, each.decide(facts, asof), standing=each.standing(asof)) for each in rules}
    for each in rules:
        if not each.rule.overrides:
            continue
        exception, base = found[each.id], found[f"{regime}/{each.rule.overrides}"]
        if exception.verdict.outcome is Outcome.met:
            found[base.loaded.id] = base._replace(verdict=exception.verdict, excused_by=each.id)
    return list(found.values())


def counted(judged: list[JudgedRule]) -> dict[str, int]:
    """Return how many rules have each outcome."""
    return {str(outcome): sum(each.verdict.outcome is outcome for each in judged) for outcome in Outcome}
