//! What a delisting opens and closes for a client's holdings: deposits, withdrawals, declaring them unclaimed.

use crate::records::{DelistingStage, RejectCode};
use crate::refusal::{refuse, Refusal};
use crate::state::State;

/// Return whether deposits of a delisted asset are no longer credited.
pub fn is_closed_to_deposits(state: &State, asset_id: u32) -> bool {
    state.delistings.get(&asset_id).is_some_and(|delisting| delisting.stage >= DelistingStage::CLOSED)
}

/// Refuse a client's withdrawal after the window of a delisted asset.
pub fn check_window_open(state: &State, asset_id: u32, now_ns: u64) -> Result<(), Refusal> {
    match state.delistings.get(&asset_id) {
        Some(delisting) if delisting.stage == DelistingStage::WINDOW_OVER => {
            let last = delisting.withdraw_until_ns - 1;
            refuse(RejectCode::WithdrawalWindowOver, last as u128, now_ns as u128)
        }
        _ => Ok(()),
    }
}

/// Refuse to declare a delisted asset unclaimed while clients may still withdraw it.
pub fn check_window_over(state: &State, asset_id: u32, now_ns: u64) -> Result<(), Refusal> {
    match state.delistings.get(&asset_id) {
        Some(delisting) if delisting.stage != DelistingStage::WINDOW_OVER => {
            refuse(RejectCode::WithdrawalWindowOpen, delisting.withdraw_until_ns as u128, now_ns as u128)
        }
        _ => Ok(()),
    }
}
