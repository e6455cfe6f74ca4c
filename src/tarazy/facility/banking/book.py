"""The bank book of one facility: its accounts at banks, its statements, what came in, who may pay in.

A file `<journal>.banks` beside the record, written by one process at a time; every act of an officer is a signed line
of its trail, in the transaction of its effect. An account is of the client estate or of the house's, once and for all:
client money lies on accounts of its own, and no statement, item or payout of one is ever about the other.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from tarazy.domain.records import ROLE_ADMINISTRATOR, ROLE_FINANCE, ROLE_OPERATIONS
from tarazy.facility.accounts.acts_file import ActsFile
from tarazy.facility.accounts.parameters import DatedParameters
from tarazy.facility.accounts.trail import Actor
from tarazy.facility.accounts.workdays import WorkCalendar, load_calendars
from tarazy.facility.banking.amounts import scale_of
from tarazy.facility.banking.book_tables import MIGRATIONS
from tarazy.facility.banking.errors import BankActRefusedError, BankFieldError, BankingError, NotInBankBookError
from tarazy.facility.banking.iban import bank_of, checked_iban
from tarazy.facility.banking.statements import ReversalSign

PARAMETERS = Path(__file__).with_name("parameters.toml")
ESTATES = ("client", "house")
SET_UP = ROLE_ADMINISTRATOR | ROLE_FINANCE
WORK = ROLE_FINANCE | ROLE_OPERATIONS
REFERENCE_DIGITS = 7


def book_beside(journal: Path) -> Path:
    """Return the bank book of a record: `<journal>.banks` beside it."""
    return journal.with_name(f"{journal.name}.banks")


class BankAccount(NamedTuple):
    """An account at a bank. `form` is the format of its booked statements, empty until the first one came."""

    account: str
    currency: str
    estate: str
    asset_id: int
    bank: str
    reversal_sign: str
    name: str
    form: str


class ClientPayer(NamedTuple):
    """A client as a payer: the reference that it writes into its payments, its names, its own accounts."""

    reference: str
    client: int
    account_id: int
    kind: str
    names: tuple[str, ...]
    ibans: tuple[str, ...]
    identifier: str


class BankBook(ActsFile):
    """The book, opened."""

    what = "a bank book"
    when_damaged = "Bring it back from a copy, then import the statements since"
    migrations = MIGRATIONS
    shipped_parameters = PARAMETERS
    error = BankingError
    refused = BankActRefusedError

    def __init__(
        self, path: Path, parameters: DatedParameters | None = None, now: Callable[[], datetime] | None = None
    ) -> None:
        self.calendar: WorkCalendar = load_calendars()
        super().__init__(path, parameters, now)

    def all(self, query: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        """Return rows."""
        return self.connection.execute(query, values).fetchall()

    def one(self, what: str, query: str, values: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return a row that must be there. Raises: NotInBankBookError."""
        row = self.connection.execute(query, values).fetchone()
        if row is None:
            found = " ".join(map(str, values))
            raise NotInBankBookError(what, expected="one that the bank book knows", found=found)
        return tuple(row)


def add_account(book: BankBook, actor: Actor, account: BankAccount) -> None:
    """Enter an account; its estate, asset and currency stay.

    Raises: BankActRefusedError, BankFieldError.
    """
    checked = account._replace(account=checked_iban(account.account))
    scale_of(account.currency)
    if account.estate not in ESTATES or account.asset_id < 1:
        expected = "an estate of client or house and the number of its asset"
        raise BankFieldError("account", expected=expected, found=f"{account.estate!r}, {account.asset_id}")
    if account.reversal_sign not in ("", *(each.value for each in ReversalSign)):
        raise BankFieldError("reversal sign", expected="own, original or none", found=repr(account.reversal_sign))
    with book.acting(actor, SET_UP):
        require_one_bank(book, checked)
        if any(each[:2] == checked[:2] for each in accounts(book)):
            raise BankActRefusedError(checked.account, expected="an account that is new", found="one that is there")
        book.write(actor, "bank.account", 0, checked._asdict())
        book.connection.execute("INSERT INTO bank_accounts VALUES (?, ?, ?, ?, ?, ?, ?, ?)", checked)


def require_one_bank(book: BankBook, account: BankAccount) -> None:
    """Refuse an account under the name of another bank: a bank's channel speaks of its own accounts alone.

    Raises: BankActRefusedError.
    """
    code = bank_of(account.account)
    for each in accounts(book):
        if each.bank == account.bank and bank_of(each.account) != code:
            expected = f"an account of the bank {bank_of(each.account)}, as {each.account} is"
            action = "Give each bank a name of its own with --bank NAME"
            where = f"bank {account.bank}"
            raise BankActRefusedError(where, expected=expected, found=f"one of the bank {code}", action=action)


def channel_accounts(book: BankBook, bank: str, named: Sequence[str] = ()) -> frozenset[str]:
    """Return the accounts that the channel of a bank may speak of: those that are named, else all of the bank.

    Raises: BankActRefusedError for a bank without accounts, or an account that is not the bank's; BankFieldError.
    """
    known = {each.account for each in accounts(book) if each.bank == bank}
    chosen = frozenset(map(checked_iban, named)) or frozenset(known)
    others = sorted(chosen - known)
    if others or not chosen:
        expected = f"accounts that the bank book has under the bank {bank!r}"
        action = "tarazy bank account --bank NAME enters one; name the channel's bank with --bank NAME"
        raise BankActRefusedError("channel", expected=expected, found=", ".join(others) or "none", action=action)
    return chosen


def accounts(book: BankBook) -> list[BankAccount]:
    """Return every account."""
    return [BankAccount(*row) for row in book.all("SELECT * FROM bank_accounts ORDER BY account, currency")]


def find_account(book: BankBook, account: str, currency: str) -> BankAccount:
    """Return an account. Raises: NotInBankBookError."""
    query = "SELECT * FROM bank_accounts WHERE account = ? AND currency = ?"
    return BankAccount(*book.one("account", query, (account, currency)))


def add_payer(book: BankBook, actor: Actor, payer: ClientPayer) -> None:
    """Enter a client as a payer, or change what is known of it.

    Raises: BankFieldError; BankActRefusedError for a reference that another client has.
    """
    if len(payer.reference) != REFERENCE_DIGITS or not (payer.reference.isascii() and payer.reference.isdigit()):
        expected = f"{REFERENCE_DIGITS} digits as the client's reference"
        raise BankFieldError("reference", expected=expected, found=repr(payer.reference[:40]))
    checked = payer._replace(ibans=tuple(checked_iban(each) for each in payer.ibans))
    if not payer.names:
        raise BankFieldError("names", expected="a name", found="none")
    with book.acting(actor, WORK):
        taken = [each for each in payers(book) if each.reference == payer.reference and each.client != payer.client]
        if taken:
            found = f"that of client {taken[0].client}"
            raise BankActRefusedError("reference", expected="one that is free", found=found)
        book.write(actor, "bank.payer", payer.client, checked._asdict())
        names, ibans = (json.dumps(each, ensure_ascii=False) for each in (checked.names, checked.ibans))
        book.connection.execute("DELETE FROM payers WHERE client = ?", (payer.client,))
        values = (*checked[:4], names, ibans, checked.identifier)
        book.connection.execute("INSERT INTO payers VALUES (?, ?, ?, ?, ?, ?, ?)", values)


def payers(book: BankBook) -> list[ClientPayer]:
    """Return every client as a payer."""
    rows = book.all("SELECT * FROM payers ORDER BY client")
    return [payer_of(row) for row in rows]


def payer_of(row: tuple[Any, ...]) -> ClientPayer:
    """Return a payer from its row."""
    reference, client, account_id, kind, names, ibans, identifier = row
    return ClientPayer(
        reference, client, account_id, kind, tuple(json.loads(names)), tuple(json.loads(ibans)), identifier
    )
