//! Delist an asset in steps, each at its date: announced, cancel only, closed, window for withdrawals over.
//!
//! The steps fall due by the clock, in order and once. Cancel only: the asset is suspended, its markets halt, orders can
//! be canceled. Closed: orders are canceled, markets close, the asset is removed, deposits wait unattributed. Window
//! over: clients no longer ask for withdrawals; what they have stays theirs, and officers may declare it unclaimed,
//! holding by holding. Source: published delisting notices of OKX (deposits end, pairs close with their orders canceled,
//! withdrawals end two to three months later, balances stay visible); docs/concepts/delisting.md

use crate::assets::{halt, retire};
use crate::ledger::Kind;
use crate::lookup::find_asset;
use crate::records::{
    AssetStatus, CancelDelisting, CancelReason, DelistingCanceled, DelistingScheduled, DelistingStage,
    DelistingStepped, RejectCode, ScheduleDelisting,
};
use crate::refusal::{refuse, require_hash, Refusal};
use crate::state::{State, DELISTING_DUE};
use crate::state_parts::Delisting;

pub const WINDOW_MIN_NS: u64 = 30 * 86_400 * 1_000_000_000;

/// Refuse steps in the past or out of order, and too short a window for withdrawals.
fn check_dates(now_ns: u64, cancel_only_ns: u64, close_ns: u64, withdraw_until_ns: u64) -> Result<(), Refusal> {
    let earliest = [now_ns as u128 + 1, cancel_only_ns as u128, close_ns.saturating_add(WINDOW_MIN_NS) as u128];
    for (least, found) in earliest.into_iter().zip([cancel_only_ns, close_ns, withdraw_until_ns]) {
        if (found as u128) < least {
            return refuse(RejectCode::DelistingDatesInvalid, least, found as u128);
        }
    }
    Ok(())
}

/// Announce an asset's delisting.
pub fn schedule_delisting(state: &mut State, command: ScheduleDelisting) -> Result<(), Refusal> {
    let ScheduleDelisting { asset_id, cancel_only_ns, close_ns, withdraw_until_ns, decision_hash, .. } = command;
    // GATE
    find_asset(state, asset_id)?;
    if let Some(delisting) = state.delistings.get(&asset_id) {
        return refuse(RejectCode::DelistingUnderWay, 0, delisting.stage as u128);
    }
    let status = state.assets[asset_id as usize - 1].asset_status;
    if !matches!(status, AssetStatus::ADMITTED | AssetStatus::SUSPENDED) {
        return refuse(RejectCode::AssetStatusNotReachable, AssetStatus::ADMITTED as u128, status as u128);
    }
    check_dates(command.ts_ns, cancel_only_ns, close_ns, withdraw_until_ns)?;
    require_hash(&decision_hash, RejectCode::DecisionMissing)?;
    // POST
    let stage = DelistingStage::ANNOUNCED;
    let delisting = Delisting { asset_id, stage, cancel_only_ns, close_ns, withdraw_until_ns, decision_hash };
    keep_delisting(state, delisting);
    // EMIT
    let event =
        DelistingScheduled { seq: state.seq, asset_id, cancel_only_ns, close_ns, withdraw_until_ns, decision_hash };
    event.write(&mut state.out);
    Ok(())
}

/// Give a delisting up before the asset is closed.
pub fn cancel_delisting(state: &mut State, command: CancelDelisting) -> Result<(), Refusal> {
    let CancelDelisting { asset_id, decision_hash, .. } = command;
    let unknown = |stage: u8| {
        let last = DelistingStage::CANCEL_ONLY as u128;
        refuse(RejectCode::DelistingUnknown, last, stage as u128)
    };
    // GATE
    find_asset(state, asset_id)?;
    let Some(&delisting) = state.delistings.get(&asset_id) else { return unknown(0) };
    if delisting.stage > DelistingStage::CANCEL_ONLY {
        return unknown(delisting.stage);
    }
    require_hash(&decision_hash, RejectCode::DecisionMissing)?;
    // POST
    state.drop_timer(delisting.due_ns(), DELISTING_DUE, asset_id as u64, 0);
    state.delistings.remove(&asset_id);
    // EMIT
    let event = DelistingCanceled { delisting_stage: delisting.stage, seq: state.seq, asset_id, decision_hash };
    event.write(&mut state.out);
    Ok(())
}

/// Keep a delisting, with the timer of its next step.
pub fn keep_delisting(state: &mut State, delisting: Delisting) {
    state.delistings.insert(delisting.asset_id, delisting);
    if delisting.due_ns() != 0 {
        state.add_timer(delisting.due_ns(), DELISTING_DUE, delisting.asset_id as u64, 0);
    }
}

/// Take the step of a delisting that is due.
pub fn step_delisting(state: &mut State, asset_id: u32) {
    let mut delisting = state.delistings[&asset_id];
    // POST EMIT
    state.drop_timer(delisting.due_ns(), DELISTING_DUE, asset_id as u64, 0);
    delisting.stage += 1;
    keep_delisting(state, delisting);
    let totals = &state.ledger.asset(asset_id).totals;
    let event = DelistingStepped {
        delisting_stage: delisting.stage,
        seq: state.seq,
        asset_id,
        next_step_ns: delisting.due_ns(),
        amount_minor: totals[Kind::Available as usize] + totals[Kind::Held as usize],
        decision_hash: delisting.decision_hash,
    };
    event.write(&mut state.out);
    let status = state.assets[asset_id as usize - 1].asset_status;
    if delisting.stage == DelistingStage::CANCEL_ONLY && status == AssetStatus::ADMITTED {
        halt(state, asset_id, delisting.decision_hash);
    } else if delisting.stage == DelistingStage::CLOSED {
        retire(state, asset_id, CancelReason::DELISTED, delisting.decision_hash);
    }
}
