"""Asking rules anew only where what they read has changed gives what asking every rule on every day gives."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from tarazy.rulebook.catalogue import regimes, rules_of
from tarazy.rulebook.facts import FactSet, RuleFact
from tarazy.rulebook.judging import judge
from tarazy.rulebook.outcomes import RegimeOutcomes
from tarazy.rulebook.situations import situations_of

FIRST, LAST, STEP = date(2024, 3, 1), date(2027, 3, 1), timedelta(days=23)


def facts_over_time(regime: str) -> FactSet:
    """Return the facts of every situation of a regime, told one after another: a new one each day."""
    told = [fact for rule in rules_of(regime) for each in situations_of(rule) for fact in each.facts]
    return FactSet(fact._replace(on=FIRST + timedelta(days=n)) for n, fact in enumerate(told))


@pytest.mark.parametrize("regime", sorted(regimes()))
def test_outcomes_are_those_of_judging_each_day_forward_and_back(regime: str) -> None:
    """The days are gone through twice, so that answers kept for a later day meet an earlier one."""
    facts, outcomes = facts_over_time(regime), RegimeOutcomes(regime)
    days = [FIRST + n * STEP for n in range((LAST - FIRST) // STEP + 1)]
    changes = 0
    before: dict[str, str] = {}
    for day in [*days, *reversed(days)]:
        expected = {each.loaded.id: str(each.verdict.outcome) for each in judge(regime, facts, day)}
        assert outcomes.on(facts, day) == expected, day
        changes += before != expected
        before = expected
    assert changes > 1


def test_a_fact_of_another_set_changes_the_answer_at_once() -> None:
    day, outcomes = date(2026, 11, 30), RegimeOutcomes("aifc")

    def asked(accepted: int) -> str:
        rows = {"house_orders_accepted": accepted, "affiliate_accounts_without_approval": 0}
        facts = FactSet(RuleFact(name, value, "a test", "replayed", day) for name, value in rows.items())
        return outcomes.on(facts, day)["aifc/own_account"]

    assert [asked(0), asked(3), asked(0)] == ["met", "breached", "met"]
    assert outcomes.on(FactSet(), day)["aifc/own_account"] == "unknown"
