"""A facility with client money at a bank, on a folder that lives on: statements in, payouts out, each step resumable.

`bank_round` does whatever is due, as a treasury does it with the verbs; the bank is a simulated one that reads and
writes the facility's folders and goes on while the facility is killed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from tarazy.cli.bank.payments import recorded_in
from tarazy.domain.records import (
    AccountRole,
    AdmitAsset,
    ApproveWithdrawal,
    AssetKind,
    ClientClass,
    OpenAccount,
    RegisterAsset,
    RequestWithdrawal,
)
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.banking.banks.file_drop import FileDrop
from tarazy.facility.banking.banks.simulator import SimulatedBank
from tarazy.facility.banking.book import BankAccount, BankBook, ClientPayer, add_account, add_payer, book_beside
from tarazy.facility.banking.handing import drop_revoked, hand_over
from tarazy.facility.banking.items import commands, follow
from tarazy.facility.banking.pain001 import PaymentSender
from tarazy.facility.banking.payment_commands import payment_commands
from tarazy.facility.banking.payouts import (
    BankDestination,
    RecordedWithdrawal,
    approve_payout,
    destination_hash,
    payouts,
    propose_payout,
)
from tarazy.facility.banking.sending import poll, write_payments
from tarazy.facility.officers.drafts import command_of
from tarazy.facility.officers.founding import Founder, found_facility
from tarazy.spec.snapshot import decode
from tarazy.spec.state import State
from tarazy.spec.state_parts import APPROVED, REQUESTED

from .custody_stage import PEOPLE, SEGMENT_BYTES, Stage

ALL_ROLES = (1 << 10) - 1
BANK_ACCOUNT, PAYER_IBAN = "KZ86125KZT5004100100", "KZ988560000000123456"
SENDER = PaymentSender("Venue Ltd", "980640000093", BANK_ACCOUNT, "KCJBKZKX", "15")
PAYEE = BankDestination("Akhmetova Aigul", PAYER_IBAN, "CASPKZKA", "", "29", "DE")
PAID_IN = (
    "<RltdPties><Dbtr><Nm>Ахметова Айгуль</Nm></Dbtr></RltdPties><RmtInf><Ustrd>пополнение 1234567</Ustrd></RmtInf>"
)
KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()


class FolderBank:
    """The bank on the other side of a facility's folders. It refuses another message under an id that it knows."""

    def __init__(self, folder: Path) -> None:
        self.drop = FileDrop(folder, 0.0)
        self.bank = SimulatedBank(("venue", "secret"), KEY, BANK_ACCOUNT)

    def close(self) -> None:
        """Give its port back: nobody asks it over HTTP here."""
        self.bank.server.server_close()

    def move(self, folder: Path) -> None:
        """Go on in other folders, with no payments taken yet."""
        self.drop = FileDrop(folder, 0.0)
        self.bank.messages.clear()
        self.bank.bytes_of.clear()

    def take(self) -> list[str]:
        """Take what lies in the folder, and return the end-to-end ids of what is new."""
        new = []
        for path in sorted((self.drop.folder / "out").glob("*.xml")):
            status = self.bank.receive(path.stem, path.read_bytes())
            assert status in (200, 202), f"another message under the id {path.stem}"
            new += [each.end_to_end_id for each in self.bank.messages[path.stem]] if status == 202 else []
            path.unlink()
        return new

    def day(self, *credits_minor: int) -> None:
        """Take what lies there, book it and what clients pay in, and leave the statement."""
        self.take()
        self.bank.close_day(str(datetime.now(UTC).date()), *[(minor, PAID_IN) for minor in credits_minor])
        number = len(self.bank.statements)
        part = self.drop.folder / "in" / f"S{number:05}.xml.part"
        part.write_bytes(self.bank.statements[-1])
        part.rename(part.with_suffix(""))

    def paid(self) -> list[tuple[str, int]]:
        """Return every payment that the bank ever took, by id."""
        found = [each for message in self.bank.messages.values() for each in message]
        return sorted((each.end_to_end_id, each.amount_minor) for each in found)


def set_up_bank(book: BankBook, actor: Actor, asset_id: int) -> None:
    """Enter the account of client money and a client as a payer, once."""
    if not book.all("SELECT 1 FROM bank_accounts"):
        add_account(book, actor, BankAccount(BANK_ACCOUNT, "KZT", "client", asset_id, "drop", "", "client", ""))
    if not book.all("SELECT 1 FROM payers"):
        add_payer(
            book, actor, ClientPayer("1234567", 1_000_000_001, 1, "person", ("Ахметова Айгуль",), (PAYER_IBAN,), "")
        )


def ask_for_payout(stage: Any, asset_id: int, amount_minor: int) -> int:
    """Let account 1 ask for a payout, and return the withdrawal's number."""
    return int(stage.record_ask(RequestWithdrawal(0, 1, asset_id, amount_minor, destination_hash(PAYEE))))


def ledger(stage: Any) -> State:
    """Return the ledger as it is now."""
    return decode(stage.sequencer.engine.snapshot())


def bank_round(stage: Any) -> None:
    """Do what the treasury does when it comes in: whatever is due, each step on its own, nothing twice."""
    book, drop = stage.bank, FileDrop(stage.bank_folder, 0.0)
    found = poll(book, drop, frozenset({BANK_ACCOUNT}))
    assert not found.refused, found.refused
    assert not found.odd, found.odd
    follow_record(stage)
    due = commands(book) + payment_commands(book, recorded_in(stage.journal))
    if due:
        stage.people(*[command_of(each) for each in due])
    follow_record(stage)
    pay_out(stage)
    recorded = recorded_in(stage.journal)
    assert drop_revoked(book, BANK_ACCOUNT, recorded) == []
    write_payments(book, SENDER, "KZT")
    hand_over(book, drop, BANK_ACCOUNT, recorded)


def follow_record(stage: Any) -> None:
    """Note in the book which receipts the record has."""
    state = ledger(stage)
    known = {each.hex(): entry.seq for each, entry in state.evidence.items() if not entry.is_undone}
    follow(stage.bank, known, {each.evidence_hash.hex(): each.receipt_id for each in state.receipts.values()})


def pay_out(stage: Any) -> None:
    """Approve what clients asked for, in the record and in the book, each by two officers."""
    state = ledger(stage)
    for each in state.withdrawals.values():
        if each.destination_hash != destination_hash(PAYEE):
            continue
        terms = (each.account_id, each.asset_id, each.withdrawal_id, each.amount_minor, each.destination_hash)
        if each.withdrawal_state == REQUESTED:
            stage.people(ApproveWithdrawal(0, *terms))
        known = [one for one in payouts(stage.bank) if one.withdrawal_id == each.withdrawal_id]
        if each.withdrawal_state in (REQUESTED, APPROVED) and not known:
            recorded = RecordedWithdrawal(each.withdrawal_id, each.asset_id, each.amount_minor, terms[-1], True)
            propose_payout(stage.bank, stage.actor, recorded, (BANK_ACCOUNT, "KZT"), PAYEE, "371", "Withdrawal")
    for one in payouts(stage.bank, "proposed"):
        approve_payout(stage.bank, Actor(2, ALL_ROLES, stage.keys[1]), one.payout)


class BankStage(Stage):
    """The facility: two people, tenge, one account at a bank, one client."""

    def __init__(self, folder: Path, engine: Any) -> None:
        super().__init__(folder, engine)
        self.bank_folder = folder / "bank"

    def found(self) -> None:
        """Found it, with one client."""
        founders = [Founder(key) for key in self.keys[:PEOPLE]]
        found_facility(self.journal, "Bank", founders, segment_bytes=SEGMENT_BYTES)
        terms = (int(ClientClass.professional), int(AccountRole.client), 0, 0, 1, 0, 1)
        asset = RegisterAsset(int(AssetKind.fiat), 2, asset_code=b"KZT".ljust(16, b"\0"), dti=bytes(16))
        with self.writing():
            self.people(asset, AdmitAsset(asset_id=1, decision_hash=bytes([1]) * 32), OpenAccount(*terms))

    @contextmanager
    def open(self) -> Iterator[BankStage]:
        """Start everything from the folder."""
        with self.writing(), BankBook(book_beside(self.journal)) as self.bank:
            self.actor = Actor(1, ALL_ROLES, self.keys[0])
            set_up_bank(self.bank, self.actor, 1)
            yield self

    def record_ask(self, command: Any) -> int:
        """Journal a client's request and return its number."""
        number = self.sequencer.engine.next_seq
        self.sequencer.execute(command.pack())
        return int(number)
