//! Evidence: what each piece of it was recorded for, so that it counts once and an undo finds what it undoes.
//!
//! Evidence is kept for a horizon (parameter evidence_horizon_days). Each command that adds some drops at most two
//! entries older than that, so that the set is bounded and no command is slow. Evidence arises before it is recorded:
//! what has been dropped is older than the horizon too, and a machine officer cannot present it again; nor after the
//! horizon was made longer, because the state knows up to when evidence was dropped.

use crate::records::{ParameterTable, RejectCode};
use crate::refusal::{refuse, require_hash, Refusal};
use crate::state::State;
use crate::state_parts::Evidence;

const HORIZON_DAYS: u64 = 400;
const DAY_NS: u64 = 86_400 * 1_000_000_000;
const DROPPED_MAX: usize = 2;

/// What a piece of evidence was recorded for. Those up to INTEREST can be undone as deposits.
pub struct EvidenceKind;

impl EvidenceKind {
    pub const DEPOSIT: u8 = 1;
    pub const RECEIPT: u8 = 2;
    pub const AIRDROP: u8 = 3;
    pub const INTEREST: u8 = 4;
    pub const SETTLEMENT: u8 = 5;
    pub const OTHER: u8 = 6;
}

/// Return for how long evidence is kept.
pub fn horizon_ns(state: &State) -> u64 {
    match state.parameter(ParameterTable::EVIDENCE_HORIZON_DAYS, 0) as u64 {
        0 => HORIZON_DAYS * DAY_NS,
        days => days.saturating_mul(DAY_NS),
    }
}

/// Refuse missing evidence, evidence that counts already, and evidence of a time that cannot be.
pub fn check_evidence(state: &State, evidence_hash: &[u8; 32], evidence_ns: u64) -> Result<(), Refusal> {
    require_hash(evidence_hash, RejectCode::EvidenceMissing)?;
    if state.evidence.get(evidence_hash).is_some_and(|entry| !entry.is_undone) {
        return refuse(RejectCode::EvidenceAlreadyUsed, 0, 1);
    }
    if evidence_ns > state.last_ts_ns {
        return refuse(RejectCode::EvidenceInFuture, state.last_ts_ns as u128, evidence_ns as u128);
    }
    let oldest = state.last_ts_ns.saturating_sub(horizon_ns(state)).max(state.evidence_from_ns);
    if state.signed_by_machine && evidence_ns < oldest {
        return refuse(RejectCode::EvidenceTooOld, oldest as u128, evidence_ns as u128);
    }
    Ok(())
}

/// Refuse as check_evidence does, and evidence of a credit that was undone: only that credit may use it again.
pub fn check_new_evidence(state: &State, evidence_hash: &[u8; 32], evidence_ns: u64) -> Result<(), Refusal> {
    check_evidence(state, evidence_hash, evidence_ns)?;
    if state.evidence.has(evidence_hash) {
        return refuse(RejectCode::EvidenceAlreadyUsed, 0, 1);
    }
    Ok(())
}

/// Remember evidence of something that cannot be undone.
pub fn keep_other(state: &mut State, evidence_hash: [u8; 32]) {
    keep_evidence(state, evidence_hash, Evidence { kind: EvidenceKind::OTHER, ..Evidence::default() });
}

/// Remember evidence, and forget what has passed the horizon. `number` is a receipt's or a withdrawal's.
pub fn keep_evidence(state: &mut State, evidence_hash: [u8; 32], mut entry: Evidence) {
    (entry.seq, entry.recorded_ns) = (state.seq, state.last_ts_ns);
    state.evidence.insert(evidence_hash, entry);
    let horizon = horizon_ns(state);
    for _ in 0..DROPPED_MAX {
        let Some((oldest_hash, Evidence { recorded_ns, .. })) = state.evidence.oldest() else { return };
        if state.last_ts_ns - recorded_ns <= horizon {
            return;
        }
        state.evidence_from_ns = recorded_ns + 1;
        free_evidence(state, &oldest_hash);
    }
}

/// Forget evidence, and the settled withdrawal that only an undo would need.
pub fn free_evidence(state: &mut State, evidence_hash: &[u8; 32]) {
    let entry = state.evidence.remove(evidence_hash);
    if let Some(entry) = entry.filter(|entry| entry.kind == EvidenceKind::SETTLEMENT) {
        state.settled.remove(&entry.number);
    }
}

/// Remember that a credit was undone, what it took from its account and what it left as a shortfall.
pub fn keep_undone(state: &mut State, evidence_hash: &[u8; 32], mut entry: Evidence, taken_minor: u128, lost: u128) {
    entry.is_undone = true;
    (entry.credited_minor, entry.lost_minor) = (taken_minor, lost);
    (entry.seq, entry.recorded_ns) = (state.seq, state.last_ts_ns);
    state.evidence.insert(*evidence_hash, entry);
}
