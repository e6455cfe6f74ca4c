"""Client assets: deposits with evidence, withdrawals in two phases."""

from __future__ import annotations

import pytest

from tarazy.domain.records import (
    AccountState,
    CreditDeposit,
    DepositCredited,
    ParameterTable,
    Place,
    RejectWithdrawal,
    RequestWithdrawal,
    SetAccountState,
    SetParameter,
    SettleWithdrawal,
    WithdrawalReason,
    WithdrawalRejected,
    WithdrawalRequested,
    WithdrawalSettled,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BTC, MILLION, USD, Floor, Result


def request(floor: Floor, amount: int, account: int = ALICE) -> Result:
    """Ask for dollars back."""
    return floor.do(RequestWithdrawal(0, account, USD, amount, floor.new_hash()))


def settle(floor: Floor, withdrawal_id: int, place: int = Place.hot) -> Result:
    """Record that a withdrawal left."""
    return floor.do(SettleWithdrawal(place, 0, withdrawal_id, floor.new_hash()))


def at(floor: Floor, place: int, asset: int = USD) -> int:
    """Return what lies at a place of the client estate."""
    return floor.state.ledger.place(1, place, asset).minor


def test_deposit_is_credited_and_lies_at_its_place(floor: Floor) -> None:
    before = at(floor, Place.cold, BTC)
    credited = floor.deposit(ALICE, BTC, 5, Place.cold).one(DepositCredited)
    assert credited.available_minor == MILLION + 5
    assert floor.balance(ALICE, BTC) == (MILLION + 5, 0)
    assert at(floor, Place.cold, BTC) == before + 5


def test_same_evidence_does_not_count_twice(floor: Floor) -> None:
    deposit = CreditDeposit(Place.hot, 0, ALICE, BTC, 5, floor.new_hash())
    floor.act(deposit)
    assert floor.do(deposit).reject_code == RejectCode.evidence_already_used
    other = deposit._replace(account_id=2, asset_id=USD, amount_minor=9)
    assert floor.do(other).reject_code == RejectCode.evidence_already_used


def test_evidence_of_a_withdrawal_is_no_evidence_of_a_deposit(floor: Floor) -> None:
    number = request(floor, 5).one(WithdrawalRequested).withdrawal_id
    evidence = floor.new_hash()
    floor.do(SettleWithdrawal(Place.hot, 0, number, evidence))
    refused = floor.do(CreditDeposit(Place.hot, 0, ALICE, BTC, 5, evidence))
    assert refused.reject_code == RejectCode.evidence_already_used


def test_deposit_to_a_frozen_account_is_credited_and_to_a_closed_one_is_not(floor: Floor) -> None:
    empty = floor.account()
    floor.act(SetAccountState(AccountState.frozen, account_id=empty))
    floor.deposit(empty, BTC, 5)
    closed = floor.account()
    floor.act(SetAccountState(AccountState.closed, account_id=closed))
    refused = floor.do(CreditDeposit(Place.hot, 0, closed, BTC, 5, floor.new_hash()))
    assert refused.reject_code == RejectCode.account_not_active


def test_all_of_an_asset_is_at_most_the_largest_amount(floor: Floor) -> None:
    left = (1 << 120) - 4 * MILLION
    floor.deposit(ALICE, BTC, left)
    refused = floor.do(CreditDeposit(Place.cold, 0, ALICE, BTC, 1, floor.new_hash()))
    assert refused.reject_code == RejectCode.amount_too_large
    assert floor.balance(ALICE, BTC)[0] == left + MILLION


def test_requested_withdrawal_is_held_and_cannot_be_traded(floor: Floor) -> None:
    requested = request(floor, MILLION).one(WithdrawalRequested)
    assert requested.withdrawal_id == floor.venue.next_seq - 1
    assert floor.balance(ALICE, USD) == (0, MILLION)
    assert floor.buy(ALICE, 1, 1).reject_code == RejectCode.insufficient_balance


def test_settled_withdrawal_leaves_account_and_place(floor: Floor) -> None:
    before = at(floor, Place.hot)
    number = request(floor, 300).one(WithdrawalRequested).withdrawal_id
    settled = settle(floor, number).one(WithdrawalSettled)
    assert (settled.account_id, settled.amount_minor) == (ALICE, 300)
    assert floor.balance(ALICE, USD) == (MILLION - 300, 0)
    assert at(floor, Place.hot) == before - 300


def test_rejected_withdrawal_is_given_back(floor: Floor) -> None:
    number = request(floor, 300).one(WithdrawalRequested).withdrawal_id
    rejected = floor.act(RejectWithdrawal(WithdrawalReason.compliance, withdrawal_id=number)).one(WithdrawalRejected)
    assert (rejected.account_id, rejected.amount_minor) == (ALICE, 300)
    assert floor.balance(ALICE, USD) == (MILLION, 0)


def test_withdrawal_ends_once(floor: Floor) -> None:
    number = request(floor, 300).one(WithdrawalRequested).withdrawal_id
    settle(floor, number)
    assert settle(floor, number).reject_code == RejectCode.withdrawal_unknown
    again = RejectWithdrawal(WithdrawalReason.destination, 0, number)
    assert floor.do(again).reject_code == RejectCode.withdrawal_unknown


def test_settlement_from_a_place_that_is_short_is_refused_and_stays_open(floor: Floor) -> None:
    number = request(floor, 300).one(WithdrawalRequested).withdrawal_id
    assert settle(floor, number, Place.bank).reject_code == RejectCode.insufficient_custody
    assert floor.balance(ALICE, USD) == (MILLION - 300, 300)
    assert settle(floor, number).kinds == ["WithdrawalSettled"]


def test_withdrawal_above_what_is_available_is_refused(floor: Floor) -> None:
    floor.buy(ALICE, 10, 100)
    assert request(floor, MILLION - 999).reject_code == RejectCode.insufficient_balance
    assert request(floor, MILLION - 1_000).kinds == ["WithdrawalRequested"]


@pytest.mark.parametrize(
    ("state", "kinds"),
    [(AccountState.restricted, ["WithdrawalRequested"]), (AccountState.frozen, ["CommandRejected"])],
)
def test_restricted_account_withdraws_and_frozen_one_does_not(floor: Floor, state: int, kinds: list[str]) -> None:
    floor.act(SetAccountState(state, account_id=ALICE))
    assert request(floor, 300).kinds == kinds


def test_withdrawal_of_an_account_frozen_meanwhile_is_not_settled_but_can_be_rejected(floor: Floor) -> None:
    number = request(floor, 300).one(WithdrawalRequested).withdrawal_id
    floor.act(SetAccountState(AccountState.frozen, account_id=ALICE))
    assert settle(floor, number).reject_code == RejectCode.account_not_active
    assert floor.act(RejectWithdrawal(WithdrawalReason.compliance, withdrawal_id=number)).kinds == [
        "WithdrawalRejected"
    ]


def test_single_withdrawal_is_limited_by_the_table(floor: Floor) -> None:
    table = ParameterTable.withdrawal_max_minor
    floor.act(SetParameter(table, parameter_key=USD, parameter_value=100, rulebook_hash=floor.new_hash()))
    assert request(floor, 101).reject_code == RejectCode.amount_too_large
    assert request(floor, 100).kinds == ["WithdrawalRequested"]
    floor.act(SetParameter(table, parameter_key=USD, parameter_value=0, rulebook_hash=floor.new_hash()))
    assert request(floor, 101).kinds == ["WithdrawalRequested"]
