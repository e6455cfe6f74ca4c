"""Accounts: roles, approvals, states, tiers."""

from __future__ import annotations

import pytest

from tarazy.domain.records import (
    AccountRole,
    AccountState,
    AccountStateChanged,
    CancelReason,
    OrderCanceled,
    OrderType,
    ParameterTable,
    ReceiptHeld,
    ReceiptReason,
    SetAccountState,
    SetAccountTier,
    SetParameter,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, MILLION, OFFICER, USD, Floor, Result

ACTIVE, RESTRICTED, FROZEN, CLOSED = AccountState


def to_state(floor: Floor, account: int, state: int) -> Result:
    """Ask for an account's state."""
    return floor.do(SetAccountState(state, 0, account, floor.new_hash()))


def test_accounts_are_numbered_in_the_order_they_open(floor: Floor) -> None:
    assert [floor.account(), floor.account()] == [5, 6]


def test_house_cannot_trade(floor: Floor) -> None:
    house = floor.account(role=AccountRole.house)
    assert floor.buy(house, 1, 1).reject_code == RejectCode.house_cannot_trade
    assert floor.amend(house, 1, 1).reject_code == RejectCode.house_cannot_trade


def test_house_holds_nothing_in_the_client_estate(floor: Floor) -> None:
    house = floor.account(role=AccountRole.house)
    held = floor.deposit(house, BTC, 5).one(ReceiptHeld)
    assert (held.receipt_reason, held.amount_minor) == (ReceiptReason.house_account, 5)
    assert floor.balance(house, BTC) == (0, 0)


def test_affiliate_trades_only_with_its_approval_on_every_order(floor: Floor) -> None:
    affiliate = floor.account(role=AccountRole.affiliate, approval=55, btc=10, usd=1_000)
    assert floor.buy(affiliate, 1, 1).reject_code == RejectCode.approval_mismatch
    assert floor.buy(affiliate, 1, 1, approval_id=56).reject_code == RejectCode.approval_mismatch
    assert floor.buy(affiliate, 1, 1, approval_id=55).kinds == ["OrderAccepted"]


def test_client_carries_no_approval(floor: Floor) -> None:
    assert floor.buy(ALICE, 1, 1, approval_id=55).reject_code == RejectCode.approval_mismatch


def test_opening_states_role_owner_and_approval(empty: Floor) -> None:
    number = empty.account(owner=9, role=AccountRole.affiliate, approval=55, tier=3)
    account = empty.state.accounts[number - 1]
    assert (account.owner_id, account.account_role, account.approval_id, account.fee_tier) == (9, 2, 55, 3)
    assert account.account_state == ACTIVE


@pytest.mark.parametrize("state", [RESTRICTED, FROZEN])
def test_account_that_is_not_active_places_no_order(floor: Floor, state: int) -> None:
    to_state(floor, ALICE, state)
    assert floor.buy(ALICE, 1, 1).reject_code == RejectCode.account_not_active
    to_state(floor, ALICE, ACTIVE)
    assert floor.buy(ALICE, 1, 1).kinds == ["OrderAccepted"]


@pytest.mark.parametrize("state", [RESTRICTED, FROZEN])
def test_leaving_active_cancels_open_and_untriggered_orders_of_every_market(floor: Floor, state: int) -> None:
    other = floor.market()
    orders = [
        floor.buy(ALICE, 5, 100).order_id,
        floor.sell(ALICE, 5, 80, order_type=OrderType.stop_loss_limit, trigger_price_ticks=90).order_id,
        floor.sell(ALICE, 5, 200, market_id=other).order_id,
    ]
    floor.buy(BOB, 5, 100)
    result = to_state(floor, ALICE, state)
    assert result.one(AccountStateChanged).from_account_state == ACTIVE
    assert [event.order_id for event in result.of(OrderCanceled)] == orders
    assert {event.cancel_reason for event in result.of(OrderCanceled)} == {CancelReason.account_state}
    assert floor.balance(ALICE, USD) == (MILLION, 0)
    assert len(floor.bids) == 1


def test_account_with_a_balance_does_not_close(floor: Floor) -> None:
    refused = to_state(floor, ALICE, CLOSED)
    assert refused.reject_code == RejectCode.account_not_empty
    assert refused[0].found == 2


def test_closed_account_stays_closed(floor: Floor) -> None:
    number = floor.account()
    assert to_state(floor, number, CLOSED).kinds == ["AccountStateChanged"]
    for state in (ACTIVE, RESTRICTED, FROZEN, CLOSED):
        assert to_state(floor, number, state).reject_code == RejectCode.account_state_not_reachable
    assert floor.buy(number, 1, 1).reject_code == RejectCode.account_not_active


def test_same_state_again_is_refused(floor: Floor) -> None:
    assert to_state(floor, ALICE, ACTIVE).reject_code == RejectCode.account_state_not_reachable


def test_tier_needs_two_officers(floor: Floor) -> None:
    refused = floor.signed(SetAccountTier(3, 0, ALICE), OFFICER)
    assert refused.reject_code == RejectCode.four_eyes_required


def test_open_orders_are_limited_by_the_table(floor: Floor) -> None:
    table = ParameterTable.open_orders_max
    floor.act(SetParameter(table, parameter_value=2, rulebook_hash=floor.new_hash()))
    first = floor.buy(ALICE, 1, 1).order_id
    floor.sell(ALICE, 1, 80, order_type=OrderType.stop_loss_limit, trigger_price_ticks=90)
    assert floor.buy(ALICE, 1, 1).reject_code == RejectCode.open_orders_limit
    assert floor.buy(BOB, 1, 1).kinds == ["OrderAccepted"]
    floor.cancel(ALICE, first)
    assert floor.buy(ALICE, 1, 1).kinds == ["OrderAccepted"]


@pytest.mark.parametrize("state", [RESTRICTED, FROZEN, CLOSED])
def test_change_of_state_names_its_decision(floor: Floor, state: int) -> None:
    """Who takes a client's account away says why: the decision's hash is in the event, as with assets and officers."""
    account = floor.account()
    refused = floor.do(SetAccountState(state, 0, account))
    assert refused.reject_code == RejectCode.decision_missing
    assert to_state(floor, account, state).kinds == ["AccountStateChanged"]
