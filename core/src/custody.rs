//! What all commands on custody check, and moves between two custody locations of one estate.

use crate::arithmetic::AMOUNT_MAX;
use crate::evidence::{check_new_evidence, keep_other};
use crate::ledger::{Kind, MOVE_CLIENT, MOVE_HOUSE};
use crate::lookup::{find_account, find_asset};
use crate::records::{
    AccountRole, AccountState, AssetKind, CustodyLocation, CustodyMoved, Estate, MoveCustody, RejectCode,
};
use crate::refusal::{refuse, Refusal};
use crate::state::State;

/// Refuse no amount, and more than a limit.
pub fn check_amount(amount_minor: u128, limit_minor: u128) -> Result<(), Refusal> {
    if amount_minor == 0 {
        return refuse(RejectCode::AmountZero, 1, 0);
    }
    if amount_minor > limit_minor {
        return refuse(RejectCode::AmountTooLarge, limit_minor, amount_minor);
    }
    Ok(())
}

/// Refuse an inflow that would take what an estate has, or should have, of an asset over the limit.
pub fn check_inflow(state: &State, estate: u8, asset_id: u32, amount_minor: u128) -> Result<(), Refusal> {
    check_amount(amount_minor, AMOUNT_MAX)?;
    let totals = &state.ledger.asset(asset_id).totals;
    let total = match estate {
        Estate::CLIENT => totals[Kind::ClientCustody as usize] + totals[Kind::Shortfall as usize],
        _ => totals[Kind::HouseCustody as usize],
    };
    if total + amount_minor > AMOUNT_MAX {
        return refuse(RejectCode::AmountTooLarge, AMOUNT_MAX, total + amount_minor);
    }
    Ok(())
}

/// Refuse an unknown asset, and a custody location where its kind does not lie.
pub fn check_location(state: &State, asset_id: u32, location: u8) -> Result<(), Refusal> {
    find_asset(state, asset_id)?;
    let asset_kind = state.assets[asset_id as usize - 1].asset_kind;
    let fits = match asset_kind {
        AssetKind::FIAT => matches!(location, CustodyLocation::BANK | CustodyLocation::TRANSIT),
        _ => location != CustodyLocation::BANK,
    };
    if !fits {
        let expected = if asset_kind == AssetKind::FIAT { CustodyLocation::BANK } else { CustodyLocation::HOT };
        return refuse(RejectCode::LocationUnfit, expected as u128, location as u128);
    }
    Ok(())
}

/// Refuse to take from a custody location more than it holds.
pub fn check_custody(
    state: &State,
    estate: u8,
    location: u8,
    asset_id: u32,
    amount_minor: u128,
) -> Result<(), Refusal> {
    let found = state.custody_minor(estate, location, asset_id);
    if found < amount_minor {
        return refuse(RejectCode::InsufficientCustody, amount_minor, found);
    }
    Ok(())
}

/// Refuse while a shortfall of the asset is open.
pub fn check_no_shortfall(state: &State, asset_id: u32) -> Result<(), Refusal> {
    let shortfall = state.ledger.asset(asset_id).shortfall;
    if shortfall != 0 {
        return refuse(RejectCode::ShortfallOpen, 0, shortfall);
    }
    Ok(())
}

/// Refuse to take from a client more than is available.
pub fn check_available(state: &State, account_id: u32, asset_id: u32, amount_minor: u128) -> Result<(), Refusal> {
    let available = state.available_minor(account_id, asset_id);
    if available < amount_minor {
        return refuse(RejectCode::InsufficientBalance, amount_minor, available);
    }
    Ok(())
}

/// Refuse an account that may not be given client assets: an unknown one, the house's, a closed one.
pub fn find_client(state: &State, account_id: u32) -> Result<(), Refusal> {
    find_account(state, account_id)?;
    let account = &state.accounts[account_id as usize - 1];
    if account.account_role == AccountRole::HOUSE {
        return refuse(RejectCode::HouseAssetsInClientEstate, 0, account_id as u128);
    }
    if account.account_state == AccountState::CLOSED {
        let account_state = account.account_state as u128;
        return refuse(RejectCode::AccountNotActive, AccountState::ACTIVE as u128, account_state);
    }
    Ok(())
}

/// Move assets between two custody locations of one estate.
pub fn move_custody(state: &mut State, command: MoveCustody) -> Result<(), Refusal> {
    let (asset_id, amount_minor, estate) = (command.asset_id, command.amount_minor, command.estate);
    let (from_location, to_location) = (command.from_location, command.to_location);
    // GATE
    check_location(state, asset_id, from_location)?;
    check_location(state, asset_id, to_location)?;
    check_amount(amount_minor, AMOUNT_MAX)?;
    if from_location == to_location {
        return refuse(RejectCode::LocationsEqual, 2, 1);
    }
    check_new_evidence(state, &command.evidence_hash, command.evidence_ns)?;
    check_custody(state, estate, from_location, asset_id, amount_minor)?;
    // POST
    let transfer_type = if estate == Estate::CLIENT { MOVE_CLIENT } else { MOVE_HOUSE };
    let (target, source) = (state.custody(estate, to_location), state.custody(estate, from_location));
    state.post(transfer_type, asset_id, amount_minor, target, source);
    keep_other(state, command.evidence_hash);
    // EMIT
    let (seq, evidence_hash) = (state.seq, command.evidence_hash);
    CustodyMoved { estate, from_location, to_location, seq, asset_id, amount_minor, evidence_hash }
        .write(&mut state.out);
    Ok(())
}
