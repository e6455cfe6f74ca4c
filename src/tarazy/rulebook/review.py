"""A rule in practice: its answers in the quarters before and after it took effect.

Before its first day a rule is asked as if it had been in force, with the values of its first day, so that the quarters
can be compared. What it cost in a quarter its facility's officers attest (`costs.py`); where nobody did, it is unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, NamedTuple

from tarazy.rulebook.catalogue import LoadedRule
from tarazy.rulebook.costs import RecordedCost, quarter_of
from tarazy.rulebook.days import months_after
from tarazy.rulebook.facts import FactSet
from tarazy.rulebook.gates import refusals_of
from tarazy.rulebook.sweep import quarters
from tarazy.rulebook.values import DatedValue, DatedValues

FactsOn = Callable[[date], FactSet]


class ReviewedQuarter(NamedTuple):
    """One quarter: its first day, whether the rule was in force then, its answer, and refusals that kept it since.

    `refusals` counts commands that the venue refused in the quarter by the codes behind the rule; `cost` is None where
    nobody recorded any.
    """

    day: date
    in_force: bool
    outcome: str
    because: str
    refusals: int = 0
    cost: RecordedCost | None = None

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        cost = self.cost.plain() if self.cost is not None else None
        return self._asdict() | {"day": self.day.isoformat(), "quarter": quarter_of(self.day), "cost": cost}


def reviewed(
    rule: LoadedRule,
    facts_on: FactsOn,
    asof: date,
    quarters_before: int = 4,
    refusals: Mapping[tuple[date, int], int] | None = None,
    costs: Mapping[str, RecordedCost] | None = None,
) -> list[ReviewedQuarter]:
    """Return a rule's answers on the first day of each quarter, from some quarters before it began.

    `refusals`: how many commands a venue refused, by (day, reject code); `costs`: by quarter, see `costs_of`.
    """
    begins = rule.rule.begins
    asked = rule._replace(
        rule=rule.rule._replace(begins=date.min),
        values=DatedValues(rule.values.where, [_from_ever(rule.values, row) for row in rule.values.rows]),
    )
    first = months_after(begins, -3 * quarters_before)
    found, codes = [], set(map(int, refusals_of(rule)))
    for day in quarters(first, asof):
        verdict = asked.decide(facts_on(day), day)
        kept = sum(
            count
            for (when, code), count in (refusals or {}).items()
            if day <= when < months_after(day, 3) and code in codes
        )
        answer = (rule.rule.is_in_force(day), str(verdict.outcome), verdict.because)
        found.append(ReviewedQuarter(day, *answer, kept, (costs or {}).get(quarter_of(day))))
    return found


def _from_ever(values: DatedValues, row: DatedValue) -> DatedValue:
    """Return a value that counts from ever where it is the first of its key."""
    is_first = row.begins == min(each.begins for each in values.rows if each.key == row.key)
    return row._replace(begins=date.min) if is_first else row
