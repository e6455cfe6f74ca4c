//! A credit that the chain undid: take back what is there, and state the rest as a shortfall.

use crate::cancel::cancel_open_orders;
use crate::custody::check_custody;
use crate::evidence::{keep_undone, EvidenceKind};
use crate::ledger::{LedgerAccount, TransferType, LOSS, UNDO_DEPOSIT, UNDO_RECEIPT};
use crate::receipts::{drop_receipt_if_done, receipt_mut};
use crate::records::{CancelReason, DepositUndone, Estate, RejectCode, UndoDeposit, WithdrawalReason};
use crate::refusal::{refuse, Refusal};
use crate::settlement::paying_asset;
use crate::state::State;
use crate::state_parts::{Evidence, DISPATCHED};
use crate::withdrawals::give_back;

/// Take a credit back: from its receipt, from its account as far as the account has it, the rest is lost.
///
/// The evidence is free again, so that a transaction that is mined again is credited again.
pub fn undo_deposit(state: &mut State, command: UndoDeposit) -> Result<(), Refusal> {
    // GATE
    let entry = find_credit(state, &command.evidence_hash)?;
    let Evidence { location, account_id, asset_id, number, amount_minor, credited_minor, .. } = entry;
    check_custody(state, Estate::CLIENT, location, asset_id, amount_minor)?;
    // POST EMIT
    free_account(state, account_id, asset_id, credited_minor);
    let custody = state.custody(Estate::CLIENT, location);
    let unattributed_minor = take_from_receipt(state, &entry, custody);
    let mut taken_minor = 0;
    if credited_minor != 0 {
        taken_minor = credited_minor.min(state.available_minor(account_id, asset_id));
        let available = state.available(account_id, asset_id);
        take_out(state, UNDO_DEPOSIT, asset_id, taken_minor, available, custody);
    }
    let lost_minor = amount_minor - unattributed_minor - taken_minor;
    take_out(state, LOSS, asset_id, lost_minor, LedgerAccount::Shortfall, custody);
    keep_undone(state, &command.evidence_hash, entry, taken_minor, lost_minor);
    // EMIT
    let event = DepositUndone {
        location,
        seq: state.seq,
        account_id,
        asset_id,
        receipt_id: number,
        taken_minor,
        unattributed_minor,
        lost_minor,
    };
    event.write(&mut state.out);
    Ok(())
}

/// Return the credit that has this evidence and counts; refuse anything else.
fn find_credit(state: &State, evidence_hash: &[u8; 32]) -> Result<Evidence, Refusal> {
    match state.evidence.get(evidence_hash) {
        Some(entry) if !entry.is_undone && entry.kind <= EvidenceKind::INTEREST => Ok(entry),
        _ => refuse(RejectCode::EvidenceUnknown, 1, 0),
    }
}

/// Cancel open orders, then undispatched withdrawals, that hold the asset, until enough of it is available.
fn free_account(state: &mut State, account_id: u32, asset_id: u32, needed_minor: u128) {
    if needed_minor == 0 {
        return;
    }
    for market_id in 1..=state.markets.len() as u32 {
        let book = &state.market(market_id).book;
        let mut slots = book.orders_of(account_id);
        slots.sort_unstable_by_key(|&slot| book.hot[slot as usize].order_id);
        for slot in slots {
            let market = state.market(market_id);
            let holds = paying_asset(market, market.book.order(slot).side) == asset_id;
            if holds && state.available_minor(account_id, asset_id) < needed_minor {
                cancel_open_orders(state, market_id, vec![slot], CancelReason::DEPOSIT_UNDONE);
            }
        }
    }
    for withdrawal in state.withdrawals_of(account_id, asset_id, 0) {
        if withdrawal.withdrawal_state < DISPATCHED && state.available_minor(account_id, asset_id) < needed_minor {
            give_back(state, withdrawal, WithdrawalReason::DEPOSIT_UNDONE);
        }
    }
}

/// Take what is left of the part that waited unattributed, undispatched returns included; return how much.
fn take_from_receipt(state: &mut State, entry: &Evidence, custody: LedgerAccount) -> u128 {
    let (receipt_id, needed) = (entry.number, entry.amount_minor - entry.credited_minor);
    if needed == 0 || !state.receipts.contains_key(&receipt_id) {
        return 0;
    }
    for withdrawal in state.withdrawals_of(0, 0, receipt_id) {
        if withdrawal.withdrawal_state < DISPATCHED && receipt_mut(state, receipt_id).amount_minor < needed {
            give_back(state, withdrawal, WithdrawalReason::DEPOSIT_UNDONE);
        }
    }
    let receipt = receipt_mut(state, receipt_id);
    let taken = receipt.amount_minor.min(needed);
    receipt.amount_minor -= taken;
    drop_receipt_if_done(state, receipt_id);
    take_out(state, UNDO_RECEIPT, entry.asset_id, taken, LedgerAccount::Unattributed, custody);
    taken
}

/// Post an amount out of the client pool; nothing for no amount.
pub fn take_out(
    state: &mut State,
    transfer_type: TransferType,
    asset_id: u32,
    minor: u128,
    debit: LedgerAccount,
    custody: LedgerAccount,
) {
    if minor != 0 {
        state.ledger.permit_exit(asset_id, minor);
        state.post(transfer_type, asset_id, minor, debit, custody);
    }
}
