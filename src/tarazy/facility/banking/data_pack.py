"""What a bank may ask of a provider about client money: figures, ages and hashes over a time, and nobody's name.

Banks open accounts for licensed providers, watch what clients bring and take, and rate the provider's risk
(aifc_bank_cooperation/2.1). The pack says how receipts were matched, what came from others than the client and waits,
what is due to go back, what was paid, and by which statements the bank can check it.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from tarazy.facility.banking.amounts import decimal_text, scale_of
from tarazy.facility.banking.book import BankAccount, BankBook, accounts
from tarazy.facility.banking.importing import gaps
from tarazy.facility.banking.items import ReceiptItem, items
from tarazy.facility.banking.kept import kept_entries, kept_statements
from tarazy.facility.banking.payouts import payouts

FORMAT = "tarazy bank data pack 1"
# Reasons of items begin so; the pack counts kinds and repeats no text of strangers.
KINDS = (
    ("reference ", "reference and payer"),
    ("account and name", "account and name"),
    ("officer ", "by an officer, with a reason"),
    ("references of", "several clients named"),
    ("a reversal", "reversal"),
    ("payout ", "payout that came back"),
)


def data_pack(book: BankBook, begins: date, ends: date) -> dict[str, Any]:
    """Return the pack over days from `begins` to `ends`, both included."""
    missing = [each._asdict() for each in gaps(book)]
    return {
        "format": FORMAT,
        "made_at": book.moment,
        "begins": begins.isoformat(),
        "ends": ends.isoformat(),
        "accounts": [account_part(book, each, begins, ends) for each in accounts(book)],
        "statement_gaps": missing,
        "parameters": [
            {**each.plain(), "begins": each.begins.isoformat()} for each in book.parameters.rows if each.begins <= ends
        ],
    }


def account_part(book: BankBook, account: BankAccount, begins: date, ends: date) -> dict[str, Any]:
    """Return what is said of one account."""
    first, last, scale = begins.isoformat(), ends.isoformat(), scale_of(account.currency)
    statements = [
        each for each in kept_statements(book, account.account, account.currency) if first <= each.closing_day <= last
    ]
    entries = [entry for each in statements for entry in kept_entries(book, each.statement) if entry.status == "BOOK"]
    came = [each.amount_minor for each in entries if each.amount_minor > 0]
    went = [-each.amount_minor for each in entries if each.amount_minor < 0]
    own = [each for each in items(book) if (each.account, each.currency) == (account.account, account.currency)]
    within = [each for each in own if first <= each.arrived_on <= last]
    paid = [each for each in payouts(book) if (each.account, each.currency) == (account.account, account.currency)]
    return {
        "account": account.account,
        "currency": account.currency,
        "estate": account.estate,
        "credits": {"count": len(came), "sum": decimal_text(sum(came), scale)},
        "debits": {"count": len(went), "sum": decimal_text(sum(went), scale)},
        "closing": decimal_text(statements[-1].closing_minor, scale) if statements else None,
        "statements": [
            {"id": each.statement_id, "day": each.closing_day, "file_sha256": each.file} for each in statements
        ],
        "receipts": dict(sorted(Counter(kind_of(each) for each in within).items())),
        "waiting": waiting_part(own, last, scale),
        "held_statements": [each.statement_id for each in statements if each.hold],
        "payouts": dict(sorted(Counter(each.state for each in paid).items())),
        "purpose_codes": dict(sorted(Counter(each.purpose for each in paid).items())),
    }


def kind_of(item: ReceiptItem) -> str:
    """Return how an item was matched or why it was not."""
    found = next((kind for start, kind in KINDS if item.reason.startswith(start)), "no reference of a client")
    return "other payer than the client" if "but another" in item.reason else found


def waiting_part(own: list[ReceiptItem], last: str, scale: int) -> dict[str, Any]:
    """Return what is nobody's: how much, since when, how much of it is past its day."""
    open_items = [each for each in own if each.state in ("unallocated", "received") and each.arrived_on <= last]
    late = [each for each in open_items if each.return_by < last]
    return {
        "count": len(open_items),
        "sum": decimal_text(sum(each.amount_minor for each in open_items), scale),
        "oldest": min((each.arrived_on for each in open_items), default=None),
        "past_return_day": len(late),
    }
