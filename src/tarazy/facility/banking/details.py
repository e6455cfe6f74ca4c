"""An entry against its own transactions and charges: a booking of 1,526 may be a payment of 1,500 and 26 of charges."""

from __future__ import annotations

from tarazy.facility.banking.amounts import decimal_text, scale_of
from tarazy.facility.banking.checks import StatementCheck
from tarazy.facility.banking.statements import BankEntry


def check_details(entry: BankEntry, check: StatementCheck) -> None:
    """Note an entry whose transactions and charges do not make its amount: none of them is credited by itself."""
    found = details_minor(entry)
    if found is not None and not explains(entry, found):
        scale = scale_of(entry.currency)
        expected = f"transactions of {decimal_text(entry.amount_minor, scale)} together with their charges"
        charges = decimal_text(charges_minor(entry, included_only=False), scale)
        amounts = f"{decimal_text(found, scale)} and charges of {charges}"
        check.notice("details", entry.line, expected, amounts, entry.position)


def details_minor(entry: BankEntry) -> int | None:
    """Return the sum of the transactions' amounts, None where one has none in the entry's currency."""
    total = 0
    for each in entry.details:
        if each.amount_minor is None or each.currency != entry.currency:
            return None
        total += each.amount_minor
    return total if entry.details else None


def charges_minor(entry: BankEntry, *, included_only: bool) -> int:
    """Return the charges of an entry, those of its transactions included, in its own currency."""
    every = [*entry.charges, *(charge for detail in entry.details for charge in detail.charges)]
    return sum(
        each.amount_minor
        for each in every
        if each.currency == entry.currency and (each.is_included or not included_only)
    )


def explains(entry: BankEntry, found_minor: int) -> bool:
    """Say whether transactions make the entry: alone, with included charges, or with all of them."""
    gap = entry.amount_minor - found_minor
    return gap in (0, charges_minor(entry, included_only=True), charges_minor(entry, included_only=False))
