"""What a statement of a bank says, in types of our own, whichever format it came in.

A file is a stream of parts: for each statement its `StatementHead`, its `BankEntry`s, its `StatementEnd`. Amounts are
minor units of their currency with the sign of the account's owner: what comes in is positive. `line` is the line of the
file. Texts are those of the bank and its customers: data, never trusted.
"""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import NamedTuple


class StatementForm(Enum):
    """What kind of message a statement is."""

    intraday = "camt.052"
    booked = "camt.053"
    notice = "camt.054"
    mt940 = "MT940"

    @property
    def needs_balances(self) -> bool:
        """Say whether a statement of this form must have an opening and a closing balance."""
        return self in (StatementForm.booked, StatementForm.mt940)


class ReversalSign(Enum):
    """What the mark of a reversed entry says: the direction of the reversal itself, or that of the entry it undoes.

    ISO 20022 defines the first; files of some banks hold the second, and their balances show it.
    """

    own = "own"
    original = "original"


class StatementFault(NamedTuple):
    """What is wrong, where: line, number of the statement and of the entry from 1 (0: none), expected and found."""

    code: str
    line: int
    statement: int
    entry: int
    expected: str
    found: str

    def text(self) -> str:
        """Return it as a sentence."""
        place = [f"line {self.line}"] if self.line else []
        place += [
            f"{name} {number}" for name, number in (("statement", self.statement), ("entry", self.entry)) if number
        ]
        return f"{', '.join(place) or 'file'}: expected {self.expected}, found {self.found}"


class BankBalance(NamedTuple):
    """A balance with its code: OPBD, CLBD, PRCD, ITBD, CLAV, FWAV ...; those of MT940 have the same codes."""

    code: str
    amount_minor: int
    currency: str
    day: date | None
    is_interim: bool
    line: int


class EntryCharge(NamedTuple):
    """A charge: negative where the account pays it. An included one is already in the entry's amount."""

    amount_minor: int
    currency: str
    is_included: bool


class EntryParty(NamedTuple):
    """A payer or payee as the message names them; `identifier` is an IIN, a BIN or other, `country` of ISO 3166."""

    name: str = ""
    account: str = ""
    identifier: str = ""
    country: str = ""


NOBODY = EntryParty()


class EntryDetail(NamedTuple):
    """One transaction of an entry. The amount is None where the message gives none; `purpose` is the KNP."""

    amount_minor: int | None
    currency: str
    end_to_end_id: str
    instruction_id: str
    transaction_id: str
    uetr: str
    servicer_reference: str
    payer: EntryParty
    payee: EntryParty
    actual_payer: EntryParty
    actual_payee: EntryParty
    purpose: str
    remittance: str
    return_reason: str
    charges: tuple[EntryCharge, ...]


class BankEntry(NamedTuple):
    """A booking. `position` counts from 1 within the statement; `status` is BOOK, PDNG, INFO or FUTR."""

    position: int
    line: int
    amount_minor: int
    currency: str
    status: str
    is_reversal: bool
    booked_on: date | None
    value_on: date | None
    reference: str
    servicer_reference: str
    transaction_code: str
    information: str
    details: tuple[EntryDetail, ...]
    charges: tuple[EntryCharge, ...]

    @property
    def is_booked(self) -> bool:
        """Say whether it counts into the booked balances."""
        return self.status == "BOOK"


class StatementHead(NamedTuple):
    """What stands before the entries. `number` counts the file's statements from 1; `page` 0 where there are none.

    `balances` are those before the entries; the end of the statement has all of them.
    """

    number: int
    line: int
    form: StatementForm
    version: str
    message_id: str
    statement_id: str
    account: str
    currency: str
    servicer: str
    owner: str
    sequence: int | None
    legal_sequence: int | None
    page: int
    is_last_page: bool
    created: str
    copy_kind: str
    balances: tuple[BankBalance, ...]


class StatementEnd(NamedTuple):
    """What is known once all entries were read. `is_balanced` is None where a balance is missing and may be.

    `sum_minor` is over booked entries. `ties_turned` says that the balances tie only if the amounts of reversals change
    their sign. Faults make a statement unfit for booking; notices are for people.
    """

    head: StatementHead
    opening: BankBalance | None
    closing: BankBalance | None
    balances: tuple[BankBalance, ...]
    entry_count: int
    sum_minor: int
    is_balanced: bool | None
    ties_turned: bool
    faults: tuple[StatementFault, ...]
    notices: tuple[StatementFault, ...]


StatementPart = StatementHead | BankEntry | StatementEnd


class EntryIdentity(NamedTuple):
    """What makes an entry itself: never its amount or day, and never the end-to-end id, which may come twice."""

    account: str
    currency: str
    statement_id: str
    page: int
    position: int
    servicer_reference: str


def entry_identity(head: StatementHead, entry: BankEntry) -> EntryIdentity:
    """Return the identity of an entry."""
    place = (head.account, head.currency, head.statement_id, head.page)
    return EntryIdentity(*place, entry.position, entry.servicer_reference)
