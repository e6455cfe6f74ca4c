//! Mandates: what two administrators allow a machine officer, in one asset, up to an amount and a day's sum.

use crate::arithmetic::AMOUNT_MAX;
use crate::authority::signers_least;
use crate::lookup::{find_asset, find_officer};
use crate::records::{
    privilege, CreditDeposit, GrantMandate, MandateGranted, MandateRevoked, RejectCode, RevokeMandate, Role,
};
use crate::refusal::{refuse, unknown, Refusal};
use crate::state::State;
use crate::state_parts::Mandate;
use crate::subjects;

/// Add a mandate, and forget those whose validity is over.
pub fn grant_mandate(state: &mut State, command: GrantMandate) -> Result<(), Refusal> {
    // GATE
    let officer = find_officer(state, command.officer_id)?;
    if officer.officer_roles != Role::MACHINE {
        let (machine, found) = (Role::MACHINE as u128, officer.officer_roles as u128);
        return refuse(RejectCode::MandateOfficerNotMachine, machine, found);
    }
    check_mandate_kind(&command)?;
    check_mandate_asset(state, &command)?;
    check_mandate_terms(state, &command)?;
    // POST
    let now = state.last_ts_ns;
    state.authority.mandates.retain(|_, mandate| mandate.valid_until_ns > now);
    let mandate = Mandate {
        mandate_id: state.seq,
        officer_id: command.officer_id,
        mandated_kind: command.mandated_kind,
        asset_id: command.asset_id,
        amount_max_minor: command.amount_max_minor,
        day_max_minor: command.day_max_minor,
        valid_until_ns: command.valid_until_ns,
        signers_needed: command.signers_needed,
        used_day: 0,
        used_minor: 0,
    };
    state.authority.mandates.insert(mandate.mandate_id, mandate);
    // EMIT
    let event = MandateGranted {
        signers_needed: mandate.signers_needed,
        mandated_kind: mandate.mandated_kind,
        seq: state.seq,
        officer_id: mandate.officer_id,
        asset_id: mandate.asset_id,
        mandate_id: mandate.mandate_id,
        valid_until_ns: mandate.valid_until_ns,
        amount_max_minor: mandate.amount_max_minor,
        day_max_minor: mandate.day_max_minor,
    };
    event.write(&mut state.out);
    Ok(())
}

/// End a mandate.
pub fn revoke_mandate(state: &mut State, command: RevokeMandate) -> Result<(), Refusal> {
    // GATE
    let Some(mandate) = state.authority.mandates.get(&command.mandate_id).copied() else {
        return unknown(RejectCode::MandateUnknown, command.mandate_id);
    };
    // POST
    state.authority.mandates.remove(&command.mandate_id);
    // EMIT
    let event = MandateRevoked { seq: state.seq, officer_id: mandate.officer_id, mandate_id: command.mandate_id };
    event.write(&mut state.out);
    Ok(())
}

/// Refuse a mandate for what needs no officer, or for an administrator's acts.
fn check_mandate_kind(command: &GrantMandate) -> Result<(), Refusal> {
    match privilege(command.mandated_kind) {
        Some(privilege) if privilege.roles & Role::ADMINISTRATOR == 0 => Ok(()),
        _ => refuse(RejectCode::MandatedKindNotAllowed, CreditDeposit::KIND as u128, command.mandated_kind as u128),
    }
}

/// Refuse a mandate without an asset where the kind is about one, and with one where it is about none.
fn check_mandate_asset(state: &State, command: &GrantMandate) -> Result<(), Refusal> {
    let has_asset = subjects::has_asset(command.mandated_kind);
    if has_asset != (command.asset_id != 0) {
        return refuse(RejectCode::MandateAssetMismatch, has_asset as u128, command.asset_id as u128);
    }
    if has_asset {
        find_asset(state, command.asset_id)?;
    }
    Ok(())
}

/// Refuse terms that are out of range.
fn check_mandate_terms(state: &State, command: &GrantMandate) -> Result<(), Refusal> {
    let invalid = |expected: u128, found: u128| refuse(RejectCode::MandateTermsInvalid, expected, found);
    let fewest =
        privilege(command.mandated_kind).map_or(2, |privilege| signers_least(command.mandated_kind, privilege));
    if !(fewest..=2).contains(&command.signers_needed) {
        return invalid(fewest as u128, command.signers_needed as u128);
    }
    if command.valid_until_ns <= state.last_ts_ns {
        return invalid(state.last_ts_ns as u128 + 1, command.valid_until_ns as u128);
    }
    for amount_minor in [command.amount_max_minor, command.day_max_minor] {
        if amount_minor > AMOUNT_MAX {
            return invalid(AMOUNT_MAX, amount_minor);
        }
    }
    Ok(())
}
