"""Facts of the bank book: when clients' money came and was booked, and who paid it."""

from __future__ import annotations

from datetime import date
from typing import Any

from tarazy.facility.banking.book import BankBook, payers
from tarazy.facility.banking.items import items
from tarazy.facility.banking.matching import is_payer
from tarazy.facility.banking.statements import EntryParty


def bank_facts(book: BankBook) -> dict[str, Any]:
    """Return what the book says, by the words of the rulebook."""
    booked = dict(book.all("SELECT entry, booked_on FROM entries"))
    known = {each.client: each for each in payers(book)}
    receipts, others = [], 0
    for item in items(book):
        received, banked = date.fromisoformat(item.arrived_on), date.fromisoformat(booked[item.entry][:10])
        receipts.append({"id": str(item.item), "received": received, "banked": banked})
        if item.client and item.client in known:
            payer = EntryParty(name=item.payer_name, account=item.payer_account, identifier=item.payer_identifier)
            least = book.parameters.number("receipt.name_score_min", received)
            others += not is_payer(known[item.client], payer, least)
    return {"client_receipts": receipts, "payments_from_others": others}
