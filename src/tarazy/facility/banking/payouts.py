"""Payouts: money that leaves an account of client money, each for one approved withdrawal or return of the record.

States: proposed (one officer), approved (another one), sent (in a payment file that is written), accepted (the bank has
it), rejected (with its reason; the withdrawal may be paid again), booked (the bank's statement has it), withdrawn.
Nobody pays what the record did not approve: amount, asset and the hash of the destination are those of its withdrawal.
The end-to-end id is the withdrawal's number and the attempt, so that a payment that is sent twice is one at the bank.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any, NamedTuple

from tarazy.domain.identifiers.iin_bin import national_number
from tarazy.domain.identifiers.payment_codes import NON_RESIDENT, is_purpose_code, is_sector_code
from tarazy.domain.records import ROLE_FINANCE
from tarazy.facility.accounts.trail import Actor, canonical
from tarazy.facility.banking.book import BankBook, find_account
from tarazy.facility.banking.errors import BankActRefusedError, BankFieldError
from tarazy.facility.banking.iban import checked_iban

DESTINATION = b"tarazy bank destination 1\n"
NAME_MAX, TEXT_MAX = 140, 140
OPEN_STATES = ("proposed", "approved", "sent", "accepted", "booked")


class BankDestination(NamedTuple):
    """Where money goes. `identifier` is the IIN or BIN of a resident, `sector_code` the KBe.

    `country` stands only for who is not resident, `actual_*` only where the last payee is another.
    """

    name: str
    iban: str
    bic: str
    identifier: str
    sector_code: str
    country: str = ""
    actual_name: str = ""
    actual_identifier: str = ""


class RecordedWithdrawal(NamedTuple):
    """What the record says of a withdrawal or return that waits to be paid."""

    withdrawal_id: int
    asset_id: int
    amount_minor: int
    destination_hash: bytes
    is_approved: bool


class BankPayout(NamedTuple):
    """A row of the book. `entry` is the booking that shows it, 0 before."""

    payout: int
    withdrawal_id: int
    attempt: int
    account: str
    currency: str
    amount_minor: int
    destination: str
    purpose: str
    text: str
    end_to_end_id: str
    state: str
    reason: str
    proposed_by: int
    proposed_key: str
    approved_by: int
    message_id: str
    entry: int

    @property
    def payee(self) -> BankDestination:
        """Return where the money goes."""
        return BankDestination(**json.loads(self.destination))

    def plain(self) -> dict[str, Any]:
        """Return it for programs."""
        values = self._asdict()
        return {**values, "destination": json.loads(values["destination"])}


def checked_destination(destination: BankDestination) -> BankDestination:
    """Return a destination in its one form.

    Raises: BankFieldError, which names the field.
    """
    found = destination._replace(iban=checked_iban(destination.iban))
    if not 1 <= len(found.name) <= NAME_MAX or not found.name.isprintable():
        raise BankFieldError("name", expected=f"1 to {NAME_MAX} printable letters", found=repr(found.name[:40]))
    if not is_sector_code(found.sector_code):
        raise BankFieldError("KBe", expected="residency 1 or 2 and sector 1 to 9", found=repr(found.sector_code[:10]))
    is_foreign = found.sector_code[0] == NON_RESIDENT
    if is_foreign != bool(found.country):
        expected = "a country of residence for who is not resident, none for others"
        raise BankFieldError("country", expected=expected, found=repr(found.country[:10]))
    if found.country and not (len(found.country) == 2 and found.country.isascii() and found.country.isupper()):
        raise BankFieldError("country", expected="two capital letters (ISO 3166-1)", found=repr(found.country[:10]))
    for number, needed in ((found.identifier, not is_foreign), (found.actual_identifier, False)):
        if (number or needed) and not is_foreign and national_number(number) is None:
            raise BankFieldError(
                "IIN or BIN", expected="twelve digits whose last checks the others", found=repr(number)
            )
    return found


def destination_hash(destination: BankDestination) -> bytes:
    """Return what a withdrawal's destination_hash is for a destination at a bank."""
    return sha256(DESTINATION + canonical(checked_destination(destination)._asdict()).encode()).digest()


def propose_payout(
    book: BankBook,
    actor: Actor,
    withdrawal: RecordedWithdrawal,
    account: tuple[str, str],
    destination: BankDestination,
    purpose: str,
    text: str,
) -> int:
    """Propose the payment of an approved withdrawal from an account of client money; return the payout's number.

    Raises: BankActRefusedError, BankFieldError.
    """
    payee = checked_destination(destination)
    check_purpose(book, purpose, text)
    with book.acting(actor, ROLE_FINANCE):
        source = find_account(book, *account)
        where = f"withdrawal {withdrawal.withdrawal_id}"
        checks = (
            (withdrawal.is_approved, "one that the record has approved", "one that it has not"),
            (source.estate == "client", "an account of client money", f"one of the {source.estate}"),
            (source.asset_id == withdrawal.asset_id, f"asset {withdrawal.asset_id}", f"asset {source.asset_id}"),
            (destination_hash(payee) == withdrawal.destination_hash, "the approved destination", "another one"),
        )
        for holds, expected, found in checks:
            if not holds:
                raise BankActRefusedError(where, expected=expected, found=found)
        earlier = [each for each in payouts(book) if each.withdrawal_id == withdrawal.withdrawal_id]
        if any(each.state in OPEN_STATES for each in earlier):
            raise BankActRefusedError(where, expected="one without an open payout", found=earlier[-1].end_to_end_id)
        attempt = len(earlier) + 1
        body = {"withdrawal": withdrawal.withdrawal_id, "attempt": attempt, "amount_minor": withdrawal.amount_minor}
        terms = (withdrawal.withdrawal_id, attempt, source.account, source.currency, withdrawal.amount_minor)
        told = (canonical(payee._asdict()), purpose, text, f"W{withdrawal.withdrawal_id}-{attempt}", "proposed", "")
        who = (actor.officer_id, actor.signer.public_key.hex(), 0, "", 0)
        insert = "INSERT INTO payouts VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        number = int(book.connection.execute(insert, (*terms, *told, *who)).lastrowid or 0)
        book.write(actor, "payout.propose", number, body)
        return number


def check_purpose(book: BankBook, purpose: str, text: str) -> None:
    """Refuse a KNP that is not in the list, and a text that no message carries. Raises: BankFieldError."""
    known = book.parameters.words("payment.purpose_codes", book.today)
    if not is_purpose_code(purpose) or purpose not in known:
        raise BankFieldError("KNP", expected=f"one of {', '.join(known)}", found=repr(purpose[:10]))
    if not 1 <= len(text) <= TEXT_MAX or not text.isprintable():
        raise BankFieldError("text", expected=f"1 to {TEXT_MAX} printable letters", found=repr(text[:40]))


def approve_payout(book: BankBook, actor: Actor, payout: int) -> None:
    """Approve a payout as the second officer, with another number and another key than who proposed it.

    Raises: BankActRefusedError, NotInBankBookError.
    """
    with book.acting(actor, ROLE_FINANCE):
        found = find_payout(book, payout)
        if found.state != "proposed":
            raise BankActRefusedError(f"payout {payout}", expected="one that is proposed", found=found.state)
        if actor.officer_id == found.proposed_by or actor.signer.public_key.hex() == found.proposed_key:
            expected = f"another officer than {found.proposed_by}, who proposed it"
            raise BankActRefusedError(f"payout {payout}", expected=expected, found=f"officer {actor.officer_id}")
        if found.withdrawal_id in withdrawals_with_the_bank(book):
            expected = f"withdrawal {found.withdrawal_id} without another payout at the bank"
            raise BankActRefusedError(f"payout {payout}", expected=expected, found="one that is there, or was paid")
        book.write(actor, "payout.approve", payout, {"end_to_end_id": found.end_to_end_id})
        update = "UPDATE payouts SET state = 'approved', approved_by = ? WHERE payout = ?"
        book.connection.execute(update, (actor.officer_id, payout))


def withdraw_payout(book: BankBook, actor: Actor, payout: int, reason: str) -> None:
    """Take a payout back that was not sent. Raises: BankActRefusedError, NotInBankBookError."""
    with book.acting(actor, ROLE_FINANCE):
        found = find_payout(book, payout)
        if found.state not in ("proposed", "approved"):
            raise BankActRefusedError(f"payout {payout}", expected="one that was not sent", found=found.state)
        book.write(actor, "payout.withdraw", payout, {"reason": reason})
        update = "UPDATE payouts SET state = 'withdrawn', reason = ? WHERE payout = ?"
        book.connection.execute(update, (reason, payout))


def payouts(book: BankBook, state: str = "", message_id: str = "") -> list[BankPayout]:
    """Return payouts by number: all, those of a state, those of a message."""
    query, values = "SELECT * FROM payouts WHERE 1", list[str]()
    for column, value in (("state", state), ("message_id", message_id)):
        if value:
            query, values = f"{query} AND {column} = ?", [*values, value]
    return [BankPayout(*row) for row in book.all(f"{query} ORDER BY payout", tuple(values))]


def withdrawals_with_the_bank(book: BankBook) -> set[int]:
    """Return the withdrawals with a payout that is at the bank or was paid: a rejected one may be booked after all."""
    query = "SELECT DISTINCT withdrawal_id FROM payouts WHERE state IN ('sent', 'accepted', 'booked')"
    return {int(row[0]) for row in book.all(query)}


def find_payout(book: BankBook, payout: int) -> BankPayout:
    """Return a payout. Raises: NotInBankBookError."""
    return BankPayout(*book.one("payout", "SELECT * FROM payouts WHERE payout = ?", (payout,)))
