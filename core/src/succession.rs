//! Assets that pass by law or by a change of the token: seizure, succession, migration, unclaimed holdings.

use crate::arithmetic::AMOUNT_MAX;
use crate::custody::{check_amount, check_available, check_custody, check_inflow, check_location, find_client};
use crate::evidence::{check_new_evidence, keep_other};
use crate::ledger::{MIGRATE_IN, MIGRATE_OUT, SEIZE, TRANSFER_OWNER, UNCLAIMED};
use crate::lookup::{find_account, find_asset};
use crate::receipts::{hold_receipt, Waiting};
use crate::records::{
    AssetMigrated, DeclareUnclaimed, Estate, MigrateAsset, OwnershipTransferred, ReceiptReason, RejectCode,
    SeizeAssets, TransferOwnership,
};
use crate::refusal::{refuse, require_hash, Refusal};
use crate::state::State;
use crate::undo::take_out;
use crate::withdrawal_windows::check_window_over;

/// Refuse to take from an account what is not there, or without a decision.
fn check_taking(
    state: &State,
    account_id: u32,
    asset_id: u32,
    amount_minor: u128,
    decision_hash: &[u8; 32],
) -> Result<(), Refusal> {
    find_account(state, account_id)?;
    find_asset(state, asset_id)?;
    check_amount(amount_minor, AMOUNT_MAX)?;
    require_hash(decision_hash, RejectCode::DecisionMissing)?;
    check_available(state, account_id, asset_id, amount_minor)
}

/// Take a client's assets under an order; handing them over goes the way of withdrawals.
pub fn seize_assets(state: &mut State, command: SeizeAssets) -> Result<(), Refusal> {
    let SeizeAssets { account_id, asset_id, amount_minor, decision_hash, .. } = command;
    // GATE
    check_taking(state, account_id, asset_id, amount_minor, &decision_hash)?;
    // POST EMIT
    let (reason, available) = (ReceiptReason::SEIZED, state.available(account_id, asset_id));
    let waiting = Waiting { reason, location: 0, account_id, asset_id, amount_minor, evidence_hash: decision_hash };
    hold_receipt(state, SEIZE, available, waiting);
    Ok(())
}

/// Put a client's unclaimed assets among the unattributed.
pub fn declare_unclaimed(state: &mut State, command: DeclareUnclaimed) -> Result<(), Refusal> {
    let DeclareUnclaimed { account_id, asset_id, amount_minor, decision_hash, .. } = command;
    // GATE
    check_taking(state, account_id, asset_id, amount_minor, &decision_hash)?;
    check_window_over(state, asset_id, command.ts_ns)?;
    // POST EMIT
    let (reason, available) = (ReceiptReason::UNCLAIMED, state.available(account_id, asset_id));
    let waiting = Waiting { reason, location: 0, account_id, asset_id, amount_minor, evidence_hash: decision_hash };
    hold_receipt(state, UNCLAIMED, available, waiting);
    Ok(())
}

/// Move assets to a successor's account.
pub fn transfer_ownership(state: &mut State, command: TransferOwnership) -> Result<(), Refusal> {
    let TransferOwnership { from_account_id, account_id, asset_id, amount_minor, decision_hash, .. } = command;
    // GATE
    find_client(state, account_id)?;
    check_taking(state, from_account_id, asset_id, amount_minor, &decision_hash)?;
    if from_account_id == account_id {
        return refuse(RejectCode::AccountsEqual, 2, 1);
    }
    // POST
    let (source, target) = (state.available(from_account_id, asset_id), state.available(account_id, asset_id));
    state.post(TRANSFER_OWNER, asset_id, amount_minor, source, target);
    // EMIT
    OwnershipTransferred { seq: state.seq, from_account_id, account_id, asset_id, amount_minor, decision_hash }
        .write(&mut state.out);
    Ok(())
}

/// Replace an amount of one asset by as much of another, at one custody location.
pub fn migrate_asset(state: &mut State, command: MigrateAsset) -> Result<(), Refusal> {
    let MigrateAsset { location, account_id, asset_id, to_asset_id, amount_minor, evidence_hash, .. } = command;
    // GATE
    find_account(state, account_id)?;
    check_location(state, asset_id, location)?;
    check_location(state, to_asset_id, location)?;
    let [scale, to_scale] = [asset_id, to_asset_id].map(|id| state.assets[id as usize - 1].scale);
    if asset_id == to_asset_id {
        return refuse(RejectCode::MigrationMismatch, 2, 1);
    }
    if scale != to_scale {
        return refuse(RejectCode::MigrationMismatch, scale as u128, to_scale as u128);
    }
    check_inflow(state, Estate::CLIENT, to_asset_id, amount_minor)?;
    check_new_evidence(state, &evidence_hash, command.evidence_ns)?;
    check_available(state, account_id, asset_id, amount_minor)?;
    check_custody(state, Estate::CLIENT, location, asset_id, amount_minor)?;
    // POST
    let (custody, available) = (state.custody(Estate::CLIENT, location), state.available(account_id, asset_id));
    take_out(state, MIGRATE_OUT, asset_id, amount_minor, available, custody);
    let new_available = state.available(account_id, to_asset_id);
    state.post(MIGRATE_IN, to_asset_id, amount_minor, custody, new_available);
    keep_other(state, evidence_hash);
    // EMIT
    AssetMigrated { location, seq: state.seq, account_id, asset_id, to_asset_id, amount_minor, evidence_hash }
        .write(&mut state.out);
    Ok(())
}
