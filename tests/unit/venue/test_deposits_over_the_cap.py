"""What of a deposit exceeds the monthly cap: it waits, is attributed in a later month, and an undo does not free it.

The cap is USD 1,000 per resident retail client and calendar month (AIFC Cooperation Rules 3.1.1); amounts are cents.
"""

from __future__ import annotations

import pytest

from tarazy.domain.engine import Engine
from tarazy.domain.records import CommandRejected, DepositCredited, DepositUndone, ReceiptHeld, ReceiptReason
from tarazy.domain.reject_codes import RejectCode

from ...floor import USD, Floor, Result, open_floor
from .desk import Desk
from .limiting import CAP, DEPOSITS, at, cap, is_refused, rate, status, used, zone

AMINA = 501
ACCOUNT = 5
EVIDENCE = b"\xdd" * 32


@pytest.fixture
def desk(engine: type[Engine]) -> Desk:
    """Return the desk of a venue in UTC+5 in November 2026, with the cap and Amina's account."""
    floor = open_floor(engine)
    at(floor, "2026-11-10T12:00:00")
    zone(floor, 5)
    rate(floor, USD)
    cap(floor)
    floor.account(owner=AMINA)
    status(floor, AMINA)
    return Desk(floor, USD)


def available(floor: Floor) -> int:
    """Return what Amina may use."""
    return floor.balance(ACCOUNT, USD)[0]


def waiting(result: Result) -> tuple[int, int]:
    """Return why something waits, and how much."""
    held = result.one(ReceiptHeld)
    return held.receipt_reason, held.amount_minor


def test_deposit_of_1500_is_1000_now_and_500_next_month(desk: Desk) -> None:
    result = desk.deposit(ACCOUNT, 150_000, EVIDENCE)
    assert result.one(DepositCredited).amount_minor == CAP
    assert waiting(result) == (ReceiptReason.above_limit, 50_000)
    assert available(desk.floor) == 100_000
    receipt = result.one(ReceiptHeld).receipt_id
    assert is_refused(desk.attribute(receipt, ACCOUNT, 50_000), RejectCode.limit_reached, 0, 50_000)
    at(desk.floor, "2026-11-30T19:00:00", -1)
    assert is_refused(desk.attribute(receipt, ACCOUNT, 1), RejectCode.limit_reached, 0, 1)
    at(desk.floor, "2026-11-30T19:00:00")
    assert desk.attribute(receipt, ACCOUNT, 50_000).kinds == ["ReceiptAttributed"]
    assert available(desk.floor) == 150_000
    assert used(desk.floor, DEPOSITS) == [CAP, 50_000]
    assert desk.deposit(ACCOUNT, CAP).one(DepositCredited).amount_minor == 50_000


def test_undo_takes_both_parts_and_what_is_mined_again_counts_once(desk: Desk) -> None:
    desk.deposit(ACCOUNT, 150_000, EVIDENCE)
    undone = desk.undo(EVIDENCE).one(DepositUndone)
    assert (undone.taken_minor, undone.unattributed_minor, undone.lost_minor) == (CAP, 50_000, 0)
    assert used(desk.floor, DEPOSITS) == [CAP], "its place in the month is kept for it"
    assert waiting(desk.deposit(ACCOUNT, 1)) == (ReceiptReason.above_limit, 1)
    again = desk.deposit(ACCOUNT, 150_000, EVIDENCE)
    assert again.one(DepositCredited).amount_minor == CAP
    assert waiting(again) == (ReceiptReason.above_limit, 50_000)
    assert used(desk.floor, DEPOSITS) == [CAP]


@pytest.mark.parametrize("account", [ACCOUNT, 0], ids=["above the cap", "of nobody known"])
def test_what_waited_is_under_the_cap_also_when_it_was_mined_again(desk: Desk, account: int) -> None:
    """A reorganisation is no way around the cap: what no account ever had counts when it is attributed."""
    desk.deposit(ACCOUNT, CAP)
    if account:
        desk.deposit(ACCOUNT, 50_000, EVIDENCE)
        desk.undo(EVIDENCE)
        result = desk.deposit(ACCOUNT, 50_000, EVIDENCE)
        assert waiting(result) == (ReceiptReason.above_limit, 50_000)
        receipt = result.one(ReceiptHeld).receipt_id
    else:
        desk.receive(50_000, EVIDENCE)
        desk.undo(EVIDENCE)
        receipt = desk.receive(50_000, EVIDENCE)
    refusal = desk.attribute(receipt, ACCOUNT, 50_000).one(CommandRejected)
    assert (refusal.reject_code, refusal.expected, refusal.found) == (RejectCode.limit_reached, 0, 50_000)
    at(desk.floor, "2026-12-10T12:00:00")
    assert desk.attribute(receipt, ACCOUNT, 50_000).kinds == ["ReceiptAttributed"]
