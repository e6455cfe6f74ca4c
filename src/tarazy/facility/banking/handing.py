"""From a written payment message to the bank, through crashes: the record first, then the bank.

1. A message is `written`: its id and its bytes stand in the book (see `sending`), and nothing has left.
2. Officers journal `DispatchWithdrawal` for each of its payments, with the evidence of these very bytes.
3. Once the record has all of them, the message is `handing`: from here on the bank may have it.
4. The bank's adapter takes it, again and again under the same id, until it is `handed`.

So no payment leaves that the record does not have, and a dispatched withdrawal can no longer be rejected. A message
that is only written may be voided: one of its withdrawals was rejected meanwhile, or was paid by another attempt.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from tarazy.facility.banking.book import BankBook
from tarazy.facility.banking.dispatches import STANDING, RecordedPayments, dispatch_evidence
from tarazy.facility.banking.errors import BankActRefusedError
from tarazy.facility.banking.pain001 import check_payment_message
from tarazy.facility.banking.payouts import BankPayout, destination_hash, payouts

REVOKED = "the record has its withdrawal no longer"
PAID_BESIDE = "another payout of its withdrawal is with the bank, or was paid"
WITH_THE_BANK = ("sent", "accepted", "booked")


class PaymentFile(NamedTuple):
    """A payment message of the book: `written`, `handing` (the bank may have it), `handed`, or `void`."""

    message_id: str
    account: str
    currency: str
    at: str
    sha256: str
    content: bytes
    state: str


class PaymentTaker(Protocol):
    """A way to a bank. `deliver` may be called again with the same id: the bank has it once."""

    def deliver(self, message_id: str, content: bytes) -> None:
        """Hand a payment message to the bank. Raises: BankingError where it is not known to be there."""
        ...


class WaitingMessage(NamedTuple):
    """A message that is not handed over yet, and the withdrawals that the record has not dispatched by it."""

    message_id: str
    withdrawals: list[int]


class HandOver(NamedTuple):
    """What one run did: messages that the bank has now, and those that wait for the record."""

    handed: list[str]
    waiting: list[WaitingMessage]


def payment_files(book: BankBook, *states: str) -> list[PaymentFile]:
    """Return payment messages, oldest first: all, or those of some states."""
    marks = ", ".join("?" * len(states))
    where = f"WHERE state IN ({marks})" if states else ""
    query = f"SELECT * FROM payment_files {where} ORDER BY at, message_id"
    return [PaymentFile(*row) for row in book.all(query, states)]


def hand_over(book: BankBook, channel: PaymentTaker, account: str, recorded: RecordedPayments) -> HandOver:
    """Hand every message of an account that the record has dispatched to its bank.

    `recorded` is the record as it was read just now. Raises: BankingError.
    """
    handed, waiting = list[str](), list[WaitingMessage]()
    for each in payment_files(book, "written", "handing"):
        if each.account != account:
            continue
        paid = payouts(book, message_id=each.message_id)
        missing = not_dispatched(each, paid, recorded)
        if missing and each.state == "written":
            waiting.append(WaitingMessage(each.message_id, missing))
            continue
        if missing and any(one.state == "sent" for one in paid):
            expected = f"withdrawals {', '.join(map(str, missing))} dispatched by this message, as they were before"
            action = "The bank may have it: ask the bank, and find out what became of the record"
            raise BankActRefusedError(each.message_id, expected=expected, found="another record", action=action)
        if each.state == "written":
            check_payment_message(each.content, paid)
            change_message(book, each.message_id, "written", "handing")
        if not missing:
            channel.deliver(each.message_id, each.content)
        change_message(book, each.message_id, "handing", "handed")
        handed.append(each.message_id)
    return HandOver(handed, waiting)


def change_message(book: BankBook, message_id: str, before: str, after: str) -> None:
    """Take a message from one state to the next. Raises: BankActRefusedError where another process was first."""
    update = "UPDATE payment_files SET state = ? WHERE message_id = ? AND state = ?"
    if book.connection.execute(update, (after, message_id, before)).rowcount != 1:
        action = "Another process works on this book: look, then do it again"
        raise BankActRefusedError(message_id, expected=f"a message that is {before}", found="another", action=action)


def not_dispatched(file: PaymentFile, paid: list[BankPayout], recorded: RecordedPayments) -> list[int]:
    """Return the withdrawals of a message that the record has not dispatched by these very bytes.

    Raises: BankActRefusedError where the record has another amount or destination than the book.
    """
    found = []
    for each in paid:
        known = recorded.get(each.withdrawal_id)
        if known is not None and (known.amount_minor, known.destination_hash) != (
            each.amount_minor,
            destination_hash(each.payee),
        ):
            expected = f"amount and destination of withdrawal {each.withdrawal_id} as the record has them"
            raise BankActRefusedError(file.message_id, expected=expected, found="others in the bank book")
        is_out = known is not None and known.state in ("dispatched", "settled")
        if not is_out or known is None or known.dispatched_hash != dispatch_evidence(file.content, each.end_to_end_id):
            found.append(each.withdrawal_id)
    return found


def drop_revoked(book: BankBook, account: str, recorded: RecordedPayments) -> list[str]:
    """Take back payouts of an account whose withdrawal the record has rejected since; return their end-to-end ids.

    Their officers approved what was approved then: a rejection gives the money back to the client. A message that is
    written and was not handed over is void where one of its payments is taken back; the others of it are approved
    again, and go into the next message.
    """
    dropped = []
    with book.changing():
        for file in payment_files(book, "written"):
            if file.account == account:
                dropped += void_if_lost(book, file, recorded)
        for each in payouts(book):
            stands = each.withdrawal_id in recorded and recorded[each.withdrawal_id].state in STANDING
            if each.account == account and each.state in ("proposed", "approved") and not stands:
                take_back(book, each, REVOKED)
                dropped.append(each.end_to_end_id)
    return dropped


def void_if_lost(book: BankBook, file: PaymentFile, recorded: RecordedPayments) -> list[str]:
    """Void a written message of which a payment may no longer leave; return the end-to-end ids that are taken back."""
    paid = payouts(book, message_id=file.message_id)
    lost = {each.payout: why for each in paid if (why := why_lost(book, each, recorded))}
    if not lost:
        return []
    change_message(book, file.message_id, "written", "void")
    for each in paid:
        if each.payout in lost:
            take_back(book, each, lost[each.payout])
        else:
            update = "UPDATE payouts SET state = 'approved', message_id = '' WHERE payout = ?"
            book.connection.execute(update, (each.payout,))
    return [each.end_to_end_id for each in paid if each.payout in lost]


def why_lost(book: BankBook, payout: BankPayout, recorded: RecordedPayments) -> str:
    """Return why a payment of a written message may not leave, empty where it may."""
    known = recorded.get(payout.withdrawal_id)
    if known is None or known.state not in STANDING:
        return REVOKED
    same = [each for each in payouts(book) if each.withdrawal_id == payout.withdrawal_id]
    others = [each for each in same if each.payout != payout.payout and each.state in WITH_THE_BANK]
    return PAID_BESIDE if others or known.state == "settled" else ""


def take_back(book: BankBook, payout: BankPayout, reason: str) -> None:
    """Note a payout as taken back."""
    update = "UPDATE payouts SET state = 'withdrawn', reason = ? WHERE payout = ?"
    book.connection.execute(update, (reason, payout.payout))
