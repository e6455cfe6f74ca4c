"""What must hold of custody that was read from a snapshot: withdrawals, receipts, evidence, breaks and trades.

Terms that refer to each other must agree, so that an undo finds what it undoes and no part is more than its whole.
"""

from __future__ import annotations

from tarazy.domain.arithmetic import AMOUNT_MAX
from tarazy.domain.records import ReceiptReason, WithdrawalKind
from tarazy.spec.evidence import EvidenceKind
from tarazy.spec.snapshot_bytes import require, within
from tarazy.spec.state import State
from tarazy.spec.state_parts import DISPATCHED, Evidence, Receipt, Withdrawal


def check_custody_terms(state: State) -> None:
    """Refuse custody that no commands lead to. Raises: SnapshotError."""
    for withdrawal in state.withdrawals.values():
        check_withdrawal_terms(state, withdrawal)
    for number, withdrawal in state.settled.items():
        check_withdrawal_terms(state, withdrawal)
        left = withdrawal.withdrawal_state == DISPATCHED and number not in state.withdrawals
        require(left, "settled withdrawal")
    for receipt in state.receipts.values():
        check_receipt_amounts(receipt)
    check_all_evidence(state)
    for amount_minor, since_ns in state.breaks.values():
        require(amount_minor <= AMOUNT_MAX and since_ns <= state.last_ts_ns, "break")
    for trade in state.trades:
        parties = trade.buyer_account_id != 0 and trade.seller_account_id != 0
        amounts = within(trade.quantity_minor, 1, AMOUNT_MAX) and within(trade.cost_minor, 1, AMOUNT_MAX)
        require(parties and amounts and trade.seq < state.next_seq, "trade")


def check_withdrawal_terms(state: State, withdrawal: Withdrawal) -> None:
    """Refuse a withdrawal whose terms do not agree with each other, or with the receipt that it leaves."""
    kind, number = withdrawal.kind, withdrawal.withdrawal_id
    from_account = kind == WithdrawalKind.withdrawal
    fits = within(kind, 1, max(WithdrawalKind)) and from_account == (withdrawal.receipt_id == 0)
    require(fits, "kind of a withdrawal")
    require(withdrawal.account_id != 0 or kind == WithdrawalKind.receipt_return, "account of a withdrawal")
    require(withdrawal.receipt_id < number < state.next_seq, "number of a withdrawal")
    require(within(withdrawal.amount_minor, 1, AMOUNT_MAX), "amount of a withdrawal")
    is_dispatched = withdrawal.withdrawal_state == DISPATCHED
    require(is_dispatched == (withdrawal.location != 0), "location of a withdrawal")
    receipt = state.receipts.get(withdrawal.receipt_id)
    if receipt is not None:
        same = (receipt.account_id, receipt.asset_id) == (withdrawal.account_id, withdrawal.asset_id)
        is_seized = receipt.reason == ReceiptReason.seized
        require(same and is_seized == (kind == WithdrawalKind.seizure), "receipt of a withdrawal")


def check_receipt_amounts(receipt: Receipt) -> None:
    """Refuse a receipt without a number, without anything left, or over the largest amount."""
    amounts = (receipt.amount_minor, receipt.returning_minor)
    require(receipt.receipt_id != 0 and 1 <= max(amounts) <= AMOUNT_MAX, "receipt")


def check_all_evidence(state: State) -> None:
    """Refuse evidence ahead of its time or out of order, and settlements that are not those that can be undone."""
    before_ns, settled = 0, set()
    for entry in state.evidence.values():
        in_time = entry.seq < state.next_seq and entry.recorded_ns >= before_ns
        require(in_time and entry.number <= entry.seq, "number or time of evidence")
        before_ns = entry.recorded_ns
        require(within(entry.kind, 1, max(EvidenceKind)), "kind of evidence")
        if entry.kind <= EvidenceKind.interest:
            check_credit(state, entry)
            continue
        require(not entry.is_undone and entry.credited_minor == entry.lost_minor == 0, "evidence of a credit")
        if entry.kind == EvidenceKind.settlement:
            w = state.settled[entry.number]
            stated = (entry.location, entry.account_id, entry.asset_id, entry.amount_minor)
            agrees = stated == (w.location, w.account_id, w.asset_id, w.amount_minor)
            require(agrees and entry.number not in settled, "evidence of a settlement")
            settled.add(entry.number)
    require(len(settled) == len(state.settled), "evidence of a settlement")


def check_credit(state: State, entry: Evidence) -> None:
    """Refuse a credit of nothing, of nobody, of more than arrived, or of another asset than its receipt's."""
    require(entry.asset_id != 0 and within(entry.amount_minor, 1, AMOUNT_MAX), "amount of a credit")
    is_nobodys = entry.kind == EvidenceKind.receipt and entry.credited_minor == 0
    require(entry.account_id != 0 or is_nobodys, "account of a credit")
    parts = entry.credited_minor <= entry.amount_minor
    fits = parts and entry.lost_minor <= entry.amount_minor - entry.credited_minor
    require(fits and (entry.is_undone or entry.lost_minor == 0), "part of a credit")
    receipt = state.receipts.get(entry.number)
    require(receipt is None or receipt.asset_id == entry.asset_id, "receipt of a credit")
