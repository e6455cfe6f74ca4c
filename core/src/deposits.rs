//! Facts that bring assets into the client estate: deposits, receipts of unknown owners, airdrops, interest.
//!
//! A fact is recorded whatever the account's state: what the account may not take waits unattributed. Under evidence
//! that an undo has freed the same assets arrive again: they first close what the undo left as a shortfall, then give
//! the account back what it gave up, and the rest (the house has paid for it) waits unattributed.

use crate::custody::{check_inflow, check_location};
use crate::evidence::{check_evidence, keep_evidence, EvidenceKind};
use crate::ledger::{LedgerAccount, TransferType, AIRDROP, DEPOSIT, INTEREST, RECOVER};
use crate::limits::admit_deposit;
use crate::lookup::find_account;
use crate::receipts::{receive_at, Waiting};
use crate::records::{
    AccountRole, AccountState, CreditAirdrop, CreditDeposit, CreditInterest, CreditReason, DepositCredited, Estate,
    LossRecovered, ReceiptReason, ReceiveUnattributed, RejectCode,
};
use crate::refusal::{refuse, Refusal};
use crate::state::State;
use crate::state_parts::Evidence;
use crate::withdrawal_windows::is_closed_to_deposits;

/// Assets that have arrived; account 0: for somebody unknown.
#[derive(Clone, Copy)]
struct Arrival {
    location: u8,
    account_id: u32,
    asset_id: u32,
    evidence_ns: u64,
    amount_minor: u128,
    evidence_hash: [u8; 32],
}

macro_rules! arrival {
    ($command:expr, $account_id:expr) => {
        Arrival {
            location: $command.location,
            account_id: $account_id,
            asset_id: $command.asset_id,
            evidence_ns: $command.evidence_ns,
            amount_minor: $command.amount_minor,
            evidence_hash: $command.evidence_hash,
        }
    };
}

/// Return the transfer type and the reason of a kind of credit.
fn credit_type(kind: u8) -> (TransferType, u8) {
    match kind {
        EvidenceKind::AIRDROP => (AIRDROP, CreditReason::AIRDROP),
        EvidenceKind::INTEREST => (INTEREST, CreditReason::INTEREST),
        _ => (DEPOSIT, CreditReason::DEPOSIT),
    }
}

/// Credit assets that have arrived for a client.
pub fn credit_deposit(state: &mut State, command: CreditDeposit) -> Result<(), Refusal> {
    credit(state, EvidenceKind::DEPOSIT, arrival!(command, command.account_id))
}

/// Credit a client's share of tokens that a network handed out.
pub fn credit_airdrop(state: &mut State, command: CreditAirdrop) -> Result<(), Refusal> {
    credit(state, EvidenceKind::AIRDROP, arrival!(command, command.account_id))
}

/// Credit a client's share of interest on client money.
pub fn credit_interest(state: &mut State, command: CreditInterest) -> Result<(), Refusal> {
    credit(state, EvidenceKind::INTEREST, arrival!(command, command.account_id))
}

/// Record assets that have arrived for a client, and credit what the account may take.
fn credit(state: &mut State, kind: u8, arrival: Arrival) -> Result<(), Refusal> {
    let Arrival { location, account_id, asset_id, amount_minor, evidence_hash, .. } = arrival;
    // GATE
    find_account(state, account_id)?;
    if let Some(undone) = check_arrival(state, kind, &arrival)? {
        credit_again(state, undone, evidence_hash);
        return Ok(());
    }
    // POST EMIT
    let (credited_minor, reason) = admitted_part(state, kind, account_id, asset_id, amount_minor);
    let (rest, mut number) = (amount_minor - credited_minor, 0);
    post_credit(state, kind, Arrival { amount_minor: credited_minor, ..arrival });
    if rest != 0 {
        receive_at(state, Waiting { reason, location, account_id, asset_id, amount_minor: rest, evidence_hash });
        number = state.seq;
    }
    let entry =
        Evidence { kind, location, account_id, asset_id, number, amount_minor, credited_minor, ..Evidence::default() };
    keep_evidence(state, evidence_hash, entry);
    Ok(())
}

/// Record assets that have arrived and whose owner is not known.
pub fn receive_unattributed(state: &mut State, command: ReceiveUnattributed) -> Result<(), Refusal> {
    let arrival = arrival!(command, 0);
    let Arrival { location, account_id, asset_id, amount_minor, evidence_hash, .. } = arrival;
    // GATE
    if let Some(undone) = check_arrival(state, EvidenceKind::RECEIPT, &arrival)? {
        credit_again(state, undone, evidence_hash);
        return Ok(());
    }
    // POST EMIT
    let reason = ReceiptReason::UNKNOWN_OWNER;
    receive_at(state, Waiting { reason, location, account_id, asset_id, amount_minor, evidence_hash });
    let (kind, number) = (EvidenceKind::RECEIPT, state.seq);
    keep_evidence(
        state,
        evidence_hash,
        Evidence { kind, location, asset_id, number, amount_minor, ..Evidence::default() },
    );
    Ok(())
}

/// Refuse what cannot have arrived so; return what was undone under its evidence, None for new evidence.
fn check_arrival(state: &State, kind: u8, arrival: &Arrival) -> Result<Option<Evidence>, Refusal> {
    let Arrival { location, account_id, asset_id, amount_minor, .. } = *arrival;
    check_location(state, asset_id, location)?;
    check_inflow(state, Estate::CLIENT, asset_id, amount_minor)?;
    check_evidence(state, &arrival.evidence_hash, arrival.evidence_ns)?;
    let undone = state.evidence.get(&arrival.evidence_hash);
    if let Some(undone) = undone {
        let same = [
            undone.kind == kind,
            undone.location == location,
            undone.asset_id == asset_id,
            undone.amount_minor == amount_minor,
            account_id == 0 || undone.account_id == account_id,
        ];
        let found = same.iter().filter(|&&is_same| is_same).count();
        if found < same.len() {
            return refuse(RejectCode::EvidenceDiffers, same.len() as u128, found as u128);
        }
    }
    Ok(undone)
}

/// Return how much the account may take, and why the rest waits.
fn admitted_part(state: &mut State, kind: u8, account_id: u32, asset_id: u32, amount_minor: u128) -> (u128, u8) {
    let account = state.account(account_id);
    if account.account_role == AccountRole::HOUSE {
        return (0, ReceiptReason::HOUSE_ACCOUNT);
    }
    if account.account_state == AccountState::CLOSED {
        return (0, ReceiptReason::ACCOUNT_CLOSED);
    }
    if kind != EvidenceKind::DEPOSIT {
        return (amount_minor, 0);
    }
    if is_closed_to_deposits(state, asset_id) {
        return (0, ReceiptReason::ASSET_DELISTED);
    }
    (admit_deposit(state, account_id, asset_id, amount_minor), ReceiptReason::ABOVE_LIMIT)
}

/// Record that assets whose credit was undone are there again.
fn credit_again(state: &mut State, undone: Evidence, evidence_hash: [u8; 32]) {
    let Evidence { kind, location, account_id, asset_id, amount_minor, .. } = undone;
    // POST EMIT
    let covered = undone.lost_minor.min(state.ledger.asset(asset_id).shortfall);
    post_recovery(state, location, asset_id, covered, evidence_hash);
    let mut credited_minor = undone.credited_minor.min(amount_minor - covered);
    if account_id != 0 && state.account(account_id).account_state == AccountState::CLOSED {
        credited_minor = 0;
    }
    let arrival =
        Arrival { location, account_id, asset_id, evidence_ns: 0, amount_minor: credited_minor, evidence_hash };
    post_credit(state, kind, arrival);
    let (rest, mut number) = (amount_minor - covered - credited_minor, 0);
    if rest != 0 {
        let reason = reason_again(state, undone);
        receive_at(state, Waiting { reason, location, account_id, asset_id, amount_minor: rest, evidence_hash });
        number = state.seq;
    }
    let entry =
        Evidence { kind, location, account_id, asset_id, number, amount_minor, credited_minor, ..Evidence::default() };
    keep_evidence(state, evidence_hash, entry);
}

/// Return why the rest of what arrived again waits.
///
/// What no account ever had waits as it did before, and comes under the limits when it is attributed.
fn reason_again(state: &mut State, undone: Evidence) -> u8 {
    if undone.amount_minor == undone.credited_minor + undone.lost_minor {
        return ReceiptReason::RECOVERED;
    }
    if undone.kind == EvidenceKind::RECEIPT {
        return ReceiptReason::UNKNOWN_OWNER;
    }
    let account = state.account(undone.account_id);
    if account.account_role == AccountRole::HOUSE {
        return ReceiptReason::HOUSE_ACCOUNT;
    }
    let is_closed = account.account_state == AccountState::CLOSED;
    if is_closed {
        ReceiptReason::ACCOUNT_CLOSED
    } else {
        ReceiptReason::ABOVE_LIMIT
    }
}

/// Credit an amount to an account and say so; nothing for no amount.
fn post_credit(state: &mut State, kind: u8, arrival: Arrival) {
    let Arrival { location, account_id, asset_id, amount_minor, evidence_hash, .. } = arrival;
    if amount_minor == 0 {
        return;
    }
    let (transfer_type, credit_reason) = credit_type(kind);
    // POST
    let (source, available) = (state.custody(Estate::CLIENT, location), state.available(account_id, asset_id));
    state.post(transfer_type, asset_id, amount_minor, source, available);
    // EMIT
    let event = DepositCredited {
        credit_reason,
        location,
        seq: state.seq,
        account_id,
        asset_id,
        amount_minor,
        available_minor: state.available_minor(account_id, asset_id),
        evidence_hash,
    };
    event.write(&mut state.out);
}

/// Close a part of the shortfall with what came back and say so; nothing for no amount.
pub fn post_recovery(state: &mut State, location: u8, asset_id: u32, amount_minor: u128, evidence_hash: [u8; 32]) {
    if amount_minor == 0 {
        return;
    }
    // POST
    let source = state.custody(Estate::CLIENT, location);
    state.post(RECOVER, asset_id, amount_minor, source, LedgerAccount::Shortfall);
    // EMIT
    LossRecovered { location, seq: state.seq, asset_id, amount_minor, evidence_hash }.write(&mut state.out);
}
