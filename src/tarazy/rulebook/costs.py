"""What keeping a rule cost a facility, quarter by quarter, as its officers attested it.

The fact `compliance_costs` has a row for each rule and quarter: hours of work, money, or both. Rows of all facts of
this name count together, and of one rule and quarter the one that was stated last. A quarter without a row, and a
figure that a row does not have, is unknown; nothing here is ever taken for zero.
"""

from __future__ import annotations

import re
from datetime import date
from typing import Any, NamedTuple

from tarazy.rulebook.errors import RulebookError
from tarazy.rulebook.facts import FactSet, RuleFact

COSTS = "compliance_costs"
QUARTER = re.compile("[1-9][0-9]{3}-Q[1-4]")


class RecordedCost(NamedTuple):
    """What a rule cost in a quarter; None: nobody recorded it. Units: whole hours, minor units of the currency."""

    hours: int | None
    spent_minor: int | None
    currency: str
    officer: str
    on: date
    source: str
    grade: str

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        return self._asdict() | {"on": self.on.isoformat()}

    def words(self) -> str:
        """Return it in words."""
        hours = "hours unknown" if self.hours is None else f"{self.hours} hours"
        spent = "money unknown" if self.spent_minor is None else f"{self.spent_minor} minor units of {self.currency}"
        return f"{hours}, {spent} ({self.grade}, by {self.officer})"


def quarter_of(day: date) -> str:
    """Return the quarter of a day as 2026-Q1."""
    return f"{day.year}-Q{(day.month + 2) // 3}"


def costs_of(rule_id: str, facts: FactSet, asof: date) -> dict[str, RecordedCost]:
    """Return what a rule cost by quarter, as it was known on a day.

    Raises: RulebookError where a row names no quarter, no officer, or money without its currency.
    """
    begun = [fact for fact in facts if fact.name == COSTS and fact.on <= asof]
    found: dict[str, RecordedCost] = {}
    for fact in begun:
        for row in fact.value:
            if row.get("rule") != rule_id:
                continue
            quarter, cost = _read(fact, row)
            if quarter not in found or found[quarter].on <= cost.on:
                found[quarter] = cost
    return found


def _read(fact: RuleFact, row: dict[str, Any]) -> tuple[str, RecordedCost]:
    """Return quarter and cost of one row."""
    quarter, where = row.get("quarter", ""), f"{fact.source[:80]}, {COSTS}"
    if not QUARTER.fullmatch(quarter):
        raise RulebookError(where, expected="a quarter as 2026-Q1", found=repr(quarter)[:40])
    if not row.get("officer"):
        raise RulebookError(where, expected="the officer who attests it", found="nobody")
    hours, spent, currency = row.get("hours"), row.get("spent_minor"), row.get("currency", "")
    if (spent is None) != (not currency):
        raise RulebookError(where, expected="spent_minor and currency, or neither", found="one of them")
    if hours is None and spent is None:
        raise RulebookError(where, expected="hours, money or both", found="neither")
    if min(hours or 0, spent or 0) < 0:
        raise RulebookError(where, expected="figures of zero or more", found=f"{hours} hours, {spent}")
    return quarter, RecordedCost(
        hours, spent, currency, row["officer"], row.get("on", fact.on), fact.source, fact.grade
    )


def totals(costs: list[RecordedCost | None]) -> dict[str, Any]:
    """Return the sums of what was recorded, money by currency, and in how many quarters each figure is unknown."""
    known = [cost for cost in costs if cost is not None]
    hours = [cost.hours for cost in known if cost.hours is not None]
    spent: dict[str, int] = {}
    for cost in known:
        if cost.spent_minor is not None:
            spent[cost.currency] = spent.get(cost.currency, 0) + cost.spent_minor
    money_known = sum(cost.spent_minor is not None for cost in known)
    return {
        "hours": sum(hours) if hours else None,
        "quarters_without_hours": len(costs) - len(hours),
        "spent_minor": spent or None,
        "quarters_without_money": len(costs) - money_known,
    }
