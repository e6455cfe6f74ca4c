"""A client is not warned by a refusal: what checks bring about reads as harmless; all else keeps its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

import tarazy
from tarazy.domain.records import AccountState, CommandKind, CommandRejected, SetAccountState, WithdrawalReason
from tarazy.domain.reject_codes import REJECT_INFO, RejectCode
from tarazy.facility.gateway.dialect.refusals import refusal
from tarazy.facility.gateway.public_reasons import withdrawal_reason

from ....floor import ALICE, Floor


def refused(floor: Floor, state: AccountState) -> dict[str, object]:
    """Return what a client reads whose account is in a state, from the engine's own refusal."""
    floor.do(SetAccountState(state, 0, ALICE, floor.new_hash()))
    found = floor.buy(ALICE, 1, 1)
    assert found.reject_code == RejectCode.account_not_active
    return refusal(found.one(CommandRejected)).plain()


def test_frozen_and_restricted_accounts_read_the_same_without_rule_and_figures(floor: Floor) -> None:
    restricted = refused(floor, AccountState.restricted)
    frozen = refused(floor, AccountState.frozen)
    assert restricted == frozen
    assert set(frozen) == {"code", "msg", "reject", "advice"}
    told = str(frozen).lower()
    assert not [word for word in ("complian", "launder", "sanction", "suspic", "frozen", "restrict") if word in told]


@pytest.mark.parametrize("code", [code for code in RejectCode if code is not RejectCode.account_not_active])
def test_every_other_refusal_keeps_its_reason_and_the_rule_that_it_cites(code: RejectCode) -> None:
    event = CommandRejected(code, CommandKind.place_order, seq=1, account_id=1, market_id=1, expected=2, found=1)
    told = refusal(event).plain()
    assert told["rejectCode"] == int(code)
    assert told.get("rule", "") == REJECT_INFO[code].citation
    assert "found" in told


def test_withdrawals_refused_by_a_check_and_for_a_destination_read_the_same() -> None:
    assert withdrawal_reason(WithdrawalReason.compliance) == withdrawal_reason(WithdrawalReason.destination)
    assert withdrawal_reason(WithdrawalReason.client_request) == "client_request"
    assert withdrawal_reason(WithdrawalReason.chain_failure) == "chain_failure"
    assert withdrawal_reason(0) is None


CLIENT_SIDE = ("facility/gateway", "facility/feeds", "facility/statements", "console/trading")


def test_no_other_way_to_a_client_words_why_officers_refused_a_withdrawal() -> None:
    """The wallet page once did: `compliance` beside a withdrawal tells its client that a report may be on its way."""
    root = Path(tarazy.__file__).parent
    paths = [path for folder in CLIENT_SIDE for path in sorted((root / folder).rglob("*.py"))]
    assert len(paths) > 100
    worded = [path.name for path in paths if "WithdrawalReason" in path.read_text(encoding="utf-8")]
    assert worded == ["public_reasons.py"]


@pytest.mark.parametrize("reason", [WithdrawalReason.compliance, WithdrawalReason.destination])
def test_catalogues_of_all_languages_have_no_word_for_a_check(reason: WithdrawalReason) -> None:
    assert reason.name not in str(withdrawal_reason(reason))
