"""One situation for every refusal of the custody commands; see refusals.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tarazy.domain.records import (
    AttributeReceipt,
    BustTrade,
    CustodyLocation,
    DrawHouse,
    MigrateAsset,
    ReceiptHeld,
    RecordLoss,
    RefundFee,
    RejectWithdrawal,
    ReportBalance,
    SeizeAssets,
    SweepFees,
    TopUpFromFees,
    TopUpShortfall,
    TransferOwnership,
    UndoDeposit,
    UndoWithdrawal,
    WithdrawalReason,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BOB, BTC, MILLION, Floor
from .desk import Desk
from .refusals import HASH, Refused, deposit, refuses

HOT, COLD, BANK = CustodyLocation.hot, CustodyLocation.cold, CustodyLocation.bank


@refuses(RejectCode.location_unfit)
def location_unfit(floor: Floor) -> Refused:
    return Refused(deposit(location=BANK), CustodyLocation.hot, BANK)


@refuses(RejectCode.evidence_in_future)
def evidence_in_future(floor: Floor) -> Refused:
    return Refused(deposit(evidence_ns=floor.now + 1), floor.now, floor.now + 1)


@refuses(RejectCode.evidence_too_old)
def evidence_too_old(floor: Floor) -> Refused:
    """A report that is older than the break it would close; machine officers meet the same code on facts."""
    Desk(floor).report(7, evidence_ns=floor.now - 5)
    amount = Desk(floor).at(HOT)
    return Refused(ReportBalance(1, HOT, 0, BTC, floor.now - 6, amount, HASH), floor.now - 5, floor.now - 6)


@refuses(RejectCode.evidence_unknown)
def evidence_unknown(floor: Floor) -> Refused:
    Desk(floor).fund(5)
    return Refused(UndoDeposit(0, floor.hashes.to_bytes(32, "big")), 1, 0)


@refuses(RejectCode.evidence_differs)
def evidence_differs(floor: Floor) -> Refused:
    desk = Desk(floor)
    desk.deposit(ALICE, 5, HASH)
    desk.undo(HASH)
    return Refused(deposit(amount_minor=6), 5, 4)


@refuses(RejectCode.withdrawal_state_not_reachable)
def withdrawal_state_not_reachable(floor: Floor) -> Refused:
    desk = Desk(floor)
    number = desk.request(ALICE, 5)
    desk.send(number)
    return Refused(RejectWithdrawal(WithdrawalReason.compliance, 0, number), 2, 3)


@refuses(RejectCode.receipt_unknown)
def receipt_unknown(floor: Floor) -> Refused:
    return Refused(AttributeReceipt(0, ALICE, 8, 5, HASH), 0, 8)


@refuses(RejectCode.insufficient_receipt)
def insufficient_receipt(floor: Floor) -> Refused:
    return Refused(AttributeReceipt(0, ALICE, Desk(floor).receive(70), 100, HASH), 100, 70)


@refuses(RejectCode.receipt_owner_mismatch)
def receipt_owner_mismatch(floor: Floor) -> Refused:
    seized = floor.act(SeizeAssets(0, ALICE, BTC, 5, HASH)).one(ReceiptHeld).receipt_id
    return Refused(AttributeReceipt(0, BOB, seized, 5, HASH), 1_001, 1_002)


@refuses(RejectCode.shortfall_open)
def shortfall_open(floor: Floor) -> Refused:
    Desk(floor).fund(5)
    Desk(floor).lose(30)
    return Refused(DrawHouse(HOT, 0, BTC, 0, 5, HASH), 0, 30)


@refuses(RejectCode.balance_break)
def balance_break(floor: Floor) -> Refused:
    desk = Desk(floor)
    number = desk.request(ALICE, 5)
    desk.report(7)
    desk.report(8, location=CustodyLocation.cold)
    return Refused(floor.approval(number), 0, 2)


@refuses(RejectCode.withdrawal_differs)
def withdrawal_differs(floor: Floor) -> Refused:
    approval = floor.approval(Desk(floor).request(ALICE, 5))
    return Refused(approval._replace(amount_minor=6), 4, 3)


@refuses(RejectCode.insufficient_shortfall)
def insufficient_shortfall(floor: Floor) -> Refused:
    desk = Desk(floor)
    desk.fund(50)
    desk.lose(30)
    return Refused(TopUpShortfall(HOT, HOT, 0, BTC, 0, 31, HASH), 30, 31)


@refuses(RejectCode.accounts_equal)
def accounts_equal(floor: Floor) -> Refused:
    return Refused(TransferOwnership(0, ALICE, ALICE, BTC, 5, HASH), 2, 1)


@refuses(RejectCode.trade_unknown)
def trade_unknown(floor: Floor) -> Refused:
    return Refused(BustTrade(0, 4, 5, HASH), 1, 0)


@refuses(RejectCode.migration_mismatch)
def migration_mismatch(floor: Floor) -> Refused:
    return Refused(MigrateAsset(HOT, 0, ALICE, BTC, 2, 0, 5, HASH), 8, 2)


# Other ways into the same codes, by the code's name and then the way: what comes before, and what is refused.
Step = Callable[[Desk], Any]
LOSE: Step = lambda desk: desk.lose(30)  # noqa: E731 - a table of steps
LOSE_COLD: Step = lambda desk: desk.lose(5, location=COLD)  # noqa: E731
CREDIT: Step = lambda desk: desk.deposit(ALICE, 5, HASH)  # noqa: E731
CREDIT_COLD: Step = lambda desk: desk.deposit(ALICE, 5, HASH, location=COLD)  # noqa: E731
UNDO: Step = lambda desk: desk.undo(HASH)  # noqa: E731
MORE: dict[str, tuple[list[Step], Any]] = {
    "shortfall_open, sweep": ([LOSE], SweepFees(HOT, HOT, 0, BTC, 0, 5, HASH)),
    "evidence_already_used, undone, for something else": ([CREDIT, UNDO], DrawHouse(HOT, 0, BTC, 0, 5, HASH)),
    "evidence_differs, another account": ([CREDIT, UNDO], deposit(account_id=BOB)),
    "evidence_differs, another location": ([CREDIT, UNDO], deposit(location=COLD)),
    "evidence_unknown, undone twice": ([CREDIT, UNDO], UndoDeposit(0, HASH)),
    "evidence_unknown, a deposit is no settlement": ([CREDIT], UndoWithdrawal(0, HASH)),
    "migration_mismatch, into itself": ([], MigrateAsset(HOT, 0, ALICE, BTC, BTC, 0, 5, HASH)),
    "insufficient_custody, undo of what is gone": ([CREDIT_COLD, LOSE_COLD], UndoDeposit(0, HASH)),
    "insufficient_fees, refund": ([], RefundFee(0, ALICE, BTC, 5, HASH)),
    "insufficient_fees, top-up": ([LOSE], TopUpFromFees(0, BTC, 5, HASH)),
    "insufficient_shortfall, out of fees": ([], TopUpFromFees(0, BTC, 5, HASH)),
    "insufficient_balance, seizure": ([], SeizeAssets(0, ALICE, BTC, MILLION + 1, HASH)),
    "insufficient_custody, loss": ([], RecordLoss(1, COLD, 0, BTC, 0, 5, HASH)),
    "decision_missing, seizure": ([], SeizeAssets(0, ALICE, BTC, 5)),
}
