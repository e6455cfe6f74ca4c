"""What the record lacks about payouts, as commands for officers: what is to leave, and what the bank has booked."""

from __future__ import annotations

from hashlib import sha256

from tarazy.facility.accounts.trail import canonical
from tarazy.facility.banking.book import BankBook
from tarazy.facility.banking.dispatches import RecordedPayments, dispatch_evidence
from tarazy.facility.banking.handing import payment_files
from tarazy.facility.banking.items import midnight_ns
from tarazy.facility.banking.payouts import BankPayout, payouts

SETTLEMENT = b"tarazy bank settlement 1\n"
SETTLED_BY = (
    "SELECT s.account, s.currency, s.statement_id, s.page, e.position, e.servicer_reference, e.booked_on"
    " FROM entries e JOIN statements s ON s.statement = e.statement WHERE e.entry = ?"
)


def payment_commands(book: BankBook, recorded: RecordedPayments) -> list[dict[str, object]]:
    """Return the commands that tell the record what is to leave and what has left, as drafts read them.

    A written message waits for its dispatches: each names the bytes, so that a later attempt is dispatched anew.
    """
    files = {each.message_id: each for each in payment_files(book)}
    found: list[dict[str, object]] = []
    for each in payouts(book):
        known = recorded.get(each.withdrawal_id)
        if known is None or known.state == "settled" or each.state not in ("sent", "accepted", "booked"):
            continue
        file = files[each.message_id]
        evidence = dispatch_evidence(file.content, each.end_to_end_id)
        is_other = file.state == "written" and known.dispatched_hash != evidence
        if known.state == "approved" or is_other:
            terms = {"location": "bank", "withdrawal_id": each.withdrawal_id, "evidence_hash": evidence.hex()}
            found.append({"command": "DispatchWithdrawal", **terms})
        if each.state == "booked":
            day, proof = book.all(SETTLED_BY, (each.entry,))[0][-1], settlement_evidence(book, each)
            settle = {
                "withdrawal_id": each.withdrawal_id,
                "evidence_ns": midnight_ns(day),
                "evidence_hash": proof.hex(),
            }
            found.append({"command": "SettleWithdrawal", **settle})
    return found


def settlement_evidence(book: BankBook, payout: BankPayout) -> bytes:
    """Return the 32 bytes that name, in the record, the booking that shows a payout."""
    row = book.all(SETTLED_BY, (payout.entry,))[0]
    return sha256(SETTLEMENT + canonical([payout.end_to_end_id, *row]).encode()).digest()
