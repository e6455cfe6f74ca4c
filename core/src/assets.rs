//! Reference commands on assets: register, admit, suspend, remove.

use crate::cancel::cancel_open_orders;
use crate::ledger::AssetLedger;
use crate::lookup::find_asset;
use crate::market_states::change_state;
use crate::numbers::note_assigned;
use crate::records::{
    AdmitAsset, AssetRegistered, AssetStatus, AssetStatusChanged, CancelReason, DelistingStage, MarketReason,
    MarketState, NumberSpace, RegisterAsset, RejectCode, RemoveAsset, SuspendAsset,
};
use crate::refusal::{refuse, require_hash, Refusal};
use crate::session_orders::end_session;
use crate::state::{Asset, State};

const SCALE_MAX: u8 = 24;

/// Return the offset of the first byte that makes the code wrong.
pub fn code_fault(code: &[u8; 16]) -> Option<usize> {
    let length = code.iter().rposition(|&byte| byte != 0).map_or(0, |last| last + 1);
    if length == 0 {
        return Some(0);
    }
    code[..length].iter().position(|byte| !byte.is_ascii_uppercase() && !byte.is_ascii_digit())
}

/// Add an asset that is registered and not yet admitted.
pub fn register_asset(state: &mut State, command: RegisterAsset) -> Result<(), Refusal> {
    // GATE
    if let Some(fault) = code_fault(&command.asset_code) {
        return refuse(RejectCode::AssetCodeInvalid, 0, fault as u128 + 1);
    }
    if let Some(other) = state.assets.iter().find(|asset| asset.asset_code == command.asset_code) {
        return refuse(RejectCode::AssetCodeTaken, 0, other.asset_id as u128);
    }
    if command.scale > SCALE_MAX {
        return refuse(RejectCode::AssetScaleTooLarge, SCALE_MAX as u128, command.scale as u128);
    }
    // POST
    let asset_id = state.assets.len() as u32 + 1;
    state.assets.push(Asset {
        asset_id,
        asset_kind: command.asset_kind,
        asset_status: AssetStatus::REGISTERED,
        scale: command.scale,
        asset_code: command.asset_code,
        dti: command.dti,
    });
    state.ledger.assets.push(AssetLedger::default());
    note_assigned(state, NumberSpace::ASSET);
    // EMIT
    let event = AssetRegistered {
        asset_kind: command.asset_kind,
        scale: command.scale,
        seq: state.seq,
        asset_id,
        asset_code: command.asset_code,
        dti: command.dti,
    };
    event.write(&mut state.out);
    Ok(())
}

fn status_of(state: &State, asset_id: u32) -> u8 {
    state.assets[asset_id as usize - 1].asset_status
}

fn not_reachable(expected: u8, status: u8) -> Result<(), Refusal> {
    refuse(RejectCode::AssetStatusNotReachable, expected as u128, status as u128)
}

/// Admit a registered or suspended asset. Its markets stay as they are: an auction reopens them.
pub fn admit_asset(state: &mut State, command: AdmitAsset) -> Result<(), Refusal> {
    // GATE
    find_asset(state, command.asset_id)?;
    let status = status_of(state, command.asset_id);
    if !matches!(status, AssetStatus::REGISTERED | AssetStatus::SUSPENDED) {
        return not_reachable(AssetStatus::SUSPENDED, status);
    }
    require_hash(&command.decision_hash, RejectCode::DecisionMissing)?;
    if let Some(delisting) = state.delistings.get(&command.asset_id) {
        if delisting.stage >= DelistingStage::CANCEL_ONLY {
            return refuse(RejectCode::DelistingUnderWay, 0, delisting.stage as u128);
        }
    }
    // POST EMIT
    set_status(state, command.asset_id, AssetStatus::ADMITTED, command.decision_hash);
    Ok(())
}

/// Suspend an admitted asset and halt its markets.
pub fn suspend_asset(state: &mut State, command: SuspendAsset) -> Result<(), Refusal> {
    // GATE
    find_asset(state, command.asset_id)?;
    let status = status_of(state, command.asset_id);
    if status != AssetStatus::ADMITTED {
        return not_reachable(AssetStatus::ADMITTED, status);
    }
    require_hash(&command.decision_hash, RejectCode::DecisionMissing)?;
    // POST EMIT
    halt(state, command.asset_id, command.decision_hash);
    Ok(())
}

/// Remove an asset: cancel the open orders of its markets and close them.
pub fn remove_asset(state: &mut State, command: RemoveAsset) -> Result<(), Refusal> {
    // GATE
    find_asset(state, command.asset_id)?;
    let status = status_of(state, command.asset_id);
    if status == AssetStatus::REMOVED {
        return not_reachable(AssetStatus::ADMITTED, status);
    }
    require_hash(&command.decision_hash, RejectCode::DecisionMissing)?;
    if let Some(delisting) = state.delistings.get(&command.asset_id) {
        return refuse(RejectCode::DelistingUnderWay, 0, delisting.stage as u128);
    }
    // POST EMIT
    retire(state, command.asset_id, CancelReason::ASSET_STATUS, command.decision_hash);
    Ok(())
}

/// Suspend an asset and halt its markets, where they are not halted or closed.
pub fn halt(state: &mut State, asset_id: u32, decision_hash: [u8; 32]) {
    set_status(state, asset_id, AssetStatus::SUSPENDED, decision_hash);
    for market_id in markets_of(state, asset_id) {
        if !matches!(state.market(market_id).market_state, MarketState::CLOSED | MarketState::HALTED) {
            change_state(state, market_id, MarketState::HALTED, MarketReason::ASSET_STATUS, 0, 0);
            end_session(state, market_id);
        }
    }
}

/// Remove an asset, cancel the open orders of its markets and close them.
pub fn retire(state: &mut State, asset_id: u32, reason: u8, decision_hash: [u8; 32]) {
    set_status(state, asset_id, AssetStatus::REMOVED, decision_hash);
    for market_id in markets_of(state, asset_id) {
        let slots = state.market(market_id).book.slots();
        cancel_open_orders(state, market_id, slots, reason);
        if state.market(market_id).market_state != MarketState::CLOSED {
            change_state(state, market_id, MarketState::CLOSED, MarketReason::ASSET_STATUS, 0, 0);
        }
    }
}

/// Set the status and say so.
fn set_status(state: &mut State, asset_id: u32, status: u8, decision_hash: [u8; 32]) {
    state.assets[asset_id as usize - 1].asset_status = status;
    let event = AssetStatusChanged { asset_status: status, seq: state.seq, asset_id, decision_hash };
    event.write(&mut state.out);
}

/// Return the markets that trade or quote the asset, in order.
fn markets_of(state: &State, asset_id: u32) -> Vec<u32> {
    let concerned = state.markets.iter().filter(|m| m.base_asset_id == asset_id || m.quote_asset_id == asset_id);
    concerned.map(|m| m.market_id).collect()
}
