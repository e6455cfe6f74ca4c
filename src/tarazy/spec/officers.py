"""Officer commands: register, change state, rotate keys."""

from __future__ import annotations

from tarazy.domain.records import (
    ROLE_ADMINISTRATOR,
    ROLE_MACHINE,
    ZERO32,
    FacilityKeyRotated,
    OfficerKeyRotated,
    OfficerRegistered,
    OfficerState,
    OfficerStateChanged,
    RegisterOfficer,
    RotateFacilityKey,
    RotateOfficerKey,
    SetOfficerState,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.spec.lookup import find_officer
from tarazy.spec.numbers import OFFICER, note_assigned
from tarazy.spec.refusal import Refusal, require_hash
from tarazy.spec.state import State
from tarazy.spec.state_parts import Officer

ROLES_MAX = 2 * ROLE_MACHINE - 1
ADMINISTRATORS_MIN = 2
ACTIVE = OfficerState.active
REVOKED = OfficerState.revoked


def register_officer(state: State, command: RegisterOfficer) -> None:
    """Add an active officer."""
    # GATE
    check_roles(command.officer_roles)
    begin = max(command.valid_from_ns, state.last_ts_ns)
    if command.valid_until_ns <= begin:
        raise Refusal(RejectCode.officer_validity_invalid, begin + 1, command.valid_until_ns)
    check_key(state, command.public_key)
    # POST
    officer = Officer(len(state.authority.officers) + 1)
    officer.officer_roles = command.officer_roles
    officer.officer_state = ACTIVE
    officer.valid_from_ns = command.valid_from_ns
    officer.valid_until_ns = command.valid_until_ns
    officer.public_key = command.public_key
    state.authority.officers.append(officer)
    note_assigned(state, OFFICER)
    # EMIT
    state.out.append(
        OfficerRegistered(
            officer_roles=officer.officer_roles,
            seq=state.seq,
            officer_id=officer.officer_id,
            valid_from_ns=officer.valid_from_ns,
            valid_until_ns=officer.valid_until_ns,
            public_key=officer.public_key,
        ).pack()
    )


def other_state(before: int) -> int:
    """Return a state that an officer can go to, 0 where there is none."""
    if before == REVOKED:
        return 0
    return OfficerState.suspended if before == ACTIVE else ACTIVE


def set_officer_state(state: State, command: SetOfficerState) -> None:
    """Suspend, reactivate or revoke an officer. Two administrators stay active."""
    # GATE
    officer = find_officer(state, command.officer_id)
    before = officer.officer_state
    if before in (command.officer_state, REVOKED):
        raise Refusal(RejectCode.officer_state_not_reachable, other_state(before), command.officer_state)
    require_hash(command.decision_hash, RejectCode.decision_missing)
    if command.officer_state != ACTIVE:
        check_administrators(state, officer)
    # POST
    officer.officer_state = command.officer_state
    # EMIT
    state.out.append(
        OfficerStateChanged(
            officer_state=command.officer_state,
            from_officer_state=before,
            seq=state.seq,
            officer_id=officer.officer_id,
            decision_hash=command.decision_hash,
        ).pack()
    )


def rotate_officer_key(state: State, command: RotateOfficerKey) -> None:
    """Give an officer another key."""
    # GATE
    officer = find_officer(state, command.officer_id)
    if officer.officer_state == REVOKED:
        raise Refusal(RejectCode.officer_not_active, ACTIVE, REVOKED)
    check_key(state, command.public_key)
    # POST
    officer.public_key = command.public_key
    # EMIT
    event = OfficerKeyRotated(seq=state.seq, officer_id=officer.officer_id, public_key=command.public_key)
    state.out.append(event.pack())


def rotate_facility_key(state: State, command: RotateFacilityKey) -> None:
    """Name the key with which the facility signs from here on."""
    # GATE
    check_key(state, command.public_key)
    # POST
    state.authority.facility_key = command.public_key
    # EMIT
    state.out.append(FacilityKeyRotated(seq=state.seq, public_key=command.public_key).pack())


def check_roles(officer_roles: int) -> None:
    """Refuse no role, an unknown one, and a machine with another."""
    if not 1 <= officer_roles <= ROLES_MAX:
        raise Refusal(RejectCode.officer_roles_invalid, ROLES_MAX, officer_roles)
    if officer_roles & ROLE_MACHINE and officer_roles != ROLE_MACHINE:
        raise Refusal(RejectCode.officer_roles_invalid, ROLE_MACHINE, officer_roles)


def check_key(state: State, public_key: bytes) -> None:
    """Refuse no key, and one that an officer, a client or the facility has: each key has one holder."""
    if public_key == ZERO32:
        raise Refusal(RejectCode.public_key_missing, 1, 0)
    if public_key == state.authority.facility_key:
        raise Refusal(RejectCode.public_key_taken, 0, 1)
    if public_key in state.client_public_keys:
        raise Refusal(RejectCode.public_key_taken, 0, 1)
    for officer in state.authority.officers:
        if officer.public_key == public_key:
            raise Refusal(RejectCode.public_key_taken, 0, 1)


def check_administrators(state: State, leaving: Officer) -> None:
    """Refuse to take an administrator's signature away while fewer than two others would be left."""
    if not is_administrator(leaving, state.last_ts_ns):
        return
    left = sum(is_administrator(officer, state.last_ts_ns) for officer in state.authority.officers) - 1
    if left < ADMINISTRATORS_MIN:
        raise Refusal(RejectCode.administrators_too_few, ADMINISTRATORS_MIN, left)


def is_administrator(officer: Officer, ts_ns: int) -> bool:
    """Return whether an officer is an administrator whose signature counts at a time."""
    valid = officer.valid_from_ns <= ts_ns < officer.valid_until_ns
    return valid and officer.officer_state == ACTIVE and officer.officer_roles & ROLE_ADMINISTRATOR != 0
