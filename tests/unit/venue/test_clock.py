"""The clock: how far a command's time may jump, who may say that it did, and what a refusal leaves behind."""

from __future__ import annotations

import pytest

from tarazy.domain.records import AdvanceTime, ParameterTable, SetParameter
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, APPROVER, MINUTE_NS, OFFICER, SECOND_NS, Floor
from .authority_refusals import FINANCE, HASH

BOUND_NS = 10 * SECOND_NS


@pytest.fixture
def bounded(floor: Floor) -> Floor:
    """Return a floor whose clock jumps at most ten seconds, with an order that expires in a minute."""
    floor.act(SetParameter(ParameterTable.clock_jump_max_ms, parameter_value=10_000, rulebook_hash=HASH))
    floor.buy(ALICE, 5, 100, time_in_force=4, expire_ns=floor.now + MINUTE_NS)
    return floor


def test_time_moves_up_to_the_bound(bounded: Floor) -> None:
    assert bounded.wait(BOUND_NS) == []
    assert bounded.wait(BOUND_NS + 1).reject_code == RejectCode.time_jumped


def test_jump_expires_no_order_and_moves_no_time(bounded: Floor) -> None:
    before = bounded.venue.last_ts_ns
    assert bounded.wait(1_000 * MINUTE_NS).kinds == ["CommandRejected"]
    assert (bounded.venue.last_ts_ns, len(bounded.bids)) == (before, 1)


@pytest.mark.parametrize("signers", [(), (OFFICER,), (OFFICER, 3)])
def test_jump_is_refused_without_two_officers_of_operations(bounded: Floor, signers: tuple[int, ...]) -> None:
    bounded.officer(3, FINANCE)
    if signers:
        bounded.instruct(*signers)
    refused = bounded.send(AdvanceTime(bounded.now + BOUND_NS + 1))
    codes = {0: RejectCode.time_jumped, 1: RejectCode.four_eyes_required, 2: RejectCode.officer_role_missing}
    assert refused.reject_code == codes[len(signers)]


def test_two_officers_of_operations_sign_a_jump_and_what_is_due_happens(bounded: Floor) -> None:
    later = bounded.now + MINUTE_NS
    bounded.instruct(OFFICER, APPROVER, valid_until_ns=later + 1)
    assert bounded.send(AdvanceTime(later)).kinds == ["OrderCanceled"]
    assert bounded.venue.last_ts_ns == later


def test_signed_jump_lets_only_time_pass(bounded: Floor) -> None:
    later = bounded.now + MINUTE_NS
    bounded.instruct(OFFICER, APPROVER, valid_until_ns=later + 1)
    assert bounded.cancel_all(ALICE).of(object)
    bounded.instruct(OFFICER, APPROVER, valid_until_ns=later + 1)
    bounded.now = later
    assert bounded.buy(ALICE, 1, 1).reject_code == RejectCode.time_jumped


def test_bound_is_lifted_again(bounded: Floor) -> None:
    bounded.act(SetParameter(ParameterTable.clock_jump_max_ms, rulebook_hash=HASH))
    assert bounded.wait(1_000 * MINUTE_NS).kinds == ["OrderCanceled"]


def test_bound_survives_a_snapshot(bounded: Floor) -> None:
    bounded.venue = bounded.engine.restore(bounded.venue.snapshot())
    assert bounded.wait(BOUND_NS + 1).reject_code == RejectCode.time_jumped
