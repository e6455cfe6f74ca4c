"""From application to licence and on. Sources: AIFC DAA 2.3.1, 2.3.2(1); the register's form; the Fees Rules."""

from __future__ import annotations

from typing import Any

import pytest

from tarazy.authority.licensing.licence import permits, register_state, reminders
from tarazy.platform.signed_acts.errors import ActRefusedError

from ..office import APPLICATION, DOCUMENT, GRANT, Office


def applied(office: Office, **more: Any) -> None:
    """Take an application in."""
    office.act("application.receive", "caspian", APPLICATION | more)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"mlro": "b.  bekova"}, "four persons for the four roles"),
        ({"independent_members": 1}, "one third independent"),
        ({"independent_members": 7}, "one third independent"),
        ({"board_members": 0, "independent_members": 0}, "one third independent"),
        ({"fee_paid_usd": 97_999}, "expected 98,000 on 2026-11-30"),
        ({"lei": "5493001KJTIIGC8Y1R12", "lei_next_renewal": "2026-11-29"}, "to be renewed by 2026-11-29"),
        ({"lei": "5493001KJTIIGC8Y1R12"}, "no date of its next renewal"),
        ({"lei": "5493001KJTIIGC8Y1R13", "lei_next_renewal": "2027-11-29"}, "lei: expected"),
        ({"policies": ["none"]}, "the SHA-256 of each"),
    ],
)
def test_an_application_that_lacks_something_is_refused(office: Office, more: dict[str, Any], words: str) -> None:
    with pytest.raises(ActRefusedError, match=words):
        applied(office, **more)


def test_the_cito_may_hold_another_role_and_an_approval_allows_doubling(office: Office) -> None:
    # DAA 2.3.1(4) speaks of the four roles of 2.3.1(1); the CITO stands in 2.3.1(2).
    applied(office, cito=APPLICATION["mlro"])
    office.two("application.refuse", "caspian", {"reason": "start anew"})
    applied(office, mlro=APPLICATION["finance_officer"], doubling_approval="letter of 2026-11-01")


def test_a_third_of_seven_is_three_and_of_six_is_two(office: Office) -> None:
    with pytest.raises(ActRefusedError, match="one third independent"):
        applied(office, board_members=7, independent_members=2)
    applied(office, board_members=7, independent_members=3)


def test_the_fee_is_that_of_the_day(tmp_path: Any) -> None:
    # 70,000 until 30 November 2025, 98,000 from 1 December 2025 (Fees Rules, Amendments No. 17).
    before, after = Office(tmp_path / "a", "2025-11-30"), Office(tmp_path / "b", "2025-12-01")
    applied(before, fee_paid_usd=70_000)
    with pytest.raises(ActRefusedError, match="expected 98,000"):
        applied(after, fee_paid_usd=70_000)


def test_nothing_is_granted_while_a_condition_stands_open(office: Office) -> None:
    applied(office)
    office.two("application.principle", "caspian", {"conditions": ["one", "two"]})
    office.act("condition.met", "caspian", {"condition": 1, "document": DOCUMENT})
    with pytest.raises(ActRefusedError, match="condition 2 open"):
        office.act("licence.grant", "caspian", GRANT)


def test_nothing_is_granted_before_two_officers_have_set_the_capital(office: Office) -> None:
    applied(office)
    office.two("application.principle", "caspian", {"conditions": []})
    with pytest.raises(ActRefusedError, match="none set"):
        office.act("licence.grant", "caspian", GRANT)
    row = {"value": 300_001, "unit": "USD", "from": "2026-11-30", "source": "set for a test"}
    office.two("parameter.set", "capital.datf_min_usd", row)
    with pytest.raises(ActRefusedError, match="expected 300,001 or more, found 300,000"):
        office.act("licence.grant", "caspian", GRANT)
    office.two("licence.grant", "caspian", GRANT | {"capital_usd": 300_001})


def test_a_parameter_does_not_reach_back(office: Office) -> None:
    row = {"value": 1, "unit": "USD", "from": "2026-11-29", "source": "x"}
    with pytest.raises(ActRefusedError, match="2026-11-30 or later"):
        office.act("parameter.set", "capital.datf_min_usd", row)


def test_an_approval_in_principle_runs_out(office: Office) -> None:
    applied(office)
    office.two("application.principle", "caspian", {"conditions": []})
    row = {"value": 1, "unit": "USD", "from": "2026-11-30", "source": "x"}
    office.two("parameter.set", "capital.datf_min_usd", row)
    office.go_to("2027-05-30")  # 181 days after 2026-11-30
    late = GRANT | {"from": "2027-06-01"}
    with pytest.raises(ActRefusedError, match="a grant by 2027-05-29"):
        office.act("licence.grant", "caspian", late)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"number": "AFSA-X-LA-2026-0001"}, "number: expected AFSA"),
        ({"types": ["digital_asset", "digital_asset"]}, "each once"),
        ({"types": ["perpetual"]}, "investment types of"),
        ({"from": "2026-11-29"}, "from the day of the grant or later"),
        ({"expires": "2026-12-01"}, "an end after it"),
    ],
)
def test_a_grant_that_cannot_be_is_refused(office: Office, more: dict[str, Any], words: str) -> None:
    applied(office)
    office.two("application.principle", "caspian", {"conditions": []})
    row = {"value": 1, "unit": "USD", "from": "2026-11-30", "source": "x"}
    office.two("parameter.set", "capital.datf_min_usd", row)
    with pytest.raises(ActRefusedError, match=words):
        office.act("licence.grant", "caspian", GRANT | more)


def test_a_licence_lives_as_the_register_words_it(office: Office) -> None:
    case = office.licensed().desk.state.licences["caspian"]
    assert register_state(case) == "active"
    office.two("licence.suspend", "caspian", {"kind": "voluntary", "reason": "moving house"})
    assert register_state(case) == "suspended voluntarily"
    office.two("licence.reactivate", "caspian", {"reason": "moved"})
    assert register_state(case) == "reactivated"
    office.two("licence.withdraw", "caspian", {"by": "participant", "reason": "ends"})
    assert register_state(case) == "withdrawn by participant"
    assert [each.number for each in case.steps] == sorted(each.number for each in case.steps)


def test_an_investment_type_is_permitted_within_the_term_of_an_active_licence(office: Office) -> None:
    state = office.licensed().desk.state
    days = {"2026-11-30": False, "2026-12-01": True, "2027-11-30": True, "2027-12-01": False}
    assert {day: permits(state, "caspian", "digital_asset", day) for day in days} == days
    assert not permits(state, "caspian", "future", "2026-12-02")
    assert not permits(state, "nobody", "digital_asset", "2026-12-02")
    office.two("licence.suspend", "caspian", {"kind": "ordered", "reason": "breach"})
    assert not permits(state, "caspian", "digital_asset", "2026-12-02")


def test_the_end_of_a_licence_is_told_90_60_and_30_days_before(office: Office) -> None:
    state = office.licensed().desk.state  # ends on 2027-12-01; 90 days before is 2027-09-02
    assert reminders(state, "2027-09-01") == []
    for day, within in (("2027-09-02", 90), ("2027-10-02", 60), ("2027-11-01", 30)):
        assert reminders(state, day) == [f"Caspian DATF, AFSA-A-LA-2026-0001: ends within {within} days, on 2027-12-01"]
    assert reminders(state, "2027-12-03") == ["Caspian DATF, AFSA-A-LA-2026-0001: ended 2 days ago"]


def test_a_directive_s_plan_is_returned_approved_and_closed(office: Office) -> None:
    number = office.licensed().two("directive.issue", "caspian", {"words": "mend", "due": "2027-01-31"}).unsigned.number

    def plan(step: str) -> None:
        office.two("directive.plan", "caspian", {"directive": number, "step": step, "reason": "x"})

    with pytest.raises(ActRefusedError, match="a directive that is handed in"):
        plan("approved")
    for step in ("handed in", "returned", "handed in", "approved", "closed"):
        plan(step)
    (row,) = office.desk.state.licences["caspian"].facts["directives"]
    assert (row["state"], row["execution_from"]) == ("closed", "2026-11-30")
