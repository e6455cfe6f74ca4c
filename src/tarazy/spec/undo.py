"""A credit that the chain undid: take back what is there, and state the rest as a shortfall."""

from __future__ import annotations

from tarazy.domain.records import CancelReason, DepositUndone, Estate, UndoDeposit, WithdrawalReason
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.cancel import cancel_open_orders
from tarazy.spec.custody import check_custody
from tarazy.spec.evidence import EvidenceKind, keep_undone
from tarazy.spec.ledger import LOSS, UNDO_DEPOSIT, UNDO_RECEIPT, LedgerAccount, TransferType
from tarazy.spec.receipts import drop_receipt_if_done
from tarazy.spec.refusal import Refusal
from tarazy.spec.settlement import paying_asset
from tarazy.spec.state import State
from tarazy.spec.state_parts import DISPATCHED, Evidence
from tarazy.spec.withdrawals import give_back


def undo_deposit(state: State, command: UndoDeposit) -> None:
    """Take a credit back: from its receipt, from its account as far as the account has it, the rest is lost.

    The evidence is free again, so that a transaction that is mined again is credited again.
    """
    # GATE
    entry = find_credit(state, command.evidence_hash)
    asset_id, location = entry.asset_id, entry.location
    custody = state.ledger.custody(Estate.client, location, asset_id)
    check_custody(custody, entry.amount_minor)
    # POST EMIT
    free_account(state, entry.account_id, asset_id, entry.credited_minor)
    unattributed = take_from_receipt(state, entry, custody)
    taken = 0
    if entry.credited_minor:
        available = state.ledger.balance(entry.account_id, asset_id).available
        taken = min(entry.credited_minor, available.minor)
        take_out(state, UNDO_DEPOSIT, asset_id, taken, available, custody)
    lost = entry.amount_minor - unattributed - taken
    take_out(state, LOSS, asset_id, lost, state.ledger.asset(asset_id).shortfall, custody)
    keep_undone(state, command.evidence_hash, entry, taken, lost)
    # EMIT
    state.emit(
        DepositUndone(
            location=location,
            seq=state.seq,
            account_id=entry.account_id,
            asset_id=asset_id,
            receipt_id=entry.number,
            taken_minor=taken,
            unattributed_minor=unattributed,
            lost_minor=lost,
        )
    )


def find_credit(state: State, evidence_hash: bytes) -> Evidence:
    """Return the credit that has this evidence and counts; refuse anything else."""
    entry = state.evidence.get(evidence_hash)
    if entry is None or entry.is_undone or entry.kind > EvidenceKind.interest:
        raise Refusal(RejectCode.evidence_unknown, 1, 0)
    return entry


def free_account(state: State, account_id: int, asset_id: int, needed_minor: int) -> None:
    """Cancel open orders, then undispatched withdrawals, that hold the asset, until enough of it is available."""
    if needed_minor == 0:
        return
    available = state.ledger.balance(account_id, asset_id).available
    for market in state.markets:
        for _, order in sorted(market.book.by_account.get(account_id, {}).items()):
            if available.minor < needed_minor and paying_asset(market, order.side) == asset_id:
                cancel_open_orders(state, market, [order], CancelReason.deposit_undone)
    for withdrawal in state.withdrawals_of(account_id, asset_id, 0):
        if withdrawal.withdrawal_state < DISPATCHED and available.minor < needed_minor:
            give_back(state, withdrawal, WithdrawalReason.deposit_undone)


def take_from_receipt(state: State, entry: Evidence, custody: LedgerAccount) -> int:
    """Take what is left of the part that waited unattributed, undispatched returns included; return how much."""
    needed = entry.amount_minor - entry.credited_minor
    receipt = state.receipts.get(entry.number)
    if receipt is None or needed == 0:
        return 0
    for withdrawal in state.withdrawals_of(0, 0, receipt.receipt_id):
        if withdrawal.withdrawal_state < DISPATCHED and receipt.amount_minor < needed:
            give_back(state, withdrawal, WithdrawalReason.deposit_undone)
    taken = min(receipt.amount_minor, needed)
    receipt.amount_minor -= taken
    drop_receipt_if_done(state, receipt)
    unattributed = state.ledger.asset(entry.asset_id).unattributed
    take_out(state, UNDO_RECEIPT, entry.asset_id, taken, unattributed, custody)
    return taken


def take_out(
    state: State, transfer_type: TransferType, asset_id: int, minor: int, debit: LedgerAccount, custody: LedgerAccount
) -> None:
    """Post an amount out of the client pool; nothing for no amount."""
    if minor:
        state.ledger.permit_exit(asset_id, minor)
        state.ledger.post(transfer_type, asset_id, minor, debit, custody)
