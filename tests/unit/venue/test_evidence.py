"""Evidence counts once, is kept for a horizon, and is forgotten two pieces at a time."""

from __future__ import annotations

import pytest

from tarazy.domain.records import CreditDeposit, ParameterTable, SetParameter
from tarazy.domain.reject_codes import RejectCode

from ...floor import ALICE, BTC, Floor
from .authority_refusals import SECOND_WATCHER, WATCHER, mandate, watchers
from .desk import HOT, Desk

DAY_NS = 86_400 * 1_000_000_000
OLD = b"\xcc" * 32


@pytest.fixture
def desk(floor: Floor) -> Desk:
    """Return a desk whose floor keeps evidence for ten days; the floor's eight deposits are a day old."""
    table = ParameterTable.evidence_horizon_days
    floor.act(SetParameter(table, parameter_value=10, rulebook_hash=floor.new_hash()))
    floor.wait(DAY_NS)
    return Desk(floor)


def test_evidence_is_forgotten_two_pieces_at_a_time_once_it_is_older_than_the_horizon(desk: Desk) -> None:
    desk.deposit(ALICE, 5, OLD)
    assert len(desk.floor.state.evidence) == 9
    desk.floor.wait(9 * DAY_NS)
    desk.deposit(ALICE, 5)
    assert len(desk.floor.state.evidence) == 10, "ten days are within the horizon"
    desk.floor.wait(1)
    for count in (9, 8, 7, 6):
        desk.deposit(ALICE, 5)
        assert len(desk.floor.state.evidence) == count
    desk.deposit(ALICE, 5)
    assert len(desk.floor.state.evidence) == 7, "nothing is old any more"
    assert OLD in desk.floor.state.evidence


def test_command_without_evidence_forgets_none(desk: Desk) -> None:
    desk.floor.wait(20 * DAY_NS)
    desk.report(desk.at(HOT))
    desk.request(ALICE, 5)
    assert len(desk.floor.state.evidence) == 8


def test_settled_withdrawal_is_kept_as_long_as_its_evidence(desk: Desk) -> None:
    number = desk.request(ALICE, 5)
    desk.send(number)
    desk.settle(number, OLD)
    assert list(desk.floor.state.settled) == [number]
    desk.floor.wait(11 * DAY_NS)
    for _ in range(5):
        desk.deposit(ALICE, 5)
    assert not desk.floor.state.settled
    assert desk.undo_settlement(OLD).reject_code == RejectCode.evidence_unknown


def test_undone_credit_is_kept_from_its_undo_on(desk: Desk) -> None:
    desk.deposit(ALICE, 5, OLD)
    desk.floor.wait(9 * DAY_NS)
    desk.undo(OLD)
    desk.floor.wait(9 * DAY_NS)
    for _ in range(6):
        desk.deposit(ALICE, 5)
    assert desk.floor.state.evidence[OLD].is_undone
    assert desk.deposit(ALICE, 6, OLD).reject_code == RejectCode.evidence_differs


def test_horizon_is_four_hundred_days_unless_the_rulebook_sets_another(floor: Floor) -> None:
    desk = Desk(floor)
    floor.wait(400 * DAY_NS)
    desk.deposit(ALICE, 5)
    assert len(floor.state.evidence) == 9
    floor.wait(1)
    desk.deposit(ALICE, 5)
    assert len(floor.state.evidence) == 8


def test_machine_records_nothing_that_is_older_than_the_horizon_and_a_human_does(floor: Floor) -> None:
    """Two watchers and two people present the same old fact: the machines are refused, the people are not."""
    floor.wait(500 * DAY_NS)
    watchers(floor)
    for officer in (WATCHER, SECOND_WATCHER):
        floor.act(mandate(floor, officer_id=officer))
    limit = floor.now - 400 * DAY_NS
    old = CreditDeposit(HOT, 0, ALICE, BTC, limit - 1, 5, OLD)
    refused = floor.signed(old, WATCHER, SECOND_WATCHER)
    assert refused.reject_code == RejectCode.evidence_too_old
    assert (refused[0].expected, refused[0].found) == (limit, limit - 1)
    fresh = old._replace(evidence_ns=limit)
    assert floor.signed(fresh, WATCHER, SECOND_WATCHER).kinds == ["DepositCredited"]
    assert floor.attempt(old._replace(evidence_hash=floor.new_hash())).kinds == ["DepositCredited"]
