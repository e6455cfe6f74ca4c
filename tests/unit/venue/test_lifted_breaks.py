"""A break of observed balances is opened by one and ended by two people, whatever mandates allow.

What is right is the mission's own rule: a stop that protects clients is for anybody who sees a reason, its end for four
eyes. No amount, machine or role makes one person enough.
"""

from __future__ import annotations

import pytest

from tarazy.domain.records import (
    ROLE_CUSTODY,
    ROLE_MACHINE,
    ROLE_OPERATIONS,
    BalanceReported,
    CommandKind,
    CommandRejected,
    GrantMandate,
    ReportBalance,
)
from tarazy.domain.reject_codes import RejectCode

from ...floor import APPROVER, BTC, END_OF_TIME, OFFICER, Floor
from .desk import HOT, Desk
from .refusals import HASH

FIRST_MACHINE, SECOND_MACHINE, CUSTODIAN, OPERATOR = 3, 4, 5, 6


@pytest.fixture
def broken(floor: Floor) -> Floor:
    """Return a floor with an open break of bitcoin, which a machine reported under its mandate."""
    for number, roles in (
        (FIRST_MACHINE, ROLE_MACHINE),
        (SECOND_MACHINE, ROLE_MACHINE),
        (CUSTODIAN, ROLE_CUSTODY),
        (OPERATOR, ROLE_OPERATIONS),
    ):
        floor.officer(number, roles)
    for number in (FIRST_MACHINE, SECOND_MACHINE):
        kind = int(CommandKind.report_balance)
        floor.act(GrantMandate(1, kind, 0, number, BTC, END_OF_TIME, 10**12, 10**15))
    assert floor.signed(report(floor, -1), FIRST_MACHINE).one(BalanceReported).balance_matches == 0
    return floor


def report(floor: Floor, more: int = 0) -> ReportBalance:
    """Return the report of the ledger's balance, or of another one."""
    return ReportBalance(1, HOT, 0, BTC, floor.now, Desk(floor).at(HOT) + more, HASH)


@pytest.mark.parametrize(
    ("first", "second", "needed", "found"),
    [
        (OFFICER, 0, 2, 1),
        (CUSTODIAN, 0, 2, 1),
        (FIRST_MACHINE, 0, 2, 0),
        (FIRST_MACHINE, SECOND_MACHINE, 2, 0),
        (CUSTODIAN, FIRST_MACHINE, 2, 1),
    ],
)
def test_one_person_and_any_number_of_machines_end_no_break(
    broken: Floor, first: int, second: int, needed: int, found: int
) -> None:
    refused = broken.signed(report(broken), first, second)
    event = refused.one(CommandRejected)
    assert refused.reject_code == RejectCode.four_eyes_required
    assert (event.expected, event.found) == (needed, found)
    assert broken.state.breaks


def test_second_person_without_the_role_ends_no_break(broken: Floor) -> None:
    assert broken.signed(report(broken), CUSTODIAN, OPERATOR).reject_code == RejectCode.officer_role_missing


def test_two_people_end_a_break(broken: Floor) -> None:
    assert broken.signed(report(broken), CUSTODIAN, APPROVER).one(BalanceReported).balance_matches == 1
    assert not broken.state.breaks


def test_another_difference_over_an_open_break_is_reported_by_one(broken: Floor) -> None:
    assert broken.signed(report(broken, 5), FIRST_MACHINE).one(BalanceReported).balance_matches == 0
    assert broken.state.breaks


def test_break_stays_where_the_ledger_moves_to_what_was_seen(broken: Floor) -> None:
    """The ledger comes to the observed balance by a loss that was stated; the stop still ends by two people alone."""
    desk = Desk(broken)
    seen = desk.at(HOT) - 1
    desk.lose(1)
    assert (desk.at(HOT), len(broken.state.breaks)) == (seen, 1)
    assert broken.signed(report(broken), FIRST_MACHINE).reject_code == RejectCode.four_eyes_required
    assert broken.state.breaks
