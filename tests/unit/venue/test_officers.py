"""Officers: the genesis, registration, states, keys, and what stays true of administrators."""

from __future__ import annotations

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import (
    AdvanceTime,
    FacilityKeyRotated,
    OfficerKeyRotated,
    OfficerRegistered,
    OfficerState,
    OfficerStateChanged,
    PresentInstruction,
    RegisterOfficer,
    RotateFacilityKey,
    RotateOfficerKey,
    SetOfficerState,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALL_ROLES, APPROVER, END_OF_TIME, OFFICER, SECOND_NS, Floor, decode_events, public_key
from .authority_refusals import ADMINISTRATOR, FINANCE, HASH, MACHINE, OPERATIONS

ACTIVE, SUSPENDED, REVOKED = OfficerState


def put(floor: Floor, officer: int, state: int) -> RejectCode | None:
    """Ask for a state of an officer as the act of the first two; return the refusal, if any."""
    result = floor.do(SetOfficerState(state, 0, officer, HASH))
    return None if result.of(OfficerStateChanged) else result.reject_code


def test_genesis_registers_officers_without_an_instruction(engine: type[Engine]) -> None:
    venue = engine()
    records = [RegisterOfficer(roles, 5, 0, END_OF_TIME, public_key(roles)) for roles in (ADMINISTRATOR, MACHINE)]
    events = decode_events(venue.apply(b"".join(record.pack() for record in records)))
    assert [(e.officer_id, e.officer_roles) for e in events.of(OfficerRegistered)] == [(1, 1), (2, 32)]


def test_any_other_command_ends_the_genesis_even_a_refused_one(engine: type[Engine]) -> None:
    register = RegisterOfficer(ALL_ROLES, 5, 0, END_OF_TIME, public_key(1))
    for other in (AdvanceTime(5).pack(), PresentInstruction(5).pack(), b"\xff" * 96):
        venue = engine()
        venue.apply(other)
        assert decode_events(venue.apply(register.pack())).reject_code == RejectCode.instruction_missing


def test_genesis_names_the_facilitys_key_first_and_no_officer_may_have_it(engine: type[Engine]) -> None:
    key, officer = public_key(9), RegisterOfficer(ALL_ROLES, 5, 0, END_OF_TIME, public_key(1))
    venue = engine()
    rotated = decode_events(venue.apply(RotateFacilityKey(5, key).pack())).one(FacilityKeyRotated)
    assert rotated.public_key == key
    again = decode_events(venue.apply(RotateFacilityKey(5, public_key(8)).pack()))
    assert again.reject_code == RejectCode.instruction_missing
    taken = decode_events(venue.apply(officer._replace(public_key=key).pack()))
    assert taken.reject_code == RejectCode.public_key_taken
    assert decode_events(venue.apply(officer.pack())).kinds == ["OfficerRegistered"]


def test_facilitys_key_comes_before_the_officers_or_with_an_instruction(engine: type[Engine]) -> None:
    venue = engine()
    venue.apply(RegisterOfficer(ALL_ROLES, 5, 0, END_OF_TIME, public_key(1)).pack())
    late = decode_events(venue.apply(RotateFacilityKey(5, public_key(9)).pack()))
    assert late.reject_code == RejectCode.instruction_missing


def test_genesis_survives_a_snapshot(engine: type[Engine]) -> None:
    register = RegisterOfficer(ALL_ROLES, 5, 0, END_OF_TIME, public_key(1))
    restored = engine.restore(engine().snapshot())
    assert decode_events(restored.apply(register.pack())).kinds == ["OfficerRegistered"]


def test_officers_are_numbered_in_order_and_the_engine_states_their_keys(floor: Floor) -> None:
    floor.officer(3, FINANCE, begin_ns=7, end_ns=floor.now + SECOND_NS)
    assert floor.venue.officer_keys() == [
        (OFFICER, public_key(OFFICER), ALL_ROLES, ACTIVE, 0, END_OF_TIME),
        (APPROVER, public_key(APPROVER), ALL_ROLES, ACTIVE, 0, END_OF_TIME),
        (3, public_key(3), FINANCE, ACTIVE, 7, floor.now + SECOND_NS),
    ]


@pytest.mark.parametrize("roles", [0, 64, 1 << 15, MACHINE + OPERATIONS])
def test_roles_that_are_none_unknown_or_of_person_and_machine_are_refused(floor: Floor, roles: int) -> None:
    refused = floor.do(RegisterOfficer(roles, 0, 0, END_OF_TIME, public_key(3)))
    assert refused.reject_code == RejectCode.officer_roles_invalid


def test_officer_signs_from_the_first_moment_of_the_validity_to_before_the_last(floor: Floor) -> None:
    begin, end = floor.now + SECOND_NS, floor.now + 2 * SECOND_NS
    floor.officer(3, ALL_ROLES, begin, end)
    outcomes = []
    for moment in (begin - 1, begin, end - 1, end):
        floor.now = moment
        outcomes.append(floor.instruct(3).kinds == ["InstructionAccepted"])
    assert outcomes == [False, True, True, False]


def test_suspended_officer_comes_back_and_a_revoked_one_never(floor: Floor) -> None:
    floor.officer(3, FINANCE)
    assert [put(floor, 3, state) for state in (SUSPENDED, ACTIVE, REVOKED)] == [None, None, None]
    assert put(floor, 3, ACTIVE) == put(floor, 3, SUSPENDED) == RejectCode.officer_state_not_reachable


def test_state_that_the_officer_has_is_refused(floor: Floor) -> None:
    assert put(floor, OFFICER, ACTIVE) == RejectCode.officer_state_not_reachable


def test_state_without_a_decision_is_refused(floor: Floor) -> None:
    floor.officer(3, FINANCE)
    assert floor.do(SetOfficerState(SUSPENDED, 0, 3)).reject_code == RejectCode.decision_missing


def test_two_active_administrators_always_remain(floor: Floor) -> None:
    assert put(floor, APPROVER, SUSPENDED) == RejectCode.administrators_too_few
    floor.officer(3, ADMINISTRATOR)
    assert put(floor, 3, SUSPENDED) is None
    assert put(floor, APPROVER, SUSPENDED) == RejectCode.administrators_too_few
    assert put(floor, 3, ACTIVE) is None
    floor.officer(4, ADMINISTRATOR)
    assert put(floor, 3, REVOKED) is None
    assert put(floor, 4, REVOKED) is None
    assert put(floor, APPROVER, REVOKED) == RejectCode.administrators_too_few


def test_administrator_whose_validity_is_over_does_not_count(floor: Floor) -> None:
    floor.officer(3, ADMINISTRATOR, end_ns=floor.now + SECOND_NS)
    floor.officer(4, ADMINISTRATOR, begin_ns=floor.now + 10 * SECOND_NS)
    floor.wait(SECOND_NS)
    assert put(floor, APPROVER, SUSPENDED) == RejectCode.administrators_too_few
    assert put(floor, 3, REVOKED) is None


def test_key_is_rotated_and_only_the_new_one_signs(floor: Floor) -> None:
    floor.officer(3, ALL_ROLES)
    rotated = floor.act(RotateOfficerKey(0, 3, public_key(33))).one(OfficerKeyRotated)
    assert (rotated.officer_id, rotated.public_key) == (3, public_key(33))
    assert floor.instruct(3).reject_code == RejectCode.signers_hash_mismatch
    floor.keys[3] = public_key(33)
    assert floor.instruct(3).kinds == ["InstructionAccepted"]


@pytest.mark.parametrize("officer", [OFFICER, APPROVER, 3])
def test_key_that_an_officer_has_is_refused(floor: Floor, officer: int) -> None:
    floor.officer(3, FINANCE)
    refused = floor.do(RotateOfficerKey(0, officer, public_key(3)))
    assert refused.reject_code == RejectCode.public_key_taken
    again = floor.do(RegisterOfficer(FINANCE, 0, 0, END_OF_TIME, public_key(3)))
    assert again.reject_code == RejectCode.public_key_taken


def test_revoked_officer_gets_no_key(floor: Floor) -> None:
    floor.officer(3, FINANCE)
    put(floor, 3, REVOKED)
    assert floor.do(RotateOfficerKey(0, 3, public_key(33))).reject_code == RejectCode.officer_not_active


def test_facility_key_is_rotated_and_is_no_officers(floor: Floor) -> None:
    assert floor.do(RotateFacilityKey(0, public_key(OFFICER))).reject_code == RejectCode.public_key_taken
    rotated = floor.act(RotateFacilityKey(0, public_key(50))).one(FacilityKeyRotated)
    assert rotated.public_key == floor.state.authority.facility_key == public_key(50)
    taken = floor.do(RotateOfficerKey(0, OFFICER, public_key(50)))
    assert taken.reject_code == RejectCode.public_key_taken
    assert floor.do(RotateFacilityKey(0, public_key(50))).reject_code == RejectCode.public_key_taken, "no rotation"
