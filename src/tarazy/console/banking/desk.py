"""What the treasury's pages ask: the bank book as it is when somebody looks."""

from __future__ import annotations

from datetime import date
from typing import Any, NamedTuple

from tarazy.facility.banking.amounts import decimal_text, scale_of
from tarazy.facility.banking.book import BankBook, accounts
from tarazy.facility.banking.handing import payment_files
from tarazy.facility.banking.holds import OPEN_HOLDS, held_items, holds
from tarazy.facility.banking.importing import gaps
from tarazy.facility.banking.items import ReceiptItem, items
from tarazy.facility.banking.kept import kept_statements
from tarazy.facility.banking.payouts import BankPayout, payouts

ROWS_MAX = 200
SOON_DAYS = 7
WAITING = ("unallocated", "received")
STEPS = {
    "proposed": "another officer of finance approves it",
    "approved": "it goes into the next payment file",
    "sent": "in a payment file; the bank has not answered yet",
    "accepted": "the bank has it and has not booked it yet",
    "rejected": "the withdrawal may be paid again",
    "booked": "the bank's statement has it",
    "withdrawn": "taken back before it was sent",
}

FILE_STEPS = {
    "written": "waits until the record dispatches its payments by these bytes",
    "handing": "the bank may have it: tarazy bank send goes on under the same id",
}


class BankPages(NamedTuple):
    """The pages of one facility's treasury."""

    facility: str
    book: BankBook

    def queue_data(self) -> dict[str, Any]:
        """Return what nobody claims, with its timer, and what is matched and not in the record yet."""
        found, today, held = items(self.book), self.book.today, held_items(self.book)
        waiting = [receipt_row(each, today, each.item in held) for each in found if each.state in WAITING]
        matched = [receipt_row(each, today, each.item in held) for each in found if each.state == "matched"]
        waiting.sort(key=lambda row: (row["days_left"], row["item"]))
        return {
            "facility": self.facility,
            "waiting": waiting[:ROWS_MAX],
            "waiting_count": len(waiting),
            "late": sum(row["days_left"] < 0 for row in waiting),
            "matched": matched[:ROWS_MAX],
            "matched_count": len(matched),
            "credited_count": sum(each.state == "credited" for each in found),
        }

    def payout_data(self) -> dict[str, Any]:
        """Return payouts, those that wait for people first, and payment files that the bank does not have yet."""
        found = sorted(payouts(self.book), key=lambda each: (list(STEPS).index(each.state), each.payout))
        files = [
            {"message_id": each.message_id, "account": each.account, "at": each.at, "state": each.state}
            | {"next": FILE_STEPS[each.state]}
            for each in payment_files(self.book, *FILE_STEPS)
        ]
        waiting = sum(each.state == "proposed" for each in found)
        rows = [payout_row(each) for each in found[:ROWS_MAX]]
        return {"facility": self.facility, "payouts": rows, "waiting": waiting, "files": files}

    def statement_data(self) -> dict[str, Any]:
        """Return accounts with their newest statements, and where statements do not follow each other."""
        kept = kept_statements(self.book)
        reasons = {each.statement: each.reason for each in holds(self.book, *OPEN_HOLDS)}
        last = {(each.account, each.currency): each for each in kept if not each.hold}
        rows = []
        for account in accounts(self.book):
            newest = last.get((account.account, account.currency))
            told = {"account": account.account, "currency": account.currency, "estate": account.estate}
            told |= {"bank": account.bank, "name": account.name}
            closing = money(newest.closing_minor, account.currency) if newest else ""
            rows.append(told | {"closing": closing, "day": newest.closing_day if newest else ""})
        shown = [
            {
                "account": each.account,
                "statement_id": each.statement_id,
                "day": each.closing_day,
                "opening": money(each.opening_minor, each.currency),
                "closing": money(each.closing_minor, each.currency),
                "entries": each.entry_count,
                "file": each.file,
                "hold": reasons.get(each.statement, each.hold),
            }
            for each in reversed(kept[-ROWS_MAX:])
        ]
        holes = [each._asdict() for each in gaps(self.book)]
        return {"facility": self.facility, "accounts": rows, "statements": shown, "gaps": holes}


def receipt_row(item: ReceiptItem, today: date, is_held: bool) -> dict[str, Any]:
    """Return a receipt with how many days are left until it must go back; below zero it is late."""
    days = (date.fromisoformat(item.return_by) - today).days
    return {
        "item": item.item,
        "arrived_on": item.arrived_on,
        "amount": money(item.amount_minor, item.currency),
        "account": item.account,
        "payer": item.payer_name,
        "payer_account": item.payer_account,
        "remittance": item.remittance,
        "state": item.state,
        "reason": item.reason,
        "client": item.client,
        "return_by": item.return_by,
        "days_left": days,
        "is_held": is_held,
        "is_soon": 0 <= days <= SOON_DAYS,
    }


def payout_row(payout: BankPayout) -> dict[str, Any]:
    """Return a payout: to whom, by whom proposed and approved, and what comes next."""
    payee = payout.payee
    return {
        "payout": payout.payout,
        "withdrawal_id": payout.withdrawal_id,
        "amount": money(payout.amount_minor, payout.currency),
        "payee": payee.name,
        "iban": payee.iban,
        "end_to_end_id": payout.end_to_end_id,
        "state": payout.state,
        "reason": payout.reason,
        "proposed_by": payout.proposed_by,
        "approved_by": payout.approved_by,
        "next": STEPS[payout.state],
    }


def money(minor: int, currency: str) -> str:
    """Return an amount with its currency."""
    return f"{decimal_text(minor, scale_of(currency))} {currency}"
