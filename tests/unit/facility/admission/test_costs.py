"""Costs that officers attest at the desk: bounds on both sides, corrections, and the same after a restart."""

from __future__ import annotations

from typing import Any

import pytest

from tarazy.platform.signed_acts.errors import ActRefusedError

from .bureau import DOCUMENT, Bureau

RULE = "aifc/client_money"
COST = {"quarter": "2026-Q3", "hours": 120, "spent_minor": 4_500_000, "currency": "KZT", "document_sha256": DOCUMENT}


def test_a_cost_is_kept_by_rule_and_quarter_and_a_later_one_corrects_it(bureau: Bureau) -> None:
    bureau.act("cost.record", RULE, COST)
    bureau.act("cost.record", RULE, {**COST, "quarter": "2026-Q2"}, officer=2)
    bureau.act("cost.record", RULE, {**COST, "hours": 130}, officer=3)
    costs = bureau.reopened().desk.state.costs
    assert {key: (row["hours"], row["officer_id"]) for key, row in costs.items()} == {
        (RULE, "2026-Q3"): (130, 3),
        (RULE, "2026-Q2"): (120, 2),
    }


def test_a_quarter_is_recorded_from_the_day_after_its_end(bureau: Bureau) -> None:
    bureau.go_to("2026-12-31")
    with pytest.raises(ActRefusedError, match="a quarter that has ended"):
        bureau.act("cost.record", RULE, {**COST, "quarter": "2026-Q4"})
    bureau.go_to("2027-01-01").act("cost.record", RULE, {**COST, "quarter": "2026-Q4"})
    assert (RULE, "2026-Q4") in bureau.desk.state.costs


@pytest.mark.parametrize(
    ("subject", "more", "says"),
    [
        ("client money", {}, "an id as aifc/client_money"),
        (RULE, {"quarter": "2026-Q0"}, "a quarter as 2026-Q1"),
        (RULE, {"hours": None, "spent_minor": None, "currency": None}, "hours, spent_minor or both"),
        (RULE, {"currency": None}, "with its currency"),
        (RULE, {"spent_minor": None}, "with its currency"),
        (RULE, {"currency": "XXY"}, "ISO 4217"),
        (RULE, {"hours": 1_000_001}, "at most 1,000,000 hours"),
        (RULE, {"hours": -1}, "whole number of zero or more"),
        (RULE, {"document_sha256": None}, "SHA-256"),
    ],
)
def test_a_cost_that_says_nothing_is_refused(bureau: Bureau, subject: str, more: dict[str, Any], says: str) -> None:
    body = {name: value for name, value in {**COST, **more}.items() if value is not None}
    with pytest.raises(ActRefusedError, match=says):
        bureau.act("cost.record", subject, body)
    assert bureau.desk.state.costs == {}


def test_who_keeps_keys_alone_attests_no_cost(bureau: Bureau) -> None:
    with pytest.raises(ActRefusedError, match="an active officer with one of"):
        bureau.act("cost.record", RULE, COST, officer=5)
