"""The way out of the client estate: request (held), approve, dispatch, settle; reject before dispatch, undo after.

Settle and undo are facts: they are recorded whatever the account's state. Returns of unattributed receipts and seizures
go the same way; what they hold lies in their receipt.
"""

from __future__ import annotations

from tarazy.domain.arithmetic import AMOUNT_MAX
from tarazy.domain.records import (
    AccountState,
    ApproveWithdrawal,
    DispatchWithdrawal,
    Estate,
    ParameterTable,
    ReceiptReason,
    RejectWithdrawal,
    RequestWithdrawal,
    SettleWithdrawal,
    UndoWithdrawal,
    WithdrawalApproved,
    WithdrawalDispatched,
    WithdrawalKind,
    WithdrawalRejected,
    WithdrawalRequested,
    WithdrawalSettled,
    WithdrawalUndone,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.cancel import require_canceling
from tarazy.spec.client_ids import check_client_request_id, remember_request
from tarazy.spec.custody import (
    check_amount,
    check_available,
    check_custody,
    check_inflow,
    check_location,
    check_no_shortfall,
)
from tarazy.spec.evidence import EvidenceKind, check_new_evidence, free_evidence, keep_evidence
from tarazy.spec.ledger import HOLD, RELEASE, RETURN, RETURN_UNDONE, SEIZE_OUT, WITHDRAW, WITHDRAW_UNDONE
from tarazy.spec.limits import check_withdrawal, count_withdrawal
from tarazy.spec.lookup import find_account, find_asset
from tarazy.spec.observed import check_no_break
from tarazy.spec.receipts import drop_receipt_if_done
from tarazy.spec.refusal import Refusal, require_hash, unknown
from tarazy.spec.state import State
from tarazy.spec.state_parts import APPROVED, DISPATCHED, REQUESTED, Receipt, Withdrawal
from tarazy.spec.withdrawal_windows import check_window_open


def request_withdrawal(state: State, command: RequestWithdrawal) -> None:
    """Hold an amount that a client asks for."""
    account_id, asset_id, amount_minor = command.account_id, command.asset_id, command.amount_minor
    # GATE
    account = find_account(state, account_id)
    require_canceling(account)
    find_asset(state, asset_id)
    check_window_open(state, command.asset_id, command.ts_ns)
    limit = state.parameter(ParameterTable.withdrawal_max_minor, asset_id)
    check_amount(amount_minor, limit or AMOUNT_MAX)
    require_hash(command.destination_hash, RejectCode.destination_missing)
    check_client_request_id(state, command)
    check_withdrawal(state, account, asset_id, amount_minor)
    # HOLD
    balance = state.ledger.balance(account_id, asset_id)
    check_available(balance.available, amount_minor)
    state.ledger.post(HOLD, asset_id, amount_minor, balance.available, balance.held)
    # POST
    count_withdrawal(state, account, asset_id, amount_minor)
    remember_request(state, command)
    kind = WithdrawalKind.withdrawal
    terms = (account_id, asset_id, 0, amount_minor, command.destination_hash)
    state.open_withdrawal(Withdrawal(state.seq, kind, *terms))
    # EMIT
    state.emit(
        WithdrawalRequested(
            withdrawal_kind=kind,
            seq=state.seq,
            account_id=account_id,
            asset_id=asset_id,
            withdrawal_id=state.seq,
            amount_minor=amount_minor,
            destination_hash=command.destination_hash,
            client_request_id=command.client_request_id,
        )
    )


def find_withdrawal(state: State, withdrawal_id: int, first: int, last: int) -> Withdrawal:
    """Return an open withdrawal in one of these states; refuse an unknown number and another state."""
    withdrawal = state.withdrawals.get(withdrawal_id)
    if withdrawal is None:
        raise unknown(RejectCode.withdrawal_unknown, withdrawal_id)
    if not first <= withdrawal.withdrawal_state <= last:
        raise Refusal(RejectCode.withdrawal_state_not_reachable, last, withdrawal.withdrawal_state)
    return withdrawal


def check_may_leave(state: State, withdrawal: Withdrawal) -> None:
    """Refuse to send out what the account's state, a shortfall or a break of the asset forbids."""
    if withdrawal.kind == WithdrawalKind.withdrawal:
        require_canceling(find_account(state, withdrawal.account_id))
    check_no_shortfall(state, withdrawal.asset_id)
    check_no_break(state, withdrawal.asset_id)


def check_terms(withdrawal: Withdrawal, command: ApproveWithdrawal) -> None:
    """Refuse an approval of other terms: a request needs no officer, so that its number alone says nothing."""
    asked = (withdrawal.account_id, withdrawal.asset_id, withdrawal.amount_minor, withdrawal.destination_hash)
    approved = (command.account_id, command.asset_id, command.amount_minor, command.destination_hash)
    if asked != approved:
        same = sum(first == second for first, second in zip(asked, approved, strict=True))
        raise Refusal(RejectCode.withdrawal_differs, len(asked), same)


def approve_withdrawal(state: State, command: ApproveWithdrawal) -> None:
    """Approve what was requested."""
    # GATE
    withdrawal = find_withdrawal(state, command.withdrawal_id, REQUESTED, REQUESTED)
    check_terms(withdrawal, command)
    check_may_leave(state, withdrawal)
    # POST
    withdrawal.withdrawal_state = APPROVED
    # EMIT
    state.emit(
        WithdrawalApproved(
            withdrawal_kind=withdrawal.kind,
            seq=state.seq,
            account_id=withdrawal.account_id,
            asset_id=withdrawal.asset_id,
            withdrawal_id=withdrawal.withdrawal_id,
            amount_minor=withdrawal.amount_minor,
        )
    )


def dispatch_withdrawal(state: State, command: DispatchWithdrawal) -> None:
    """Say by which transaction it leaves; a later dispatch replaces the transaction."""
    # GATE
    withdrawal = find_withdrawal(state, command.withdrawal_id, APPROVED, DISPATCHED)
    check_location(state, withdrawal.asset_id, command.location)
    require_hash(command.evidence_hash, RejectCode.evidence_missing)
    check_may_leave(state, withdrawal)
    source = state.ledger.custody(Estate.client, command.location, withdrawal.asset_id)
    check_custody(source, withdrawal.amount_minor)
    # POST
    withdrawal.withdrawal_state = DISPATCHED
    withdrawal.location = command.location
    # EMIT
    state.emit(
        WithdrawalDispatched(
            withdrawal_kind=withdrawal.kind,
            location=command.location,
            seq=state.seq,
            account_id=withdrawal.account_id,
            asset_id=withdrawal.asset_id,
            withdrawal_id=withdrawal.withdrawal_id,
            amount_minor=withdrawal.amount_minor,
            evidence_hash=command.evidence_hash,
        )
    )


def settle_withdrawal(state: State, command: SettleWithdrawal) -> None:
    """Record that it has left."""
    # GATE
    withdrawal = find_withdrawal(state, command.withdrawal_id, DISPATCHED, DISPATCHED)
    asset_id, amount_minor, location = withdrawal.asset_id, withdrawal.amount_minor, withdrawal.location
    check_new_evidence(state, command.evidence_hash, command.evidence_ns)
    custody = state.ledger.custody(Estate.client, location, asset_id)
    check_custody(custody, amount_minor)
    # POST
    state.ledger.permit_exit(asset_id, amount_minor)
    if withdrawal.kind == WithdrawalKind.withdrawal:
        held = state.ledger.balance(withdrawal.account_id, asset_id).held
        state.ledger.post(WITHDRAW, asset_id, amount_minor, held, custody)
    else:
        transfer_type = SEIZE_OUT if withdrawal.kind == WithdrawalKind.seizure else RETURN
        state.ledger.post(transfer_type, asset_id, amount_minor, state.ledger.asset(asset_id).unattributed, custody)
        receipt = state.receipts[withdrawal.receipt_id]
        receipt.returning_minor -= amount_minor
        drop_receipt_if_done(state, receipt)
    state.close_withdrawal(withdrawal)
    state.settled[withdrawal.withdrawal_id] = withdrawal
    terms = (location, withdrawal.account_id, asset_id, withdrawal.withdrawal_id, amount_minor)
    keep_evidence(state, command.evidence_hash, EvidenceKind.settlement, *terms)
    # EMIT
    state.emit(
        WithdrawalSettled(
            withdrawal_kind=withdrawal.kind,
            location=location,
            seq=state.seq,
            account_id=withdrawal.account_id,
            asset_id=asset_id,
            withdrawal_id=withdrawal.withdrawal_id,
            receipt_id=withdrawal.receipt_id,
            amount_minor=amount_minor,
            evidence_hash=command.evidence_hash,
        )
    )


def undo_withdrawal(state: State, command: UndoWithdrawal) -> None:
    """Record that the chain undid a settlement: it is dispatched, or unattributed where the account is closed."""
    # GATE
    entry = state.evidence.get(command.evidence_hash)
    if entry is None or entry.kind != EvidenceKind.settlement:
        raise Refusal(RejectCode.evidence_unknown, 1, 0)
    withdrawal = state.settled[entry.number]
    asset_id, amount_minor = withdrawal.asset_id, withdrawal.amount_minor
    check_inflow(state, Estate.client, asset_id, amount_minor)
    # POST
    free_evidence(state, command.evidence_hash)
    custody = state.ledger.custody(Estate.client, withdrawal.location, asset_id)
    receipt_id = take_back(state, withdrawal)
    if receipt_id:
        unattributed = state.ledger.asset(asset_id).unattributed
        state.ledger.post(RETURN_UNDONE, asset_id, amount_minor, custody, unattributed)
    else:
        held = state.ledger.balance(withdrawal.account_id, asset_id).held
        state.ledger.post(WITHDRAW_UNDONE, asset_id, amount_minor, custody, held)
    # EMIT
    state.emit(
        WithdrawalUndone(
            withdrawal_kind=withdrawal.kind,
            location=withdrawal.location,
            seq=state.seq,
            account_id=withdrawal.account_id,
            asset_id=asset_id,
            withdrawal_id=withdrawal.withdrawal_id,
            receipt_id=receipt_id,
            amount_minor=amount_minor,
            evidence_hash=command.evidence_hash,
        )
    )


def take_back(state: State, withdrawal: Withdrawal) -> int:
    """Open an undone withdrawal again, or a receipt where its account is closed; return the receipt, 0 for none.

    A return's receipt that is gone is made again: of its account, and under the limits when it is attributed.
    """
    if withdrawal.kind != WithdrawalKind.withdrawal:
        number = withdrawal.receipt_id
        reason = ReceiptReason.above_limit if withdrawal.account_id else ReceiptReason.unknown_owner
        if withdrawal.kind == WithdrawalKind.seizure:
            reason = ReceiptReason.seized
        terms = (withdrawal.account_id, withdrawal.asset_id, 0, bytes(32))
        receipt = state.receipts.setdefault(number, Receipt(number, reason, *terms))
        receipt.returning_minor += withdrawal.amount_minor
    elif state.accounts[withdrawal.account_id - 1].account_state == AccountState.closed:
        terms = (withdrawal.account_id, withdrawal.asset_id, withdrawal.amount_minor, bytes(32))
        state.receipts[state.seq] = Receipt(state.seq, ReceiptReason.withdrawal_undone, *terms)
        return state.seq
    state.open_withdrawal(withdrawal)
    return withdrawal.receipt_id


def reject_withdrawal(state: State, command: RejectWithdrawal) -> None:
    """Give back what has not been dispatched."""
    # GATE
    withdrawal = find_withdrawal(state, command.withdrawal_id, REQUESTED, APPROVED)
    # POST EMIT
    give_back(state, withdrawal, command.withdrawal_reason)


def give_back(state: State, withdrawal: Withdrawal, reason: int) -> None:
    """Give the amount of a withdrawal back to its account or receipt, and say so."""
    # POST
    if withdrawal.kind == WithdrawalKind.withdrawal:
        balance = state.ledger.balance(withdrawal.account_id, withdrawal.asset_id)
        state.ledger.post(RELEASE, withdrawal.asset_id, withdrawal.amount_minor, balance.held, balance.available)
    else:
        receipt = state.receipts[withdrawal.receipt_id]
        receipt.returning_minor -= withdrawal.amount_minor
        receipt.amount_minor += withdrawal.amount_minor
    state.close_withdrawal(withdrawal)
    # EMIT
    state.emit(
        WithdrawalRejected(
            withdrawal_kind=withdrawal.kind,
            withdrawal_reason=reason,
            seq=state.seq,
            account_id=withdrawal.account_id,
            asset_id=withdrawal.asset_id,
            withdrawal_id=withdrawal.withdrawal_id,
            receipt_id=withdrawal.receipt_id,
            amount_minor=withdrawal.amount_minor,
        )
    )
