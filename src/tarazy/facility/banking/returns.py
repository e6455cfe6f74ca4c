"""Money that nobody claims goes back to the account that it came from: asked for in the record, paid as a payout."""

from __future__ import annotations

from tarazy.facility.banking.book import BankBook
from tarazy.facility.banking.errors import BankActRefusedError
from tarazy.facility.banking.items import find_item
from tarazy.facility.banking.payouts import BankDestination, checked_destination, destination_hash


def return_command(book: BankBook, item: int, destination: BankDestination) -> dict[str, object]:
    """Return the command that asks the record to send an unattributed receipt back, as drafts read it.

    It goes to the account that paid and to no other. The receipt's number is that of the command that received it.
    Raises: BankActRefusedError, BankFieldError, NotInBankBookError.
    """
    found, payee = find_item(book, item), checked_destination(destination)
    if found.state != "received":
        action = "Bring it into the record first: tarazy bank commands, tarazy bank follow"
        expected = "one that the record holds unattributed"
        raise BankActRefusedError(f"item {item}", expected=expected, found=found.state, action=action)
    if not found.payer_account or payee.iban != found.payer_account.replace(" ", ""):
        known = found.payer_account or "no account of its payer"
        raise BankActRefusedError(f"item {item}", expected=f"the account that paid, {known}", found=payee.iban)
    return {
        "command": "RequestReturn",
        "receipt_id": found.seq,
        "amount_minor": found.amount_minor,
        "destination_hash": destination_hash(payee).hex(),
    }
