"""Two regimes on the same facts: for every subject of both, what each says."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from tarazy.rulebook.facts import FactSet
from tarazy.rulebook.judging import JudgedRule, judge
from tarazy.rulebook.verdicts import combined


class RegimeDifference(NamedTuple):
    """One subject, with both outcomes ("none" where a regime has no rule on it) and the rules behind them."""

    subject: str
    outcomes: tuple[str, str]
    rules: tuple[tuple[str, ...], tuple[str, ...]]
    because: tuple[str, str]

    @property
    def differs(self) -> bool:
        """Say whether both regimes have a rule and answer differently."""
        return "none" not in self.outcomes and self.outcomes[0] != self.outcomes[1]

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        return self._asdict() | {"differs": self.differs}


def differences(first: str, second: str, facts: FactSet, asof: date) -> list[RegimeDifference]:
    """Return every subject that one of two regimes decides."""
    sides = [_by_subject(judge(regime, facts, asof)) for regime in (first, second)]
    subjects = sorted({*sides[0], *sides[1]})
    return [_difference(subject, sides[0].get(subject, []), sides[1].get(subject, [])) for subject in subjects]


def _by_subject(judged: list[JudgedRule]) -> dict[str, list[JudgedRule]]:
    found: dict[str, list[JudgedRule]] = {}
    for each in judged:
        if not each.loaded.rule.overrides:
            found.setdefault(each.loaded.rule.subject, []).append(each)
    return found


def _difference(subject: str, first: list[JudgedRule], second: list[JudgedRule]) -> RegimeDifference:
    verdicts = [combined([each.verdict for each in side]) for side in (first, second)]
    outcomes = [str(v.outcome) if side else "none" for v, side in zip(verdicts, (first, second), strict=True)]
    reasons = [v.because if side else "no rule" for v, side in zip(verdicts, (first, second), strict=True)]
    names = [tuple(each.loaded.id for each in side) for side in (first, second)]
    return RegimeDifference(subject, (outcomes[0], outcomes[1]), (names[0], names[1]), (reasons[0], reasons[1]))
