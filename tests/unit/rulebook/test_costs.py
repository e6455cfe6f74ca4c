"""What a rule cost by quarter: what was recorded is shown with its officer and grade, and nothing else is ever zero."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tarazy.rulebook.catalogue import find_rule
from tarazy.rulebook.costs import costs_of, quarter_of, totals
from tarazy.rulebook.errors import RulebookError
from tarazy.rulebook.facts import FactSet, RuleFact
from tarazy.rulebook.review import reviewed

RULE = "aifc/independent_directors"
ASOF = date(2025, 12, 31)


def cost(quarter: str, **more: Any) -> dict[str, Any]:
    """Return a row on one rule."""
    return {"rule": RULE, "quarter": quarter, "officer": "officer 3", **more}


def fact(on: date, *rows: dict[str, Any], grade: str = "recorded") -> RuleFact:
    """Return a fact of some rows."""
    return RuleFact("compliance_costs", list(rows), "admission desk", grade, on)


def test_quarters_begin_in_january_april_july_and_october() -> None:
    days = (date(2025, 1, 1), date(2025, 3, 31), date(2025, 4, 1), date(2025, 9, 30), date(2025, 12, 31))
    assert [quarter_of(day) for day in days] == ["2025-Q1", "2025-Q1", "2025-Q2", "2025-Q3", "2025-Q4"]


def test_costs_of_several_facts_count_together_and_the_last_word_on_a_quarter_stands() -> None:
    first = fact(date(2025, 5, 1), cost("2025-Q1", hours=40), cost("2025-Q2", hours=1), grade="declared")
    stranger = {**cost("2025-Q3"), "rule": "x/y"}
    other = fact(date(2025, 8, 1), cost("2025-Q2", spent_minor=90_000, currency="USD"), stranger)
    found = costs_of(RULE, FactSet([other, first]), ASOF)
    assert set(found) == {"2025-Q1", "2025-Q2"}
    assert (found["2025-Q1"].hours, found["2025-Q1"].spent_minor, found["2025-Q1"].grade) == (40, None, "declared")
    assert (found["2025-Q2"].hours, found["2025-Q2"].spent_minor, found["2025-Q2"].currency) == (None, 90_000, "USD")
    assert set(costs_of(RULE, FactSet([other, first]), date(2025, 7, 31))) == {"2025-Q1", "2025-Q2"}
    assert costs_of(RULE, FactSet([other, first]), date(2025, 4, 30)) == {}


def test_an_officer_s_later_correction_stands_whichever_fact_carries_it() -> None:
    early = cost("2025-Q1", hours=40, on=date(2025, 4, 2))
    late = cost("2025-Q1", hours=44, on=date(2025, 6, 1))
    for rows in ((early, late), (late, early)):
        assert costs_of(RULE, FactSet([fact(date(2025, 6, 1), *rows)]), ASOF)["2025-Q1"].hours == 44


@pytest.mark.parametrize(
    ("row", "says"),
    [
        (cost("2025-Q5", hours=1), "a quarter as 2026-Q1"),
        (cost("first quarter", hours=1), "a quarter as 2026-Q1"),
        ({"rule": RULE, "quarter": "2025-Q1", "hours": 1}, "the officer who attests it"),
        (cost("2025-Q1"), "hours, money or both"),
        (cost("2025-Q1", spent_minor=1), "spent_minor and currency"),
        (cost("2025-Q1", hours=1, currency="USD"), "spent_minor and currency"),
        (cost("2025-Q1", hours=-1), "figures of zero or more"),
    ],
)
def test_a_row_that_says_nothing_is_refused_with_the_reason(row: dict[str, Any], says: str) -> None:
    with pytest.raises(RulebookError, match=says):
        costs_of(RULE, FactSet([fact(date(2025, 5, 1), row)]), ASOF)


def test_sums_are_unknown_where_no_quarter_was_recorded_and_zero_only_where_somebody_said_zero() -> None:
    facts = FactSet([fact(ASOF, cost("2025-Q1", hours=0), cost("2025-Q2", spent_minor=5, currency="KZT"))])
    known = costs_of(RULE, facts, ASOF)
    assert totals([None, None]) == {
        "hours": None,
        "quarters_without_hours": 2,
        "spent_minor": None,
        "quarters_without_money": 2,
    }
    assert totals([known["2025-Q1"], known["2025-Q2"], None]) == {
        "hours": 0,
        "quarters_without_hours": 2,
        "spent_minor": {"KZT": 5},
        "quarters_without_money": 2,
    }


def test_a_review_shows_the_cost_of_each_quarter_beside_its_answer() -> None:
    facts = FactSet([fact(ASOF, cost("2025-Q2", hours=12, spent_minor=300_000, currency="USD"))])
    rows = reviewed(find_rule(RULE), lambda day: facts, ASOF, 1, costs=costs_of(RULE, facts, ASOF))
    by_quarter = {each.plain()["quarter"]: each.plain()["cost"] for each in rows}
    assert by_quarter["2025-Q1"] is None
    assert by_quarter["2025-Q2"]["hours"] == 12
    assert by_quarter["2025-Q2"]["spent_minor"] == 300_000
    assert by_quarter["2025-Q2"]["officer"] == "officer 3"
    assert all(each.outcome == "unknown" for each in rows)  # costs decide no rule
