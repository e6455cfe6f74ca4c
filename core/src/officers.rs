//! Officer commands: register, change state, rotate keys.

use crate::lookup::find_officer;
use crate::numbers::note_assigned;
use crate::records::{
    FacilityKeyRotated, NumberSpace, OfficerKeyRotated, OfficerRegistered, OfficerState, OfficerStateChanged,
    RegisterOfficer, RejectCode, Role, RotateFacilityKey, RotateOfficerKey, SetOfficerState,
};
use crate::refusal::{refuse, require_hash, Refusal};
use crate::state::State;
use crate::state_parts::Officer;

const ROLES_MAX: u16 = 2 * Role::MACHINE - 1;
const ADMINISTRATORS_MIN: usize = 2;

/// Add an active officer.
pub fn register_officer(state: &mut State, command: RegisterOfficer) -> Result<(), Refusal> {
    // GATE
    check_roles(command.officer_roles)?;
    let begin = command.valid_from_ns.max(state.last_ts_ns);
    if command.valid_until_ns <= begin {
        return refuse(RejectCode::OfficerValidityInvalid, begin as u128 + 1, command.valid_until_ns as u128);
    }
    check_key(state, &command.public_key)?;
    // POST
    state.authority.officers.push(Officer {
        officer_roles: command.officer_roles,
        officer_state: OfficerState::ACTIVE,
        valid_from_ns: command.valid_from_ns,
        valid_until_ns: command.valid_until_ns,
        public_key: command.public_key,
    });
    note_assigned(state, NumberSpace::OFFICER);
    // EMIT
    let event = OfficerRegistered {
        officer_roles: command.officer_roles,
        seq: state.seq,
        officer_id: state.authority.officers.len() as u32,
        valid_from_ns: command.valid_from_ns,
        valid_until_ns: command.valid_until_ns,
        public_key: command.public_key,
    };
    event.write(&mut state.out);
    Ok(())
}

/// Return a state that an officer can go to, 0 where there is none.
fn other_state(before: u8) -> u8 {
    match before {
        OfficerState::REVOKED => 0,
        OfficerState::ACTIVE => OfficerState::SUSPENDED,
        _ => OfficerState::ACTIVE,
    }
}

/// Suspend, reactivate or revoke an officer. Two administrators stay active.
pub fn set_officer_state(state: &mut State, command: SetOfficerState) -> Result<(), Refusal> {
    // GATE
    let officer = *find_officer(state, command.officer_id)?;
    let before = officer.officer_state;
    if before == command.officer_state || before == OfficerState::REVOKED {
        return refuse(
            RejectCode::OfficerStateNotReachable,
            other_state(before) as u128,
            command.officer_state as u128,
        );
    }
    require_hash(&command.decision_hash, RejectCode::DecisionMissing)?;
    if command.officer_state != OfficerState::ACTIVE {
        check_administrators(state, &officer)?;
    }
    // POST
    state.authority.officers[command.officer_id as usize - 1].officer_state = command.officer_state;
    // EMIT
    let event = OfficerStateChanged {
        officer_state: command.officer_state,
        from_officer_state: before,
        seq: state.seq,
        officer_id: command.officer_id,
        decision_hash: command.decision_hash,
    };
    event.write(&mut state.out);
    Ok(())
}

/// Give an officer another key.
pub fn rotate_officer_key(state: &mut State, command: RotateOfficerKey) -> Result<(), Refusal> {
    // GATE
    let officer = find_officer(state, command.officer_id)?;
    if officer.officer_state == OfficerState::REVOKED {
        let (active, revoked) = (OfficerState::ACTIVE as u128, OfficerState::REVOKED as u128);
        return refuse(RejectCode::OfficerNotActive, active, revoked);
    }
    check_key(state, &command.public_key)?;
    // POST
    state.authority.officers[command.officer_id as usize - 1].public_key = command.public_key;
    // EMIT
    let event = OfficerKeyRotated { seq: state.seq, officer_id: command.officer_id, public_key: command.public_key };
    event.write(&mut state.out);
    Ok(())
}

/// Name the key with which the facility signs from here on.
pub fn rotate_facility_key(state: &mut State, command: RotateFacilityKey) -> Result<(), Refusal> {
    // GATE
    check_key(state, &command.public_key)?;
    // POST
    state.authority.facility_key = command.public_key;
    // EMIT
    FacilityKeyRotated { seq: state.seq, public_key: command.public_key }.write(&mut state.out);
    Ok(())
}

/// Refuse no role, an unknown one, and a machine with another.
fn check_roles(officer_roles: u16) -> Result<(), Refusal> {
    let known = (1..=ROLES_MAX).contains(&officer_roles);
    if !known {
        return refuse(RejectCode::OfficerRolesInvalid, ROLES_MAX as u128, officer_roles as u128);
    }
    if officer_roles & Role::MACHINE != 0 && officer_roles != Role::MACHINE {
        return refuse(RejectCode::OfficerRolesInvalid, Role::MACHINE as u128, officer_roles as u128);
    }
    Ok(())
}

/// Refuse no key, and one that an officer, a client or the facility has: each key has one holder.
pub fn check_key(state: &State, public_key: &[u8; 32]) -> Result<(), Refusal> {
    require_hash(public_key, RejectCode::PublicKeyMissing)?;
    if public_key == &state.authority.facility_key {
        return refuse(RejectCode::PublicKeyTaken, 0, 1);
    }
    if state.client_public_keys.contains(public_key) {
        return refuse(RejectCode::PublicKeyTaken, 0, 1);
    }
    if state.authority.officers.iter().any(|officer| &officer.public_key == public_key) {
        return refuse(RejectCode::PublicKeyTaken, 0, 1);
    }
    Ok(())
}

/// Refuse to take an administrator's signature away while fewer than two others would be left.
fn check_administrators(state: &State, leaving: &Officer) -> Result<(), Refusal> {
    let now = state.last_ts_ns;
    if !is_administrator(leaving, now) {
        return Ok(());
    }
    let left = state.authority.officers.iter().filter(|officer| is_administrator(officer, now)).count() - 1;
    if left < ADMINISTRATORS_MIN {
        return refuse(RejectCode::AdministratorsTooFew, ADMINISTRATORS_MIN as u128, left as u128);
    }
    Ok(())
}

/// Return whether an officer is an administrator whose signature counts at a time.
fn is_administrator(officer: &Officer, ts_ns: u64) -> bool {
    let valid = officer.valid_from_ns <= ts_ns && ts_ns < officer.valid_until_ns;
    valid && officer.officer_state == OfficerState::ACTIVE && officer.officer_roles & Role::ADMINISTRATOR != 0
}
