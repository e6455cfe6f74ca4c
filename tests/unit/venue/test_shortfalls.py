"""One story for each way in which client assets go missing, come back or are made good.

The letters are those of docs/concepts/ledger-and-segregation.md: what there is (CC clients' custody, SF shortfall, HC
the house's custody) and whose it is (AV available, HE held, UN unattributed, FE fees, NF network float, HQ equity).
"""

from __future__ import annotations

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import (
    CancelReason,
    DepositCredited,
    DepositUndone,
    NetworkFeePaid,
    OrderCanceled,
    ReceiptHeld,
    ReceiptReason,
    ShortfallToppedUpFromFees,
    TopUpFromFees,
    WithdrawalReason,
    WithdrawalRejected,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, MARKET, USD, Floor
from .desk import Desk

EVIDENCE = b"\xcc" * 32


@pytest.fixture
def desk(engine: type[Engine]) -> Desk:
    """Return the desk of a venue whose clients have dollars and no bitcoin."""
    floor = Floor(engine)
    floor.asset("BTC", 8)
    floor.asset("USD", 2)
    floor.market()
    floor.account()
    floor.account(usd=1_000_000)
    return Desk(floor)


def sell_on(desk: Desk, lots: int) -> None:
    """Let Alice sell bitcoin to Bob."""
    desk.floor.buy(BOB, lots, 100)
    desk.floor.sell(ALICE, lots, 100)


def test_reorganised_deposit_that_was_traded_on_is_a_shortfall_that_a_top_up_closes(desk: Desk) -> None:
    """The worked check of the design: float 1, deposit 100, 70 sold on, and the chain undoes the deposit."""
    desk.fund(71)
    desk.lend(1)
    desk.deposit(ALICE, 100, EVIDENCE)
    sell_on(desk, 70)
    undone = desk.undo(EVIDENCE).one(DepositUndone)
    assert (undone.taken_minor, undone.unattributed_minor, undone.lost_minor) == (30, 0, 70)
    assert desk.books == {"CC": 1, "SF": 70, "HC": 70, "AV": 70, "NF": 1, "HQ": 70}
    number = desk.request(BOB, 70)
    assert desk.approve(number).reject_code == RejectCode.shortfall_open
    assert desk.top_up(71).reject_code == RejectCode.insufficient_shortfall
    assert desk.top_up(70).kinds == ["ShortfallToppedUp"]
    assert desk.books == {"CC": 71, "HE": 70, "NF": 1}
    assert desk.send(number).kinds == ["WithdrawalDispatched"]


def test_transaction_mined_again_closes_the_shortfall_and_gives_back_what_was_taken(desk: Desk) -> None:
    desk.deposit(ALICE, 100, EVIDENCE)
    sell_on(desk, 70)
    desk.undo(EVIDENCE)
    again = desk.deposit(ALICE, 100, EVIDENCE)
    assert again.kinds == ["LossRecovered", "DepositCredited"]
    assert again.one(DepositCredited).amount_minor == 30
    assert desk.books == {"CC": 100, "AV": 100}
    assert desk.undo(EVIDENCE).one(DepositUndone).lost_minor == 70
    assert desk.books == {"SF": 70, "AV": 70}


def test_transaction_mined_again_after_the_top_up_leaves_what_the_house_paid_unattributed(desk: Desk) -> None:
    desk.fund(70)
    desk.deposit(ALICE, 100, EVIDENCE)
    sell_on(desk, 70)
    desk.undo(EVIDENCE)
    desk.top_up(70)
    again = desk.deposit(ALICE, 100, EVIDENCE)
    held = again.one(ReceiptHeld)
    assert (held.receipt_reason, held.amount_minor) == (ReceiptReason.recovered, 70)
    assert desk.floor.balance(ALICE, BTC) == (30, 0)
    assert desk.books == {"CC": 170, "AV": 100, "UN": 70}


def test_deposit_undone_before_it_was_used_is_credited_again_as_if_for_the_first_time(desk: Desk) -> None:
    desk.deposit(ALICE, 100, EVIDENCE)
    assert desk.undo(EVIDENCE).kinds == ["DepositUndone"]
    assert desk.books == {}
    assert desk.deposit(ALICE, 100, EVIDENCE).kinds == ["DepositCredited"]
    assert desk.deposit(ALICE, 100, EVIDENCE).reject_code == RejectCode.evidence_already_used
    assert desk.books == {"CC": 100, "AV": 100}


def test_undo_cancels_open_orders_then_undispatched_withdrawals_only_as_far_as_needed(desk: Desk) -> None:
    desk.deposit(ALICE, 40)
    desk.deposit(ALICE, 100, EVIDENCE)
    first, second = (desk.floor.sell(ALICE, 30, 100 + i).order_id for i in range(2))
    sent, asked, later = (desk.request(ALICE, 20) for _ in range(3))
    desk.send(sent)
    assert desk.floor.balance(ALICE, BTC) == (20, 120)
    result = desk.undo(EVIDENCE)
    canceled = result.of(OrderCanceled)
    assert [(event.order_id, event.cancel_reason) for event in canceled] == [
        (first, CancelReason.deposit_undone),
        (second, CancelReason.deposit_undone),
    ]
    rejected = result.one(WithdrawalRejected)
    assert (rejected.withdrawal_id, rejected.withdrawal_reason) == (asked, WithdrawalReason.deposit_undone)
    assert result.one(DepositUndone).taken_minor == 100
    assert desk.books == {"CC": 40, "HE": 40}
    assert desk.settle(sent).kinds == ["WithdrawalSettled"]
    assert desk.reject(later).kinds == ["WithdrawalRejected"]


def test_undone_receipt_is_taken_from_the_receipt_and_from_whom_it_was_attributed_to(desk: Desk) -> None:
    receipt = desk.receive(100, EVIDENCE)
    desk.attribute(receipt, ALICE, 60)
    back = desk.ask_return(receipt, 15)
    result = desk.undo(EVIDENCE)
    assert result.one(WithdrawalRejected).withdrawal_id == back
    undone = result.one(DepositUndone)
    assert (undone.account_id, undone.taken_minor, undone.unattributed_minor, undone.lost_minor) == (ALICE, 60, 40, 0)
    assert desk.books == {}


def test_undo_of_a_credit_whose_assets_are_not_there_any_more_is_refused(desk: Desk) -> None:
    desk.deposit(ALICE, 100, EVIDENCE)
    number = desk.request(ALICE, 100)
    desk.send(number)
    desk.settle(number)
    assert desk.undo(EVIDENCE).reject_code == RejectCode.insufficient_custody


def test_network_fee_takes_the_float_then_the_fees_and_the_rest_is_a_shortfall(desk: Desk) -> None:
    """Above the float: 5 of float, 10 of fees (10 % of 100 bought), 4 lost."""
    desk.fund(5)
    desk.lend(5)
    desk.floor.rules(MARKET, maker_fee_ppm=100_000)
    desk.deposit(ALICE, 100)
    sell_on(desk, 100)
    assert desk.books == {"CC": 105, "AV": 90, "FE": 10, "NF": 5}
    assert desk.network_fee(3).one(NetworkFeePaid).float_minor == 3
    paid = desk.network_fee(16).one(NetworkFeePaid)
    assert (paid.float_minor, paid.fees_minor, paid.lost_minor) == (2, 10, 4)
    assert desk.books == {"CC": 86, "SF": 4, "AV": 90}


def test_loss_is_topped_up_by_the_house_and_by_fees_and_stops_what_leaves_meanwhile(desk: Desk) -> None:
    desk.fund(30)
    desk.floor.rules(MARKET, maker_fee_ppm=100_000)
    desk.deposit(ALICE, 100)
    sell_on(desk, 100)
    assert desk.lose(25).kinds == ["LossRecorded"]
    assert desk.books == {"CC": 75, "SF": 25, "HC": 30, "AV": 90, "FE": 10, "HQ": 30}
    assert desk.top_up(10).kinds == ["ShortfallToppedUp"]
    closing = desk.floor.attempt(TopUpFromFees(0, BTC, 8, desk.floor.new_hash())).one(ShortfallToppedUpFromFees)
    assert (closing.fees_minor, closing.float_minor) == (8, 0)
    assert desk.books == {"CC": 85, "SF": 7, "HC": 20, "AV": 90, "FE": 2, "HQ": 20}
    assert desk.recover(9).kinds == ["LossRecovered", "ReceiptHeld"]
    assert desk.books == {"CC": 94, "HC": 20, "AV": 90, "UN": 2, "FE": 2, "HQ": 20}
    assert desk.send(desk.request(BOB, 90)).kinds == ["WithdrawalDispatched"]


def test_shortfall_of_one_asset_leaves_the_other_alone(desk: Desk) -> None:
    desk.deposit(ALICE, 100)
    desk.lose(1)
    dollars = Desk(desk.floor, USD)
    assert dollars.send(dollars.request(BOB, 5)).kinds == ["WithdrawalDispatched"]


def test_settlement_and_undo_are_recorded_while_a_shortfall_is_open(desk: Desk) -> None:
    desk.deposit(ALICE, 100)
    number = desk.request(ALICE, 40)
    desk.send(number)
    desk.lose(10)
    assert desk.settle(number, EVIDENCE).kinds == ["WithdrawalSettled"]
    assert desk.undo_settlement(EVIDENCE).kinds == ["WithdrawalUndone"]
    assert desk.dispatch(number).reject_code == RejectCode.shortfall_open
    assert desk.settle(number, EVIDENCE).kinds == ["WithdrawalSettled"]
