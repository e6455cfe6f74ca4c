//! Observed balances: what lies at a custody location according to a chain or a bank, compared with the ledger.

use crate::arithmetic::AMOUNT_MAX;
use crate::custody::check_location;
use crate::records::{BalanceReported, RejectCode, ReportBalance, RECORD_SIZE};
use crate::refusal::{refuse, require_hash, Refusal};
use crate::state::State;

/// Refuse while a reported balance of the asset differs from the ledger.
pub fn check_no_break(state: &State, asset_id: u32) -> Result<(), Refusal> {
    let count = state.breaks.range((asset_id, 0, 0)..=(asset_id, u8::MAX, u8::MAX)).count();
    if count != 0 {
        return refuse(RejectCode::BalanceBreak, 0, count as u128);
    }
    Ok(())
}

/// Return whether a reported balance would end an open break.
pub fn lifts_break(state: &State, record: &[u8; RECORD_SIZE]) -> bool {
    let command = ReportBalance::read(record);
    let (asset_id, estate, location) = (command.asset_id, command.estate, command.location);
    let is_open = state.breaks.contains_key(&(asset_id, estate, location));
    is_open && command.amount_minor == state.custody_minor(estate, location, asset_id)
}

/// Compare what was observed with the ledger; a difference is a break until a report matches.
///
/// One officer or machine may open a break; two people end it, which the authority checks by `lifts_break`. A report is
/// no evidence of a transfer: the same hash may be reported again and is not remembered.
pub fn report_balance(state: &mut State, command: ReportBalance) -> Result<(), Refusal> {
    let (asset_id, amount_minor) = (command.asset_id, command.amount_minor);
    let (estate, location, evidence_ns) = (command.estate, command.location, command.evidence_ns);
    // GATE
    check_location(state, asset_id, location)?;
    if amount_minor > AMOUNT_MAX {
        return refuse(RejectCode::AmountTooLarge, AMOUNT_MAX, amount_minor);
    }
    require_hash(&command.evidence_hash, RejectCode::EvidenceMissing)?;
    if evidence_ns > state.last_ts_ns {
        return refuse(RejectCode::EvidenceInFuture, state.last_ts_ns as u128, evidence_ns as u128);
    }
    let key = (asset_id, estate, location);
    let since_ns = state.breaks.get(&key).map_or(0, |&(_, since_ns)| since_ns);
    if evidence_ns < since_ns {
        return refuse(RejectCode::EvidenceTooOld, since_ns as u128, evidence_ns as u128);
    }
    // POST
    let ledger_minor = state.custody_minor(estate, location, asset_id);
    state.breaks.remove(&key);
    if amount_minor != ledger_minor {
        state.breaks.insert(key, (amount_minor, evidence_ns));
    }
    // EMIT
    let event = BalanceReported {
        balance_matches: (amount_minor == ledger_minor) as u8,
        estate,
        location,
        seq: state.seq,
        asset_id,
        amount_minor,
        ledger_minor,
        evidence_hash: command.evidence_hash,
    };
    event.write(&mut state.out);
    Ok(())
}
