"""Client assets: deposits with evidence, and the way out in four steps."""

from __future__ import annotations

import pytest

from tarazy.domain.records import (
    AccountState,
    AssetKind,
    CustodyLocation,
    DepositCredited,
    ParameterTable,
    ReceiptHeld,
    ReceiptReason,
    RequestWithdrawal,
    SetAccountState,
    SetParameter,
    WithdrawalRejected,
    WithdrawalRequested,
    WithdrawalSettled,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, MILLION, USD, Floor, Result
from .desk import Desk

HOT, WARM, COLD, BANK, TRANSIT = CustodyLocation


@pytest.fixture
def desk(floor: Floor) -> Desk:
    """Return the custody desk of a floor of four rich clients."""
    return Desk(floor)


def request(floor: Floor, amount: int) -> Result:
    """Ask for Alice's bitcoin back."""
    return floor.do(RequestWithdrawal(0, ALICE, BTC, amount, floor.new_hash()))


def test_deposit_is_credited_and_lies_at_its_location(desk: Desk) -> None:
    before = desk.at(COLD)
    credited = desk.deposit(ALICE, 5, location=COLD).one(DepositCredited)
    assert credited.available_minor == MILLION + 5
    assert desk.floor.balance(ALICE, BTC) == (MILLION + 5, 0)
    assert desk.at(COLD) == before + 5


def test_same_evidence_does_not_count_twice(desk: Desk) -> None:
    evidence = desk.floor.new_hash()
    desk.deposit(ALICE, 5, evidence)
    assert desk.deposit(ALICE, 5, evidence).reject_code == RejectCode.evidence_already_used
    assert desk.deposit(BOB, 9, evidence, asset_id=USD).reject_code == RejectCode.evidence_already_used


def test_evidence_of_a_withdrawal_is_no_evidence_of_a_deposit(desk: Desk) -> None:
    number, evidence = desk.request(ALICE, 5), desk.floor.new_hash()
    desk.send(number)
    assert desk.settle(number, evidence).kinds == ["WithdrawalSettled"]
    assert desk.deposit(ALICE, 5, evidence).reject_code == RejectCode.evidence_already_used


def test_deposit_to_a_frozen_account_is_credited_and_to_a_closed_one_waits_unattributed(desk: Desk) -> None:
    frozen, closed = desk.floor.account(), desk.floor.account()
    desk.floor.act(SetAccountState(AccountState.frozen, account_id=frozen, decision_hash=desk.floor.new_hash()))
    desk.floor.act(SetAccountState(AccountState.closed, account_id=closed, decision_hash=desk.floor.new_hash()))
    assert desk.deposit(frozen, 5).kinds == ["DepositCredited"]
    held = desk.deposit(closed, 6).one(ReceiptHeld)
    assert (held.receipt_reason, held.account_id, held.amount_minor) == (ReceiptReason.account_closed, closed, 6)
    assert desk.books["UN"] == 6


def test_all_of_an_asset_is_at_most_the_largest_amount(desk: Desk) -> None:
    left = (1 << 120) - 4 * MILLION
    desk.deposit(ALICE, left)
    assert desk.deposit(ALICE, 1, location=COLD).reject_code == RejectCode.amount_too_large
    assert desk.floor.balance(ALICE, BTC)[0] == left + MILLION


@pytest.mark.parametrize(
    ("kind", "fits"), [(AssetKind.fiat, {BANK, TRANSIT}), (AssetKind.digital, {HOT, WARM, COLD, TRANSIT})]
)
def test_locations_fit_the_kind_of_the_asset(floor: Floor, kind: int, fits: set[int]) -> None:
    desk = Desk(floor, floor.asset("KZT", kind=kind))
    accepted = {place for place in CustodyLocation if desk.deposit(ALICE, 5, location=place).of(DepositCredited)}
    assert accepted == fits
    refused = desk.deposit(ALICE, 5, location=next(place for place in CustodyLocation if place not in fits))
    assert refused.reject_code == RejectCode.location_unfit


def test_requested_withdrawal_is_held_and_cannot_be_traded(desk: Desk) -> None:
    number = desk.request(ALICE, MILLION)
    assert number == desk.floor.venue.next_seq - 1
    assert desk.floor.balance(ALICE, BTC) == (0, MILLION)
    assert desk.floor.sell(ALICE, 1, 1).reject_code == RejectCode.insufficient_balance


def test_withdrawal_is_approved_dispatched_and_settled_in_this_order(desk: Desk) -> None:
    number = desk.request(ALICE, 300)
    for early in (desk.dispatch, desk.settle):
        assert early(number).reject_code == RejectCode.withdrawal_state_not_reachable
    assert desk.approve(number).kinds == ["WithdrawalApproved"]
    assert desk.approve(number).reject_code == RejectCode.withdrawal_state_not_reachable
    assert desk.settle(number).reject_code == RejectCode.withdrawal_state_not_reachable
    assert desk.dispatch(number).kinds == ["WithdrawalDispatched"]
    settled = desk.settle(number).one(WithdrawalSettled)
    assert (settled.account_id, settled.amount_minor, settled.location) == (ALICE, 300, HOT)
    assert desk.floor.balance(ALICE, BTC) == (MILLION - 300, 0)
    assert desk.at(HOT) == 4 * MILLION - 300
    assert desk.settle(number).reject_code == RejectCode.withdrawal_unknown


def test_rejected_withdrawal_is_given_back(desk: Desk) -> None:
    for number in (desk.request(ALICE, 300), desk.request(ALICE, 200)):
        desk.approve(number)
        rejected = desk.reject(number).one(WithdrawalRejected)
        assert (rejected.account_id, rejected.withdrawal_id) == (ALICE, number)
    assert desk.floor.balance(ALICE, BTC) == (MILLION, 0)
    assert desk.reject(number).reject_code == RejectCode.withdrawal_unknown


def test_reject_after_dispatch_is_refused(desk: Desk) -> None:
    number = desk.request(ALICE, 300)
    desk.send(number)
    refused = desk.reject(number)
    assert refused.reject_code == RejectCode.withdrawal_state_not_reachable
    assert (refused[0].expected, refused[0].found) == (2, 3)
    assert desk.settle(number).kinds == ["WithdrawalSettled"]


@pytest.mark.parametrize("field", ["account_id", "asset_id", "amount_minor", "destination_hash"])
def test_approval_holds_for_the_terms_that_its_officers_signed(desk: Desk, field: str) -> None:
    """docs/concepts/withdrawals.md: a request that nobody signed cannot take the place of the one that was approved."""
    number = desk.request(ALICE, 300)
    signed = desk.floor.approval(number)
    other = {"account_id": BOB, "asset_id": USD, "amount_minor": 3, "destination_hash": bytes(32)}
    result = desk.floor.attempt(signed._replace(**{field: other[field]}))
    assert result.reject_code == RejectCode.withdrawal_differs
    assert desk.dispatch(number).reject_code == RejectCode.withdrawal_state_not_reachable
    assert desk.floor.attempt(signed).kinds == ["WithdrawalApproved"]


def test_dispatch_from_a_location_that_is_short_is_refused_and_stays_approved(desk: Desk) -> None:
    number = desk.request(ALICE, 300)
    desk.approve(number)
    assert desk.dispatch(number, WARM).reject_code == RejectCode.insufficient_custody
    assert desk.dispatch(number).kinds == ["WithdrawalDispatched"]


def test_later_dispatch_replaces_the_transaction_and_its_location(desk: Desk) -> None:
    desk.deposit(BOB, 300, location=COLD)
    number = desk.request(ALICE, 300)
    desk.send(number)
    assert desk.dispatch(number, COLD).kinds == ["WithdrawalDispatched"]
    assert desk.settle(number).one(WithdrawalSettled).location == COLD
    assert (desk.at(HOT), desk.at(COLD)) == (4 * MILLION, 0)


def test_withdrawal_above_what_is_available_is_refused(floor: Floor) -> None:
    floor.sell(ALICE, 1_000, 100)
    assert request(floor, MILLION - 999).reject_code == RejectCode.insufficient_balance
    assert request(floor, MILLION - 1_000).kinds == ["WithdrawalRequested"]


@pytest.mark.parametrize(
    ("state", "kinds"),
    [(AccountState.restricted, ["WithdrawalRequested"]), (AccountState.frozen, ["CommandRejected"])],
)
def test_restricted_account_withdraws_and_frozen_one_does_not(floor: Floor, state: int, kinds: list[str]) -> None:
    floor.act(SetAccountState(state, account_id=ALICE, decision_hash=floor.new_hash()))
    assert request(floor, 300).kinds == kinds


def test_settlement_on_a_frozen_account_is_recorded_but_nothing_new_leaves(desk: Desk) -> None:
    sent, approved, asked = (desk.request(ALICE, 300) for _ in range(3))
    desk.send(sent)
    desk.approve(approved)
    desk.floor.act(SetAccountState(AccountState.frozen, account_id=ALICE, decision_hash=desk.floor.new_hash()))
    assert desk.settle(sent).kinds == ["WithdrawalSettled"]
    assert desk.dispatch(approved).reject_code == RejectCode.account_not_active
    assert desk.approve(asked).reject_code == RejectCode.account_not_active
    assert desk.reject(asked).kinds == ["WithdrawalRejected"]


def test_single_withdrawal_is_limited_by_the_table(floor: Floor) -> None:
    table = ParameterTable.withdrawal_max_minor
    floor.act(SetParameter(table, parameter_key=BTC, parameter_value=100, rulebook_hash=floor.new_hash()))
    assert request(floor, 101).reject_code == RejectCode.amount_too_large
    assert request(floor, 100).one(WithdrawalRequested).amount_minor == 100
    floor.act(SetParameter(table, parameter_key=BTC, parameter_value=0, rulebook_hash=floor.new_hash()))
    assert request(floor, 101).kinds == ["WithdrawalRequested"]
