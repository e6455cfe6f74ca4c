//! What must hold of custody that was read from a snapshot: withdrawals, receipts, evidence, breaks and trades.
//!
//! Terms that refer to each other must agree, so that an undo finds what it undoes and no part is more than its whole.

use std::collections::HashSet;

use crate::arithmetic::AMOUNT_MAX;
use crate::evidence::EvidenceKind;
use crate::records::{ReceiptReason, WithdrawalKind};
use crate::snapshot_bytes::{require, within, SnapshotError};
use crate::state::State;
use crate::state_parts::{Evidence, Receipt, Withdrawal, DISPATCHED};

/// Refuse custody that no commands lead to.
pub fn check_custody_terms(state: &State) -> Result<(), SnapshotError> {
    for withdrawal in state.withdrawals.values() {
        check_withdrawal_terms(state, withdrawal)?;
    }
    for (number, withdrawal) in &state.settled {
        check_withdrawal_terms(state, withdrawal)?;
        let left = withdrawal.withdrawal_state == DISPATCHED && !state.withdrawals.contains_key(number);
        require(left, "settled withdrawal")?;
    }
    for receipt in state.receipts.values() {
        check_receipt_amounts(receipt)?;
    }
    check_all_evidence(state)?;
    for &(amount_minor, since_ns) in state.breaks.values() {
        require(amount_minor <= AMOUNT_MAX && since_ns <= state.last_ts_ns, "break")?;
    }
    for trade in state.trades.in_order() {
        let parties = trade.buyer_account_id != 0 && trade.seller_account_id != 0;
        let amounts = within(trade.quantity_minor, 1, AMOUNT_MAX) && within(trade.cost_minor, 1, AMOUNT_MAX);
        require(parties && amounts && trade.seq < state.next_seq, "trade")?;
    }
    Ok(())
}

/// Refuse a withdrawal whose terms do not agree with each other, or with the receipt that it leaves.
fn check_withdrawal_terms(state: &State, withdrawal: &Withdrawal) -> Result<(), SnapshotError> {
    let (kind, number) = (withdrawal.kind, withdrawal.withdrawal_id);
    let from_account = kind == WithdrawalKind::WITHDRAWAL;
    let fits = within(kind, 1, WithdrawalKind::MAX) && from_account == (withdrawal.receipt_id == 0);
    require(fits, "kind of a withdrawal")?;
    require(withdrawal.account_id != 0 || kind == WithdrawalKind::RECEIPT_RETURN, "account of a withdrawal")?;
    require(withdrawal.receipt_id < number && number < state.next_seq, "number of a withdrawal")?;
    require(within(withdrawal.amount_minor, 1, AMOUNT_MAX), "amount of a withdrawal")?;
    let is_dispatched = withdrawal.withdrawal_state == DISPATCHED;
    require(is_dispatched == (withdrawal.location != 0), "location of a withdrawal")?;
    if let Some(receipt) = state.receipts.get(&withdrawal.receipt_id) {
        let same = (receipt.account_id, receipt.asset_id) == (withdrawal.account_id, withdrawal.asset_id);
        let is_seized = receipt.reason == ReceiptReason::SEIZED;
        require(same && is_seized == (kind == WithdrawalKind::SEIZURE), "receipt of a withdrawal")?;
    }
    Ok(())
}

/// Refuse a receipt without a number, without anything left, or over the largest amount.
fn check_receipt_amounts(receipt: &Receipt) -> Result<(), SnapshotError> {
    let largest = receipt.amount_minor.max(receipt.returning_minor);
    require(receipt.receipt_id != 0 && within(largest, 1, AMOUNT_MAX), "receipt")
}

/// Refuse evidence ahead of its time or out of order, and settlements that are not those that can be undone.
fn check_all_evidence(state: &State) -> Result<(), SnapshotError> {
    let (mut before_ns, mut settled) = (0, HashSet::new());
    for (_, entry) in state.evidence.in_order() {
        let in_time = entry.seq < state.next_seq && entry.recorded_ns >= before_ns;
        require(in_time && entry.number <= entry.seq, "number or time of evidence")?;
        before_ns = entry.recorded_ns;
        require(within(entry.kind, 1, EvidenceKind::OTHER), "kind of evidence")?;
        if entry.kind <= EvidenceKind::INTEREST {
            check_credit(state, entry)?;
            continue;
        }
        let is_plain = !entry.is_undone && entry.credited_minor == 0 && entry.lost_minor == 0;
        require(is_plain, "evidence of a credit")?;
        if entry.kind == EvidenceKind::SETTLEMENT {
            let stated = (entry.location, entry.account_id, entry.asset_id, entry.amount_minor);
            let agrees = state
                .settled
                .get(&entry.number)
                .is_some_and(|w| stated == (w.location, w.account_id, w.asset_id, w.amount_minor));
            require(agrees && settled.insert(entry.number), "evidence of a settlement")?;
        }
    }
    require(settled.len() == state.settled.len(), "evidence of a settlement")
}

/// Refuse a credit of nothing, of nobody, of more than arrived, or of another asset than its receipt's.
fn check_credit(state: &State, entry: &Evidence) -> Result<(), SnapshotError> {
    require(entry.asset_id != 0 && within(entry.amount_minor, 1, AMOUNT_MAX), "amount of a credit")?;
    let is_nobodys = entry.kind == EvidenceKind::RECEIPT && entry.credited_minor == 0;
    require(entry.account_id != 0 || is_nobodys, "account of a credit")?;
    let parts = entry.credited_minor <= entry.amount_minor;
    let fits = parts && entry.lost_minor <= entry.amount_minor - entry.credited_minor;
    require(fits && (entry.is_undone || entry.lost_minor == 0), "part of a credit")?;
    let receipt = state.receipts.get(&entry.number);
    require(receipt.is_none_or(|receipt| receipt.asset_id == entry.asset_id), "receipt of a credit")
}
