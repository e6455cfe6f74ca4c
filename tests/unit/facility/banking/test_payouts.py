"""Payouts: four eyes, the destination that the record approved, Kazakhstan's fields, one life through crashes.

Oracles: the official schema pain.001.001.09 as the package sepaxml ships it; the message definitions of pain.002; sums
by hand.
"""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
from lxml import etree

from tarazy.domain.records import ROLE_FINANCE, DispatchWithdrawal, SettleWithdrawal
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.banking.banks.file_drop import FileDrop
from tarazy.facility.banking.dispatches import RecordedPayment, dispatch_evidence
from tarazy.facility.banking.errors import BankActRefusedError, BankFieldError, BankFileError
from tarazy.facility.banking.handing import hand_over, payment_files
from tarazy.facility.banking.items import items
from tarazy.facility.banking.pain001 import NAMESPACE, PaymentSender, check_payment_message
from tarazy.facility.banking.pain002 import PaymentStatus, read_status_report
from tarazy.facility.banking.payment_commands import payment_commands
from tarazy.facility.banking.payouts import (
    BankDestination,
    RecordedWithdrawal,
    approve_payout,
    destination_hash,
    find_payout,
    payouts,
    propose_payout,
    withdraw_payout,
)
from tarazy.facility.banking.sending import overdue, poll, take_statuses, write_payments
from tarazy.facility.officers.command_text import command_from

from .desk import AIGUL_IBAN, FINA, GANI, HOUSE, OLGA, OURS, BankDesk, day, paid
from .messages import ACCOUNT, details, entry

TO_AIGUL = BankDestination("Akhmetova Aigul", AIGUL_IBAN, "CASPKZKA", "", "29", "DE")
TO_SULU = BankDestination("Sulu Trade LLP", HOUSE, "HSBKKZKX", "940140000385", "17", "", "Sulu Depot", "971240001315")
SENDER = PaymentSender("Venue Ltd", "980640000093", ACCOUNT, "KCJBKZKX", "15")
SCHEMA = Path(str(files("sepaxml"))) / "schemas" / "pain.001.001.09.xsd"


def withdrawal(number: int, amount_minor: int, to: BankDestination, *, approved: bool = True) -> RecordedWithdrawal:
    """Return a withdrawal as the record has it."""
    return RecordedWithdrawal(number, 1, amount_minor, destination_hash(to), approved)


def proposed(desk: BankDesk, number: int = 7, amount_minor: int = 150_000, to: BankDestination = TO_SULU) -> int:
    """Propose a payout."""
    terms = ((ACCOUNT, "KZT"), to, "371", f"Withdrawal {number}")
    return propose_payout(desk.book, FINA, withdrawal(number, amount_minor, to), *terms)


def sent(desk: BankDesk, *numbers: int) -> str:
    """Send approved payouts of 1,500.00 each, dispatched and handed over, and return the message's id."""
    message_id = written(desk, *numbers)
    done = hand_over(desk.book, FileDrop(desk.folder / "sent", settle_s=0), ACCOUNT, recorded(desk))
    assert done.handed == [message_id]
    return message_id


def written(desk: BankDesk, *numbers: int) -> str:
    """Write approved payouts of 1,500.00 each into a message and return its id."""
    for number in numbers:
        approve_payout(desk.book, GANI, proposed(desk, number))
    message_id = write_payments(desk.book, SENDER, "KZT", SCHEMA)
    assert message_id is not None
    return message_id


def recorded(desk: BankDesk, state: str = "dispatched") -> dict[int, RecordedPayment]:
    """Return what a record says that has done all that the book waits for; `approved` is before the dispatches."""
    files, found = {each.message_id: each for each in payment_files(desk.book)}, {}
    for each in payouts(desk.book):
        terms = (each.amount_minor, destination_hash(each.payee))
        known = RecordedPayment(each.withdrawal_id, "approved", *terms)
        if each.message_id and state != "approved":
            evidence = dispatch_evidence(files[each.message_id].content, each.end_to_end_id)
            known = known._replace(state=state, dispatched_hash=evidence)
        found[each.withdrawal_id] = known
    return found


def debit(end_to_end: str, amount: str, *, inner: str = "") -> str:
    """Return a booked payout."""
    return entry(amount, "DBIT", inner=details(f"<Refs><EndToEndId>{end_to_end}</EndToEndId></Refs>{inner}"))


def report(message_id: str, *payments: str, group: str = "") -> bytes:
    """Return a status report."""
    whole = f"<GrpSts>{group}</GrpSts>" if group else ""
    text = (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt>'
        "<GrpHdr><MsgId>R</MsgId></GrpHdr>"
        f"<OrgnlGrpInfAndSts><OrgnlMsgId>{message_id}</OrgnlMsgId>{whole}</OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>"
        + "".join(payments)
        + "</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
    )
    return text.encode()


def of_payment(end_to_end: str, status: str, reason: str = "") -> str:
    """Return the status of one payment."""
    told = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn><AddtlInf>closed</AddtlInf></StsRsnInf>" if reason else ""
    return f"<TxInfAndSts><OrgnlEndToEndId>{end_to_end}</OrgnlEndToEndId><TxSts>{status}</TxSts>{told}</TxInfAndSts>"


def test_payout_takes_two_officers_with_two_keys(desk: BankDesk) -> None:
    number = proposed(desk)
    with pytest.raises(BankActRefusedError, match="another officer"):
        approve_payout(desk.book, FINA, number)
    with pytest.raises(BankActRefusedError, match="another officer"):
        approve_payout(desk.book, Actor(9, ROLE_FINANCE, FINA.signer), number)
    with pytest.raises(BankActRefusedError, match="role"):
        approve_payout(desk.book, OLGA, number)
    assert write_payments(desk.book, SENDER, "KZT") is None
    approve_payout(desk.book, GANI, number)
    with pytest.raises(BankActRefusedError, match="proposed"):
        approve_payout(desk.book, GANI, number)
    assert find_payout(desk.book, number).state == "approved"


@pytest.mark.parametrize(
    ("found", "account", "says"),
    [
        (withdrawal(7, 100, TO_SULU, approved=False), ACCOUNT, "approved"),
        (withdrawal(7, 100, TO_AIGUL), ACCOUNT, "the approved destination"),
        (withdrawal(7, 100, TO_SULU), HOUSE, "client money"),
        (withdrawal(7, 100, TO_SULU)._replace(asset_id=2), ACCOUNT, "asset 2"),
    ],
)
def test_what_the_record_did_not_approve_is_not_paid(
    desk: BankDesk, found: RecordedWithdrawal, account: str, says: str
) -> None:
    with pytest.raises(BankActRefusedError, match=says):
        propose_payout(desk.book, FINA, found, (account, "KZT"), TO_SULU, "371", "Withdrawal 7")
    assert payouts(desk.book) == []


def test_withdrawal_has_one_open_payout_and_another_attempt_after_a_rejection(desk: BankDesk) -> None:
    message_id = sent(desk, 7)
    with pytest.raises(BankActRefusedError, match="without an open payout"):
        proposed(desk, 7)
    assert take_statuses(desk.book, [PaymentStatus(message_id, "W7-1", "RJCT", "AC04 closed")]) == 1
    assert (payouts(desk.book)[0].state, payouts(desk.book)[0].reason) == ("rejected", "AC04 closed")
    assert find_payout(desk.book, proposed(desk, 7)).end_to_end_id == "W7-2"
    withdraw_payout(desk.book, FINA, 2, "another bank")
    assert [each.state for each in payouts(desk.book)] == ["rejected", "withdrawn"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (TO_SULU._replace(iban="KZ001251234567890123"), "IBAN"),
        (TO_SULU._replace(identifier="940140000386"), "IIN or BIN"),
        (TO_SULU._replace(identifier=""), "IIN or BIN"),
        (TO_SULU._replace(sector_code="37"), "KBe"),
        (TO_SULU._replace(country="DE"), "country"),
        (TO_AIGUL._replace(country=""), "country"),
        (TO_SULU._replace(actual_identifier="123"), "IIN or BIN"),
        (TO_SULU._replace(name="a\nb"), "name"),
    ],
)
def test_destination_with_a_wrong_field_names_it(wrong: BankDestination, says: str) -> None:
    with pytest.raises(BankFieldError, match=says):
        destination_hash(wrong)


def test_purpose_is_one_of_the_dated_list(desk: BankDesk) -> None:
    with pytest.raises(BankFieldError, match="KNP"):
        propose_payout(desk.book, FINA, withdrawal(7, 1, TO_SULU), (ACCOUNT, "KZT"), TO_SULU, "999", "x")


def test_message_holds_against_the_official_schema_and_carries_the_fields(desk: BankDesk) -> None:
    approve_payout(desk.book, GANI, proposed(desk, 7, 150_000, TO_SULU))
    approve_payout(desk.book, GANI, proposed(desk, 8, 2_600, TO_AIGUL))
    write_payments(desk.book, SENDER, "KZT", SCHEMA)
    (file,) = payment_files(desk.book)
    assert check_payment_message(file.content, payouts(desk.book), SCHEMA) == "schema"
    document = etree.fromstring(file.content)
    names = {"p": NAMESPACE}

    def texts(path: str) -> list[str]:
        return [str(each.text) for each in document.iterfind(path, names)]

    assert texts(".//p:CtrlSum") == ["1526.00", "1526.00"]
    assert texts(".//p:NbOfTxs") == ["2", "2"]
    assert texts(".//p:InstdAmt") == ["1500.00", "26.00"]
    assert texts(".//p:EndToEndId") == ["W7-1", "W8-1"]
    assert texts(".//p:Purp/p:Prtry") == ["371", "371"]
    assert texts(".//p:RgltryRptg/p:Dtls/p:Cd") == ["15", "17", "15", "29"]
    assert texts(".//p:UltmtCdtr/p:Nm") == ["Sulu Depot"]
    assert texts(".//p:CtryOfRes") == ["DE"]
    assert texts(".//p:Cdtr/p:Id/p:OrgId/p:Othr/p:Id") == ["940140000385"]


def test_message_that_was_changed_is_found_before_it_is_sent(desk: BankDesk) -> None:
    sent(desk, 7)
    (file,) = payment_files(desk.book)
    changed = file.content.replace(HOUSE.encode(), AIGUL_IBAN.encode())
    with pytest.raises(BankFieldError, match="approved payments"):
        check_payment_message(changed, payouts(desk.book))
    with pytest.raises(BankFieldError, match="allows"):
        check_payment_message(file.content.replace(b"<PmtMtd>TRF", b"<PmtMtd>ABC"), payouts(desk.book), SCHEMA)


def test_statuses_go_forward_only_and_again_changes_nothing(desk: BankDesk) -> None:
    message_id = sent(desk, 7, 8, 9)
    statuses = read_status_report(
        report(message_id, of_payment("W7-1", "ACSP"), of_payment("W8-1", "RJCT", "AC04"), group="PART"), "report"
    )
    assert [(each.end_to_end_id, each.status, each.reason) for each in statuses][1:] == [
        ("W7-1", "ACSP", ""),
        ("W8-1", "RJCT", "AC04 closed"),
    ]
    assert take_statuses(desk.book, statuses) == 2
    assert take_statuses(desk.book, statuses) == 0
    assert [each.state for each in payouts(desk.book)] == ["accepted", "rejected", "sent"]
    assert take_statuses(desk.book, read_status_report(report(message_id, group="ACTC"), "x")) == 1
    assert [each.state for each in payouts(desk.book)] == ["accepted", "rejected", "accepted"]


def test_rejected_message_rejects_every_payment(desk: BankDesk) -> None:
    message_id = sent(desk, 7, 8)
    assert take_statuses(desk.book, read_status_report(report(message_id, group="RJCT"), "x")) == 2
    assert {each.state for each in payouts(desk.book)} == {"rejected"}


@pytest.mark.parametrize("content", [b"", b"<a/>", b"<!DOCTYPE a><CstmrPmtStsRpt/>", b"<CstmrPmtStsRpt/>"])
def test_report_that_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(BankFileError):
        read_status_report(content, "report")


def test_life_of_a_payout_through_a_folder_with_crashes_in_it(desk: BankDesk, tmp_path: Path) -> None:
    """Written, a crash, handed over, a crash, accepted, booked with charges apart; each step again changes nothing."""
    message_id = written(desk, 7)
    desk.reopen()
    drop = FileDrop(tmp_path / "bank", settle_s=0)
    for _ in range(2):
        hand_over(desk.book, drop, ACCOUNT, recorded(desk))
        desk.reopen()
    (out,) = (tmp_path / "bank" / "out").iterdir()
    assert out.read_bytes() == payment_files(desk.book)[0].content
    out.rename(tmp_path / "fetched.xml")
    drop.deliver(message_id, payment_files(desk.book)[0].content)
    assert list((tmp_path / "bank" / "out").iterdir()) == []
    inbox = tmp_path / "bank" / "in"
    (inbox / "report.xml").write_bytes(report(message_id, of_payment("W7-1", "ACSP")))
    (inbox / "half.xml.part").write_bytes(b"<Doc")
    assert poll(desk.book, drop, OURS).statuses == 1
    inner = (
        "<Amt Ccy='KZT'>1500.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><Chrgs><Rcrd><Amt Ccy='KZT'>26.00</Amt></Rcrd></Chrgs>"
    )
    content = day(paid("2000", "1234567"), debit("W7-1", "1526.00", inner=inner), closing="474")
    (inbox / "statement.xml").write_bytes(content)
    (inbox / "junk.xml").write_bytes(b"junk")
    found = poll(desk.book, drop, OURS)
    assert (len(found.imported), found.booked, found.odd) == (1, 1, [])
    assert [name for name, _ in found.refused] == ["junk.xml"]
    desk.reopen()
    assert (payouts(desk.book)[0].state, poll(desk.book, drop, OURS).booked) == ("booked", 0)
    assert sorted(each.name for each in (tmp_path / "bank" / "taken").iterdir()) == ["report.xml", "statement.xml"]
    dispatch, settle = (
        command_from(str(each.pop("command")), each) for each in payment_commands(desk.book, recorded(desk, "approved"))
    )
    assert isinstance(dispatch, DispatchWithdrawal)
    assert isinstance(settle, SettleWithdrawal)
    assert (dispatch.withdrawal_id, settle.withdrawal_id) == (7, 7)
    assert payment_commands(desk.book, recorded(desk, "settled")) == []


@pytest.mark.parametrize("step", ["staged", "linked"])
def test_crash_within_the_hand_over_leaves_one_file(desk: BankDesk, tmp_path: Path, step: str) -> None:
    message_id = written(desk, 7)
    drop = FileDrop(tmp_path / "bank", settle_s=0)
    staged = tmp_path / "bank" / "staged" / f"{message_id}.xml"
    staged.write_bytes(payment_files(desk.book)[0].content)
    if step == "linked":
        (tmp_path / "bank" / "out" / staged.name).hardlink_to(staged)
        (tmp_path / "bank" / "out" / staged.name).rename(tmp_path / "the bank took it")
    hand_over(desk.book, drop, ACCOUNT, recorded(desk))
    left = list((tmp_path / "bank" / "out").iterdir())
    assert len(left) == (0 if step == "linked" else 1)
    assert payment_files(desk.book)[0].state == "handed"


def test_booking_of_another_amount_is_told_and_not_taken(desk: BankDesk, tmp_path: Path) -> None:
    sent(desk, 7)
    drop = FileDrop(tmp_path / "bank", settle_s=0)
    (tmp_path / "bank" / "in" / "s.xml").write_bytes(day(paid("2000"), debit("W7-1", "1499.00"), closing="501"))
    found = poll(desk.book, drop, OURS)
    assert (found.booked, payouts(desk.book)[0].state) == (0, "sent")
    assert found.odd == ["W7-1: expected 1500.00, found 1499.00 in statement S1"]


def test_batch_debit_books_each_of_its_payouts(desk: BankDesk, tmp_path: Path) -> None:
    sent(desk, 7, 8)
    drop = FileDrop(tmp_path / "bank", settle_s=0)
    parts = [
        f"<Refs><EndToEndId>W{n}-1</EndToEndId></Refs><Amt Ccy='KZT'>1500</Amt><CdtDbtInd>DBIT</CdtDbtInd>"
        for n in (7, 8)
    ]
    (tmp_path / "bank" / "in" / "s.xml").write_bytes(
        day(paid("4000"), entry("3000", "DBIT", inner=details(*parts)), closing="1000")
    )
    assert poll(desk.book, drop, OURS).booked == 2


def test_payout_that_comes_back_is_no_deposit_and_waits(desk: BankDesk) -> None:
    sent(desk, 7)
    desk.take(day(paid("1500", "1234567", end_to_end="W7-1"), closing="1500"))
    (item,) = items(desk.book)
    assert (item.client, item.reason) == (0, "payout W7-1 that came back")


def test_payout_without_its_booking_ages_and_is_never_paid_again(desk: BankDesk) -> None:
    sent(desk, 7)
    assert overdue(desk.book, 3) == []
    desk.time = desk.time.replace(month=12, day=5)
    assert [each.end_to_end_id for each in overdue(desk.book, 3)] == ["W7-1"]
    assert write_payments(desk.book, SENDER, "KZT") is None
