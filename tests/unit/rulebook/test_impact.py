"""What a draft would have changed, counted by hand: verdicts, findings, and clients on both sides of both caps."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tarazy.rulebook.errors import RulebookError
from tarazy.rulebook.facts import FactSet, RuleFact
from tarazy.rulebook.impact import DraftValue, FacilityQuarter, draft_value, impact, summed

DAY = date(2026, 9, 30)
SHARES = [{"id": name, "cold_ppm": share} for name, share in (("BTC", 900_000), ("ETH", 950_000), ("SOL", 999_999))]


def quarter(name: str = "one", months: dict[tuple[int, str], tuple[int, int]] | None = None, **facts: Any) -> Any:
    """Return a facility's quarter."""
    made = FactSet(RuleFact(key, value, "a test", "replayed", date(2026, 7, 1)) for key, value in facts.items())
    return FacilityQuarter(name, DAY, made, months or {})


def test_findings_are_the_rows_that_fail_before_and_after() -> None:
    (row,) = impact([DraftValue("aifc/cold_share", "cold_min_ppm", 900_001)], [quarter(custody_shares=SHARES)])
    in_force = sum(each["cold_ppm"] < 980_000 for each in SHARES)  # the value is 98 % (a neighbour's)
    assert (row.findings_in_force, row.findings_draft) == (in_force, 1)
    (same,) = impact([DraftValue("aifc/cold_share", "cold_min_ppm", 900_000)], [quarter(custody_shares=SHARES)])
    assert (same.draft, same.findings_draft, same.changes) == ("met", 0, row.in_force != "met")


def test_clients_between_two_caps_are_those_of_a_month_above_the_lower_and_not_above_the_higher() -> None:
    """In force 1,000 USD, drafted 500: 500.00 stays free, 500.01 and 1,000.00 are new, 1,000.01 was above."""
    months = {(n, "2026-08"): (cents, 0) for n, cents in enumerate((50_000, 50_001, 100_000, 100_001), 1)}
    months[5, "2026-07"], months[5, "2026-09"] = (60_000, 0), (70_000, 0)
    limit = {"kind": "deposits", "scope": "everybody", "period": "month", "client_class": "retail"}
    facts = {"reference_scale": 2, "limits_in_force": [limit | {"residency": "resident", "amount_minor": 100_000}]}
    (row,) = impact([DraftValue("aifc/monthly_cap", "monthly_cap_usd", 500)], [quarter(months=months, **facts)])
    assert row.clients == {2, 3, 5}
    assert (row.in_force, row.draft) == ("met", "breached")  # the venue's row is above the draft
    (wider,) = impact([DraftValue("aifc/monthly_cap", "monthly_cap_usd", 1_001)], [quarter(months=months, **facts)])
    assert (wider.clients, wider.changes) == ({4}, False)


def test_sums_name_no_facility_and_count_what_nobody_knows() -> None:
    draft = [DraftValue("aifc/cold_share", "cold_min_ppm", 1_000_000)]
    rows = impact(draft, [quarter("one", custody_shares=SHARES[2:]), quarter("two")])
    (total,) = summed(rows)
    assert (total["facilities"], total["changed"], total["unknown"], total["findings_draft"]) == (2, 1, 1, 1)
    assert "one" not in str(total)


def test_an_unset_number_is_answered_once_a_draft_sets_it() -> None:
    (row,) = impact([draft_value("capital", "capital_min_usd", "200_000")], [quarter(capital_resources_usd=199_999)])
    assert (row.in_force, row.draft) == ("unknown", "breached")


@pytest.mark.parametrize(
    ("rule", "key", "text"),
    [
        ("nothing", "x", "1"),
        ("monthly_cap", "cap", "1"),
        ("monthly_cap", "monthly_cap_usd", "-1"),
        ("monthly_cap", "monthly_cap_usd", "1.5"),
        ("monthly_cap", "monthly_cap_usd", "x"),
        ("monthly_cap", "monthly_cap_usd", "9" * 19),
        ("officers", "roles", "a,,b"),
        ("officers", "roles", "a\x1b[31m"),
    ],
)
def test_a_draft_that_cannot_be_is_refused(rule: str, key: str, text: str) -> None:
    with pytest.raises(RulebookError):
        draft_value(rule, key, text)


def test_names_are_a_list_where_the_key_has_names() -> None:
    assert draft_value("officers", "roles", "senior executive officer, finance officer").value == [
        "senior executive officer",
        "finance officer",
    ]
