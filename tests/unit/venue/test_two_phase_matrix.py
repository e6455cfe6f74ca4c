"""Two-phase transfers as a matrix: create, part, commit, cancel; of a debit and of a credit; zero, exact, over.

A debit is a withdrawal (held, then settled), a credit a receipt (unattributed, then attributed or sent back). A part is
offered for credits alone: a withdrawal is settled whole. Nothing expires by itself on either side: what waits too long
is an ageing item that people decide on. Expected values are by hand: an account has 100.
"""

from __future__ import annotations

import pytest

from tarazy.domain.records import (
    AttributeReceipt,
    CommandRejected,
    CustodyLocation,
    DispatchWithdrawal,
    ReceiptHeld,
    ReceiveUnattributed,
    RejectWithdrawal,
    RequestReturn,
    RequestWithdrawal,
    SettleWithdrawal,
    UndoDeposit,
    WithdrawalReason,
    WithdrawalRequested,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import Floor

ACCOUNT = 1
HOT = int(CustodyLocation.hot)
HAS = 100
AMOUNTS = {"zero": 0, "one": 1, "exact": HAS, "over": HAS + 1}
DEBITS = {"zero": RejectCode.amount_zero, "over": RejectCode.insufficient_balance}
CREDITS = {"zero": RejectCode.amount_zero, "over": RejectCode.insufficient_receipt}


@pytest.fixture
def venue(empty: Floor) -> Floor:
    """Return a venue with an asset and an account that has a hundred of it."""
    empty.asset("BTC")
    empty.account()
    empty.deposit(ACCOUNT, 1, HAS)
    return empty


def request(venue: Floor, amount: int) -> int:
    """Ask for a withdrawal and return its number."""
    command = RequestWithdrawal(account_id=ACCOUNT, asset_id=1, amount_minor=amount, destination_hash=venue.new_hash())
    return venue.act(command).one(WithdrawalRequested).withdrawal_id


def dispatch(venue: Floor, number: int) -> None:
    """Approve and dispatch a withdrawal."""
    venue.act(venue.approval(number))
    venue.act(DispatchWithdrawal(HOT, withdrawal_id=number, evidence_hash=venue.new_hash()))


def receive(venue: Floor, amount: int) -> tuple[int, bytes]:
    """Let an amount wait unattributed; return its receipt and its evidence."""
    evidence = venue.new_hash()
    held = venue.act(ReceiveUnattributed(HOT, asset_id=1, amount_minor=amount, evidence_hash=evidence))
    return held.one(ReceiptHeld).receipt_id, evidence


def refusal(venue: Floor, command: object) -> RejectCode | None:
    """Return the refusal of a command, None where it was accepted."""
    result = venue.attempt(command)
    return result.reject_code if result.of(CommandRejected) else None


# ---------------------------------------------------------------- debit


@pytest.mark.parametrize("amount", AMOUNTS)
def test_debit_create_holds_what_there_is_and_never_more(venue: Floor, amount: str) -> None:
    minor = AMOUNTS[amount]
    command = RequestWithdrawal(account_id=ACCOUNT, asset_id=1, amount_minor=minor, destination_hash=venue.new_hash())
    assert refusal(venue, command) == DEBITS.get(amount)
    held = 0 if amount in DEBITS else minor
    assert venue.balance(ACCOUNT, 1) == (HAS - held, held)


@pytest.mark.parametrize("amount", ["one", "exact"])
def test_debit_commit_takes_exactly_what_was_held_once(venue: Floor, amount: str) -> None:
    minor = AMOUNTS[amount]
    number = request(venue, minor)
    settle = SettleWithdrawal(withdrawal_id=number, evidence_hash=venue.new_hash())
    assert refusal(venue, settle) == RejectCode.withdrawal_state_not_reachable  # before it is dispatched
    dispatch(venue, number)
    assert refusal(venue, settle) is None
    assert venue.balance(ACCOUNT, 1) == (HAS - minor, 0)
    again = SettleWithdrawal(withdrawal_id=number, evidence_hash=venue.new_hash())
    assert refusal(venue, again) == RejectCode.withdrawal_unknown
    assert venue.balance(ACCOUNT, 1) == (HAS - minor, 0)


@pytest.mark.parametrize("step", ["requested", "approved", "dispatched", "settled", "rejected"])
def test_debit_cancel_gives_all_back_before_dispatch_and_nothing_after(venue: Floor, step: str) -> None:
    number = request(venue, HAS)
    if step == "approved":
        venue.act(venue.approval(number))
    if step in ("dispatched", "settled"):
        dispatch(venue, number)
    if step == "settled":
        venue.act(SettleWithdrawal(withdrawal_id=number, evidence_hash=venue.new_hash()))
    reject = RejectWithdrawal(int(WithdrawalReason.compliance), withdrawal_id=number)
    if step == "rejected":
        venue.act(reject)
    expected = {
        "dispatched": RejectCode.withdrawal_state_not_reachable,
        "settled": RejectCode.withdrawal_unknown,
        "rejected": RejectCode.withdrawal_unknown,
    }
    assert refusal(venue, reject) == expected.get(step)
    left = {"dispatched": (0, HAS), "settled": (0, 0)}
    assert venue.balance(ACCOUNT, 1) == left.get(step, (HAS, 0))


def test_debit_second_hold_counts_the_first(venue: Floor) -> None:
    """Six holds of a fifth each: the sixth is refused, because what is held is inside the bound."""
    for _ in range(5):
        request(venue, HAS // 5)
    command = RequestWithdrawal(
        account_id=ACCOUNT, asset_id=1, amount_minor=HAS // 5, destination_hash=venue.new_hash()
    )
    assert refusal(venue, command) == RejectCode.insufficient_balance
    assert venue.balance(ACCOUNT, 1) == (0, HAS)


def test_debit_does_not_expire(venue: Floor) -> None:
    number = request(venue, HAS)
    dispatch(venue, number)
    for _ in range(3):
        venue.wait(10**9)
    assert venue.balance(ACCOUNT, 1) == (0, HAS)


# ---------------------------------------------------------------- credit


@pytest.mark.parametrize("amount", AMOUNTS)
def test_credit_part_and_commit_never_give_more_than_arrived(venue: Floor, amount: str) -> None:
    receipt, _ = receive(venue, HAS)
    minor = AMOUNTS[amount]
    command = AttributeReceipt(
        account_id=ACCOUNT, receipt_id=receipt, amount_minor=minor, decision_hash=venue.new_hash()
    )
    assert refusal(venue, command) == CREDITS.get(amount)
    given = 0 if amount in CREDITS else minor
    assert venue.balance(ACCOUNT, 1) == (HAS + given, 0)
    rest = AttributeReceipt(
        account_id=ACCOUNT, receipt_id=receipt, amount_minor=HAS - given + 1, decision_hash=venue.new_hash()
    )
    expected = RejectCode.receipt_unknown if given == HAS else RejectCode.insufficient_receipt
    assert refusal(venue, rest) == expected
    assert venue.balance(ACCOUNT, 1) == (HAS + given, 0)


def test_credit_create_of_nothing_is_refused(venue: Floor) -> None:
    command = ReceiveUnattributed(HOT, asset_id=1, amount_minor=0, evidence_hash=venue.new_hash())
    assert refusal(venue, command) == RejectCode.amount_zero


@pytest.mark.parametrize("given", [0, 40, HAS])
def test_credit_cancel_takes_back_what_is_there_from_both_places(venue: Floor, given: int) -> None:
    receipt, evidence = receive(venue, HAS)
    if given:
        venue.act(
            AttributeReceipt(account_id=ACCOUNT, receipt_id=receipt, amount_minor=given, decision_hash=venue.new_hash())
        )
    assert venue.balance(ACCOUNT, 1) == (HAS + given, 0)
    assert refusal(venue, UndoDeposit(evidence_hash=evidence)) is None
    assert venue.balance(ACCOUNT, 1) == (HAS, 0)
    assert refusal(venue, UndoDeposit(evidence_hash=evidence)) == RejectCode.evidence_unknown


@pytest.mark.parametrize("amount", AMOUNTS)
def test_credit_sent_back_is_set_aside_once(venue: Floor, amount: str) -> None:
    receipt, _ = receive(venue, HAS)
    minor = AMOUNTS[amount]
    command = RequestReturn(receipt_id=receipt, amount_minor=minor, destination_hash=venue.new_hash())
    assert refusal(venue, command) == CREDITS.get(amount)
    left = HAS if amount in CREDITS else HAS - minor
    more = RequestReturn(receipt_id=receipt, amount_minor=left + 1, destination_hash=venue.new_hash())
    assert refusal(venue, more) == RejectCode.insufficient_receipt
    assert venue.balance(ACCOUNT, 1) == (HAS, 0)
