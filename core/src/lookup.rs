//! Find what a command names; refuse unknown numbers.

use crate::records::RejectCode;
use crate::refusal::{beyond, unknown, Refusal};
use crate::state::State;
use crate::state_parts::Officer;

/// Refuse an unknown asset.
#[inline(always)]
pub fn find_asset(state: &State, asset_id: u32) -> Result<(), Refusal> {
    if asset_id == 0 || asset_id as usize > state.assets.len() {
        return beyond(RejectCode::AssetUnknown, state.assets.len(), asset_id as u64);
    }
    Ok(())
}

/// Refuse an unknown market.
#[inline(always)]
pub fn find_market(state: &State, market_id: u32) -> Result<(), Refusal> {
    if market_id == 0 || market_id as usize > state.markets.len() {
        return beyond(RejectCode::MarketUnknown, state.markets.len(), market_id as u64);
    }
    Ok(())
}

/// Refuse an unknown account.
#[inline(always)]
pub fn find_account(state: &State, account_id: u32) -> Result<(), Refusal> {
    if account_id == 0 || account_id as usize > state.accounts.len() {
        return beyond(RejectCode::AccountUnknown, state.accounts.len(), account_id as u64);
    }
    Ok(())
}

/// Return the slot of an open order of the account by its number or, when that is 0, by the client's.
#[inline(always)]
pub fn find_order(
    state: &State,
    market_id: u32,
    account_id: u32,
    order_id: u64,
    client_order_id: u64,
) -> Result<u32, Refusal> {
    let number = match order_id {
        0 if client_order_id != 0 => state.order_of_client(account_id, client_order_id),
        _ => order_id,
    };
    let book = &state.markets[market_id as usize - 1].book;
    match book.find(number) {
        Some(slot) if book.hot[slot as usize].account_id == account_id => Ok(slot),
        _ => {
            let found = if order_id != 0 { order_id } else { client_order_id };
            unknown(RejectCode::OrderUnknown, found)
        }
    }
}

/// Return an officer; refuse an unknown number.
pub fn find_officer(state: &State, officer_id: u32) -> Result<&Officer, Refusal> {
    match state.authority.officers.get(officer_id.wrapping_sub(1) as usize) {
        Some(officer) => Ok(officer),
        None => beyond(RejectCode::OfficerUnknown, state.authority.officers.len(), officer_id as u64),
    }
}
