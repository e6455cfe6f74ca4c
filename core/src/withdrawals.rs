//! The way out of the client estate: request (held), approve, dispatch, settle; reject before dispatch, undo after.
//!
//! Settle and undo are facts: they are recorded whatever the account's state. Returns of unattributed receipts and
//! seizures go the same way; what they hold lies in their receipt.

use crate::arithmetic::AMOUNT_MAX;
use crate::cancel::require_canceling;
use crate::client_ids::{check_client_request_id, remember_request};
use crate::custody::{check_amount, check_available, check_custody, check_inflow, check_location, check_no_shortfall};
use crate::evidence::{check_new_evidence, free_evidence, keep_evidence, EvidenceKind};
use crate::ledger::{LedgerAccount, HOLD, RELEASE, RETURN, RETURN_UNDONE, SEIZE_OUT, WITHDRAW, WITHDRAW_UNDONE};
use crate::limits::{check_withdrawal, count_withdrawal};
use crate::lookup::{find_account, find_asset};
use crate::observed::check_no_break;
use crate::receipts::{drop_receipt_if_done, receipt_mut};
use crate::records::{
    AccountState, ApproveWithdrawal, DispatchWithdrawal, Estate, ParameterTable, ReceiptReason, RejectCode,
    RejectWithdrawal, RequestWithdrawal, SettleWithdrawal, UndoWithdrawal, WithdrawalApproved, WithdrawalDispatched,
    WithdrawalKind, WithdrawalRejected, WithdrawalRequested, WithdrawalSettled, WithdrawalUndone,
};
use crate::refusal::{refuse, require_hash, unknown, Refusal};
use crate::state::State;
use crate::state_parts::{Evidence, Receipt, Withdrawal, APPROVED, DISPATCHED, REQUESTED};
use crate::withdrawal_windows::check_window_open;

/// Hold an amount that a client asks for.
pub fn request_withdrawal(state: &mut State, command: RequestWithdrawal) -> Result<(), Refusal> {
    let (account_id, asset_id, amount_minor) = (command.account_id, command.asset_id, command.amount_minor);
    // GATE
    find_account(state, account_id)?;
    require_canceling(state, account_id)?;
    find_asset(state, asset_id)?;
    check_window_open(state, asset_id, command.ts_ns)?;
    let limit = state.parameter(ParameterTable::WITHDRAWAL_MAX_MINOR, asset_id as u64);
    check_amount(amount_minor, if limit != 0 { limit } else { AMOUNT_MAX })?;
    require_hash(&command.destination_hash, RejectCode::DestinationMissing)?;
    check_client_request_id(state, &command)?;
    check_withdrawal(state, account_id, asset_id, amount_minor)?;
    // HOLD
    check_available(state, account_id, asset_id, amount_minor)?;
    let (from, to) = (state.available(account_id, asset_id), state.held(account_id, asset_id));
    state.post(HOLD, asset_id, amount_minor, from, to);
    // POST
    count_withdrawal(state, account_id, asset_id, amount_minor);
    remember_request(state, &command);
    let (kind, withdrawal_id, destination_hash) = (WithdrawalKind::WITHDRAWAL, state.seq, command.destination_hash);
    let withdrawal = Withdrawal {
        withdrawal_id,
        kind,
        withdrawal_state: REQUESTED,
        location: 0,
        account_id,
        asset_id,
        receipt_id: 0,
        amount_minor,
        destination_hash,
    };
    state.open_withdrawal(withdrawal);
    // EMIT
    let event = WithdrawalRequested {
        withdrawal_kind: kind,
        seq: state.seq,
        account_id,
        asset_id,
        withdrawal_id,
        receipt_id: 0,
        amount_minor,
        destination_hash,
        client_request_id: command.client_request_id,
    };
    event.write(&mut state.out);
    Ok(())
}

/// Return an open withdrawal in one of these states; refuse an unknown number and another state.
fn find_withdrawal(state: &State, withdrawal_id: u64, first: u8, last: u8) -> Result<Withdrawal, Refusal> {
    let Some(withdrawal) = state.withdrawals.get(&withdrawal_id) else {
        return unknown(RejectCode::WithdrawalUnknown, withdrawal_id);
    };
    let found = withdrawal.withdrawal_state;
    if found < first || found > last {
        return refuse(RejectCode::WithdrawalStateNotReachable, last as u128, found as u128);
    }
    Ok(*withdrawal)
}

/// Refuse to send out what the account's state, a shortfall or a break of the asset forbids.
fn check_may_leave(state: &State, withdrawal: &Withdrawal) -> Result<(), Refusal> {
    if withdrawal.kind == WithdrawalKind::WITHDRAWAL {
        require_canceling(state, withdrawal.account_id)?;
    }
    check_no_shortfall(state, withdrawal.asset_id)?;
    check_no_break(state, withdrawal.asset_id)
}

/// Refuse an approval of other terms: a request needs no officer, so that its number alone says nothing.
fn check_terms(withdrawal: &Withdrawal, command: &ApproveWithdrawal) -> Result<(), Refusal> {
    let same = [
        withdrawal.account_id == command.account_id,
        withdrawal.asset_id == command.asset_id,
        withdrawal.amount_minor == command.amount_minor,
        withdrawal.destination_hash == command.destination_hash,
    ];
    let found = same.iter().filter(|&&is_same| is_same).count();
    if found < same.len() {
        return refuse(RejectCode::WithdrawalDiffers, same.len() as u128, found as u128);
    }
    Ok(())
}

/// Approve what was requested.
pub fn approve_withdrawal(state: &mut State, command: ApproveWithdrawal) -> Result<(), Refusal> {
    // GATE
    let mut withdrawal = find_withdrawal(state, command.withdrawal_id, REQUESTED, REQUESTED)?;
    check_terms(&withdrawal, &command)?;
    check_may_leave(state, &withdrawal)?;
    // POST
    withdrawal.withdrawal_state = APPROVED;
    state.withdrawals.insert(withdrawal.withdrawal_id, withdrawal);
    // EMIT
    let Withdrawal { withdrawal_id, kind, account_id, asset_id, amount_minor, .. } = withdrawal;
    WithdrawalApproved { withdrawal_kind: kind, seq: state.seq, account_id, asset_id, withdrawal_id, amount_minor }
        .write(&mut state.out);
    Ok(())
}

/// Say by which transaction it leaves; a later dispatch replaces the transaction.
pub fn dispatch_withdrawal(state: &mut State, command: DispatchWithdrawal) -> Result<(), Refusal> {
    // GATE
    let mut withdrawal = find_withdrawal(state, command.withdrawal_id, APPROVED, DISPATCHED)?;
    let Withdrawal { withdrawal_id, kind, account_id, asset_id, amount_minor, .. } = withdrawal;
    check_location(state, asset_id, command.location)?;
    require_hash(&command.evidence_hash, RejectCode::EvidenceMissing)?;
    check_may_leave(state, &withdrawal)?;
    check_custody(state, Estate::CLIENT, command.location, asset_id, amount_minor)?;
    // POST
    withdrawal.withdrawal_state = DISPATCHED;
    withdrawal.location = command.location;
    state.withdrawals.insert(withdrawal_id, withdrawal);
    // EMIT
    let event = WithdrawalDispatched {
        withdrawal_kind: kind,
        location: command.location,
        seq: state.seq,
        account_id,
        asset_id,
        withdrawal_id,
        amount_minor,
        evidence_hash: command.evidence_hash,
    };
    event.write(&mut state.out);
    Ok(())
}

/// Record that it has left.
pub fn settle_withdrawal(state: &mut State, command: SettleWithdrawal) -> Result<(), Refusal> {
    let evidence_hash = command.evidence_hash;
    // GATE
    let withdrawal = find_withdrawal(state, command.withdrawal_id, DISPATCHED, DISPATCHED)?;
    let Withdrawal { withdrawal_id, kind, location, account_id, asset_id, receipt_id, amount_minor, .. } = withdrawal;
    check_new_evidence(state, &evidence_hash, command.evidence_ns)?;
    check_custody(state, Estate::CLIENT, location, asset_id, amount_minor)?;
    // POST
    let custody = state.custody(Estate::CLIENT, location);
    state.ledger.permit_exit(asset_id, amount_minor);
    if kind == WithdrawalKind::WITHDRAWAL {
        let held = state.held(account_id, asset_id);
        state.post(WITHDRAW, asset_id, amount_minor, held, custody);
    } else {
        let transfer_type = if kind == WithdrawalKind::SEIZURE { SEIZE_OUT } else { RETURN };
        state.post(transfer_type, asset_id, amount_minor, LedgerAccount::Unattributed, custody);
        receipt_mut(state, receipt_id).returning_minor -= amount_minor;
        drop_receipt_if_done(state, receipt_id);
    }
    state.close_withdrawal(&withdrawal);
    state.settled.insert(withdrawal_id, withdrawal);
    let (kind, number) = (EvidenceKind::SETTLEMENT, withdrawal_id);
    let entry = Evidence { kind, location, account_id, asset_id, number, amount_minor, ..Evidence::default() };
    keep_evidence(state, evidence_hash, entry);
    // EMIT
    let event = WithdrawalSettled {
        withdrawal_kind: withdrawal.kind,
        location,
        seq: state.seq,
        account_id,
        asset_id,
        withdrawal_id,
        receipt_id,
        amount_minor,
        evidence_hash,
    };
    event.write(&mut state.out);
    Ok(())
}

/// Record that the chain undid a settlement: it is dispatched, or unattributed where the account is closed.
pub fn undo_withdrawal(state: &mut State, command: UndoWithdrawal) -> Result<(), Refusal> {
    let evidence_hash = command.evidence_hash;
    // GATE
    let entry = state.evidence.get(&evidence_hash).unwrap_or_default();
    if entry.kind != EvidenceKind::SETTLEMENT {
        return refuse(RejectCode::EvidenceUnknown, 1, 0);
    }
    let withdrawal = state.settled[&entry.number];
    let Withdrawal { withdrawal_id, kind, location, account_id, asset_id, amount_minor, .. } = withdrawal;
    check_inflow(state, Estate::CLIENT, asset_id, amount_minor)?;
    // POST
    free_evidence(state, &evidence_hash);
    let custody = state.custody(Estate::CLIENT, location);
    let receipt_id = take_back(state, withdrawal);
    if receipt_id != 0 {
        state.post(RETURN_UNDONE, asset_id, amount_minor, custody, LedgerAccount::Unattributed);
    } else {
        let held = state.held(account_id, asset_id);
        state.post(WITHDRAW_UNDONE, asset_id, amount_minor, custody, held);
    }
    // EMIT
    let event = WithdrawalUndone {
        withdrawal_kind: kind,
        location,
        seq: state.seq,
        account_id,
        asset_id,
        withdrawal_id,
        receipt_id,
        amount_minor,
        evidence_hash,
    };
    event.write(&mut state.out);
    Ok(())
}

/// Open an undone withdrawal again, or a receipt where its account is closed; return the receipt, 0 for none.
///
/// A return's receipt that is gone is made again: of its account, and under the limits when it is attributed.
fn take_back(state: &mut State, withdrawal: Withdrawal) -> u64 {
    let Withdrawal { kind, account_id, asset_id, receipt_id, amount_minor, .. } = withdrawal;
    let fresh = |receipt_id: u64, reason: u8, amount_minor: u128| Receipt {
        receipt_id,
        reason,
        account_id,
        asset_id,
        amount_minor,
        returning_minor: 0,
        evidence_hash: [0; 32],
    };
    if kind != WithdrawalKind::WITHDRAWAL {
        let reason = match kind {
            WithdrawalKind::SEIZURE => ReceiptReason::SEIZED,
            _ if account_id != 0 => ReceiptReason::ABOVE_LIMIT,
            _ => ReceiptReason::UNKNOWN_OWNER,
        };
        let receipt = state.receipts.entry(receipt_id).or_insert_with(|| fresh(receipt_id, reason, 0));
        receipt.returning_minor += amount_minor;
    } else if state.account(account_id).account_state == AccountState::CLOSED {
        let receipt = fresh(state.seq, ReceiptReason::WITHDRAWAL_UNDONE, amount_minor);
        state.receipts.insert(state.seq, receipt);
        return state.seq;
    }
    state.open_withdrawal(withdrawal);
    receipt_id
}

/// Give back what has not been dispatched.
pub fn reject_withdrawal(state: &mut State, command: RejectWithdrawal) -> Result<(), Refusal> {
    // GATE
    let withdrawal = find_withdrawal(state, command.withdrawal_id, REQUESTED, APPROVED)?;
    // POST EMIT
    give_back(state, withdrawal, command.withdrawal_reason);
    Ok(())
}

/// Give the amount of a withdrawal back to its account or receipt, and say so.
pub fn give_back(state: &mut State, withdrawal: Withdrawal, withdrawal_reason: u8) {
    let Withdrawal { withdrawal_id, kind, account_id, asset_id, receipt_id, amount_minor, .. } = withdrawal;
    // POST
    if kind == WithdrawalKind::WITHDRAWAL {
        let (from, to) = (state.held(account_id, asset_id), state.available(account_id, asset_id));
        state.post(RELEASE, asset_id, amount_minor, from, to);
    } else {
        let receipt = receipt_mut(state, receipt_id);
        receipt.returning_minor -= amount_minor;
        receipt.amount_minor += amount_minor;
    }
    state.close_withdrawal(&withdrawal);
    // EMIT
    let event = WithdrawalRejected {
        withdrawal_kind: kind,
        withdrawal_reason,
        seq: state.seq,
        account_id,
        asset_id,
        withdrawal_id,
        receipt_id,
        amount_minor,
    };
    event.write(&mut state.out);
}
