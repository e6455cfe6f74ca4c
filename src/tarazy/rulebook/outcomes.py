"""The outcomes of a regime's rules on many days: a rule is asked anew only where what it read has changed.

Most rules ask for no day: while their facts and the values in force are the same, so is their answer. What comes out is
what `judge` says of each day.
"""

from __future__ import annotations

from datetime import date

from tarazy.rulebook.case import RuleCase
from tarazy.rulebook.catalogue import LoadedRule
from tarazy.rulebook.facts import FactSet
from tarazy.rulebook.judging import in_force
from tarazy.rulebook.verdicts import Outcome


class RegimeOutcomes:
    """What the rules of a regime answer, day after day, in any order."""

    def __init__(self, regime: str) -> None:
        self._regime = regime
        self._kept: dict[str, tuple[RuleCase, Outcome]] = {}

    def on(self, facts: FactSet, day: date) -> dict[str, Outcome]:
        """Return the outcome of every rule in force on a day, by its id; an exception that is met excuses its rule.

        Raises: RuleConflictError, RuleGapError.
        """
        rules = in_force(self._regime, day)
        found = {each.id: self._outcome(each, facts, day) for each in rules}
        for each in rules:
            if each.rule.overrides and found[each.id] is Outcome.met:
                found[f"{self._regime}/{each.rule.overrides}"] = Outcome.met
        return found

    def _outcome(self, rule: LoadedRule, facts: FactSet, day: date) -> Outcome:
        kept = self._kept.get(rule.id)
        if kept is None or not reads_the_same(rule, kept[0], facts, day):
            case = RuleCase(rule.id, facts, rule.values, day)
            kept = self._kept[rule.id] = (case, rule.decide_case(case).outcome)
        return kept[1]


def reads_the_same(rule: LoadedRule, case: RuleCase, facts: FactSet, day: date) -> bool:
    """Return whether a rule that was asked on a case reads the same again on another day, and so answers alike.

    Raises: RuleGapError where a value that it read has no row in force on that day.
    """
    return (
        not case.is_dated
        and all(facts.at(name, day) == fact for name, fact in case.facts_read.items())
        and all(rule.values.at(key, day) is row for key, row in case.values_read.items())
    )
