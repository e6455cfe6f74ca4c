"""A break stops the asset in both engines by a machine's report, and goes only by two people with a reason."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pytest

from tarazy.domain.records import (
    ROLE_MACHINE,
    ApproveWithdrawal,
    BalanceReported,
    CommandKind,
    CustodyLocation,
    GrantMandate,
    ReportBalance,
    RequestWithdrawal,
    WithdrawalApproved,
    WithdrawalRequested,
)
from tarazy.domain.reject_codes import RejectCode
from tarazy.facility.reconciliation.comparing import ThreeWay, three_way
from tarazy.facility.reconciliation.errors import ReconciliationError
from tarazy.facility.reconciliation.inputs import KnownBalance, LocatedAccount, ReconciledSide
from tarazy.facility.reconciliation.matching import MatchingTerms
from tarazy.facility.reconciliation.reporting import lift, machine_reports, to_be_lifted

from ....floor import ALICE, APPROVER, BTC, END_OF_TIME, OFFICER, Floor

HOT = int(CustodyLocation.hot)
ADDRESS = LocatedAccount(BTC, HOT, "bc1qexample")
MACHINE = 3
RUN = sha256(b"the report of the run").digest()


@pytest.fixture
def watched(floor: Floor) -> Floor:
    """Return a floor with a machine officer that may report balances of bitcoin, alone."""
    floor.officer(MACHINE, ROLE_MACHINE)
    terms: dict[str, Any] = {"mandated_kind": CommandKind.report_balance, "officer_id": MACHINE, "asset_id": BTC}
    terms |= {"valid_until_ns": END_OF_TIME, "amount_max_minor": 10**12, "day_max_minor": 10**15, "signers_needed": 1}
    floor.act(GrantMandate(**terms))
    return floor


def compared(floor: Floor, seen_minor: int, tolerance_minor: int = 0) -> ThreeWay:
    """Return the comparison of the floor's bitcoin with what a node says."""
    place = custody(floor)
    book = ReconciledSide({ADDRESS: KnownBalance(place, floor.now)}, [])
    outside = ReconciledSide({ADDRESS: KnownBalance(seen_minor, floor.now, RUN)}, [])
    return three_way({(BTC, HOT): place}, book, outside, MatchingTerms(floor.now), {BTC: tolerance_minor})


def custody(floor: Floor) -> int:
    """Return what the ledger has in hot custody."""
    return floor.state.ledger.asset(BTC).custody[1][HOT - 1].minor  # type: ignore[index]


def open_breaks(floor: Floor) -> set[tuple[int, int]]:
    """Return the places with an open break in the engine."""
    return {(asset_id, location) for asset_id, _, location in floor.state.breaks}


def report(floor: Floor, command: ReportBalance) -> BalanceReported:
    """Let the machine officer sign and send a report."""
    return floor.signed(command, MACHINE).one(BalanceReported)


def approval(floor: Floor) -> Any:
    """Ask for a withdrawal and return what its approval gives."""
    ask = RequestWithdrawal(account_id=ALICE, asset_id=BTC, amount_minor=5, destination_hash=RUN)
    asked = floor.send(ask).one(WithdrawalRequested)
    number, destination = asked.withdrawal_id, asked.destination_hash
    return floor.signed(ApproveWithdrawal(0, ALICE, BTC, number, 5, destination), OFFICER, APPROVER)


def test_break_stops_withdrawals_until_two_people_lift_it(watched: Floor) -> None:
    ledger = custody(watched)
    (command,) = machine_reports(compared(watched, ledger - 7), open_breaks(watched), RUN, watched.now)
    shown = report(watched, command)
    assert (shown.balance_matches, shown.amount_minor, shown.ledger_minor) == (0, ledger - 7, ledger)
    assert approval(watched).reject_code == RejectCode.balance_break

    later = compared(watched, ledger)  # the missing coin was found; the machine does not end the break
    assert machine_reports(later, open_breaks(watched), RUN, watched.now) == []
    (place,) = to_be_lifted(later, open_breaks(watched))
    lifted = lift(place, "a sweep was booked at the wrong address", "Aigerim", "Daniyar", watched.now)
    assert lifted.command.evidence_hash == sha256(lifted.document).digest()
    assert json.loads(lifted.document)["reason"] == "a sweep was booked at the wrong address"
    assert watched.signed(lifted.command, OFFICER, APPROVER).one(BalanceReported).balance_matches == 1
    assert not open_breaks(watched)
    assert approval(watched).of(WithdrawalApproved)


def test_difference_within_the_tolerance_stops_nothing_and_reports_nothing(watched: Floor) -> None:
    found = compared(watched, custody(watched) - 7, tolerance_minor=7)
    assert machine_reports(found, open_breaks(watched), RUN, watched.now) == []
    assert approval(watched).of(WithdrawalApproved)


def test_balance_that_agrees_is_reported_where_no_break_is_open(watched: Floor) -> None:
    (command,) = machine_reports(compared(watched, custody(watched)), open_breaks(watched), RUN, watched.now)
    assert report(watched, command).balance_matches == 1


def test_break_that_is_still_there_is_not_lifted(watched: Floor) -> None:
    (place,) = compared(watched, custody(watched) - 7).places
    with pytest.raises(ReconciliationError, match="a break is not lifted by a signature"):
        lift(place, "we believe that it is all right", "Aigerim", "Daniyar", watched.now)


@pytest.mark.parametrize(("prepared", "approved"), [("Aigerim", "Aigerim"), ("Aigerim", " aigerim "), ("", "Daniyar")])
def test_one_person_lifts_nothing(watched: Floor, prepared: str, approved: str) -> None:
    (place,) = compared(watched, custody(watched)).places
    with pytest.raises(ReconciliationError, match="two people"):
        lift(place, "a sweep was booked at the wrong address", prepared, approved, watched.now)


def test_lift_without_a_reason_is_refused(watched: Floor) -> None:
    (place,) = compared(watched, custody(watched)).places
    with pytest.raises(ReconciliationError, match="a reason of 10 to 2000 characters"):
        lift(place, "  ok  ", "Aigerim", "Daniyar", watched.now)


def test_machine_that_signs_a_lift_is_refused_by_the_engine(watched: Floor) -> None:
    ledger = custody(watched)
    (command,) = machine_reports(compared(watched, ledger - 7), open_breaks(watched), RUN, watched.now)
    report(watched, command)
    (place,) = to_be_lifted(compared(watched, ledger), open_breaks(watched))
    lifted = lift(place, "a sweep was booked at the wrong address", "Aigerim", "Daniyar", watched.now)
    for first, second in ((MACHINE, 0), (OFFICER, 0), (OFFICER, MACHINE)):
        assert watched.signed(lifted.command, first, second).reject_code == RejectCode.four_eyes_required
    assert open_breaks(watched)
