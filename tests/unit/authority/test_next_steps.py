"""What comes next in a case: each act that stands there can be prepared, and the way leads to its end."""

from __future__ import annotations

from typing import Any

import pytest

from tarazy.authority.consultation.consultation import CONCLUDED
from tarazy.authority.greenlist.dossier import ITEMS
from tarazy.authority.next_steps import CONSULTATION, LICENCE, TOKEN, cases_of, next_steps, obstacle

from .consultation.test_consultation import COMMENT, published
from .office import APPLICATION, DOCUMENT, DOSSIER, Office


def acts(office: Office, room: str, name: str) -> list[tuple[str, dict[str, str]]]:
    """Return what comes next as acts with the fields that are filled in."""
    case = cases_of(office.desk.state, room)[name]
    return [(each.act, each.fields) for each in next_steps(office.desk.state, room, case, office.desk.now()[:10])]


def names(office: Office, room: str, name: str) -> list[str]:
    """Return what comes next by the names of the acts."""
    return [act for act, _ in acts(office, room, name)]


def test_an_application_leads_over_its_conditions_and_the_capital_to_the_grant(office: Office) -> None:
    office.act("application.receive", "caspian", APPLICATION)
    assert names(office, LICENCE, "caspian") == ["application.principle", "application.refuse"]
    office.two("application.principle", "caspian", {"conditions": ["Show the wallets", "Show the plan"]})
    assert acts(office, LICENCE, "caspian")[:3] == [
        ("condition.met", {"condition": "1"}),
        ("condition.met", {"condition": "2"}),
        ("parameter.set", {"unit": "USD"}),
    ]
    for number in (1, 2):
        office.act("condition.met", "caspian", {"condition": number, "document": DOCUMENT})
    assert names(office, LICENCE, "caspian") == ["parameter.set", "application.refuse"]
    row = {"value": 250_000, "unit": "USD", "from": "2026-11-30", "source": "set for a test"}
    office.two("parameter.set", "capital.datf_min_usd", row)
    assert names(office, LICENCE, "caspian") == ["licence.grant", "application.refuse"]


def test_a_licence_can_be_suspended_reactivated_and_ended_and_then_nothing_comes(office: Office) -> None:
    office.licensed()
    assert "licence.suspend" in names(office, LICENCE, "caspian")
    assert "licence.reactivate" not in names(office, LICENCE, "caspian")
    office.two("licence.suspend", "caspian", {"kind": "ordered", "reason": "x"})
    assert names(office, LICENCE, "caspian")[0] == "licence.reactivate"
    assert "licence.suspend" not in names(office, LICENCE, "caspian")
    office.two("licence.withdraw", "caspian", {"by": "authority", "reason": "x"})
    assert names(office, LICENCE, "caspian") == []


def test_a_dossier_asks_for_each_item_without_evidence_then_for_the_meeting(office: Office) -> None:
    office.act("dossier.open", "bitcoin", DOSSIER)
    assert acts(office, TOKEN, "bitcoin") == [("dossier.evidence", {"item": item}) for item in ITEMS]
    office.evidence("bitcoin")
    assert acts(office, TOKEN, "bitcoin") == [("token.list", {"present": "1\n2\n3"})]
    office.two("token.list", "bitcoin", {"present": [1, 2], "reason": "all items met"})
    assert names(office, TOKEN, "bitcoin") == ["token.review", "token.suspend", "token.remove"]
    office.go_to("2027-11-30")  # the evidence lapses on this day
    assert names(office, TOKEN, "bitcoin").count("dossier.evidence") == len(ITEMS)


@pytest.mark.parametrize("flag", ["anonymity_enhanced", "algorithmic"])
def test_a_token_of_a_prohibited_class_is_led_to_no_meeting(office: Office, flag: str) -> None:
    office.act("dossier.open", "dark", {**DOSSIER, flag: True})
    office.evidence("dark")
    assert names(office, TOKEN, "dark") == []
    assert "is not listed" in obstacle(office.desk.state.tokens["dark"], TOKEN, "2026-11-30")


def test_a_consultation_asks_for_answers_and_is_concluded_after_its_deadline_alone(office: Office) -> None:
    published(office)
    comment = office.act("comment.receive", "daily", COMMENT, officer=0).unsigned.number
    assert acts(office, CONSULTATION, "daily") == [("comment.answer", {"comment": str(comment)})]
    office.act("comment.answer", "daily", {"comment": comment, "outcome": "taken", "reason": "agreed"})
    assert names(office, CONSULTATION, "daily") == []
    case = office.desk.state.consultations["daily"]
    deadline: str = case.facts["paper"]["deadline"]
    assert deadline in obstacle(case, CONSULTATION, office.desk.now()[:10])
    office.go_to(deadline)
    assert names(office, CONSULTATION, "daily") == []
    office.at += 86_400
    assert names(office, CONSULTATION, "daily") == ["consultation.conclude"]
    finals = [{"id": row["id"], "final": row["draft"], "own_reason": ""} for row in case.facts["paper"]["rules"]]
    body: dict[str, Any] = {"finals": finals, "commencement": "2028-01-01"}
    office.two("consultation.conclude", "daily", body)
    assert (case.state, names(office, CONSULTATION, "daily")) == (CONCLUDED, [])
