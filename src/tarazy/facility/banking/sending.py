"""Payment files from the book to the bank and what comes back, through crashes.

1. In one transaction approved payouts get a message id, the message's bytes are kept, and they are `sent`.
2. The bank's adapter takes the message; it may be asked again with the same id and the same bytes.
3. The file is marked as handed. After a crash between any two of these the next run goes on where it stopped.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple, Protocol

from tarazy.facility.accounts.trail import canonical
from tarazy.facility.banking.amounts import decimal_text, scale_of
from tarazy.facility.banking.book import BankBook
from tarazy.facility.banking.errors import BankActRefusedError, BankingError
from tarazy.facility.banking.importing import ImportedFile, import_file
from tarazy.facility.banking.items import midnight_ns
from tarazy.facility.banking.kept import KeptEntry, kept_entries, kept_statements
from tarazy.facility.banking.pain001 import PaymentSender, check_payment_message, payment_message
from tarazy.facility.banking.pain002 import REPORT, WHOLE, PaymentStatus, read_status_report
from tarazy.facility.banking.payouts import BankPayout, payouts, withdrawals_with_the_bank

PAYMENTS_MAX = 1_000
PEEK_BYTES = 1 << 14
# An element, not the word: a payer's text may say the word, and its statement is none the less one.
REPORT_ELEMENT = re.compile(rb"<(?:[\w.-]+:)?" + REPORT.encode() + rb"[\s>]")
# ISO 20022 external status reasons: AM05 duplication; DU01 to DU05 duplicate message, payment, transaction, end to end.
DUPLICATES = ("AM05", "DU01", "DU02", "DU03", "DU04", "DU05")
SETTLEMENT = b"tarazy bank settlement 1\n"
SETTLED_BY = (
    "SELECT s.account, s.currency, s.statement_id, s.page, e.position, e.servicer_reference, e.booked_on"
    " FROM entries e JOIN statements s ON s.statement = e.statement WHERE e.entry = ?"
)


class BankChannel(Protocol):
    """A way to a bank. `deliver` may be called again with the same id: the bank has it once."""

    def deliver(self, message_id: str, content: bytes) -> None:
        """Hand a payment message to the bank. Raises: BankingError where it is not known to be there."""
        ...

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


class PaymentFile(NamedTuple):
    """A payment message of the book."""

    message_id: str
    account: str
    currency: str
    at: str
    sha256: str
    content: bytes
    state: str


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


def drop_revoked(book: BankBook, account: str, standing: Collection[int]) -> list[str]:
    """Take back payouts of an account whose withdrawal the record has rejected since; return their end-to-end ids.

    `standing`: the withdrawals that the record has approved, dispatched or settled, read just now. Their officers
    approved what was approved then: a rejection gives the money back to the client.
    Raises: BankActRefusedError where such a payout is written into a message already, which is then not handed over.
    """
    revoked = [each for each in payouts(book) if each.account == account and each.withdrawal_id not in standing]
    written = {each.message_id for each in payment_files(book, "written")}
    with book.changing():
        dropped = [each for each in revoked if each.state in ("proposed", "approved")]
        update = "UPDATE payouts SET state = 'withdrawn', reason = ? WHERE payout = ?"
        reason = "the record has its withdrawal no longer"
        book.connection.executemany(update, [(reason, each.payout) for each in dropped])
    for each in revoked:
        if each.state == "sent" and each.message_id in written:
            expected = f"withdrawal {each.withdrawal_id} to stand in the record"
            action = "Find out whether the message was handed over before; nothing more is handed over until then"
            raise BankActRefusedError(each.message_id, expected=expected, found="it rejected", action=action)
    return [each.end_to_end_id for each in dropped]


def payment_files(book: BankBook, state: str = "") -> list[PaymentFile]:
    """Return payment messages, oldest first."""
    where, values = ("WHERE state = ?", (state,)) if state else ("", ())
    return [
        PaymentFile(*row) for row in book.all(f"SELECT * FROM payment_files {where} ORDER BY at, message_id", values)
    ]


def hand_over(book: BankBook, channel: BankChannel, account: str) -> list[str]:
    """Hand every written message of an account to its bank; return their ids. Raises: BankingError."""
    done = []
    for each in payment_files(book, "written"):
        if each.account == account:
            channel.deliver(each.message_id, each.content)
            update = "UPDATE payment_files SET state = 'handed' WHERE message_id = ?"
            book.connection.execute(update, (each.message_id,))
            done.append(each.message_id)
    return done


def take_statuses(book: BankBook, statuses: list[PaymentStatus]) -> int:
    """Take what banks say of payments; return how many changed. What is booked stays booked; again changes nothing."""
    count = 0
    with book.changing():
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


def poll(book: BankBook, channel: BankChannel) -> BankPoll:
    """Take what a bank has left: statements into the book, reports onto payouts; then look for booked payouts.

    A file that cannot be taken is put aside with its reason and keeps no other one out. Raises: BankingError, OSError
    where the bank itself cannot be reached.
    """
    imported, statuses, refused = list[ImportedFile](), 0, list[tuple[str, str]]()
    for path in channel.files():
        try:
            if is_report(path):
                statuses += take_statuses(book, read_status_report(path.read_bytes(), path.name))
            else:
                imported.append(import_file(book, path))
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
    """Find payouts in booked debits by their end-to-end id; return how many, and what does not fit in words."""
    waiting = {each.end_to_end_id: each for each in payouts(book) if each.state in ("sent", "accepted", "rejected")}
    count, odd = 0, []
    with book.changing():
        for statement in kept_statements(book) if waiting else []:
            for entry in kept_entries(book, statement.statement):
                for end_to_end, amount_minor in debits_in(entry):
                    found = waiting.get(end_to_end)
                    if found is None:
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


def payment_commands(book: BankBook, settled: set[int], dispatched: set[int]) -> list[dict[str, object]]:
    """Return the commands that tell the record what was sent and what has left, as drafts read them.

    `dispatched` and `settled` are withdrawals of which the record knows it already.
    """
    hashes = {each.message_id: each.sha256 for each in payment_files(book)}
    found: list[dict[str, object]] = []
    for each in payouts(book):
        number = each.withdrawal_id
        if each.state in ("sent", "accepted", "booked") and number not in dispatched | settled:
            evidence = sha256(f"{hashes[each.message_id]} {each.end_to_end_id}".encode()).hexdigest()
            terms = {"location": "bank", "withdrawal_id": number, "evidence_hash": evidence}
            found.append({"command": "DispatchWithdrawal", **terms})
        if each.state == "booked" and number not in settled:
            day, proof = book.all(SETTLED_BY, (each.entry,))[0][-1], settlement_evidence(book, each)
            settle = {"withdrawal_id": number, "evidence_ns": midnight_ns(day), "evidence_hash": proof.hex()}
            found.append({"command": "SettleWithdrawal", **settle})
    return found


def settlement_evidence(book: BankBook, payout: BankPayout) -> bytes:
    """Return the 32 bytes that name, in the record, the booking that shows a payout."""
    row = book.all(SETTLED_BY, (payout.entry,))[0]
    return sha256(SETTLEMENT + canonical([payout.end_to_end_id, *row]).encode()).digest()


def overdue(book: BankBook, days: int) -> list[BankPayout]:
    """Return payouts that were sent so many days ago and are not booked: they age and are never paid again by this."""
    limit = (book.now() - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    old = {each.message_id for each in payment_files(book) if each.at <= limit}
    return [each for each in payouts(book) if each.state in ("sent", "accepted") and each.message_id in old]
