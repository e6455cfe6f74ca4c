"""Who may do what: an act for two needs two, each with its role and key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tarazy.authority.desk import ACTS, APPROVE, DECLINE, PROPOSE, AuthorityDesk
from tarazy.authority.office import FOUND, founding_body
from tarazy.authority.state import ROLES
from tarazy.domain.signer import KeySigner
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.record import ActRecord

from .office import APPLICATION, GRANT, Office

ALONE = {"office.found", "application.receive", "condition.met", "dossier.open", "dossier.evidence", "token.review"}
ALONE |= {"petition.receive", "petition.appeal", "comment.receive", "comment.answer", "attestation.receive"}
ALONE |= {"filing.receive", "filing.answer", "application.ask", "application.return", "dossier.ask", "dossier.return"}
ALONE |= {"licence.site", "statement.compared"}
ALONE |= {"consultation.impact"}


def test_only_acts_that_move_nothing_need_one_officer() -> None:
    assert {name for name, act in ACTS.items() if not act.is_for_two} == ALONE


def test_one_person_is_not_two_pairs_of_eyes(office: Office) -> None:
    office.act("application.receive", "caspian", APPLICATION)
    proposal = office.act("application.principle", "caspian", {"conditions": []}).unsigned.number
    with pytest.raises(ActRefusedError, match="who proposed it"):
        office.decide(proposal, officer=1)
    assert office.desk.state.licences["caspian"].state == "applied"


def test_another_s_number_does_not_help_without_its_key(office: Office) -> None:
    office.act("application.receive", "caspian", APPLICATION)
    number = office.act("application.principle", "caspian", {"conditions": []}).unsigned.number
    act = office.desk.prepare(2, APPROVE, "caspian", {"proposal": number, "reason": "mine"})
    with pytest.raises(ActRefusedError, match="the key"):
        office.desk.commit(act, office.keys[1].public_key, office.keys[1].sign(act.message))


def test_an_act_for_two_cannot_be_written_as_an_act_of_one(office: Office) -> None:
    office.act("application.receive", "caspian", APPLICATION)
    act = office.desk._next(1, "application.refuse", "caspian", {"reason": "alone"})
    with pytest.raises(ActRefusedError, match="expected one of"):
        office.desk.commit(act, office.keys[1].public_key, office.keys[1].sign(act.message))


def test_a_proposal_is_decided_once(office: Office) -> None:
    office.act("application.receive", "caspian", APPLICATION)
    number = office.act("application.principle", "caspian", {"conditions": []}).unsigned.number
    office.decide(number, officer=2, verdict=DECLINE)
    assert office.desk.state.licences["caspian"].state == "applied"
    with pytest.raises(ActRefusedError, match="found declined"):
        office.decide(number, officer=3)


def test_what_two_propose_at_once_takes_effect_once(office: Office) -> None:
    office.act("application.receive", "caspian", APPLICATION)
    first, second = (office.act("application.principle", "caspian", {"conditions": []}).unsigned.number for _ in "ab")
    office.decide(first)
    with pytest.raises(ActRefusedError, match="found in principle"):
        office.decide(second)


def test_an_officer_acts_within_its_roles_alone(office: Office) -> None:
    key = KeySigner.from_seed(b"4" * 32)
    office.keys[4] = key
    row = {"name": "Four", "public_key": key.public_key.hex(), "roles": "consultation"}
    office.two("office.register", "4", row)
    with pytest.raises(ActRefusedError, match="the role licensing, found officer 4"):
        office.act("application.receive", "caspian", APPLICATION, officer=4)


def test_an_officer_who_was_revoked_acts_no_more_and_its_proposal_falls(office: Office) -> None:
    office.act("application.receive", "caspian", APPLICATION)
    number = office.act("application.principle", "caspian", {"conditions": []}, officer=3).unsigned.number
    office.two("office.revoke", "3", {})
    with pytest.raises(ActRefusedError, match="a proposal of an active officer"):
        office.decide(number, officer=2)
    with pytest.raises(ActRefusedError, match="found officer 3"):
        office.act("application.receive", "other", APPLICATION, officer=3)


def test_two_officers_with_each_role_always_stay(office: Office) -> None:
    office.two("office.revoke", "3", {})
    with pytest.raises(ActRefusedError, match="2 officers or more with the role administrator"):
        office.act("office.revoke", "2", {})


def test_a_key_is_nobody_s_second_one(office: Office) -> None:
    row = {"name": "Again", "public_key": office.keys[2].public_key.hex(), "roles": ROLES[0]}
    with pytest.raises(ActRefusedError, match="a key that nobody had"):
        office.act("office.register", "7", row)


@pytest.mark.parametrize(
    ("act", "body", "words"),
    [
        ("licence.grant", GRANT | {"extra": 1}, "the fields"),
        ("licence.grant", {k: v for k, v in GRANT.items() if k != "from"}, "from: expected a date"),
        ("licence.grant", GRANT | {"from": "2026-02-30"}, "from: expected a date"),
        ("licence.grant", GRANT | {"capital_usd": -1}, "capital_usd: expected a whole number"),
        ("licence.grant", GRANT | {"capital_usd": True}, "capital_usd: expected a whole number"),
        ("licence.grant", GRANT | {"capital_usd": 1.5}, "capital_usd: expected a whole number"),
        ("application.refuse", {"reason": "\x1b[31m"}, "reason: expected a text"),
        ("application.refuse", {"reason": "x" * 4001}, "reason: expected a text"),
        ("no.such.act", {}, "expected one of"),
        (PROPOSE, {"act": "licence.grant"}, "an act for two and its fields"),
    ],
)
def test_bad_fields_are_refused_before_anything_is_signed(office: Office, act: str, body: dict, words: str) -> None:  # type: ignore[type-arg]
    office.act("application.receive", "caspian", APPLICATION)
    count = len(office.desk.record.lines)
    with pytest.raises(ActRefusedError, match=words):
        office.act(act, "caspian", body)
    assert len(office.desk.record.lines) == count


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"second_officer": 1}, "another of the officers"),
        ({"second_officer": 9}, "another of the officers"),
        ({"title": "Another title"}, "officer 2's signature"),
        ({"desk_key": "cd" * 32}, "officer 2's signature"),
        ({"second_officer": 3}, "officer 3's signature"),
        ({"second_signature": "zz"}, "officer 2's signature"),
        ({"second_signature": ""}, "found nothing"),
    ],
)
def test_nobody_founds_an_authority_alone(tmp_path: Path, change: dict[str, Any], says: str) -> None:
    keys = {number: KeySigner.from_seed(bytes([number]) * 32) for number in (1, 2, 3)}
    rows = [
        {"officer_id": str(n), "name": f"O{n}", "public_key": key.public_key.hex(), "roles": ",".join(ROLES)}
        for n, key in keys.items()
    ]
    body = founding_body("Trial", bytes(32), rows, 2, keys[2])
    with AuthorityDesk(ActRecord(tmp_path / "desk", new=True)) as desk:
        with pytest.raises(ActRefusedError, match=says):
            desk.act(1, keys[1], FOUND, "authority", body | change)
        assert desk.act(1, keys[1], FOUND, "authority", body).unsigned.number == 1
