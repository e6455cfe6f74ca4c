"""Legs of the accounts of client money, from the bank book: what came in, what we paid, and what else was booked.

The other side is the last booked statement of each account that the book keeps. A receipt is booked where the ledger
has its evidence; a payout where the ledger has its settlement. A debit that is no payout of ours is awaited by nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from tarazy.domain.records import CustodyLocation
from tarazy.facility.banking.book import BankBook, accounts
from tarazy.facility.banking.holds import held_items
from tarazy.facility.banking.items import items, midnight_ns
from tarazy.facility.banking.kept import kept_entries, kept_statements
from tarazy.facility.banking.payment_commands import settlement_evidence
from tarazy.facility.banking.payouts import BankPayout, payouts
from tarazy.facility.reconciliation.bank_side import day_ns
from tarazy.facility.reconciliation.inputs import KnownBalance, LocatedAccount
from tarazy.facility.reconciliation.legs import AccountLeg, LedgerEvidence

CLIENT = "client"
BANK = int(CustodyLocation.bank)


def client_accounts(book: BankBook) -> dict[tuple[str, str], LocatedAccount]:
    """Return the accounts of client money by number and currency."""
    return {
        (each.account, each.currency): LocatedAccount(each.asset_id, BANK, each.account)
        for each in accounts(book)
        if each.estate == CLIENT
    }


def bank_balances(book: BankBook) -> dict[LocatedAccount, KnownBalance]:
    """Return the closing balance of the last booked statement of each account; its file's SHA-256 is the evidence.

    A held statement is no evidence: its entries are breaks until it is explained.
    """
    places = client_accounts(book)
    found = {}
    for each in kept_statements(book):
        key = places.get((each.account, each.currency))
        if key is not None and not each.hold:
            at_ns = day_ns(date.fromisoformat(each.closing_day))
            found[key] = KnownBalance(each.closing_minor, at_ns, bytes.fromhex(each.file))
    return found


def bank_legs(book: BankBook, ledger: LedgerEvidence) -> Iterator[AccountLeg]:
    """Yield every movement on accounts of client money."""
    places, held = client_accounts(book), held_items(book)
    for item in items(book):
        key = places.get((item.account, item.currency))
        if key is None:
            continue
        at_ns = midnight_ns(item.arrived_on)
        is_booked = ledger.has(bytes.fromhex(item.evidence_hash), at_ns, bool(item.seq))
        text = f"{item.payer_name} {item.remittance}".strip()[:140]
        is_held = item.item in held
        told = (f"of a held statement: {text}"[:140] if is_held else text, is_booked, True)
        yield AccountLeg(key, item.evidence_hash, item.amount_minor, at_ns, *told, bool(item.client), is_held)
    yield from _debits(book, ledger, places)


def _debits(
    book: BankBook, ledger: LedgerEvidence, places: dict[tuple[str, str], LocatedAccount]
) -> Iterator[AccountLeg]:
    """Yield booked debits: the payouts that they show, and what is left of them."""
    shown: dict[int, list[BankPayout]] = defaultdict(list)
    for payout in payouts(book, "booked"):
        shown[payout.entry].append(payout)
    for statement in kept_statements(book):
        key = places.get((statement.account, statement.currency))
        if key is None:
            continue
        for entry in kept_entries(book, statement.statement):
            if entry.status != "BOOK" or entry.amount_minor >= 0:
                continue
            at_ns, left = midnight_ns(entry.booked_on), entry.amount_minor
            for payout in shown.get(entry.entry, ()):
                left += payout.amount_minor
                evidence = settlement_evidence(book, payout)
                is_booked = ledger.has_settled(payout.withdrawal_id, evidence, True)
                yield AccountLeg(key, payout.end_to_end_id, -payout.amount_minor, at_ns, "payout", is_booked, True)
            if left:
                reference = entry.servicer_reference or f"entry {entry.entry}"
                yield AccountLeg(key, reference, left, at_ns, entry.information[:140], False, True, False)
