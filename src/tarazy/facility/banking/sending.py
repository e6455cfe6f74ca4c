"""Payment files from the book to the bank and what comes back, through crashes.

In one transaction approved payouts get a message id, the message's bytes are kept, and they are `sent`. The record then
dispatches each of them by these bytes, and only then the bank gets them (`handing`). What the bank says of them, and
what its statements show, is taken here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, Protocol

from tarazy.facility.banking.amounts import decimal_text, scale_of
from tarazy.facility.banking.book import BankBook
from tarazy.facility.banking.errors import BankingError
from tarazy.facility.banking.handing import PaymentTaker, payment_files
from tarazy.facility.banking.importing import ImportedFile, import_file, require_bound
from tarazy.facility.banking.kept import KeptEntry, kept_entries, kept_statements
from tarazy.facility.banking.pain001 import PaymentSender, check_payment_message, payment_message
from tarazy.facility.banking.pain002 import BYTES_MAX as REPORT_BYTES_MAX
from tarazy.facility.banking.pain002 import REPORT, WHOLE, PaymentStatus, read_status_report
from tarazy.facility.banking.payouts import BankPayout, payouts, withdrawals_with_the_bank

PAYMENTS_MAX = 1_000
UNSENT = ("written", "void")
PEEK_BYTES = 1 << 14
# An element, not the word: a payer's text may say the word, and its statement is none the less one.
REPORT_ELEMENT = re.compile(rb"<(?:[\w.-]+:)?" + REPORT.encode() + rb"[\s>]")
# ISO 20022 external status reasons: AM05 duplication; DU01 to DU05 duplicate message, payment, transaction, end to end.
DUPLICATES = ("AM05", "DU01", "DU02", "DU03", "DU04", "DU05")


class BankChannel(PaymentTaker, Protocol):
    """A way to a bank, in both directions."""

    def files(self) -> list[Path]:
        """Return files that the bank has left, complete ones only: statements and status reports."""
        ...

    def finish(self, path: Path, *, is_taken: bool) -> None:
        """Put a file away after it was taken, or after it was refused."""
        ...


class BankPoll(NamedTuple):
    """What one look at a bank brought; `refused` are files with the reason."""

    imported: list[ImportedFile]
    statuses: int
    booked: int
    odd: list[str]
    refused: list[tuple[str, str]]


def write_payments(book: BankBook, sender: PaymentSender, currency: str, schema: Path | None = None) -> str | None:
    """Write the approved payouts of an account into one message and return its id; None where there are none.

    A payout stays behind while another attempt for the same withdrawal is with the bank, or was paid after all.
    Raises: BankFieldError where the message does not hold against what it should say.
    """
    with book.changing():
        taken = withdrawals_with_the_bank(book)
        ready = [
            each
            for each in payouts(book, "approved")
            if (each.account, each.currency) == (sender.account, currency) and each.withdrawal_id not in taken
        ]
        chosen = ready[:PAYMENTS_MAX]
        if not chosen:
            return None
        names = ",".join(each.end_to_end_id for each in chosen)
        message_id = f"TZ{sha256(f'{sender.account} {names}'.encode()).hexdigest()[:30]}"
        content = payment_message(message_id, book.now(), sender, chosen)
        check_payment_message(content, chosen, schema)
        values = (message_id, sender.account, currency, book.moment, sha256(content).hexdigest(), content)
        book.connection.execute("INSERT INTO payment_files VALUES (?, ?, ?, ?, ?, ?, 'written')", values)
        update = "UPDATE payouts SET state = 'sent', message_id = ? WHERE payout = ?"
        book.connection.executemany(update, [(message_id, each.payout) for each in chosen])
    return message_id


def require_own_messages(book: BankBook, statuses: list[PaymentStatus], only: Collection[str]) -> None:
    """Refuse a report about a message that another bank has: a rejection is a leave to pay again.

    Raises: BankActRefusedError.
    """
    accounts = {each.message_id: each.account for each in payment_files(book)}
    for message_id in {each.message_id for each in statuses} & accounts.keys():
        require_bound(accounts[message_id], only, f"report on {message_id}")


def take_statuses(book: BankBook, statuses: list[PaymentStatus]) -> int:
    """Take what banks say of payments; return how many changed. What is booked stays booked; again changes nothing.

    Of a message that was not handed over no bank can say anything.
    """
    count = 0
    with book.changing():
        unsent = {each.message_id for each in payment_files(book, *UNSENT)}
        statuses = [each for each in statuses if each.message_id not in unsent]
        apart = {(each.message_id, each.end_to_end_id) for each in statuses if each.end_to_end_id != WHOLE}
        for status in statuses:
            for each in payouts(book, message_id=status.message_id):
                is_whole = status.end_to_end_id == WHOLE and (each.message_id, each.end_to_end_id) not in apart
                if is_whole or status.end_to_end_id == each.end_to_end_id:
                    count += take_status(book, each, status)
    return count


def take_status(book: BankBook, payout: BankPayout, status: PaymentStatus) -> int:
    """Take one status; a rejection is final, an acceptance follows only what was sent.

    A rejection as a duplicate says that the bank has the payment already: it is no leave to pay again.
    """
    if status.is_rejected and status.reason.startswith(DUPLICATES):
        return 0
    if status.is_rejected and payout.state in ("sent", "accepted"):
        state, reason = "rejected", status.reason or status.status
    elif not status.is_rejected and status.status.startswith("AC") and payout.state == "sent":
        state, reason = "accepted", status.status
    else:
        return 0
    update = "UPDATE payouts SET state = ?, reason = ? WHERE payout = ?"
    book.connection.execute(update, (state, reason, payout.payout))
    return 1


def poll(book: BankBook, channel: BankChannel, only: Collection[str]) -> BankPoll:
    """Take what a bank has left: statements into the book, reports onto payouts; then look for booked payouts.

    `only`: the accounts that this channel may speak of (see `channel_accounts`).

    A file that cannot be taken is put aside with its reason and keeps no other one out. Raises: BankingError, OSError
    where the bank itself cannot be reached.
    """
    imported, statuses, refused = list[ImportedFile](), 0, list[tuple[str, str]]()
    for path in channel.files():
        try:
            if is_report(path):
                with path.open("rb") as file:
                    found = read_status_report(file.read(REPORT_BYTES_MAX + 1), path.name)
                require_own_messages(book, found, only)
                statuses += take_statuses(book, found)
            else:
                imported.append(import_file(book, path, only))
        except BankingError as error:
            refused.append((path.name, str(error)))
            channel.finish(path, is_taken=False)
            continue
        channel.finish(path, is_taken=True)
    booked, odd = note_booked(book)
    return BankPoll(imported, statuses, booked, odd, refused)


def is_report(path: Path) -> bool:
    """Say whether a file is a status report."""
    with path.open("rb") as file:
        return REPORT_ELEMENT.search(file.read(PEEK_BYTES)) is not None


def note_booked(book: BankBook) -> tuple[int, list[str]]:
    """Find payouts in booked debits by their end-to-end id; return how many, and what does not fit in words.

    A booking of a payment that was not handed over fits nothing: it is nobody's settlement.
    """
    unsent = {each.message_id for each in payment_files(book, *UNSENT)}
    waiting = {each.end_to_end_id: each for each in payouts(book) if each.state in ("sent", "accepted", "rejected")}
    count, odd = 0, []
    with book.changing():
        believed = [each for each in kept_statements(book) if not each.hold] if waiting else []
        for statement in believed:
            for entry in kept_entries(book, statement.statement):
                for end_to_end, amount_minor in debits_in(entry):
                    found = waiting.get(end_to_end)
                    if found is None:
                        continue
                    if found.message_id in unsent:
                        odd.append(f"{end_to_end}: booked in statement {statement.statement_id}, and never handed over")
                        continue
                    paid = (statement.account, statement.currency, -amount_minor)
                    if (found.account, found.currency, found.amount_minor) != paid:
                        odd.append(mismatch(found, amount_minor, statement.statement_id))
                        continue
                    update = "UPDATE payouts SET state = 'booked', reason = '', entry = ? WHERE payout = ?"
                    book.connection.execute(update, (entry.entry, waiting.pop(end_to_end).payout))
                    count += 1
    return count, odd


def debits_in(entry: KeptEntry) -> list[tuple[str, int]]:
    """Return the payments of a booked debit: end-to-end id and amount, which is the entry's where none is told.

    A reversed credit is none: its end-to-end id was chosen by whoever paid in.
    """
    if entry.amount_minor >= 0 or entry.status != "BOOK" or entry.is_reversal:
        return []
    found = [each for each in json.loads(entry.body) if each.get("end_to_end_id")]
    return [(each["end_to_end_id"], int(each.get("amount_minor", entry.amount_minor))) for each in found]


def mismatch(payout: BankPayout, amount_minor: int, statement_id: str) -> str:
    """Return in words how a booking differs from the payout that it names."""
    scale = scale_of(payout.currency)
    amounts = (decimal_text(payout.amount_minor, scale), decimal_text(-amount_minor, scale))
    return f"{payout.end_to_end_id}: expected {amounts[0]}, found {amounts[1]} in statement {statement_id}"


def overdue(book: BankBook, days: int) -> list[BankPayout]:
    """Return payouts that were sent so many days ago and are not booked: they age and are never paid again by this."""
    limit = (book.now() - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    old = {each.message_id for each in payment_files(book) if each.at <= limit}
    return [each for each in payouts(book) if each.state in ("sent", "accepted") and each.message_id in old]
