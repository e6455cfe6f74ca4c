"""A bank book with officers, two accounts and two clients, and statements for it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from tarazy.domain.records import ROLE_FINANCE, ROLE_OPERATIONS
from tarazy.domain.signer import KeySigner
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.banking.book import BankAccount, BankBook, ClientPayer, add_account, add_payer
from tarazy.facility.banking.importing import ImportedFile, import_file

from .messages import ACCOUNT, balance, camt, details, entry, statement

FINA = Actor(3, ROLE_FINANCE, KeySigner.from_seed(bytes([3]) * 32))
GANI = Actor(4, ROLE_FINANCE, KeySigner.from_seed(bytes([4]) * 32))
OLGA = Actor(5, ROLE_OPERATIONS, KeySigner.from_seed(bytes([5]) * 32))
HOUSE = "KZ221251234567890123"
AIGUL_IBAN = "KZ988560000000123456"
OURS = frozenset({ACCOUNT, HOUSE})
NOW = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
AIGUL = ClientPayer("1234567", 1_000_000_001, 11, "person", ("Ахметова Айгуль",), (AIGUL_IBAN,), "")
SULU = ClientPayer("7654321", 1_000_000_002, 12, "company", ("Sulu Trade LLP",), (), "940140000385")


class BankDesk:
    """The desk of a test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.time = NOW
        self.book = BankBook(folder / "venue.banks", now=lambda: self.time)
        self.count = 0

    def set_up(self) -> None:
        """Enter accounts and clients."""
        for account, estate in ((ACCOUNT, "client"), (HOUSE, "house")):
            add_account(self.book, FINA, BankAccount(account, "KZT", estate, 1, "drop", "", estate, ""))
        for payer in (AIGUL, SULU):
            add_payer(self.book, OLGA, payer)

    def reopen(self) -> None:
        """Open the book again, as after a crash."""
        self.book.close()
        self.book = BankBook(self.folder / "venue.banks", now=lambda: self.time)

    def file(self, content: bytes) -> Path:
        """Write a file."""
        self.count += 1
        path = self.folder / f"file{self.count}.xml"
        path.write_bytes(content)
        return path

    def take(self, content: bytes) -> ImportedFile:
        """Import a file."""
        return import_file(self.book, self.file(content))


def paid(
    amount: str,
    text: str = "",
    name: str = "Ахметова Айгуль",
    iban: str = AIGUL_IBAN,
    *,
    actual: str = "",
    reference: str = "B1",
    end_to_end: str = "NOTPROVIDED",
    identifier: str = "",
) -> str:
    """Return a credit of a payer."""
    number = f"<Id><PrvtId><Othr><Id>{identifier}</Id></Othr></PrvtId></Id>" if identifier else ""
    ultimate = f"<UltmtDbtr><Pty><Nm>{actual}</Nm></Pty></UltmtDbtr>" if actual else ""
    inner = (
        f"<Refs><EndToEndId>{end_to_end}</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>{name}</Nm>{number}</Pty></Dbtr>"
        f"<DbtrAcct><Id><IBAN>{iban}</IBAN></Id></DbtrAcct>{ultimate}</RltdPties>"
        f"<RmtInf><Ustrd>{text}</Ustrd></RmtInf>"
    )
    return entry(amount, inner=details(inner), reference=reference)


def day(
    *entries: str, opening: str = "0", closing: str, number: str = "S1", account: str = ACCOUNT, on: str = "2026-11-27"
) -> bytes:
    """Return the file of one statement."""
    edges = (balance("OPBD", opening, day=on), balance("CLBD", closing, day=on))
    return camt(statement(*entries, balances=edges, number=number, account=account))
