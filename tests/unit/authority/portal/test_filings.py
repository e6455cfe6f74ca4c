"""Filings: checked when they come, moved by officers alone; what is another's stays another's."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tarazy.authority.desk import DESK
from tarazy.authority.portal.filings import FILABLE
from tarazy.platform.signed_acts.errors import ActRefusedError

from ..office import APPLICATION, DOCUMENT, DOSSIER, Office

MINE, OTHER = "aa" * 8, "bb" * 8
LEI = "529900T8BM49AURSDO55"  # its check digits are right (ISO 17442 uses MOD 97-10)
PETITION = {"claimant": "The issuer", "proof": "domain", "document": DOCUMENT, "text": "It is not our contract."}


def file(office: Office, kind: str, subject: str, body: dict[str, Any], applicant: str = MINE) -> int:
    """File something and return its number."""
    terms = {"kind": kind, "applicant": applicant, "fields": json.dumps(body), "documents": [DOCUMENT]}
    return office.act("filing.receive", subject, terms, officer=DESK).unsigned.number


@pytest.mark.parametrize(
    ("kind", "body", "words"),
    [
        ("dossier.open", {**DOSSIER, "circulating": 22_000_000}, "0 < circulating <= total <= maximum"),
        ("dossier.open", {**DOSSIER, "chain": "tron", "class": "token", "contract": "0x" + "ab" * 20}, "of tron"),
        ("dossier.open", {**DOSSIER, "class": "token", "contract": "0x" + "ab" * 20}, "bitcoin has none"),
        ("application.receive", {**APPLICATION, "lei": LEI, "lei_next_renewal": "2026-11-29"}, "a code in force"),
        ("application.receive", {**APPLICATION, "mlro": APPLICATION["seo"]}, "four persons for the four roles"),
        ("petition.receive", PETITION, "a token on which the list has an entry"),
        ("petition.appeal", {"petition": 1, "text": "x"}, "a petition of your own"),
        ("dossier.open", {**DOSSIER, "extra": 1}, "the fields"),
    ],
)
def test_what_cannot_be_is_refused_when_it_is_filed(
    office: Office, kind: str, body: dict[str, Any], words: str
) -> None:
    with pytest.raises(ActRefusedError, match=words):
        file(office, kind, "bitcoin", body)
    assert office.desk.state.filings == {}


@pytest.mark.parametrize("text", ["[]", "{", "[" * 5_000, "1"])
def test_fields_that_are_no_object_are_refused(office: Office, text: str) -> None:
    terms = {"kind": "dossier.open", "applicant": MINE, "fields": text, "documents": []}
    with pytest.raises(ActRefusedError, match="a JSON object"):
        office.act("filing.receive", "bitcoin", terms, officer=DESK)


def test_a_filing_moves_nothing_before_an_officer_takes_it_in_once(office: Office) -> None:
    number = file(office, "application.receive", "caspian", APPLICATION)
    assert office.desk.state.licences == {}
    with pytest.raises(ActRefusedError, match="a filing on bitcoin, found one on caspian"):
        office.act("dossier.open", "bitcoin", {**DOSSIER, "filing": number})
    line = office.act("application.receive", "caspian", {**APPLICATION, "filing": number})
    filing = office.reopened().desk.state.filings[number]
    assert (filing.state, filing.taken_by) == ("taken in", line.unsigned.number)
    office.two("application.refuse", "caspian", {"reason": "not yet"})
    with pytest.raises(ActRefusedError, match="one that is filed, found taken in"):
        office.act("application.receive", "caspian", {**APPLICATION, "filing": number})


def test_the_desk_s_key_takes_in_and_does_nothing_else(office: Office) -> None:
    for act, body in (("application.receive", APPLICATION), ("application.ask", {"filing": 1, "question": "x"})):
        with pytest.raises(ActRefusedError):
            office.act(act, "caspian", dict(body), officer=DESK)


def test_a_question_has_a_deadline_and_is_answered_once_by_who_filed(office: Office) -> None:
    number = file(office, "application.receive", "caspian", APPLICATION)
    ask = {"filing": number, "question": "Who keeps the keys?", "until": "2026-12-10"}
    with pytest.raises(ActRefusedError, match="a day to come"):
        office.act("application.ask", "caspian", {**ask, "until": "2026-11-30"})
    question = office.act("application.ask", "caspian", ask).unsigned.number
    answer = {"filing": number, "question": question, "applicant": MINE, "text": "Three of five."}
    with pytest.raises(ActRefusedError, match="found another's"):
        office.act("filing.answer", "caspian", {**answer, "applicant": OTHER}, officer=DESK)
    office.act("filing.answer", "caspian", answer, officer=DESK)
    with pytest.raises(ActRefusedError, match="one that is answered"):
        office.act("filing.answer", "caspian", answer, officer=DESK)
    assert office.reopened().desk.state.filings[number].questions[0]["answer"] == "Three of five."


def test_a_filing_that_was_given_back_is_filed_anew(office: Office) -> None:
    number = file(office, "dossier.open", "bitcoin", DOSSIER)
    office.act("dossier.return", "bitcoin", {"filing": number, "reason": "The supply has no source."})
    with pytest.raises(ActRefusedError, match="found returned"):
        office.act("dossier.open", "bitcoin", {**DOSSIER, "filing": number})
    again = file(office, "dossier.open", "bitcoin", DOSSIER)
    office.act("dossier.open", "bitcoin", {**DOSSIER, "filing": again})
    assert office.desk.state.tokens["bitcoin"].state == "dossier"


def refusal(office: Office, kind: str, subject: str, body: dict[str, Any]) -> str:
    """Return why something is not taken, nothing where it is."""
    try:
        file(office, kind, subject, body)
    except ActRefusedError as error:
        return str(error)
    return ""


def test_a_filing_does_not_tell_that_somebody_applied_for_a_token(office: Office) -> None:
    """An application for a token moves its price: who files learns of others what the list says alone."""
    petitions = [refusal(office, "petition.receive", "bitcoin", PETITION)]
    office.act("dossier.open", "bitcoin", DOSSIER)
    petitions.append(refusal(office, "petition.receive", "bitcoin", PETITION))
    assert petitions[0] == petitions[1] != ""
    assert refusal(office, "dossier.open", "bitcoin", DOSSIER) == ""  # as if there were none
    assert refusal(office, "dossier.open", "btc", DOSSIER) == ""  # the same token by another name
    with pytest.raises(ActRefusedError, match="the same token as bitcoin"):  # the officer is told
        office.act("dossier.open", "btc", DOSSIER)
    office.evidence("bitcoin")
    office.two("token.list", "bitcoin", {"present": [1, 2], "reason": "all items met"})
    assert "the same token as bitcoin" in refusal(office, "dossier.open", "btc", DOSSIER)
    assert refusal(office, "petition.receive", "bitcoin", PETITION) == ""


def test_a_petition_s_clock_runs_from_its_filing_and_not_from_when_an_officer_gets_to_it(office: Office) -> None:
    office.listed()
    number = file(office, "petition.receive", "bitcoin", PETITION)
    office.go_to("2026-12-20")
    office.act("petition.receive", "bitcoin", {**PETITION, "filing": number})
    (row,) = office.reopened().desk.state.tokens["bitcoin"].facts["petitions"]
    assert row["due"] == "2026-12-30"  # 30 days after 30 November
    office.act("petition.receive", "bitcoin", PETITION)  # one that came on paper
    assert office.desk.state.tokens["bitcoin"].facts["petitions"][1]["due"] == "2027-01-19"


def test_an_appeal_is_the_petitioner_s_own(office: Office) -> None:
    office.listed()
    number = file(office, "petition.receive", "bitcoin", PETITION)
    petition = office.act("petition.receive", "bitcoin", {**PETITION, "filing": number}).unsigned.number
    office.two("petition.decide", "bitcoin", {"petition": petition, "outcome": "dismissed", "reason": "no proof"})
    appeal = {"petition": petition, "text": "Look again."}
    with pytest.raises(ActRefusedError, match="a petition of your own"):
        file(office, "petition.appeal", "bitcoin", appeal, applicant=OTHER)
    assert file(office, "petition.appeal", "bitcoin", appeal)


def test_what_may_be_filed_are_acts_of_one_officer_that_move_no_right() -> None:
    assert sorted(FILABLE) == ["application.receive", "dossier.open", "petition.appeal", "petition.receive"]
    assert not any(act.is_for_two for act in FILABLE.values())
