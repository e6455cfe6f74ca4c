"""Payouts under attack: nobody is paid twice, whatever order a bank's messages come in, and nothing that was revoked.

Oracles: ISO 20022 external status reason codes (AM05, DU01 to DU05 say that the bank has it already); the record's
RejectWithdrawal, which gives a client its money back until the withdrawal is dispatched; sums by hand.
"""

from __future__ import annotations

import pytest

from tarazy.facility.banking.banks.file_drop import FileDrop
from tarazy.facility.banking.errors import BankActRefusedError
from tarazy.facility.banking.pain002 import PaymentStatus
from tarazy.facility.banking.payouts import approve_payout, payouts
from tarazy.facility.banking.sending import (
    drop_revoked,
    is_report,
    note_booked,
    payment_files,
    poll,
    take_statuses,
    write_payments,
)

from .desk import GANI, BankDesk, day, paid
from .messages import ACCOUNT
from .test_payouts import SENDER, debit, proposed, report, sent


def states(desk: BankDesk) -> list[tuple[str, str]]:
    """Return every payout's id and state."""
    return [(each.end_to_end_id, each.state) for each in payouts(desk.book)]


def rejected(desk: BankDesk) -> None:
    """Send a payout, and let the bank reject it."""
    assert take_statuses(desk.book, [PaymentStatus(sent(desk, 7), "W7-1", "RJCT", "AC04")]) == 1


def test_second_attempt_stays_behind_where_the_rejected_first_was_paid_after_all(desk: BankDesk) -> None:
    rejected(desk)
    approve_payout(desk.book, GANI, proposed(desk, 7))
    desk.take(day(paid("2000.00", reference="B0"), debit("W7-1", "1500.00"), closing="500.00"))
    assert note_booked(desk.book) == (1, [])
    assert write_payments(desk.book, SENDER, "KZT") is None
    assert states(desk) == [("W7-1", "booked"), ("W7-2", "approved")]


def test_second_attempt_is_not_approved_where_the_first_was_paid_after_all(desk: BankDesk) -> None:
    rejected(desk)
    number = proposed(desk, 7)
    desk.take(day(paid("2000.00", reference="B0"), debit("W7-1", "1500.00"), closing="500.00"))
    assert note_booked(desk.book) == (1, [])
    with pytest.raises(BankActRefusedError, match="another payout"):
        approve_payout(desk.book, GANI, number)


@pytest.mark.parametrize("reason", ["AM05", "AM05 known", "DU01", "DU04 end to end"])
def test_rejection_as_a_duplicate_is_no_leave_to_pay_again(desk: BankDesk, reason: str) -> None:
    message_id = sent(desk, 7)
    assert take_statuses(desk.book, [PaymentStatus(message_id, "*", "RJCT", reason)]) == 0
    with pytest.raises(BankActRefusedError, match="without an open payout"):
        proposed(desk, 7)


def test_payout_of_a_withdrawal_that_was_rejected_since_is_not_sent(desk: BankDesk) -> None:
    for number in (7, 8):
        approve_payout(desk.book, GANI, proposed(desk, number))
    assert drop_revoked(desk.book, ACCOUNT, {8}) == ["W7-1"]
    assert write_payments(desk.book, SENDER, "KZT")
    assert states(desk) == [("W7-1", "withdrawn"), ("W8-1", "sent")]
    with pytest.raises(BankActRefusedError, match="to stand in the record"):
        drop_revoked(desk.book, ACCOUNT, set())
    assert [each.state for each in payment_files(desk.book)] == ["written"]


def test_payers_text_does_not_keep_a_statement_out(desk: BankDesk) -> None:
    drop = FileDrop(desk.folder / "drop", 0.0)
    content = day(paid("2000.00", "CstmrPmtStsRpt 1234567"), closing="2000.00")
    (desk.folder / "drop" / "in" / "s.xml").write_bytes(content)
    found = poll(desk.book, drop)
    assert (found.refused, [each.items for each in found.imported]) == ([], [1])
    assert is_report(desk.file(report("TZ1")))
