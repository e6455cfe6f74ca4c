//! Assets in the client estate that wait unattributed: hold, attribute, ask to be returned.

use crate::arithmetic::AMOUNT_MAX;
use crate::custody::{check_amount, find_client};
use crate::evidence::EvidenceKind;
use crate::ledger::{LedgerAccount, TransferType, ATTRIBUTE, RECEIVE};
use crate::limits::{check_deposit, count_deposit};
use crate::records::{
    AttributeReceipt, Estate, ReceiptAttributed, ReceiptHeld, ReceiptReason, RejectCode, RequestReturn, WithdrawalKind,
    WithdrawalRequested,
};
use crate::refusal::{refuse, require_hash, unknown, Refusal};
use crate::state::State;
use crate::state_parts::{Receipt, Withdrawal, REQUESTED};

pub const OWNER_NOT_KNOWN: [u8; 2] = [ReceiptReason::UNKNOWN_OWNER, ReceiptReason::RECOVERED];

/// Return a receipt of which this amount is open; refuse an unknown one and more than is open.
fn find_receipt(state: &State, receipt_id: u64, amount_minor: u128) -> Result<Receipt, Refusal> {
    let Some(receipt) = state.receipts.get(&receipt_id) else {
        return unknown(RejectCode::ReceiptUnknown, receipt_id);
    };
    check_amount(amount_minor, AMOUNT_MAX)?;
    if receipt.amount_minor < amount_minor {
        return refuse(RejectCode::InsufficientReceipt, amount_minor, receipt.amount_minor);
    }
    Ok(*receipt)
}

/// What begins to wait; location 0: it came from the account.
#[derive(Clone, Copy)]
pub struct Waiting {
    pub reason: u8,
    pub location: u8,
    pub account_id: u32,
    pub asset_id: u32,
    pub amount_minor: u128,
    pub evidence_hash: [u8; 32],
}

/// Post an amount to the unattributed, remember its receipt and say so.
pub fn hold_receipt(state: &mut State, transfer_type: TransferType, source: LedgerAccount, waiting: Waiting) {
    let Waiting { reason, location, account_id, asset_id, amount_minor, evidence_hash } = waiting;
    let (seq, receipt_id) = (state.seq, state.seq);
    // POST
    state.post(transfer_type, asset_id, amount_minor, source, LedgerAccount::Unattributed);
    let receipt = Receipt { receipt_id, reason, account_id, asset_id, amount_minor, returning_minor: 0, evidence_hash };
    state.receipts.insert(receipt_id, receipt);
    // EMIT
    let receipt_reason = reason;
    ReceiptHeld { receipt_reason, location, seq, account_id, asset_id, receipt_id, amount_minor, evidence_hash }
        .write(&mut state.out);
}

/// Hold what arrived at a custody location of the client estate unattributed.
pub fn receive_at(state: &mut State, waiting: Waiting) {
    let source = state.custody(Estate::CLIENT, waiting.location);
    hold_receipt(state, RECEIVE, source, waiting);
}

/// Forget a receipt of which nothing is left.
pub fn drop_receipt_if_done(state: &mut State, receipt_id: u64) {
    if state.receipts.get(&receipt_id).is_some_and(|receipt| receipt.amount_minor + receipt.returning_minor == 0) {
        state.receipts.remove(&receipt_id);
    }
}

/// Return a receipt that is known to be there.
pub fn receipt_mut(state: &mut State, receipt_id: u64) -> &mut Receipt {
    state.receipts.get_mut(&receipt_id).expect("a return's receipt stays until the return is done")
}

/// Credit a part of a receipt to the client whose it is.
pub fn attribute_receipt(state: &mut State, command: AttributeReceipt) -> Result<(), Refusal> {
    let (account_id, receipt_id, amount_minor) = (command.account_id, command.receipt_id, command.amount_minor);
    // GATE
    find_client(state, account_id)?;
    let receipt = find_receipt(state, receipt_id, amount_minor)?;
    check_owner(state, &receipt, account_id)?;
    require_hash(&command.decision_hash, RejectCode::DecisionMissing)?;
    let asset_id = receipt.asset_id;
    if came_from_outside(&receipt) {
        check_deposit(state, account_id, asset_id, amount_minor)?;
    }
    // POST
    if came_from_outside(&receipt) {
        count_deposit(state, account_id, asset_id, amount_minor);
    }
    let available = state.available(account_id, asset_id);
    state.post(ATTRIBUTE, asset_id, amount_minor, LedgerAccount::Unattributed, available);
    receipt_mut(state, receipt_id).amount_minor -= amount_minor;
    drop_receipt_if_done(state, receipt_id);
    note_attribution(state, &receipt, account_id, amount_minor);
    // EMIT
    let (seq, decision_hash) = (state.seq, command.decision_hash);
    ReceiptAttributed { seq, account_id, asset_id, receipt_id, amount_minor, decision_hash }.write(&mut state.out);
    Ok(())
}

/// Refuse another owner than the receipt's, where that is known: what is somebody's passes by TransferOwnership.
///
/// What was recovered is of whoever bore the loss, even where the receipt names the account of a credit.
fn check_owner(state: &State, receipt: &Receipt, account_id: u32) -> Result<(), Refusal> {
    if OWNER_NOT_KNOWN.contains(&receipt.reason) {
        return Ok(());
    }
    let owner = |number: u32| state.accounts[number as usize - 1].owner_id;
    let (expected, found) = (owner(receipt.account_id), owner(account_id));
    if expected != found {
        return refuse(RejectCode::ReceiptOwnerMismatch, expected as u128, found as u128);
    }
    Ok(())
}

/// Return whether a receipt is a deposit; what was a client's before counts under no limit when it comes back.
fn came_from_outside(receipt: &Receipt) -> bool {
    receipt.reason <= ReceiptReason::ABOVE_LIMIT
}

/// Remember with the receipt's evidence whom it was credited to: one account, the first; an undo takes it back.
fn note_attribution(state: &mut State, receipt: &Receipt, account_id: u32, amount_minor: u128) {
    let Some(entry) = state.evidence.get_mut(&receipt.evidence_hash) else { return };
    if entry.is_undone || entry.number != receipt.receipt_id || entry.kind > EvidenceKind::INTEREST {
        return;
    }
    if entry.credited_minor == 0 {
        entry.account_id = account_id;
    }
    if entry.account_id == account_id {
        entry.credited_minor += amount_minor;
    }
}

/// Ask that a part of a receipt be sent back or, where it was seized, handed over.
pub fn request_return(state: &mut State, command: RequestReturn) -> Result<(), Refusal> {
    let (amount_minor, destination_hash) = (command.amount_minor, command.destination_hash);
    // GATE
    let Receipt { receipt_id, reason, account_id, asset_id, .. } =
        find_receipt(state, command.receipt_id, amount_minor)?;
    require_hash(&destination_hash, RejectCode::DestinationMissing)?;
    // HOLD
    let receipt = receipt_mut(state, receipt_id);
    receipt.amount_minor -= amount_minor;
    receipt.returning_minor += amount_minor;
    // POST
    let is_seized = reason == ReceiptReason::SEIZED;
    let kind = if is_seized { WithdrawalKind::SEIZURE } else { WithdrawalKind::RECEIPT_RETURN };
    let (seq, withdrawal_id) = (state.seq, state.seq);
    let withdrawal = Withdrawal {
        withdrawal_id,
        kind,
        withdrawal_state: REQUESTED,
        location: 0,
        account_id,
        asset_id,
        receipt_id,
        amount_minor,
        destination_hash,
    };
    state.open_withdrawal(withdrawal);
    // EMIT
    let event = WithdrawalRequested {
        withdrawal_kind: kind,
        seq,
        account_id,
        asset_id,
        withdrawal_id,
        receipt_id,
        amount_minor,
        destination_hash,
        client_request_id: 0,
    };
    event.write(&mut state.out);
    Ok(())
}
