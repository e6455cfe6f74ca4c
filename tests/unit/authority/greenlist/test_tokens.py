"""Tokens: what cannot be is refused, what is unknown is not met, and who decides was there and did not stand aside."""

from __future__ import annotations

from typing import Any

import pytest

from tarazy.authority.greenlist.decisions import overdue_reviews
from tarazy.authority.greenlist.dossier import standing
from tarazy.platform.signed_acts.errors import ActRefusedError

from ..office import DOCUMENT, DOSSIER, Office

USDC = "0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48"  # its checksum is right (ERC-55)
TOKEN = DOSSIER | {"symbol": "USDC", "name": "USD Coin", "dti": None, "chain": "ethereum", "class": "token"}
MEETING = {"present": [1, 2], "reason": "all items met"}


def opened(office: Office, **more: Any) -> None:
    """Open a dossier."""
    office.act("dossier.open", "usdc", {k: v for k, v in (TOKEN | {"contract": USDC} | more).items() if v is not None})


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"circulating": 22_000_000}, "0 < circulating <= total <= maximum"),
        ({"maximum": 19_899_999}, "0 < circulating <= total <= maximum"),
        ({"circulating": 0}, "0 < circulating <= total <= maximum"),
        ({"contract": "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"}, "an address of ethereum"),
        ({"chain": "tron"}, "an address of tron"),
        ({"chain": "bitcoin"}, "a chain with contracts"),
        ({"contract": USDC.replace("A0b", "a0B")}, "a right checksum"),
        ({"contract": None}, "an address of ethereum"),
        ({"contract": "0x" + "00" * 20}, "an address at which a contract can be"),
        ({"contract": "0x" + "00" * 18 + "ffff"}, "an address at which a contract can be"),
        ({"chain": "tron", "contract": "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6u"}, "a right checksum"),
        ({"chain": "tron", "contract": "T9yD14Nj9j7xAB4dbGeiX9h8unkKHxuWwb"}, "an address at which a contract can be"),
        ({"chain": "solana", "contract": "1" * 32}, "an address at which a token can be"),
        ({"chain": "solana", "contract": "1" * 33}, "an address of solana"),
        ({"chain": "solana", "contract": "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"}, "an address of solana"),
        ({"class": "native"}, "none for a native asset"),
        ({"dti": "X9J9K872T"}, "dti: expected"),
        ({"applicant": "third_party"}, "issuer_consent: expected its document"),
        ({"class": "meme"}, "class: expected one of"),
    ],
)
def test_a_dossier_that_cannot_be_is_refused(office: Office, more: dict[str, Any], words: str) -> None:
    with pytest.raises(ActRefusedError, match=words):
        opened(office, **more)


@pytest.mark.parametrize(
    ("chain", "contract"),
    [
        ("tron", "TR7NHqjeKQxGTCi8q8ZY4pL8otSzgjLj6t"),  # USDT on Tron, as its issuer publishes it
        ("solana", "EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v"),  # USDC on Solana, as its issuer publishes it
        ("ethereum", "0x" + "00" * 17 + "010000"),  # the first address above those that EIP-1352 keeps
    ],
)
def test_a_right_address_of_each_chain_is_taken(office: Office, chain: str, contract: str) -> None:
    opened(office, chain=chain, contract=contract)
    assert office.desk.state.tokens["usdc"].facts["dossier"]["contract"] == contract


def test_one_token_has_one_dossier_whatever_its_letters(office: Office) -> None:
    opened(office)
    with pytest.raises(ActRefusedError, match="the same token as usdc"):
        office.act(
            "dossier.open", "other", {k: v for k, v in (TOKEN | {"contract": USDC.lower()}).items() if v is not None}
        )


def test_without_evidence_everything_is_unknown_and_nothing_is_listed(office: Office) -> None:
    office.act("dossier.open", "bitcoin", DOSSIER)
    assert {row["verdict"] for row in standing(office.desk.state.tokens["bitcoin"], "2026-11-30")} == {"unknown"}
    with pytest.raises(ActRefusedError, match="identity: expected met, found unknown: no evidence"):
        office.act("token.list", "bitcoin", MEETING)


def test_evidence_that_has_lapsed_is_unknown(office: Office) -> None:
    office.act("dossier.open", "bitcoin", DOSSIER)
    office.evidence("bitcoin", expires="2026-12-01")
    office.go_to("2026-12-01")
    with pytest.raises(ActRefusedError, match="unknown: evidence that lapsed on 2026-12-01"):
        office.act("token.list", "bitcoin", MEETING)


def test_evidence_of_tomorrow_is_refused(office: Office) -> None:
    office.act("dossier.open", "bitcoin", DOSSIER)
    with pytest.raises(ActRefusedError, match="a day until 2026-11-30"):
        office.evidence("bitcoin", on="2026-12-01")


def test_a_breached_item_is_not_listed_and_is_after_it_was_mended(office: Office) -> None:
    office.act("dossier.open", "bitcoin", DOSSIER)
    office.evidence("bitcoin")
    row = {"item": "holders", "verdict": "breached", "found": "one holds 60 %", "source": "x", "on": "2026-11-30"}
    office.act("dossier.evidence", "bitcoin", row | {"expires": "2027-01-01"})
    with pytest.raises(ActRefusedError, match="holders: expected met, found breached: one holds 60 %"):
        office.act("token.list", "bitcoin", MEETING)
    office.evidence("bitcoin")
    office.two("token.list", "bitcoin", MEETING)
    assert office.desk.state.tokens["bitcoin"].state == "listed"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"anonymity_enhanced": True}, "found an anonymity-enhanced token"),
        ({"algorithmic": True}, "found an algorithmic stablecoin"),
        ({"class": "fiat_stablecoin"}, "an approval of this stablecoin"),
    ],
)
def test_a_class_that_needs_more_is_refused(office: Office, more: dict[str, Any], words: str) -> None:
    opened(office, **more)
    office.evidence("usdc")
    with pytest.raises(ActRefusedError, match=words):
        office.act("token.list", "usdc", MEETING)


def test_an_approved_stablecoin_is_listed(office: Office) -> None:
    opened(office, **{"class": "fiat_stablecoin"})
    office.evidence("usdc")
    office.two("token.list", "usdc", MEETING | {"approval": "AFSA-A-LA-2024-0009"})
    assert office.desk.state.tokens["usdc"].state == "listed"


@pytest.mark.parametrize(
    ("meeting", "words"),
    [
        ({"present": [1]}, "2 officers or more"),
        ({"present": [1, 2], "recused": [2]}, "1 after who stood aside"),
        ({"present": [1, 9]}, "found officer 9"),
        ({"present": [2, 3]}, "officer 1, who was not there"),
        ({"present": [1, 2, 3], "recused": [1]}, "officer 1, who stood aside"),
    ],
)
def test_a_meeting_without_quorum_or_with_an_interest_decides_nothing(
    office: Office, meeting: dict[str, Any], words: str
) -> None:
    office.act("dossier.open", "bitcoin", DOSSIER)
    office.evidence("bitcoin")
    with pytest.raises(ActRefusedError, match=words):
        office.act("token.list", "bitcoin", meeting | {"reason": "x"})


def test_who_stood_aside_does_not_approve(office: Office) -> None:
    office.act("dossier.open", "bitcoin", DOSSIER)
    office.evidence("bitcoin")
    row = {"present": [1, 2, 3], "recused": [3], "reason": "x"}
    number = office.act("token.list", "bitcoin", row).unsigned.number
    with pytest.raises(ActRefusedError, match="officer 3, who stood aside"):
        office.decide(number, officer=3)
    office.decide(number, officer=2)


def test_a_review_has_a_deadline_and_is_told_when_it_is_over(office: Office) -> None:
    office.listed()
    with pytest.raises(ActRefusedError, match="at most 2027-02-28"):
        office.act("token.review", "bitcoin", {"until": "2027-03-01", "reason": "volume fell"})
    office.act("token.review", "bitcoin", {"until": "2026-12-30", "reason": "volume fell"})
    state = office.desk.state
    assert overdue_reviews(state, "2026-12-30") == []
    assert overdue_reviews(state, "2026-12-31") == ["Bitcoin: the review was due on 2026-12-30"]
    office.two("token.keep", "bitcoin", {"reason": "volume came back"})
    assert state.tokens["bitcoin"].state == "listed"


def test_a_removal_leaves_holders_thirty_days(office: Office) -> None:
    office.listed()
    with pytest.raises(ActRefusedError, match="2026-12-30 or later"):
        office.act("token.remove", "bitcoin", {"withdrawals_until": "2026-12-29", "reason": "x"})
    office.two("token.remove", "bitcoin", {"withdrawals_until": "2026-12-30", "reason": "x"})
    assert office.desk.state.tokens["bitcoin"].state == "removed"


def test_a_petition_has_a_clock_an_outcome_and_an_appeal_by_others(office: Office) -> None:
    office.listed()
    row = {"claimant": "Name holder", "proof": "register_extract", "document": DOCUMENT, "text": "not ours"}
    number = office.act("petition.receive", "bitcoin", row).unsigned.number
    (petition,) = office.desk.state.tokens["bitcoin"].facts["petitions"]
    assert petition["due"] == "2026-12-30"
    decision = {"petition": number, "outcome": "dismissed", "reason": "no proof"}
    office.two("petition.decide", "bitcoin", decision)
    with pytest.raises(ActRefusedError, match="an open one, found dismissed"):
        office.act("petition.decide", "bitcoin", decision)
    office.act("petition.appeal", "bitcoin", {"petition": number, "text": "here is the extract"})
    with pytest.raises(ActRefusedError, match="other officers for an appeal"):
        office.act("petition.decide", "bitcoin", decision | {"outcome": "upheld"})
