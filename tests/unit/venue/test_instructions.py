"""Instructions: how long they are valid, which numbers are used, and that what is remembered of them stays bounded."""

from __future__ import annotations

import pytest

from tarazy.domain.records import InstructionAccepted, ParameterTable, SetParameter
from tarazy.domain.reject_codes import RejectCode

from ...floor import APPROVER, MINUTE_NS, OFFICER, SECOND_NS, Floor
from .authority_refusals import HASH, WEEK_NS


def test_accepted_instruction_says_who_signed_what(floor: Floor) -> None:
    made = floor.instruction(OFFICER, APPROVER, 3)
    accepted = floor.send(made).one(InstructionAccepted)
    assert accepted[1:] == made[1:]


@pytest.mark.parametrize(("limit_ms", "latest_ns"), [(0, WEEK_NS), (1, 1_000_000), (5_000, 5 * SECOND_NS)])
def test_validity_is_at_most_the_parameter_or_seven_days(floor: Floor, limit_ms: int, latest_ns: int) -> None:
    floor.act(SetParameter(ParameterTable.instruction_validity_max_ms, parameter_value=limit_ms, rulebook_hash=HASH))
    too_long = floor.instruct(OFFICER, valid_until_ns=floor.now + latest_ns + 1)
    assert too_long.reject_code == RejectCode.instruction_validity_too_long
    assert floor.instruct(OFFICER, valid_until_ns=floor.now + latest_ns).kinds == ["InstructionAccepted"]


@pytest.mark.parametrize("table", [ParameterTable.clock_jump_max_ms, ParameterTable.instruction_validity_max_ms])
def test_durations_have_one_row_and_a_largest_value(floor: Floor, table: int) -> None:
    most = 1 << 40
    assert (
        floor.do(SetParameter(table, parameter_key=1, parameter_value=5, rulebook_hash=HASH)).reject_code
        == RejectCode.parameter_key_unknown
    )
    assert (
        floor.do(SetParameter(table, parameter_value=most + 1, rulebook_hash=HASH)).reject_code
        == RejectCode.parameter_out_of_range
    )
    assert floor.do(SetParameter(table, parameter_value=most, rulebook_hash=HASH)).kinds == ["ParameterSet"]


def test_number_is_used_until_the_validity_ends_and_then_free(floor: Floor) -> None:
    until = floor.now + SECOND_NS
    floor.instruct(OFFICER, instruction_number=77, valid_until_ns=until)
    floor.now = until - 1
    assert floor.instruct(APPROVER, instruction_number=77).reject_code == RejectCode.instruction_number_used
    floor.now = until
    floor.instruct(OFFICER)
    assert floor.instruct(APPROVER, instruction_number=77).kinds == ["InstructionAccepted"]


def test_refused_instruction_uses_no_number(floor: Floor) -> None:
    assert floor.instruct(9, instruction_number=77).reject_code == RejectCode.officer_unknown
    assert floor.instruct(OFFICER, instruction_number=77).kinds == ["InstructionAccepted"]


def test_same_officer_twice_is_not_four_eyes(floor: Floor) -> None:
    refused = floor.instruct(OFFICER, OFFICER)
    assert (refused.reject_code, refused[0].found) == (RejectCode.four_eyes_required, OFFICER)


def test_remembered_numbers_stay_bounded_by_those_that_are_valid(floor: Floor) -> None:
    floor.wait(MINUTE_NS)
    for _ in range(300):
        floor.instruct(OFFICER, valid_until_ns=floor.now + SECOND_NS)
        floor.wait(SECOND_NS // 10)
    # Ten are valid at any time; each new one forgets up to two whose validity is over.
    assert len(floor.state.authority.numbers) <= 12


def test_used_numbers_survive_a_snapshot(floor: Floor) -> None:
    floor.instruct(OFFICER, instruction_number=77)
    floor.venue = floor.engine.restore(floor.venue.snapshot())
    assert floor.instruct(APPROVER, instruction_number=77).reject_code == RejectCode.instruction_number_used
