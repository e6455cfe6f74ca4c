"""Payouts under attack: nobody is paid twice, whatever order a bank's messages come in, and nothing that was revoked.

Oracles: ISO 20022 external status reason codes (AM05, DU01 to DU05 say that the bank has it already); the record's
RejectWithdrawal, which gives a client its money back until the withdrawal is dispatched; sums by hand.
"""

from __future__ import annotations

import pytest

from tarazy.facility.banking.banks.file_drop import FileDrop
from tarazy.facility.banking.book import BankAccount, add_account, channel_accounts
from tarazy.facility.banking.dispatches import RecordedPayment, dispatch_evidence
from tarazy.facility.banking.errors import BankActRefusedError
from tarazy.facility.banking.handing import HandOver, WaitingMessage, drop_revoked, hand_over, payment_files
from tarazy.facility.banking.items import items
from tarazy.facility.banking.kept import kept_statements
from tarazy.facility.banking.pain002 import PaymentStatus
from tarazy.facility.banking.payment_commands import payment_commands
from tarazy.facility.banking.payouts import approve_payout, destination_hash, payouts
from tarazy.facility.banking.sending import is_report, note_booked, poll, take_statuses, write_payments

from .desk import AIGUL_IBAN, FINA, GANI, HOUSE, OURS, BankDesk, day, paid
from .messages import ACCOUNT, balance, camt, statement
from .test_payouts import SENDER, TO_SULU, debit, proposed, recorded, report, sent, written


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
    """Of two approved payouts one is revoked before the message, of two in a written message one after it."""
    for number in (7, 8, 9):
        approve_payout(desk.book, GANI, proposed(desk, number))
    stands = {number: approved(number) for number in (8, 9)}
    assert drop_revoked(desk.book, ACCOUNT, stands) == ["W7-1"]
    first = write_payments(desk.book, SENDER, "KZT")
    assert states(desk) == [("W7-1", "withdrawn"), ("W8-1", "sent"), ("W9-1", "sent")]
    assert drop_revoked(desk.book, ACCOUNT, {9: approved(9)}) == ["W8-1"]
    assert states(desk) == [("W7-1", "withdrawn"), ("W8-1", "withdrawn"), ("W9-1", "approved")]
    second = write_payments(desk.book, SENDER, "KZT")
    assert {each.message_id: each.state for each in payment_files(desk.book)} == {first: "void", second: "written"}
    assert b"W8-1" not in payment_files(desk.book, "written")[0].content


def approved(number: int) -> RecordedPayment:
    """Return a withdrawal of 1,500.00 that the record has approved."""
    return RecordedPayment(number, "approved", 150_000, destination_hash(TO_SULU))


def test_message_reaches_the_bank_only_after_the_record_has_all_of_its_dispatches(desk: BankDesk) -> None:
    """A crash between the two would pay without a record, or twice: the record is first."""
    message_id, drop = written(desk, 7, 8), FileDrop(desk.folder / "drop", 0.0)
    content = payment_files(desk.book)[0].content
    waits = {number: approved(number) for number in (7, 8)}
    assert hand_over(desk.book, drop, ACCOUNT, waits) == HandOver([], [WaitingMessage(message_id, [7, 8])])
    listed = payment_commands(desk.book, waits)
    evidence = [dispatch_evidence(content, name).hex() for name in ("W7-1", "W8-1")]
    assert [(each["command"], each["evidence_hash"]) for each in listed] == [
        ("DispatchWithdrawal", each) for each in evidence
    ]
    waits[7] = waits[7]._replace(state="dispatched", dispatched_hash=dispatch_evidence(content, "W7-1"))
    assert hand_over(desk.book, drop, ACCOUNT, waits).waiting == [WaitingMessage(message_id, [8])]
    assert list((desk.folder / "drop" / "out").iterdir()) == []
    assert hand_over(desk.book, drop, ACCOUNT, recorded(desk)) == HandOver([message_id], [])
    assert hand_over(desk.book, drop, ACCOUNT, recorded(desk)) == HandOver([], [])
    assert payment_commands(desk.book, recorded(desk)) == []


def test_bytes_that_the_record_did_not_dispatch_are_not_handed_over(desk: BankDesk) -> None:
    """Whoever changes the book's message after its dispatch has another message."""
    message_id, drop = written(desk, 7), FileDrop(desk.folder / "drop", 0.0)
    known = recorded(desk)
    other = payment_files(desk.book)[0].content.replace(b"CASPKZKA", b"HSBKKZKX").replace(b"Venue Ltd", b"Other Ltd")
    desk.book.connection.execute("UPDATE payment_files SET content = ?", (other,))
    assert hand_over(desk.book, drop, ACCOUNT, known) == HandOver([], [WaitingMessage(message_id, [7])])
    desk.book.connection.execute("UPDATE payouts SET amount_minor = amount_minor + 1")
    with pytest.raises(BankActRefusedError, match="amount and destination"):
        hand_over(desk.book, drop, ACCOUNT, known)
    assert list((desk.folder / "drop" / "out").iterdir()) == []


def test_second_attempt_is_void_where_the_first_was_paid_while_it_waited_for_the_record(desk: BankDesk) -> None:
    rejected(desk)
    message_id = written(desk, 7)
    desk.take(day(paid("2000.00", reference="B0"), debit("W7-1", "1500.00"), closing="500.00"))
    assert note_booked(desk.book) == (1, [])
    assert drop_revoked(desk.book, ACCOUNT, {7: approved(7)}) == ["W7-2"]
    assert (states(desk), payment_files(desk.book)[-1].state) == ([("W7-1", "booked"), ("W7-2", "withdrawn")], "void")
    assert hand_over(desk.book, FileDrop(desk.folder / "drop", 0.0), ACCOUNT, recorded(desk)) == HandOver([], [])
    assert payment_files(desk.book)[-1].message_id == message_id


def test_nothing_that_a_bank_says_counts_for_a_message_that_it_never_got(desk: BankDesk) -> None:
    """A rejection would be a leave to pay again, a booking would settle: both are forged."""
    message_id = written(desk, 7)
    assert take_statuses(desk.book, [PaymentStatus(message_id, "W7-1", "RJCT", "AC04")]) == 0
    desk.take(day(paid("2000.00", reference="B0"), debit("W7-1", "1500.00"), closing="500.00"))
    assert note_booked(desk.book) == (0, ["W7-1: booked in statement S1, and never handed over"])
    assert states(desk) == [("W7-1", "sent")]


def test_second_attempt_is_dispatched_anew_by_its_own_bytes(desk: BankDesk) -> None:
    rejected(desk)
    before = recorded(desk)
    written(desk, 7)
    (command,) = payment_commands(desk.book, before)
    content = payment_files(desk.book, "written")[-1].content
    assert command["evidence_hash"] == dispatch_evidence(content, "W7-2").hex()


def test_payers_text_does_not_keep_a_statement_out(desk: BankDesk) -> None:
    drop = FileDrop(desk.folder / "drop", 0.0)
    content = day(paid("2000.00", "CstmrPmtStsRpt 1234567"), closing="2000.00")
    (desk.folder / "drop" / "in" / "s.xml").write_bytes(content)
    found = poll(desk.book, drop, OURS)
    assert (found.refused, [each.items for each in found.imported]) == ([], [1])
    assert is_report(desk.file(report("TZ1")))


def test_report_of_another_bank_rejects_nothing(desk: BankDesk) -> None:
    """Its channel may speak of its own accounts: a forged rejection would be a leave to pay a second time."""
    message_id, drop = sent(desk, 7), FileDrop(desk.folder / "drop", 0.0)
    inbox = desk.folder / "drop" / "in"
    (inbox / "r.xml").write_bytes(report(message_id, group="RJCT"))
    found = poll(desk.book, drop, frozenset({HOUSE}))
    assert (found.statuses, [name for name, _ in found.refused]) == (0, ["r.xml"])
    assert "an account of this channel" in found.refused[0][1]
    assert states(desk) == [("W7-1", "sent")]
    (inbox / "r2.xml").write_bytes(report(message_id, group="RJCT"))
    assert poll(desk.book, drop, OURS).statuses == 1


@pytest.mark.parametrize("form", ["053", "052", "054"])
def test_file_that_names_an_account_of_another_channel_is_put_aside_whole(desk: BankDesk, form: str) -> None:
    drop = FileDrop(desk.folder / "drop", 0.0)
    edges = (balance("OPBD", "0"), balance("CLBD", "10.00"))
    own = statement(paid("10.00", "1234567"), balances=edges, kind=form, number="S1", account=HOUSE)
    other = statement(paid("10.00", "1234567"), balances=edges, kind=form, number="S2", account=ACCOUNT)
    (desk.folder / "drop" / "in" / "s.xml").write_bytes(camt(own, other, kind=form))
    found = poll(desk.book, drop, frozenset({HOUSE}))
    assert ([name for name, _ in found.refused], found.imported) == (["s.xml"], [])
    assert (items(desk.book), kept_statements(desk.book)) == ([], [])


def test_two_banks_have_two_names_and_a_channel_the_accounts_of_one(desk: BankDesk) -> None:
    """The bank's code stands in the IBAN: 125 and 856 are two banks (ISO 13616, the registry's entry for KZ)."""
    other = BankAccount(AIGUL_IBAN, "KZT", "client", 1, "drop", "", "", "")
    with pytest.raises(BankActRefusedError, match="KZ125"):
        add_account(desk.book, FINA, other)
    add_account(desk.book, FINA, other._replace(bank="second"))
    assert channel_accounts(desk.book, "second") == {AIGUL_IBAN}
    assert channel_accounts(desk.book, "drop") == OURS
    assert channel_accounts(desk.book, "drop", [ACCOUNT]) == {ACCOUNT}
    for bank, named in (("drop", [AIGUL_IBAN]), ("third", [])):
        with pytest.raises(BankActRefusedError, match="under the bank"):
            channel_accounts(desk.book, bank, named)
