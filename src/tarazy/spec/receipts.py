"""Assets in the client estate that wait unattributed: hold, attribute, ask to be returned."""

from __future__ import annotations

from tarazy.domain.records import (
    AttributeReceipt,
    Estate,
    ReceiptAttributed,
    ReceiptHeld,
    ReceiptReason,
    RequestReturn,
    WithdrawalKind,
    WithdrawalRequested,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.custody import check_amount, find_client
from tarazy.spec.evidence import EvidenceKind
from tarazy.spec.ledger import ATTRIBUTE, RECEIVE, LedgerAccount, TransferType
from tarazy.spec.limits import check_deposit, count_deposit
from tarazy.spec.refusal import Refusal, require_hash, unknown
from tarazy.spec.state import Account, State
from tarazy.spec.state_parts import Receipt, Withdrawal

OWNER_NOT_KNOWN = (ReceiptReason.unknown_owner, ReceiptReason.recovered)


def find_receipt(state: State, receipt_id: int, amount_minor: int) -> Receipt:
    """Return a receipt of which this amount is open; refuse an unknown one and more than is open."""
    receipt = state.receipts.get(receipt_id)
    if receipt is None:
        raise unknown(RejectCode.receipt_unknown, receipt_id)
    check_amount(amount_minor)
    if receipt.amount_minor < amount_minor:
        raise Refusal(RejectCode.insufficient_receipt, amount_minor, receipt.amount_minor)
    return receipt


def hold_receipt(
    state: State,
    transfer_type: TransferType,
    source: LedgerAccount,
    reason: int,
    location: int,
    account_id: int,
    asset_id: int,
    amount_minor: int,
    evidence_hash: bytes,
) -> None:
    """Post an amount to the unattributed, remember its receipt and say so; location 0: it came from the account."""
    # POST
    unattributed = state.ledger.asset(asset_id).unattributed
    state.ledger.post(transfer_type, asset_id, amount_minor, source, unattributed)
    state.receipts[state.seq] = Receipt(state.seq, reason, account_id, asset_id, amount_minor, evidence_hash)
    # EMIT
    state.emit(
        ReceiptHeld(
            receipt_reason=reason,
            location=location,
            seq=state.seq,
            account_id=account_id,
            asset_id=asset_id,
            receipt_id=state.seq,
            amount_minor=amount_minor,
            evidence_hash=evidence_hash,
        )
    )


def receive_at(
    state: State,
    reason: int,
    location: int,
    account_id: int,
    asset_id: int,
    amount_minor: int,
    evidence_hash: bytes,
) -> None:
    """Hold what arrived at a custody location of the client estate unattributed."""
    source = state.ledger.custody(Estate.client, location, asset_id)
    hold_receipt(state, RECEIVE, source, reason, location, account_id, asset_id, amount_minor, evidence_hash)


def drop_receipt_if_done(state: State, receipt: Receipt) -> None:
    """Forget a receipt of which nothing is left."""
    if receipt.amount_minor + receipt.returning_minor == 0:
        del state.receipts[receipt.receipt_id]


def attribute_receipt(state: State, command: AttributeReceipt) -> None:
    """Credit a part of a receipt to the client whose it is."""
    # GATE
    account = find_client(state, command.account_id)
    receipt = find_receipt(state, command.receipt_id, command.amount_minor)
    check_owner(state, receipt, account)
    require_hash(command.decision_hash, RejectCode.decision_missing)
    ledger, asset_id = state.ledger, receipt.asset_id
    if came_from_outside(receipt):
        check_deposit(state, account, asset_id, command.amount_minor)
    # POST
    if came_from_outside(receipt):
        count_deposit(state, account, asset_id, command.amount_minor)
    available = ledger.balance(account.account_id, asset_id).available
    ledger.post(ATTRIBUTE, asset_id, command.amount_minor, ledger.asset(asset_id).unattributed, available)
    receipt.amount_minor -= command.amount_minor
    drop_receipt_if_done(state, receipt)
    note_attribution(state, receipt, account.account_id, command.amount_minor)
    # EMIT
    state.emit(
        ReceiptAttributed(
            seq=state.seq,
            account_id=account.account_id,
            asset_id=asset_id,
            receipt_id=receipt.receipt_id,
            amount_minor=command.amount_minor,
            decision_hash=command.decision_hash,
        )
    )


def check_owner(state: State, receipt: Receipt, account: Account) -> None:
    """Refuse another owner than the receipt's, where that is known: what is somebody's passes by TransferOwnership.

    What was recovered is of whoever bore the loss, even where the receipt names the account of a credit.
    """
    if receipt.reason not in OWNER_NOT_KNOWN:
        owner_id = state.accounts[receipt.account_id - 1].owner_id
        if owner_id != account.owner_id:
            raise Refusal(RejectCode.receipt_owner_mismatch, owner_id, account.owner_id)


def came_from_outside(receipt: Receipt) -> bool:
    """Return whether a receipt is a deposit; what was a client's before counts under no limit when it comes back."""
    return receipt.reason <= ReceiptReason.above_limit


def note_attribution(state: State, receipt: Receipt, account_id: int, amount_minor: int) -> None:
    """Remember with the receipt's evidence whom it was credited to: one account, the first; an undo takes it back."""
    entry = state.evidence.get(receipt.evidence_hash)
    if entry is None or entry.is_undone or entry.number != receipt.receipt_id or entry.kind > EvidenceKind.interest:
        return
    if entry.credited_minor == 0:
        entry.account_id = account_id
    if entry.account_id == account_id:
        entry.credited_minor += amount_minor


def request_return(state: State, command: RequestReturn) -> None:
    """Ask that a part of a receipt be sent back or, where it was seized, handed over."""
    # GATE
    receipt = find_receipt(state, command.receipt_id, command.amount_minor)
    require_hash(command.destination_hash, RejectCode.destination_missing)
    # HOLD
    receipt.amount_minor -= command.amount_minor
    receipt.returning_minor += command.amount_minor
    # POST
    kind = WithdrawalKind.seizure if receipt.reason == ReceiptReason.seized else WithdrawalKind.receipt_return
    terms = (receipt.account_id, receipt.asset_id, receipt.receipt_id, command.amount_minor, command.destination_hash)
    state.open_withdrawal(Withdrawal(state.seq, kind, *terms))
    # EMIT
    state.emit(
        WithdrawalRequested(
            withdrawal_kind=kind,
            seq=state.seq,
            account_id=receipt.account_id,
            asset_id=receipt.asset_id,
            withdrawal_id=state.seq,
            receipt_id=receipt.receipt_id,
            amount_minor=command.amount_minor,
            destination_hash=command.destination_hash,
        )
    )
