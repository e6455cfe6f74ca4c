"""Assets that pass by law or by a change of the token: seizure, succession, migration, unclaimed holdings."""

from __future__ import annotations

from tarazy.domain.records import (
    AssetMigrated,
    DeclareUnclaimed,
    Estate,
    MigrateAsset,
    OwnershipTransferred,
    ReceiptReason,
    SeizeAssets,
    TransferOwnership,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.custody import (
    check_amount,
    check_available,
    check_custody,
    check_inflow,
    check_location,
    find_client,
)
from tarazy.spec.evidence import check_new_evidence, keep_evidence
from tarazy.spec.ledger import MIGRATE_IN, MIGRATE_OUT, SEIZE, TRANSFER_OWNER, UNCLAIMED, LedgerAccount
from tarazy.spec.lookup import find_account, find_asset
from tarazy.spec.receipts import hold_receipt
from tarazy.spec.refusal import Refusal, require_hash
from tarazy.spec.state import State
from tarazy.spec.undo import take_out
from tarazy.spec.withdrawal_windows import check_window_over


def check_taking(
    state: State, account_id: int, asset_id: int, amount_minor: int, decision_hash: bytes
) -> LedgerAccount:
    """Return what an account has available of an asset; refuse to take what is not there or without a decision."""
    find_account(state, account_id)
    find_asset(state, asset_id)
    check_amount(amount_minor)
    require_hash(decision_hash, RejectCode.decision_missing)
    available = state.ledger.balance(account_id, asset_id).available
    check_available(available, amount_minor)
    return available


def seize_assets(state: State, command: SeizeAssets) -> None:
    """Take a client's assets under an order; handing them over goes the way of withdrawals."""
    account_id, asset_id, amount_minor = command.account_id, command.asset_id, command.amount_minor
    # GATE
    available = check_taking(state, account_id, asset_id, amount_minor, command.decision_hash)
    # POST EMIT
    terms = (ReceiptReason.seized, 0, account_id, asset_id, amount_minor, command.decision_hash)
    hold_receipt(state, SEIZE, available, *terms)


def declare_unclaimed(state: State, command: DeclareUnclaimed) -> None:
    """Put a client's unclaimed assets among the unattributed."""
    account_id, asset_id, amount_minor = command.account_id, command.asset_id, command.amount_minor
    # GATE
    available = check_taking(state, account_id, asset_id, amount_minor, command.decision_hash)
    check_window_over(state, asset_id, command.ts_ns)
    # POST EMIT
    terms = (ReceiptReason.unclaimed, 0, account_id, asset_id, amount_minor, command.decision_hash)
    hold_receipt(state, UNCLAIMED, available, *terms)


def transfer_ownership(state: State, command: TransferOwnership) -> None:
    """Move assets to a successor's account."""
    asset_id, amount_minor = command.asset_id, command.amount_minor
    # GATE
    find_client(state, command.account_id)
    available = check_taking(state, command.from_account_id, asset_id, amount_minor, command.decision_hash)
    if command.from_account_id == command.account_id:
        raise Refusal(RejectCode.accounts_equal, 2, 1)
    # POST
    target = state.ledger.balance(command.account_id, asset_id).available
    state.ledger.post(TRANSFER_OWNER, asset_id, amount_minor, available, target)
    # EMIT
    state.emit(
        OwnershipTransferred(
            seq=state.seq,
            from_account_id=command.from_account_id,
            account_id=command.account_id,
            asset_id=asset_id,
            amount_minor=amount_minor,
            decision_hash=command.decision_hash,
        )
    )


def migrate_asset(state: State, command: MigrateAsset) -> None:
    """Replace an amount of one asset by as much of another, at one custody location."""
    account_id, asset_id, to_asset_id = command.account_id, command.asset_id, command.to_asset_id
    amount_minor, location = command.amount_minor, command.location
    # GATE
    find_account(state, account_id)
    check_location(state, asset_id, location)
    check_location(state, to_asset_id, location)
    scale, to_scale = state.assets[asset_id - 1].scale, state.assets[to_asset_id - 1].scale
    if asset_id == to_asset_id:
        raise Refusal(RejectCode.migration_mismatch, 2, 1)
    if scale != to_scale:
        raise Refusal(RejectCode.migration_mismatch, scale, to_scale)
    check_inflow(state, Estate.client, to_asset_id, amount_minor)
    check_new_evidence(state, command.evidence_hash, command.evidence_ns)
    available = state.ledger.balance(account_id, asset_id).available
    check_available(available, amount_minor)
    source = state.ledger.custody(Estate.client, location, asset_id)
    check_custody(source, amount_minor)
    # POST
    take_out(state, MIGRATE_OUT, asset_id, amount_minor, available, source)
    target = state.ledger.custody(Estate.client, location, to_asset_id)
    new_available = state.ledger.balance(account_id, to_asset_id).available
    state.ledger.post(MIGRATE_IN, to_asset_id, amount_minor, target, new_available)
    keep_evidence(state, command.evidence_hash)
    # EMIT
    state.emit(
        AssetMigrated(
            location=location,
            seq=state.seq,
            account_id=account_id,
            asset_id=asset_id,
            to_asset_id=to_asset_id,
            amount_minor=amount_minor,
            evidence_hash=command.evidence_hash,
        )
    )
