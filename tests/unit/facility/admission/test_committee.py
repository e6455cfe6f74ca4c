"""The committee: who decides did not propose, a quorum is there, who has an interest stands aside.

Source: AIFC DAA 2.8.1(3)(a): satisfied first, admitted then; the quorum and the stale list are our own rules.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import pytest

from tarazy.platform.signed_acts.errors import ActRecordError, ActRefusedError

from .bureau import DOCUMENT, LICENCE, PROPOSAL, TOKEN, Bureau


def test_one_administrator_does_not_make_a_charter(bureau: Bureau) -> None:
    terms = {"authority": "Trial", "authority_key": DOCUMENT, "licensee": "caspian", "members": [1, 2, 3]}
    number = bureau.act("charter.propose", "facility", {**terms, "quorum": 2, "list_days_max": 7}).unsigned.number
    with pytest.raises(ActRefusedError, match="another administrator's eyes"):
        bureau.act("charter.approve", "facility", {"charter": number})
    assert bureau.desk.state.charter is None
    bureau.act("charter.approve", "facility", {"charter": number}, officer=2)
    assert bureau.desk.state.rules.quorum == 2


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"quorum": 1}, "from 2 to the 3 members"),
        ({"quorum": 4}, "from 2 to the 3 members"),
        ({"members": [1, 1, 2]}, "each once"),
        ({"list_days_max": 400}, "from 1 to 31 days"),
    ],
)
def test_a_charter_by_which_one_decides_is_refused(bureau: Bureau, more: dict[str, Any], words: str) -> None:
    terms = {"authority": "Trial", "authority_key": DOCUMENT, "licensee": "caspian", "members": [1, 2, 3]}
    with pytest.raises(ActRefusedError, match=words):
        bureau.act("charter.propose", "facility", {**terms, "quorum": 2, "list_days_max": 7, **more})


def test_nothing_is_proposed_without_list_or_licence(bureau: Bureau) -> None:
    with pytest.raises(ActRefusedError, match="a charter in force"):
        bureau.proposed()
    bureau.chartered()
    with pytest.raises(ActRefusedError, match="a green list of the last 7 days, found none"):
        bureau.proposed()
    bureau.imported(TOKEN)
    with pytest.raises(ActRefusedError, match="a register of the last 7 days, found none"):
        bureau.proposed()
    bureau.licensed()
    assert bureau.proposed() == 5


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({**TOKEN, "name": "ether"}, "found no line of it"),
        ({**TOKEN, "state": "suspended"}, "found suspended"),
        ({**TOKEN, "symbol": "WBTC"}, "the list's symbol, WBTC"),
    ],
)
def test_what_the_list_does_not_have_is_not_proposed(bureau: Bureau, row: dict[str, Any], words: str) -> None:
    bureau.chartered().licensed().imported(row)
    with pytest.raises(ActRefusedError, match=words):
        bureau.proposed()


def test_a_token_under_review_is_still_on_the_list(bureau: Bureau) -> None:
    bureau.chartered().licensed().imported({**TOKEN, "state": "under review"})
    assert bureau.proposed()


@pytest.mark.parametrize(
    ("licence", "words"),
    [
        ({"types": ["security_token"]}, "one of its investment types, security_token, found digital_asset"),
        ({"state": "suspended voluntarily"}, "a licence in force"),
        ({"expires": "2026-11-30"}, "a licence in force on 2026-11-30"),
        ({"from": "2026-12-01"}, "a licence in force on 2026-11-30"),
    ],
)
def test_a_licence_that_does_not_permit_the_type_stops_it(bureau: Bureau, licence: dict[str, Any], words: str) -> None:
    bureau.chartered().imported(TOKEN).licensed(**licence)
    with pytest.raises(ActRefusedError, match=words):
        bureau.proposed()


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"applicant": "third_party", "undertaking": DOCUMENT}, "DAA 2.8.1"),
        ({"applicant": "issuer"}, "DAA 2.8.6"),
        ({"scale": 19}, "at most 18 places"),
    ],
)
def test_a_proposal_without_its_papers_is_refused(bureau: Bureau, more: dict[str, Any], words: str) -> None:
    bureau.ready()
    with pytest.raises(ActRefusedError, match=words):
        bureau.proposed(**more)


def test_who_proposed_does_not_vote_and_nobody_votes_twice(bureau: Bureau) -> None:
    number = bureau.ready().proposed()
    with pytest.raises(ActRefusedError, match="officer 1, who proposed it"):
        bureau.vote(number, 1)
    with pytest.raises(ActRefusedError, match="a member of the committee, found officer 5"):
        bureau.vote(number, 5)
    assert bureau.vote(number, 2) == "proposed"
    with pytest.raises(ActRefusedError, match="a second one of officer 2"):
        bureau.vote(number, 2)
    assert bureau.vote(number, 3) == "adopted"
    with pytest.raises(ActRefusedError, match="an open proposal"):
        bureau.vote(number, 4)


def test_a_key_of_another_does_not_vote(bureau: Bureau) -> None:
    number = bureau.ready().proposed()
    body = {"proposal": number, "vote": "for", "reason": "x"}
    unsigned = bureau.desk.prepare(2, "listing.vote", "bitcoin", body)
    other = bureau.keys[1]
    with pytest.raises(ActRefusedError, match="of officer 2"):
        bureau.desk.commit(unsigned, other.public_key, other.sign(unsigned.message))


def test_who_has_an_interest_can_only_stand_aside(bureau: Bureau) -> None:
    number = bureau.ready().proposed(interested=[2])
    with pytest.raises(ActRefusedError, match="named as interested"):
        bureau.vote(number, 2)
    assert bureau.vote(number, 2, "stands aside") == "proposed"
    assert [bureau.vote(number, officer) for officer in (3, 4)] == ["proposed", "adopted"]


def test_without_a_quorum_of_the_disinterested_nothing_is_adopted(bureau: Bureau) -> None:
    number = bureau.ready().proposed()
    assert bureau.vote(number, 2, "stands aside") == "proposed"
    assert bureau.vote(number, 3, "stands aside") == "rejected"  # one is left, and two are needed


def test_votes_against_reject_as_soon_as_the_quorum_is_out_of_reach(bureau: Bureau) -> None:
    number = bureau.ready().proposed()
    assert [bureau.vote(number, officer, "against") for officer in (2, 3)] == ["proposed", "rejected"]


def test_a_list_that_came_between_proposal_and_vote_counts(bureau: Bureau) -> None:
    number = bureau.ready().proposed()
    bureau.vote(number, 2)
    bureau.imported(off=({**TOKEN, "state": "removed", "withdrawals_until": "2027-01-15"},))
    with pytest.raises(ActRefusedError, match="found removed"):
        bureau.vote(number, 3)
    assert bureau.vote(number, 3, "against") == "proposed"


def test_a_decision_is_a_paper_with_a_hash_that_says_who_and_on_which_list(bureau: Bureau) -> None:
    number = bureau.ready().adopted()
    found = bureau.desk.state.proposals[number]
    assert sha256(found.paper.encode()).hexdigest() == found.digest
    assert f'"sha256":"{bureau.desk.state.lists[-1]["sha256"]}"' in found.paper
    assert LICENCE["number"] in found.paper


def test_a_life_over_a_restart_goes_on_where_it_was(bureau: Bureau) -> None:
    number = bureau.ready().proposed()
    bureau.vote(number, 2)
    bureau.reopened()
    assert bureau.vote(number, 3) == "adopted"
    digest = bureau.desk.state.proposals[number].digest
    again = bureau.reopened().desk
    assert again.state.proposals[number].digest == digest
    assert again.strangers == []


def test_a_line_of_a_key_that_is_not_the_officer_s_is_a_stranger_s(bureau: Bureau) -> None:
    number = bureau.ready().adopted()
    bureau.officers[3] = bureau.officers[3]._replace(public_key="cd" * 32)
    assert bureau.reopened().desk.strangers == [number + 2]


def test_a_vote_that_was_changed_in_the_file_is_found(bureau: Bureau) -> None:
    bureau.ready().adopted()
    path = bureau.desk.record.path
    path.write_bytes(path.read_bytes().replace(b'"vote":"for"', b'"vote":"aye"', 1))
    with pytest.raises(ActRecordError, match="It was changed"):
        bureau.reopened()


def test_a_record_of_another_facility_does_not_follow(bureau: Bureau) -> None:
    from tarazy.facility.admission.desk import AdmissionDesk

    bureau.ready()
    with pytest.raises(ActRecordError, match="act 1 after"):
        AdmissionDesk.open(bureau.facility, bytes(16), bureau.officers, reads_only=True)


def test_a_second_proposal_of_the_same_waits_for_the_first(bureau: Bureau) -> None:
    number = bureau.ready().proposed()
    with pytest.raises(ActRefusedError, match=f"found proposal {number}"):
        bureau.act("listing.propose", "bitcoin", PROPOSAL, officer=2)
